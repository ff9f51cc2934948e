//! Submissions as the API shows and takes them.

use formhold_domain::{Answers, InboxItem, LinkPurpose, Submission, Upload, rfc3339, spam::Reason};
use formhold_service::{App, links};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::schemas;

/// How long a link to a file works.
const LINK_SECONDS: i64 = 15 * 60;

/// A submission with what was done to it since it came.
#[derive(Serialize, ToSchema)]
#[schema(as = Submission)]
pub(crate) struct SubmissionOut {
    #[schema(format = "uuid")]
    id: String,
    #[schema(format = "uuid")]
    form_id: String,
    /// The version of the form's definition that it was checked against.
    form_version: u32,
    /// Where it lies.
    #[schema(schema_with = schemas::submission_state)]
    state: &'static str,
    #[schema(format = DateTime)]
    received_at: String,
    /// Whether somebody looked at it.
    is_read: bool,
    is_starred: bool,
    /// In order.
    tags: Vec<String>,
    /// Since when it lies in the trash.
    #[schema(format = DateTime)]
    trashed_at: Option<String>,
    /// When anything was done to it last.
    #[schema(format = DateTime)]
    updated_at: Option<String>,
    /// In the order in which they were given.
    answers: Vec<AnswerOut>,
    /// Answers to fields that the form does not declare.
    undeclared: Vec<AnswerOut>,
    files: Vec<FileOut>,
    context: ContextOut,
    /// Why it was held for spam.
    spam_reasons: Vec<SpamReason>,
}

/// An answer to one field; all of its values.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Answer)]
pub(crate) struct AnswerOut {
    #[schema(min_length = 1)]
    field: String,
    values: Vec<String>,
}

/// A file that came with it.
#[derive(Serialize, ToSchema)]
#[schema(as = SubmittedFile)]
pub(crate) struct FileOut {
    #[schema(format = "uuid")]
    id: String,
    field: String,
    /// As its sender called it; never to be used as a path.
    name: String,
    /// By its content.
    content_type: String,
    size_bytes: u64,
    /// 64 hexadecimal digits.
    sha256: String,
    /// `waiting`, `clean`, `infected` or `unscannable`; null where no scan was asked for.
    scan: Option<&'static str>,
    /// Where it can be had for 15 minutes, without a token; null while a scan does not allow it.
    #[schema(
        example = "/uploads/01a208ba-ce07-77cc-bb5d-86cd914be7f9?purpose=download&expires=1793093400&signature=c164a8"
    )]
    path: Option<String>,
    /// The same for a small picture of it, where it is one.
    thumbnail_path: Option<String>,
}

/// How it came.
#[derive(Serialize, ToSchema)]
#[schema(as = SubmissionContext)]
pub(crate) struct ContextOut {
    client_address: Option<String>,
    user_agent: Option<String>,
    /// The page that held the form.
    page: Option<String>,
    /// The language that the person was answered in.
    language: Option<String>,
    subject: Option<String>,
    from_name: Option<String>,
    reply_to: Option<String>,
}

/// What one layer found.
#[derive(Serialize, ToSchema)]
pub(crate) struct SpamReason {
    #[schema(example = "links")]
    layer: String,
    points: u32,
    /// The same for people.
    message: String,
}

impl SubmissionOut {
    pub(super) fn of(app: &App, item: &InboxItem) -> Self {
        let InboxItem { submission, handling } = item;
        Self {
            id: submission.id.to_string(),
            form_id: submission.form_id.to_string(),
            form_version: submission.form_version,
            state: submission.state.as_str(),
            received_at: rfc3339(submission.received_at_ms),
            is_read: handling.is_read,
            is_starred: handling.is_starred,
            tags: handling.tags.iter().map(ToString::to_string).collect(),
            trashed_at: handling.trashed_at_ms.map(rfc3339),
            updated_at: handling.changed_at_ms.map(rfc3339),
            answers: answers_out(&submission.answers),
            undeclared: answers_out(&submission.undeclared),
            files: submission.uploads.iter().map(|upload| file(app, upload)).collect(),
            context: context(submission),
            spam_reasons: submission.context.spam_reasons.iter().map(reason).collect(),
        }
    }
}

/// Answers as they were sent.
pub(super) fn answers_in(answers: Vec<AnswerOut>) -> Answers {
    let pairs = |answer: AnswerOut| {
        let AnswerOut { field, values } = answer;
        values.into_iter().map(move |value| (field.clone(), value))
    };
    answers.into_iter().flat_map(pairs).collect()
}

fn answers_out(answers: &Answers) -> Vec<AnswerOut> {
    let answer = |(field, values): (&str, Vec<&str>)| AnswerOut {
        field: field.to_owned(),
        values: values.into_iter().map(str::to_owned).collect(),
    };
    answers.grouped().into_iter().map(answer).collect()
}

fn file(app: &App, upload: &Upload) -> FileOut {
    let may_be_read = upload.scan.may_be_read();
    let link = |purpose| links::link(app, upload.id, purpose, LINK_SECONDS);
    FileOut {
        id: upload.id.to_string(),
        field: upload.field.clone(),
        name: upload.name.clone(),
        content_type: upload.content_type.clone(),
        size_bytes: upload.size_bytes,
        sha256: upload.sha256.clone(),
        scan: upload.scan.name(),
        path: may_be_read.then(|| link(LinkPurpose::Download)),
        thumbnail_path: (may_be_read && upload.dimensions.is_some())
            .then(|| link(LinkPurpose::Thumbnail)),
    }
}

fn context(submission: &Submission) -> ContextOut {
    let context = submission.context.clone();
    ContextOut {
        client_address: context.client_address.map(|address| address.to_string()),
        user_agent: context.user_agent,
        page: context.page,
        language: context.language,
        subject: context.subject,
        from_name: context.from_name,
        reply_to: context.reply_to,
    }
}

fn reason(reason: &Reason) -> SpamReason {
    SpamReason {
        layer: reason.layer.to_string(),
        points: reason.points,
        message: reason.message.clone(),
    }
}
