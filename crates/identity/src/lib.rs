//! Proofs of who somebody is, one file a proof. Nothing here knows a database or an HTTP server: what
//! must survive between two steps is handed out as text that the caller keeps.

mod address;
pub mod oidc;
pub mod passkeys;
pub mod passwords;
pub mod recovery_codes;
mod settings;
pub mod totp;

pub use settings::{ProviderSettings, Settings};
