//! What the names of the API are called on pages.

/// A role, of the installation or in a workspace.
pub(super) fn role_label(role: &str) -> &str {
    match role {
        "admin" => "Administrator",
        "user" => "User",
        "owner" => "Owner",
        "editor" => "Editor",
        "viewer" => "Viewer",
        other => other,
    }
}

/// The languages of mails, as options.
pub(super) const LANGUAGES: &[(&str, &str)] = &[("en", "English"), ("de", "Deutsch")];

/// The roles in the installation, as options.
pub(super) const ROLES: &[(&str, &str)] = &[("user", "User"), ("admin", "Administrator")];

/// The same to look for.
pub(super) const ROLES_OR_ANY: &[(&str, &str)] =
    &[("", "Any"), ("user", "User"), ("admin", "Administrator")];

/// The states of an account to look for.
pub(super) const STATES_OR_ANY: &[(&str, &str)] =
    &[("", "Any"), ("active", "Active"), ("unconfirmed", "Unconfirmed"), ("disabled", "Disabled")];

/// The roles in a workspace, as options.
pub(super) const WORKSPACE_ROLES: &[(&str, &str)] =
    &[("viewer", "Viewer"), ("editor", "Editor"), ("owner", "Owner")];

/// A word with a colour.
#[derive(Debug, Clone, Copy)]
pub(super) struct Badge<'a> {
    pub(super) label: &'a str,
    pub(super) tone: &'static str,
}

/// The state of an account.
pub(super) fn state_badge(state: &str) -> Badge<'_> {
    match state {
        "active" => Badge { label: "Active", tone: "good" },
        "unconfirmed" => Badge { label: "Unconfirmed", tone: "caution" },
        "disabled" => Badge { label: "Disabled", tone: "bad" },
        other => Badge { label: other, tone: "" },
    }
}

/// A number of things, as `1 form`, `12 forms`.
pub(super) fn count(number: &u64, one: &str, many: &str) -> String {
    format!("{number} {}", if *number == 1 { one } else { many })
}

/// A choice of a channel's field.
pub(super) fn choice_label(value: &str) -> String {
    match value {
        "json" => "JSON".to_owned(),
        "form" => "Name and value pairs".to_owned(),
        other => {
            let mut letters = other.chars();
            let first = letters.next().map(|first| first.to_uppercase().to_string());
            first.unwrap_or_default() + letters.as_str()
        }
    }
}

/// The states of deliveries to look for.
pub(super) const DELIVERY_STATES_OR_ANY: &[(&str, &str)] = &[
    ("", "Any"),
    ("dead", "Failed"),
    ("later", "To be tried again"),
    ("ready", "Waiting"),
    ("running", "Under way"),
    ("done", "Arrived"),
    ("cancelled", "Called off"),
];

/// The states of jobs to look for.
pub(super) const JOB_STATES_OR_ANY: &[(&str, &str)] = &[
    ("", "Any"),
    ("dead", "Failed"),
    ("later", "To be tried later"),
    ("ready", "Waiting"),
    ("running", "Under way"),
    ("done", "Done"),
    ("cancelled", "Called off"),
];

/// The state of a delivery.
pub(super) fn delivery_badge(state: &str) -> Badge<'_> {
    match state {
        "done" => Badge { label: "Arrived", tone: "good" },
        "later" => Badge { label: "To be tried again", tone: "caution" },
        other => job_badge(other),
    }
}

/// The state of a job.
pub(super) fn job_badge(state: &str) -> Badge<'_> {
    match state {
        "ready" => Badge { label: "Waiting", tone: "" },
        "later" => Badge { label: "To be tried later", tone: "caution" },
        "running" => Badge { label: "Under way", tone: "" },
        "done" => Badge { label: "Done", tone: "good" },
        "dead" => Badge { label: "Failed", tone: "bad" },
        "cancelled" => Badge { label: "Called off", tone: "" },
        other => Badge { label: other, tone: "" },
    }
}

/// What became of a try.
pub(super) fn try_badge(outcome: &str) -> Badge<'_> {
    match outcome {
        "done" => Badge { label: "Succeeded", tone: "good" },
        "retry" => Badge { label: "Failed, tried again", tone: "caution" },
        "dead" => Badge { label: "Failed for good", tone: "bad" },
        "lost" => Badge { label: "The node was lost", tone: "caution" },
        "handed_back" => Badge { label: "The node stopped", tone: "" },
        other => Badge { label: other, tone: "" },
    }
}

/// A kind of job.
pub(super) fn job_label(kind: &str) -> &str {
    match kind {
        "letter" => "Mail about an account",
        "deliver" => "Delivery of a submission",
        "forget-sessions" => "Forget ended sessions",
        "trim-audit" => "Trim the audit trail",
        "delete-due" => "Delete what was kept long enough",
        "empty-trash" => "Delete forms that lay in the trash long enough",
        "remove-orphans" => "Remove orphaned files",
        "forget-keys" => "Forget idempotency keys",
        "remove-spent-jobs" => "Remove ended jobs",
        other => other,
    }
}
