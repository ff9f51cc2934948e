//! `/account`: what people see and change of their own.

mod delete;
mod email;
mod factors;
mod password;
mod profile;
mod sessions;
mod submissions;
mod tokens;
mod totp;

pub use delete::DeleteAccountPage;
pub use email::{EmailPage, PendingEmail};
pub use factors::{FactorsPage, PasskeyRow};
pub use password::PasswordPage;
pub use profile::ProfilePage;
pub use sessions::{SessionRow, SessionsPage};
pub use submissions::{AnswerView, OwnSubmission, SubmissionsPage};
pub use tokens::{NewTokenPage, TokenCreatedPage, TokenRow, TokensPage};
pub use totp::{QrCode, RecoveryCodesPage, TotpPage};
