//! The nouns and rules of Formhold: forms, answers, submissions and what makes them valid.
//! Nothing here does I/O or waits; time and randomness come in as [`Clock`] and [`Ids`].

pub mod access;
pub mod accounts;
mod answers;
pub mod audit;
mod bearer;
mod clock;
mod control_fields;
mod email_address;
mod file_kind;
mod form;
mod ids;
mod inbox;
pub mod job;
pub mod letters;
mod links;
pub mod meters;
mod origins;
mod problem;
mod quota;
mod redirect;
pub mod search;
mod secret;
mod slug;
pub mod spam;
mod submission;
mod texts;
mod uploads;

pub use answers::Answers;
pub use bearer::{Bearer, BearerHash};
pub use clock::{Clock, SystemClock};
pub use control_fields::{CaptchaAnswer, ControlFields};
pub use email_address::EmailAddress;
pub use file_kind::FileKind;
pub use form::{
    AskCaptcha, Availability, Bound, CaptchaRules, Checked, ChoiceOption, CompiledField,
    CompiledForm, Condition, DefinitionProblem, FieldDefinition, FieldType, FileRules,
    FormDefinition, FormLimits, FormState, Identity, Limit, Protection, Rejection, Retention,
    Scalar, ScanFiles, Undeclared, WhenDown, WithoutAnswer,
};
pub use ids::{
    ChannelId, FormId, FormKey, Ids, InvitationId, JobId, NoteId, PasskeyId, RandomIds, SessionId,
    SubmissionId, TokenId, UploadId, UserId, WorkspaceId,
};
pub use inbox::{Handling, HistoryEntry, InboxAct, InboxItem, Note, Tag};
pub use links::{FileLink, LinkProblem, LinkPurpose};
pub use origins::origin_of;
pub use problem::{FieldProblem, Problem, bytes_for_people};
pub use quota::{Quota, QuotaProblem};
pub use redirect::{HostRule, RedirectContext};
pub use secret::Secret;
pub use slug::Slug;
pub use submission::{Context, IdempotencyKey, Submission, SubmissionState};
pub use texts::{Language, Texts};
pub use uploads::{Dimensions, Scan, Upload};

/// When a day begins in UTC, in milliseconds since the Unix epoch; `day` is written as `2026-05-04`.
#[must_use]
pub fn day_start_ms(day: &str) -> Option<i64> {
    let day = chrono::NaiveDate::parse_from_str(day, "%Y-%m-%d").ok()?;
    Some(day.and_time(chrono::NaiveTime::MIN).and_utc().timestamp_millis())
}

/// Formats milliseconds since the Unix epoch as RFC 3339 in UTC with milliseconds.
///
/// A time outside of years 0 to 9999 is shown as the number itself.
#[must_use]
pub fn rfc3339(at_ms: i64) -> String {
    chrono::DateTime::from_timestamp_millis(at_ms).map_or_else(
        || at_ms.to_string(),
        |time| time.to_rfc3339_opts(chrono::SecondsFormat::Millis, true),
    )
}

/// Milliseconds of a time in UTC or with its distance from it, as [`rfc3339`] writes it; none for
/// what is none.
#[must_use]
pub fn parse_rfc3339(text: &str) -> Option<i64> {
    chrono::DateTime::parse_from_rfc3339(text).ok().map(|time| time.timestamp_millis())
}
