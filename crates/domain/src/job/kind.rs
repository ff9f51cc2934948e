//! The kinds of jobs, and the rules of each.

use std::time::Duration;

use super::BackOff;

/// A kind of job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum JobKind {
    /// A mail about an account.
    Letter,
    /// What was submitted, for one recipient of a notification channel.
    Deliver,
    /// Forgets sessions, links and invitations that ended by their age.
    ForgetSessions,
    /// Removes entries of the audit trail that are older than the settings keep.
    TrimAudit,
    /// Deletes submissions that were kept as long as they should be.
    DeleteDue,
    /// Removes files that belong to no submission.
    RemoveOrphans,
    /// Forgets idempotency keys that are older than a day.
    ForgetKeys,
    /// Removes jobs that ended long ago.
    RemoveSpentJobs,
}

/// The rules of a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JobRules {
    /// How often it is tried, and when.
    pub back_off: BackOff,
    /// How long one try may take.
    pub time_limit: Duration,
    /// How long a node may be silent about a job that it is at, until another takes it over.
    pub lease: Duration,
    /// Within a lane a smaller number goes first.
    pub priority: u8,
    /// When it comes by itself, in five fields as of cron, in UTC.
    pub schedule: Option<&'static str>,
    /// Whether the payload holds secrets, so that it is blanked as soon as the job has ended.
    pub is_secret: bool,
}

const LEASE: Duration = Duration::from_secs(30);

impl JobKind {
    /// All.
    pub const ALL: [Self; 8] = [
        Self::Letter,
        Self::Deliver,
        Self::ForgetSessions,
        Self::TrimAudit,
        Self::DeleteDue,
        Self::RemoveOrphans,
        Self::ForgetKeys,
        Self::RemoveSpentJobs,
    ];

    /// The stable name, which also names the schedule of a kind that has one.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Letter => "letter",
            Self::Deliver => "deliver",
            Self::ForgetSessions => "forget-sessions",
            Self::TrimAudit => "trim-audit",
            Self::DeleteDue => "delete-due",
            Self::RemoveOrphans => "remove-orphans",
            Self::ForgetKeys => "forget-keys",
            Self::RemoveSpentJobs => "remove-spent-jobs",
        }
    }

    /// The kind of this name; none where a newer program made it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    /// Its rules.
    #[must_use]
    pub fn rules(self) -> JobRules {
        match self {
            Self::Letter => JobRules {
                back_off: BackOff::LETTER,
                time_limit: Duration::from_secs(60),
                lease: LEASE,
                priority: 2,
                schedule: None,
                is_secret: true,
            },
            Self::Deliver => JobRules {
                back_off: BackOff::WEBHOOK,
                time_limit: Duration::from_secs(60),
                lease: LEASE,
                priority: 4,
                schedule: None,
                is_secret: false,
            },
            // Not all at the same minute, and not at the full hour, when others are busy.
            Self::ForgetSessions => own("7 * * * *"),
            Self::TrimAudit => own("17 * * * *"),
            Self::DeleteDue => own("22 * * * *"),
            Self::RemoveOrphans => own("27 * * * *"),
            Self::ForgetKeys => own("37 * * * *"),
            Self::RemoveSpentJobs => own("47 * * * *"),
        }
    }
}

/// The rules of the instance's own work.
fn own(schedule: &'static str) -> JobRules {
    JobRules {
        back_off: BackOff::OWN,
        time_limit: Duration::from_secs(30 * 60),
        lease: LEASE,
        priority: 6,
        schedule: Some(schedule),
        is_secret: false,
    }
}

#[cfg(test)]
mod tests {
    use super::JobKind;

    #[test]
    fn each_kind_is_found_by_its_name_and_fits_its_column() {
        for kind in JobKind::ALL {
            assert_eq!(JobKind::parse(kind.as_str()), Some(kind));
            assert!(kind.as_str().len() <= 40);
        }
        assert_eq!(JobKind::parse("of-a-newer-program"), None);
    }
}
