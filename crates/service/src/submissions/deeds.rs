//! What can be done to many submissions at once, and its names.

use formhold_domain::{InboxAct, SubmissionState, Tag, audit::AuditAction};

use crate::ServiceError;

/// Something to be done to submissions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deed {
    /// They are moved or marked.
    Act(InboxAct),
    /// Those that lie in the trash are deleted for good.
    DeleteForGood,
}

impl Deed {
    /// The names of all.
    pub const NAMES: [&str; 12] = [
        "inbox",
        "spam",
        "archive",
        "trash",
        "restore",
        "read",
        "unread",
        "star",
        "unstar",
        "add_tag",
        "remove_tag",
        "delete_for_good",
    ];

    /// What this name, and this tag where it needs one, stand for.
    ///
    /// # Errors
    /// [`ServiceError::Invalid`] about `act` or `tag`.
    pub fn named(name: &str, tag: Option<&str>) -> Result<Self, ServiceError> {
        let tag = || {
            let tag = tag.ok_or_else(|| {
                ServiceError::invalid("tag", "REQUIRED", "must be there for this")
            })?;
            Tag::parse(tag).map_err(|why| ServiceError::invalid("tag", "WRONG_TAG", why))
        };
        Ok(Self::Act(match name {
            "restore" => InboxAct::Restore,
            "read" => InboxAct::MarkRead(true),
            "unread" => InboxAct::MarkRead(false),
            "star" => InboxAct::Star(true),
            "unstar" => InboxAct::Star(false),
            "add_tag" => InboxAct::AddTag(tag()?),
            "remove_tag" => InboxAct::RemoveTag(tag()?),
            "delete_for_good" => return Ok(Self::DeleteForGood),
            other => InboxAct::MoveTo(SubmissionState::parse(other).ok_or_else(|| {
                let message = format!("must be one of {}", Self::NAMES.join(", "));
                ServiceError::invalid("act", "UNKNOWN_ACT", message)
            })?),
        }))
    }

    /// Its stable name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Act(act) => act.name(),
            Self::DeleteForGood => "delete_for_good",
        }
    }

    pub(super) fn act(&self) -> Option<&InboxAct> {
        match self {
            Self::Act(act) => Some(act),
            Self::DeleteForGood => None,
        }
    }

    /// What the audit trail says of it; that somebody looked is not in there.
    pub(super) fn audited(&self) -> Option<AuditAction> {
        match self {
            Self::Act(InboxAct::MarkRead(_)) => None,
            Self::Act(_) => Some(AuditAction::SubmissionChange),
            Self::DeleteForGood => Some(AuditAction::SubmissionDelete),
        }
    }
}

impl From<InboxAct> for Deed {
    fn from(act: InboxAct) -> Self {
        Self::Act(act)
    }
}

#[cfg(test)]
mod tests {
    use super::Deed;

    #[test]
    fn every_name_stands_for_what_has_this_name() {
        for name in Deed::NAMES {
            assert_eq!(Deed::named(name, Some("x")).expect("a deed").name(), name);
        }
        for (name, tag) in
            [("", None), ("Inbox", None), ("add_tag", None), ("add_tag", Some("a,b"))]
        {
            assert!(Deed::named(name, tag).is_err(), "{name} {tag:?}");
        }
    }
}
