//! All kinds of jobs that this program can do.

use async_trait::async_trait;
use formhold_domain::job::JobKind;
use formhold_service::{App, jobs::Claimed};

use crate::{Outcome, Settings, kinds};

/// What a job works with.
pub(crate) struct Context<'a> {
    pub(crate) app: &'a App,
    pub(crate) settings: &'a Settings,
    pub(crate) claimed: &'a Claimed,
}

/// Does jobs of one kind.
#[async_trait]
pub(crate) trait Handler: Send + Sync {
    /// Which kind.
    fn kind(&self) -> JobKind;

    /// Does it. It may have been done before, by a node that could not say so any more: doing it again
    /// must do no harm, or as little as can be.
    async fn run(&self, context: Context<'_>) -> Outcome;
}

/// All of them, one line a kind.
const ALL: &[&dyn Handler] = &[
    &kinds::letter::SendLetter,
    &kinds::deliver::Deliver,
    &kinds::forget_sessions::ForgetSessions,
    &kinds::trim_audit::TrimAudit,
    &kinds::delete_due::DeleteDue,
    &kinds::remove_orphans::RemoveOrphans,
    &kinds::forget_keys::ForgetKeys,
    &kinds::remove_spent_jobs::RemoveSpentJobs,
];

/// The kinds that can be done.
pub(crate) fn kinds() -> Vec<JobKind> {
    ALL.iter().map(|handler| handler.kind()).collect()
}

/// Who does a kind.
pub(crate) fn handler(kind: JobKind) -> Option<&'static dyn Handler> {
    ALL.iter().copied().find(|handler| handler.kind() == kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_one_that_does_it() {
        for kind in JobKind::ALL {
            assert_eq!(ALL.iter().filter(|it| it.kind() == kind).count(), 1, "{}", kind.as_str());
        }
    }
}
