//! What a change led to, told on the page that comes after it.
//!
//! Only a name travels in the address: nobody can make these pages say words of their own.

/// Something that was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Done {
    SessionEnded,
    SessionsEnded,
    NoOtherSession,
    Registered,
    InvitedRegistered,
    Confirmed,
    PasswordLinkSent,
    ProfileSaved,
    PictureSaved,
    PictureRemoved,
    PasswordChanged,
    EmailAsked,
    EmailCancelled,
    EmailAgreed,
    EmailChanged,
    AccountDeleted,
}

/// A thing, its name in the address, and the sentence.
const ALL: &[(Done, &str, &str)] = &[
    (Done::SessionEnded, "session-ended", "The session has ended."),
    (Done::SessionsEnded, "sessions-ended", "All other sessions have ended."),
    (Done::NoOtherSession, "no-other-session", "There was no other session."),
    (
        Done::Registered,
        "registered",
        "Look into your mailbox: we have sent a mail to this address. Its link leads on.",
    ),
    (Done::InvitedRegistered, "invited-registered", "Your account is ready. You can sign in now."),
    (Done::Confirmed, "confirmed", "Your address is confirmed. You can sign in now."),
    (
        Done::PasswordLinkSent,
        "password-link-sent",
        "If this address has an account, a link is on its way there. It works for one hour.",
    ),
    (Done::ProfileSaved, "profile-saved", "Your profile was saved."),
    (Done::PictureSaved, "picture-saved", "Your picture was saved."),
    (Done::PictureRemoved, "picture-removed", "Your picture was removed."),
    (
        Done::PasswordChanged,
        "password-changed",
        "Your password was set. All other sessions and all tokens have ended.",
    ),
    (
        Done::EmailAsked,
        "email-asked",
        "We have sent a link to both addresses. The change takes place when both were opened.",
    ),
    (Done::EmailCancelled, "email-cancelled", "Your address stays as it is."),
    (
        Done::EmailAgreed,
        "email-agreed",
        "Thank you. The address changes as soon as the other one agrees, too.",
    ),
    (Done::EmailChanged, "email-changed", "The address of the account was changed."),
    (Done::AccountDeleted, "account-deleted", "Your account was deleted."),
];

impl Done {
    /// The one that a query names.
    pub(crate) fn of_query(query: Option<&str>) -> Option<Self> {
        let name = query?.split('&').find_map(|pair| pair.strip_prefix("done="))?;
        ALL.iter().find(|(_, known, _)| *known == name).map(|(done, ..)| *done)
    }

    /// The path with what was done there.
    pub(crate) fn at(self, path: &str) -> String {
        let name = ALL.iter().find(|(done, ..)| *done == self).map_or("", |(_, name, _)| name);
        format!("{path}?done={name}")
    }

    /// What people read.
    pub(crate) fn sentence(self) -> &'static str {
        ALL.iter().find(|(done, ..)| *done == self).map_or("", |(.., sentence)| sentence)
    }
}
