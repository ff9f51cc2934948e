//! Jobs: work that follows from a change, is stored with it, and is done later.

mod back_off;
mod kind;
mod lane;
mod payload;
mod state;

pub use back_off::BackOff;
pub use kind::{JobKind, JobRules};
pub use lane::Lane;
pub use payload::{JobPayload, UnreadablePayload};
pub use state::{JobState, TryOutcome};

use crate::{ChannelId, FormId, JobId, SubmissionId, WorkspaceId};

/// A job to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewJob {
    /// Its id, which stays the same over all tries: receivers know a repetition by it.
    pub id: JobId,
    /// What is to be done.
    pub payload: JobPayload,
    /// What it shares its turn with.
    pub lane: Lane,
    /// What it is about.
    pub about: About,
    /// Not before this time; none: at once.
    pub not_before_ms: Option<i64>,
}

/// What a job is about, as far as it is about something: who may see it follows from that.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct About {
    /// The workspace.
    pub workspace_id: Option<WorkspaceId>,
    /// The form.
    pub form_id: Option<FormId>,
    /// The submission.
    pub submission_id: Option<SubmissionId>,
    /// The notification channel.
    pub channel_id: Option<ChannelId>,
}

impl NewJob {
    /// A job about nothing in particular, to be done at once, in a lane.
    #[must_use]
    pub fn new(id: JobId, lane: Lane, payload: JobPayload) -> Self {
        Self { id, payload, lane, about: About::default(), not_before_ms: None }
    }

    /// Says what it is about.
    #[must_use]
    pub fn about(mut self, about: About) -> Self {
        self.about = about;
        self
    }
}
