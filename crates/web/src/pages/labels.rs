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
