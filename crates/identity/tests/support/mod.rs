//! What the tests set against the crate.

pub(crate) mod authenticator;
