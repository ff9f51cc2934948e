//! `/admin/audit`: who changed what.

use askama::Template;

use crate::{
    pages::{FormState, Frame, Named, TimeView},
    public::assets,
};

/// The audit log.
#[derive(Debug, Template)]
#[template(path = "pages/admin/audit.html", whitespace = "minimize")]
pub struct AuditPage<'a> {
    /// What surrounds the page.
    pub frame: Frame<'a>,
    /// What is looked for: `actor`, `action`, `workspace_id`, `from` and `to` as dates. The same goes to
    /// `POST /admin/audit/export` with `format`.
    pub filter: &'a FormState,
    /// The actions that can be looked for.
    pub actions: &'a [&'a str],
    /// Whether the entries of all workspaces can be seen at once.
    pub sees_all: bool,
    /// The workspaces that can be looked for.
    pub workspaces: &'a [Named<'a>],
    /// What was found, newest first.
    pub entries: &'a [AuditRow<'a>],
    /// Whether anything was changed afterwards.
    pub chain: ChainState,
    /// The address of the next page.
    pub next: Option<&'a str>,
}

/// One entry.
#[derive(Debug, Clone)]
pub struct AuditRow<'a> {
    /// Its place in the chain.
    pub sequence: u64,
    /// When it happened.
    pub at: TimeView,
    /// Who did it: a name, an address, or a part of the program.
    pub actor: &'a str,
    /// What was done, as `user.disable`.
    pub action: &'a str,
    /// To what.
    pub target: &'a str,
    /// The name of the workspace that it happened in.
    pub workspace: Option<&'a str>,
    /// The network address that it came from.
    pub address: Option<&'a str>,
    /// What was there before, as readable JSON.
    pub before: Option<&'a str>,
    /// What is there since, as readable JSON.
    pub after: Option<&'a str>,
    /// What else is known, as readable JSON.
    pub details: Option<&'a str>,
}

/// What a check of the newest entries found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChainState {
    /// Nothing was changed.
    Intact {
        /// The first entry that was checked; none: all were.
        first_sequence: Option<u64>,
        /// The last entry that was checked.
        last_sequence: u64,
        /// When.
        checked: TimeView,
    },
    /// An entry does not fit to the one before it.
    Broken {
        /// The first such entry.
        sequence: u64,
        /// When it was found.
        checked: TimeView,
    },
}

impl AuditPage<'_> {
    fn here(&self) -> &'static str {
        "/admin/audit"
    }

    fn is_filtered(&self) -> bool {
        FIELDS.iter().any(|field| !self.filter.value(field).is_empty())
    }
}

/// The fields of the filter.
const FIELDS: [&str; 5] = ["actor", "action", "workspace_id", "from", "to"];
