//! What is told of a submission.

use formhold_channels::{
    AnswerFact, Attachment, Event, FileFact, FormFact, Message, SubmissionFact,
};
use formhold_domain::{FormDefinition, Identity, Language, LinkPurpose, Scan, Submission, Upload};
use futures_util::TryStreamExt as _;
use uuid::Uuid;

use crate::{App, ServiceError, account_mail, links};

/// How long the links to files in a message work.
const FILE_LINKS_LIVE_S: i64 = 7 * 24 * 60 * 60;
/// How much is attached to one mail; larger ones do not get through.
const MOST_ATTACHED_BYTES: u64 = 10 * 1024 * 1024;

/// The message about a submission, under an id that is the same at each try.
pub(super) fn message(
    app: &App,
    definition: &FormDefinition,
    identity: &Identity,
    submission: &Submission,
    id: Uuid,
) -> Message {
    let context = &submission.context;
    let language = context.language.as_deref().and_then(Language::parse);
    let label = |name: &str| {
        let field = definition.fields.iter().find(|field| field.name == name);
        let label = field.and_then(|field| field.label.as_deref());
        label.unwrap_or(name).to_owned()
    };
    let answers = [&submission.answers, &submission.undeclared].into_iter().flat_map(|answers| {
        answers.grouped().into_iter().map(|(name, values)| AnswerFact {
            name: name.to_owned(),
            label: label(name),
            values: values.into_iter().map(str::to_owned).collect(),
        })
    });
    Message {
        id,
        event: Event::SubmissionCreated,
        happened_at_ms: submission.received_at_ms,
        language: language.unwrap_or(definition.language),
        form: FormFact {
            id: identity.id,
            key: identity.key.clone(),
            name: definition.name.clone(),
        },
        submission: SubmissionFact {
            id: submission.id,
            received_at_ms: submission.received_at_ms,
            subject: context.subject.clone(),
            from_name: context.from_name.clone(),
            reply_to: context.reply_to.clone(),
            copies: context.copies.clone(),
            page: context.page.clone(),
        },
        answers: answers.collect(),
        files: submission.uploads.iter().map(|upload| file(app, upload)).collect(),
        link: Some(account_mail::page(app, &format!("/admin/submissions/{}", submission.id))),
        unsubscribe_link: None,
        attachments: Vec::new(),
    }
}

fn file(app: &App, upload: &Upload) -> FileFact {
    let link = is_safe(upload).then(|| {
        let path = links::link(app, upload.id, LinkPurpose::Download, FILE_LINKS_LIVE_S);
        account_mail::page(app, &path)
    });
    FileFact {
        field: upload.field.clone(),
        name: upload.name.clone(),
        content_type: upload.content_type.clone(),
        size_bytes: upload.size_bytes,
        link,
    }
}

fn is_safe(upload: &Upload) -> bool {
    matches!(upload.scan, Scan::NotAsked | Scan::Clean)
}

/// The files of a submission that can go along: the safe ones, as long as they are small together.
///
/// # Errors
/// When a file cannot be read.
pub(super) async fn attachments(
    app: &App,
    submission: &Submission,
) -> Result<Vec<Attachment>, ServiceError> {
    let mut attached = Vec::new();
    let mut left = MOST_ATTACHED_BYTES;
    for upload in submission.uploads.iter().filter(|upload| is_safe(upload)) {
        let Some(rest) = left.checked_sub(upload.size_bytes) else { continue };
        let Some(reading) = app.files.read(upload.id).await? else { continue };
        let failed = |error: std::io::Error| ServiceError::Unavailable(error.to_string());
        let parts: Vec<_> = reading.into_stream().try_collect().await.map_err(failed)?;
        left = rest;
        attached.push(Attachment {
            name: upload.name.clone(),
            content_type: upload.content_type.clone(),
            content: parts.concat().into(),
        });
    }
    Ok(attached)
}
