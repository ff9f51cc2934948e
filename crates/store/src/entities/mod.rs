//! The tables as SeaORM entities, one file a table. They never leave this crate.

pub(crate) mod api_tokens;
pub(crate) mod audit_ends;
pub(crate) mod audit_entries;
pub(crate) mod email_changes;
pub(crate) mod form_versions;
pub(crate) mod forms;
pub(crate) mod idempotency_keys;
pub(crate) mod instance_facts;
pub(crate) mod instance_secrets;
pub(crate) mod invitations;
pub(crate) mod oidc_identities;
pub(crate) mod one_time_links;
pub(crate) mod passkeys;
pub(crate) mod probes;
pub(crate) mod recovery_codes;
pub(crate) mod sessions;
pub(crate) mod spam_lessons;
pub(crate) mod spam_tokens;
pub(crate) mod spam_totals;
pub(crate) mod submission_counts;
pub(crate) mod submission_owners;
pub(crate) mod submissions;
pub(crate) mod uploads;
pub(crate) mod users;
pub(crate) mod workspace_members;
pub(crate) mod workspaces;
