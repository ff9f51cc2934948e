//! What surrounds a page: who is signed in, where they are, and what just happened.

use super::navigation::{self, Group};

/// Around every page of somebody who signed in.
#[derive(Debug, Clone)]
pub struct Frame<'a> {
    /// The token that every form of the page sends back as `csrf`.
    pub csrf: &'a str,
    /// Who is signed in.
    pub user: Person<'a>,
    /// How much of the navigation they see.
    pub access: Access,
    /// The workspace that they work in.
    pub workspace: Option<Named<'a>>,
    /// All that they can choose to work in, with that one.
    pub workspaces: Vec<Named<'a>>,
    /// What the last change led to.
    pub flash: Option<Flash<'a>>,
}

impl Frame<'_> {
    pub(super) fn home(&self) -> &'static str {
        if self.access == Access::Account { "/account" } else { "/admin" }
    }

    /// Whether there is a choice; without one it is enough to say where one is.
    pub(super) fn may_switch(&self) -> bool {
        self.workspaces.len() > 1
    }

    /// Whether this is the workspace that they work in.
    pub(super) fn works_in(&self, workspace: &Named) -> bool {
        self.workspace.is_some_and(|it| it.id == workspace.id)
    }

    pub(super) fn navigation(&self) -> Vec<Group> {
        navigation::groups(self.access)
    }
}

/// Around every page of somebody who did not sign in.
#[derive(Debug, Clone, Copy)]
pub struct Card<'a> {
    /// The token that every form of the page sends back as `csrf`.
    pub csrf: &'a str,
    /// What the last change led to.
    pub flash: Option<Flash<'a>>,
}

/// How much of the navigation somebody sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Access {
    /// A user of no workspace: the own account.
    Account,
    /// A member of a workspace.
    Member,
    /// An owner of a workspace.
    Owner,
    /// An administrator of the whole installation.
    Admin,
}

/// A sentence after a change.
#[derive(Debug, Clone, Copy)]
pub struct Flash<'a> {
    /// What happened, as a whole sentence.
    pub message: &'a str,
    /// Whether it went wrong.
    pub is_error: bool,
}

/// A user as lists and the navigation show one.
#[derive(Debug, Clone, Copy)]
pub struct Person<'a> {
    /// The user's id.
    pub id: &'a str,
    /// The name.
    pub name: &'a str,
    /// The address.
    pub email: &'a str,
    /// The address of the picture, where there is one, as `/account/picture/{id}?v=2`.
    pub picture: Option<&'a str>,
}

impl Person<'_> {
    /// What stands for a missing picture.
    pub(super) fn initial(&self) -> String {
        let letter = self.name.chars().chain(self.email.chars()).find(|c| c.is_alphanumeric());
        letter.map_or_else(|| "·".to_owned(), |letter| letter.to_uppercase().collect())
    }
}

/// A place to go.
#[derive(Debug, Clone, Copy)]
pub struct Link<'a> {
    /// Where to, with its query.
    pub path: &'a str,
    /// What it is called.
    pub label: &'a str,
}

/// Something with a name, as options and lists need it.
#[derive(Debug, Clone, Copy)]
pub struct Named<'a> {
    /// Its id.
    pub id: &'a str,
    /// Its name.
    pub name: &'a str,
}
