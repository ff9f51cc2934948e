//! What people do with their own account.

pub mod deletion;
pub mod email;
pub mod password;
pub mod picture;
pub mod profile;
mod proof;
pub mod submissions;
