//! What a change led to, told on the page that comes after it.
//!
//! Only a name travels in the address: nobody can make these pages say words of their own.

/// Something that was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Done {
    SessionEnded,
    SessionsEnded,
    NoOtherSession,
    TotpOff,
    PasskeyAdded,
    PasskeyRenamed,
    PasskeyRemoved,
}

/// A thing, its name in the address, and the sentence.
const ALL: &[(Done, &str, &str)] = &[
    (Done::SessionEnded, "session-ended", "The session has ended."),
    (Done::SessionsEnded, "sessions-ended", "All other sessions have ended."),
    (Done::NoOtherSession, "no-other-session", "There was no other session."),
    (
        Done::TotpOff,
        "totp-off",
        "The codes from an app are turned off. All other browsers were signed out.",
    ),
    (
        Done::PasskeyAdded,
        "passkey-added",
        "The passkey was added. All other browsers were signed out.",
    ),
    (Done::PasskeyRenamed, "passkey-renamed", "The passkey has its new name."),
    (
        Done::PasskeyRemoved,
        "passkey-removed",
        "The passkey was removed. All other browsers were signed out.",
    ),
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
