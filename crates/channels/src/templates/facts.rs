//! What templates see.

use std::collections::BTreeMap;

use chrono::DateTime;
use formhold_domain::{EmailAddress, bytes_for_people};
use serde::Serialize;

use crate::{Event, Message, texts::texts};

/// The bytes of all answers together that a mail shows; the page of the submission has all.
const MAX_ANSWER_BYTES: usize = 100_000;

/// What templates see of a message.
#[derive(Debug, Clone, Serialize)]
pub struct Facts {
    /// The language's tag.
    pub language: &'static str,
    /// True where somebody tries a channel out.
    pub is_test: bool,
    /// The form's name.
    pub form_name: String,
    /// When the submission was accepted, for people.
    pub received_at: String,
    /// The subject that the form asked for; empty where it asked for none.
    pub subject: String,
    /// The submitter's name; empty where it is not known.
    pub from_name: String,
    /// The submitter's address, where it is one; else empty.
    pub reply_to: String,
    /// The page that held the form; empty where it is not known.
    pub page: String,
    /// The submission's id.
    pub submission_id: String,
    /// The answers in order.
    pub answers: Vec<AnswerFacts>,
    /// The first answer to each field, by the field's name.
    pub answer: BTreeMap<String, String>,
    /// The files.
    pub files: Vec<FileFacts>,
    /// The page of the submission; empty where the reader may not see it.
    pub link: String,
    /// Where the reader may ask for no more mails; empty where there is no such place.
    pub unsubscribe_link: String,
    /// Something that the reader should know about this mail itself; usually empty.
    pub note: String,
}

/// An answer, for templates.
#[derive(Debug, Clone, Serialize)]
pub struct AnswerFacts {
    /// The field's name.
    pub name: String,
    /// The field's label.
    pub label: String,
    /// What was answered; several answers stand in lines of their own.
    pub value: String,
    /// The answers one by one.
    pub values: Vec<String>,
}

/// A file, for templates.
#[derive(Debug, Clone, Serialize)]
pub struct FileFacts {
    /// Its name.
    pub name: String,
    /// Its length, for people.
    pub size: String,
    /// Where it can be had; empty where the reader may not have it.
    pub link: String,
}

impl Facts {
    /// The facts of a message.
    #[must_use]
    pub fn of(message: &Message) -> Self {
        let submission = &message.submission;
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let reply_to = submission.reply_to.as_deref().and_then(|it| EmailAddress::parse(it).ok());
        let answers = answers(message);
        let answer = answers
            .iter()
            .rev()
            .map(|answer| {
                let first = answer.values.first().cloned().unwrap_or_default();
                (answer.name.clone(), first)
            })
            .collect();
        let files = message.files.iter().map(|file| FileFacts {
            name: file.name.clone(),
            size: bytes_for_people(file.size_bytes),
            link: text(&file.link),
        });
        Self {
            language: message.language.tag(),
            is_test: message.event == Event::Test,
            form_name: message.form.name.clone(),
            received_at: for_people(submission.received_at_ms, message.language.tag()),
            subject: text(&submission.subject),
            from_name: text(&submission.from_name),
            reply_to: reply_to.map(String::from).unwrap_or_default(),
            page: text(&submission.page),
            submission_id: submission.id.to_string(),
            answers,
            answer,
            files: files.collect(),
            link: text(&message.link),
            unsubscribe_link: text(&message.unsubscribe_link),
            note: String::new(),
        }
    }
}

/// Long answers are cut, so that a large submission does not cost its owner the mail.
fn answers(message: &Message) -> Vec<AnswerFacts> {
    let mut left_bytes = MAX_ANSWER_BYTES;
    let mut cut = |value: &String| {
        let mut value = value.clone();
        if value.len() > left_bytes {
            value.truncate(value.floor_char_boundary(left_bytes));
            value.push_str("… ");
            value.push_str(texts(message.language).cut);
        }
        left_bytes = left_bytes.saturating_sub(value.len());
        value
    };
    message
        .answers
        .iter()
        .map(|answer| {
            let values: Vec<_> = answer.values.iter().map(&mut cut).collect();
            AnswerFacts {
                name: answer.name.clone(),
                label: answer.label.clone(),
                value: values.join("\n"),
                values,
            }
        })
        .collect()
}

fn for_people(at_ms: i64, language: &str) -> String {
    let pattern = match language {
        "de" => "%d.%m.%Y, %H:%M UTC",
        _ => "%Y-%m-%d, %H:%M UTC",
    };
    DateTime::from_timestamp_millis(at_ms)
        .map_or_else(|| at_ms.to_string(), |time| time.format(pattern).to_string())
}

/// The facts of a submission that is made up, for trying templates.
#[must_use]
pub fn sample() -> Facts {
    let answer = |name: &str, label: &str, value: &str| AnswerFacts {
        name: name.to_owned(),
        label: label.to_owned(),
        value: value.to_owned(),
        values: vec![value.to_owned()],
    };
    let answers = vec![
        answer("name", "Name", "Ada Example"),
        answer("email", "Mail", "ada@example.org"),
        answer("message", "Message", "A line.\nAnother line."),
    ];
    let by_name = answers.iter().map(|answer| (answer.name.clone(), answer.value.clone()));
    Facts {
        language: "en",
        is_test: true,
        form_name: "Contact".to_owned(),
        received_at: for_people(1_790_000_000_000, "en"),
        subject: "A question".to_owned(),
        from_name: "Ada Example".to_owned(),
        reply_to: "ada@example.org".to_owned(),
        page: "https://example.org/contact".to_owned(),
        submission_id: "01900000-0000-7000-8000-000000000000".to_owned(),
        answer: by_name.collect(),
        answers,
        files: vec![FileFacts {
            name: "plan.pdf".to_owned(),
            size: bytes_for_people(34_567),
            link: "https://example.org/file".to_owned(),
        }],
        link: "https://example.org/submission".to_owned(),
        unsubscribe_link: "https://example.org/no-more".to_owned(),
        note: String::new(),
    }
}
