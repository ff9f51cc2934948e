//! The tables as SeaORM entities, one file a table. They never leave this crate.

pub(crate) mod form_versions;
pub(crate) mod forms;
pub(crate) mod idempotency_keys;
pub(crate) mod instance_secrets;
pub(crate) mod probes;
pub(crate) mod spam_lessons;
pub(crate) mod spam_tokens;
pub(crate) mod spam_totals;
pub(crate) mod submission_counts;
pub(crate) mod submissions;
pub(crate) mod uploads;
