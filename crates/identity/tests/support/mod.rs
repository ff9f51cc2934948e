//! What the tests set against the crate.

#![allow(dead_code, reason = "each test binary uses a part")]

pub(crate) mod authenticator;
pub(crate) mod clock;
pub(crate) mod provider;
pub(crate) mod scene;
