//! What is done, one file a kind.

pub(crate) mod delete_due;
pub(crate) mod deliver;
pub(crate) mod forget_keys;
pub(crate) mod forget_sessions;
pub(crate) mod letter;
pub(crate) mod remove_orphans;
pub(crate) mod remove_spent_jobs;
pub(crate) mod trim_audit;
