//! What is sent: facts about a submission, the same for every channel.

use bytes::Bytes;
use formhold_domain::{FormId, FormKey, Language, SubmissionId, rfc3339};
use serde_json::{Map, Value, json};
use uuid::Uuid;

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// A submission came in.
    SubmissionCreated,
    /// Somebody tries a channel out; the submission is made up.
    Test,
}

impl Event {
    /// The event's stable name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::SubmissionCreated => "submission.created",
            Self::Test => "channel.test",
        }
    }
}

/// A message. It is made from stored facts for each try, so all tries send the same.
#[derive(Debug, Clone)]
pub struct Message {
    /// Names the message to whoever gets it; the same at each try.
    pub id: Uuid,
    /// What happened.
    pub event: Event,
    /// When it happened, milliseconds since the Unix epoch.
    pub happened_at_ms: i64,
    /// The language to write it in.
    pub language: Language,
    /// The form.
    pub form: FormFact,
    /// The submission.
    pub submission: SubmissionFact,
    /// The answers in the form's order, each field once.
    pub answers: Vec<AnswerFact>,
    /// The files.
    pub files: Vec<FileFact>,
    /// The page with the submission, for whoever may see it.
    pub link: Option<String>,
    /// Where whoever gets a mail may ask for no more, by GET and by one POST (RFC 8058).
    pub unsubscribe_link: Option<String>,
    /// Files to send along, where the channel does that.
    pub attachments: Vec<Attachment>,
}

/// The form of a message.
#[derive(Debug, Clone)]
pub struct FormFact {
    /// Its id.
    pub id: FormId,
    /// What names it in public addresses.
    pub key: FormKey,
    /// Its name.
    pub name: String,
}

/// The submission of a message.
#[derive(Debug, Clone)]
pub struct SubmissionFact {
    /// Its id.
    pub id: SubmissionId,
    /// When it was accepted, milliseconds since the Unix epoch.
    pub received_at_ms: i64,
    /// The subject that the form asked for.
    pub subject: Option<String>,
    /// What the submitter is called.
    pub from_name: Option<String>,
    /// The submitter's address, as submitted.
    pub reply_to: Option<String>,
    /// Allowed addresses that get a copy.
    pub copies: Vec<String>,
    /// The page that held the form.
    pub page: Option<String>,
}

/// A field and what was answered.
#[derive(Debug, Clone)]
pub struct AnswerFact {
    /// The field's name.
    pub name: String,
    /// The field's label, or its name where it has none.
    pub label: String,
    /// What was answered.
    pub values: Vec<String>,
}

/// A file of the submission.
#[derive(Debug, Clone)]
pub struct FileFact {
    /// The field that it was sent in.
    pub field: String,
    /// Its name, as sent.
    pub name: String,
    /// Its type, by its content.
    pub content_type: String,
    /// Its length.
    pub size_bytes: u64,
    /// Where it can be had.
    pub link: Option<String>,
}

/// A file to send along.
#[derive(Debug, Clone)]
pub struct Attachment {
    /// Its name, as sent.
    pub name: String,
    /// Its type, by its content.
    pub content_type: String,
    /// Its bytes.
    pub content: Bytes,
}

impl Message {
    /// The id as receivers of webhooks see it.
    #[must_use]
    pub fn public_id(&self) -> String {
        format!("msg_{}", self.id.simple())
    }

    /// The message as webhooks send it: `type`, `timestamp` and `data`, as Standard Webhooks
    /// recommends. `fields` has each answer by name: text, or a list where there are several.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let answers: Vec<_> = self
            .answers
            .iter()
            .map(|answer| {
                json!({ "name": answer.name, "label": answer.label, "values": answer.values })
            })
            .collect();
        let fields: Map<String, Value> = self
            .answers
            .iter()
            .map(|answer| {
                let value = match answer.values.as_slice() {
                    [one] => json!(one),
                    several => json!(several),
                };
                (answer.name.clone(), value)
            })
            .collect();
        let files: Vec<_> = self
            .files
            .iter()
            .map(|file| {
                json!({
                    "field": file.field,
                    "name": file.name,
                    "content_type": file.content_type,
                    "size_bytes": file.size_bytes,
                    "link": file.link,
                })
            })
            .collect();
        json!({
            "type": self.event.name(),
            "timestamp": rfc3339(self.happened_at_ms),
            "data": {
                "form": { "id": self.form.id, "key": self.form.key, "name": self.form.name },
                "submission": {
                    "id": self.submission.id,
                    "received_at": rfc3339(self.submission.received_at_ms),
                    "subject": self.submission.subject,
                    "reply_to": self.submission.reply_to,
                    "page": self.submission.page,
                    "link": self.link,
                },
                "fields": fields,
                "answers": answers,
                "files": files,
            },
        })
    }

    /// The message as pairs, for receivers that read forms only. What is about the message begins
    /// with `_`, which the name of a field never does; a name that does all the same gets a second.
    pub(crate) fn to_pairs(&self) -> Vec<(String, String)> {
        let mut pairs = vec![
            ("_event".to_owned(), self.event.name().to_owned()),
            ("_timestamp".to_owned(), rfc3339(self.happened_at_ms)),
            ("_form".to_owned(), self.form.key.to_string()),
            ("_form_name".to_owned(), self.form.name.clone()),
            ("_submission".to_owned(), self.submission.id.to_string()),
            ("_received_at".to_owned(), rfc3339(self.submission.received_at_ms)),
        ];
        pairs.extend(self.link.iter().map(|link| ("_link".to_owned(), link.clone())));
        let apart = |name: &str| {
            if name.starts_with('_') { format!("_{name}") } else { name.to_owned() }
        };
        for answer in &self.answers {
            pairs.extend(answer.values.iter().map(|value| (apart(&answer.name), value.clone())));
        }
        pairs.extend(self.files.iter().map(|file| (apart(&file.field), file.name.clone())));
        pairs
    }
}
