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
