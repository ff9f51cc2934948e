//! `/admin/users`: everybody with an account, and a new one.

use askama::Template;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::{
    pages::{FormState, Frame, Person, TimeView, labels},
    public::assets,
};

/// The users.
#[derive(Debug, Template)]
#[template(path = "pages/admin/users.html", whitespace = "minimize")]
pub struct UsersPage<'a> {
    /// What surrounds the page.
    pub frame: Frame<'a>,
    /// What is looked for: `q`, `role`, `state`.
    pub filter: &'a FormState,
    /// Who was found.
    pub users: &'a [UserRow<'a>],
    /// The address of the next page.
    pub next: Option<&'a str>,
}

/// One user.
#[derive(Debug, Clone)]
pub struct UserRow<'a> {
    /// Who.
    pub person: Person<'a>,
    /// `admin` or `user`.
    pub role: &'a str,
    /// `active`, `unconfirmed` or `disabled`.
    pub state: &'a str,
    /// When the account was made.
    pub created: TimeView,
    /// When they were seen last.
    pub last_seen: Option<TimeView>,
}

/// Makes a user. Fields: `name`, `email`, `role`, `language`.
#[derive(Debug, Template)]
#[template(path = "pages/admin/new_user.html", whitespace = "minimize")]
pub struct NewUserPage<'a> {
    /// What surrounds the page.
    pub frame: Frame<'a>,
    /// What was entered.
    pub form: &'a FormState,
}

impl UsersPage<'_> {
    fn here(&self) -> &'static str {
        "/admin/users"
    }

    fn is_filtered(&self) -> bool {
        ["q", "role", "state"].iter().any(|field| !self.filter.value(field).is_empty())
    }

    /// Everybody who was found, and not only this page of them.
    fn export_path(&self, format: &str) -> String {
        let mut path = format!("/admin/users/export?format={format}");
        for field in ["q", "role", "state"] {
            let value = self.filter.value(field);
            if !value.is_empty() {
                path += &format!("&{field}={}", utf8_percent_encode(value, NON_ALPHANUMERIC));
            }
        }
        path
    }
}

impl NewUserPage<'_> {
    fn here(&self) -> &'static str {
        "/admin/users"
    }
}
