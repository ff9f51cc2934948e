//! `/account/sessions`: where somebody is signed in.

use askama::Template;

use crate::{
    pages::{Frame, TimeView},
    public::assets,
};

/// The sessions, each ended at `/account/sessions/{id}/end`.
#[derive(Debug, Template)]
#[template(path = "pages/account/sessions.html", whitespace = "minimize")]
pub struct SessionsPage<'a> {
    /// What surrounds the page.
    pub frame: Frame<'a>,
    /// The sessions, this one first.
    pub sessions: &'a [SessionRow<'a>],
    /// The address of the next page.
    pub next: Option<&'a str>,
}

/// One session.
#[derive(Debug, Clone)]
pub struct SessionRow<'a> {
    /// Its id.
    pub id: &'a str,
    /// Whether the page is seen in it.
    pub is_current: bool,
    /// Browser and system, as `Firefox on Linux`.
    pub device: &'a str,
    /// The network address that it was used from.
    pub address: &'a str,
    /// When it began.
    pub created: TimeView,
    /// When it was used last.
    pub last_seen: TimeView,
}

impl SessionsPage<'_> {
    fn here(&self) -> &'static str {
        "/account/sessions"
    }

    fn has_others(&self) -> bool {
        self.sessions.iter().any(|session| !session.is_current)
    }
}

impl SessionRow<'_> {
    fn end_path(&self) -> String {
        format!("/account/sessions/{}/end", self.id)
    }
}
