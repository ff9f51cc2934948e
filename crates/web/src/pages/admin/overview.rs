//! `/admin`: where people who manage something begin.

use askama::Template;

use super::{NumbersView, WorkspaceRow};
use crate::{
    pages::{Frame, labels},
    public::assets,
};

/// The workspaces and how much is in them.
#[derive(Debug, Template)]
#[template(path = "pages/admin/overview.html", whitespace = "minimize")]
pub struct OverviewPage<'a> {
    /// What surrounds the page.
    pub frame: Frame<'a>,
    /// How much came and what lies there; none where this person sees no form.
    pub numbers: Option<NumbersView>,
    /// The workspaces that this person may open.
    pub workspaces: &'a [WorkspaceRow<'a>],
    /// Whether this person may make one.
    pub may_create_workspace: bool,
    /// Whether there are more than these.
    pub has_more: bool,
}

impl OverviewPage<'_> {
    fn here(&self) -> &'static str {
        "/admin"
    }
}
