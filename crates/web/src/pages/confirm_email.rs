//! `/confirm?token=` and `/account/email/agree?token=`: what the link of a mail asks for.

use askama::Template;

use super::Card;
use crate::public::assets;

/// Asks for a press of a button: mail scanners open links, so opening one changes nothing. Field:
/// `token`.
#[derive(Debug, Template)]
#[template(path = "pages/confirm_email.html", whitespace = "minimize")]
pub struct ConfirmEmailPage<'a> {
    /// What surrounds the page.
    pub card: Card<'a>,
    /// The token of the link.
    pub token: &'a str,
    /// The address: the account's own, or its new one.
    pub email: &'a str,
    /// What is asked for.
    pub asks_for: Confirmation,
}

/// What somebody confirms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Confirmation {
    /// That the address is theirs, after registering.
    Registration,
    /// That the account may move to the address, asked there.
    NewAddress,
    /// The same, asked at the old address.
    OldAddress,
}

impl Confirmation {
    fn path(self) -> &'static str {
        match self {
            Self::Registration => "/confirm",
            Self::NewAddress | Self::OldAddress => "/account/email/agree",
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::Registration | Self::NewAddress => "Confirm your address",
            Self::OldAddress => "Move your account to another address?",
        }
    }

    fn button(self) -> &'static str {
        match self {
            Self::Registration | Self::NewAddress => "Confirm this address",
            Self::OldAddress => "Move the account",
        }
    }
}
