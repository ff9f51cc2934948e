//! Passwords: which ones are taken, and how they are kept and checked.

mod common;
mod hashing;
mod password;

pub use hashing::{Busy, Concurrency, Parameters, ParametersError, Passwords, Verified};
pub use password::{Password, PasswordProblem};
