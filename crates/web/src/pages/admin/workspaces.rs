//! `/admin/workspaces`: all workspaces, and a new one.

use askama::Template;

use crate::{
    pages::{FormState, Frame, labels},
    public::assets,
};

/// The workspaces that somebody may open.
#[derive(Debug, Template)]
#[template(path = "pages/admin/workspaces.html", whitespace = "minimize")]
pub struct WorkspacesPage<'a> {
    /// What surrounds the page.
    pub frame: Frame<'a>,
    /// The workspaces.
    pub workspaces: &'a [WorkspaceRow<'a>],
    /// Whether this person may make one.
    pub may_create: bool,
    /// The address of the next page.
    pub next: Option<&'a str>,
}

/// One workspace.
#[derive(Debug, Clone, Copy)]
pub struct WorkspaceRow<'a> {
    /// Its id.
    pub id: &'a str,
    /// Its name.
    pub name: &'a str,
    /// How many forms it has.
    pub forms: u64,
    /// How many people are in it.
    pub members: u64,
    /// The role of whoever looks: `owner`, `editor` or `viewer`; none of an administrator who is
    /// no member.
    pub role: Option<&'a str>,
}

/// Makes a workspace. Field: `name`.
#[derive(Debug, Template)]
#[template(path = "pages/admin/new_workspace.html", whitespace = "minimize")]
pub struct NewWorkspacePage<'a> {
    /// What surrounds the page.
    pub frame: Frame<'a>,
    /// What was entered.
    pub form: &'a FormState,
}

impl WorkspacesPage<'_> {
    fn here(&self) -> &'static str {
        "/admin/workspaces"
    }
}

impl NewWorkspacePage<'_> {
    fn here(&self) -> &'static str {
        "/admin/workspaces"
    }
}
