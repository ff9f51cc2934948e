//! Pages that say one thing, with or without the navigation around it.

use askama::Template;

use super::{Card, Frame, Link};
use crate::public::assets;

/// A title and a sentence for somebody who did not sign in.
#[derive(Debug, Template)]
#[template(path = "pages/message.html", whitespace = "minimize")]
pub struct MessagePage<'a> {
    /// What surrounds the page.
    pub card: Card<'a>,
    /// The heading, as "Look into your mailbox".
    pub title: &'a str,
    /// What happened and what to do next.
    pub message: &'a str,
    /// Where to go from here.
    pub link: Option<Link<'a>>,
}

/// The same for somebody who signed in.
#[derive(Debug, Template)]
#[template(path = "pages/signed_in_message.html", whitespace = "minimize")]
pub struct SignedInMessagePage<'a> {
    /// What surrounds the page.
    pub frame: Frame<'a>,
    /// The heading.
    pub title: &'a str,
    /// What happened and what to do next.
    pub message: &'a str,
    /// Where to go from here.
    pub link: Option<Link<'a>>,
}

/// What a page could not be shown for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// 403: they may not see it.
    Forbidden,
    /// 403: the form was too old, or of somebody else's page.
    FormExpired,
    /// 404: it is not there, or must not be known to be.
    NotFound,
    /// 410: a link of a mail that was used, or has expired.
    LinkUsed,
    /// 429: too many tries.
    TooMany,
    /// 503: a part cannot serve.
    Unavailable,
    /// 500: a fault of ours.
    Internal,
}

impl ErrorKind {
    /// The heading.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Forbidden => "You cannot open this page",
            Self::FormExpired => "This page was open for too long",
            Self::NotFound => "There is nothing here",
            Self::LinkUsed => "This link was used or has expired",
            Self::TooMany => "Too many tries",
            Self::Unavailable => "Not available right now",
            Self::Internal => "Something went wrong here",
        }
    }

    /// What happened and what to do next.
    #[must_use]
    pub fn message(self) -> &'static str {
        match self {
            Self::Forbidden => {
                "Your account does not have the permission for it. Somebody who manages this installation or the workspace can give it to you."
            }
            Self::FormExpired => "Nothing was changed. Go back, load the page again, and retry.",
            Self::NotFound => {
                "The address may be mistyped, or what was here has been deleted. It may also be something that you have no permission to see."
            }
            Self::LinkUsed => {
                "Links that we send work once and for a limited time. Ask for a new one."
            }
            Self::TooMany => "Wait a little before you try again. Nothing was changed.",
            Self::Unavailable => {
                "We could not do this at the moment. Nothing was changed. Please try again in a minute."
            }
            Self::Internal => "The fault is ours, and it was recorded. Please try again later.",
        }
    }
}

impl<'a> MessagePage<'a> {
    /// Why a page could not be shown.
    #[must_use]
    pub fn error(card: Card<'a>, kind: ErrorKind) -> Self {
        let link = Some(Link { path: "/login", label: "Go to the sign-in page" });
        Self { card, title: kind.title(), message: kind.message(), link }
    }
}

impl<'a> SignedInMessagePage<'a> {
    fn here(&self) -> &'static str {
        ""
    }

    /// Why a page could not be shown.
    #[must_use]
    pub fn error(frame: Frame<'a>, kind: ErrorKind) -> Self {
        let link = Some(Link { path: frame.home(), label: "Go to the start page" });
        Self { frame, title: kind.title(), message: kind.message(), link }
    }
}
