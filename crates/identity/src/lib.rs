//! Proofs of who somebody is, one file a proof. Nothing here knows a database or an HTTP server: what
//! must survive between two steps is handed out as text that the caller keeps.

pub mod passkeys;
pub mod passwords;
pub mod recovery_codes;
pub mod totp;
