//! Something to look at: a few forms and 2,000 submissions of made-up people.

use formhold_domain::{
    Answers, Bearer, CompiledForm, Context, FormDefinition, Submission, SubmissionId,
    SubmissionState, access::Caller, spam::Reason,
};
use formhold_store::NewSubmission;
use futures_util::future::try_join_all;

use crate::{
    App, ServiceError,
    first_run::{self, FirstAdmin},
    forms,
};

const SUBMISSIONS: usize = 2_000;
const OVER_MS: i64 = 30 * 24 * 60 * 60 * 1000;

/// The administrator's name and address; no mail goes to this domain.
const ADMIN: (&str, &str) = ("Demo", "demo@example.org");

const CONTACT: &str = include_str!("demo/contact.json");
const WORKSHOP: &str = include_str!("demo/workshop.json");
const FEEDBACK: &str = include_str!("demo/feedback.json");

/// What the demonstration made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Demo {
    /// How many forms.
    pub forms: usize,
    /// How many submissions; 0 where the database had forms already.
    pub submissions: usize,
    /// The key of a form to try.
    pub key: String,
    /// Its slug.
    pub slug: String,
}

/// Who may sign in to look at a demonstration.
#[derive(Clone, PartialEq, Eq)]
pub struct DemoAdmin {
    /// The address.
    pub email: &'static str,
    /// The password, which is nowhere else.
    pub password: String,
}

/// Makes an administrator of an instance that nobody set up and that has no form yet; none in any
/// other, so that no start with the demonstration opens what somebody uses.
///
/// # Errors
/// When the database fails.
pub async fn admin(app: &App) -> Result<Option<DemoAdmin>, ServiceError> {
    if first_run::is_done(app).await? || !forms::list_forms(app, None, 1).await?.is_empty() {
        return Ok(None);
    }
    // Half of the bits are more than anybody guesses.
    let password: String = Bearer::new(&*app.ids).expose().chars().take(22).collect();
    let caller = Caller::system("demonstration");
    let admin = FirstAdmin { name: ADMIN.0, email: ADMIN.1, password: &password, workspace: None };
    match first_run::create_admin(app, &caller, &admin).await {
        Ok(()) => Ok(Some(DemoAdmin { email: ADMIN.1, password })),
        // Another node was first, or somebody with the link.
        Err(ServiceError::DeadLink) => Ok(None),
        Err(failed) => Err(failed),
    }
}

/// Fills an empty database; of one that has forms nothing is changed.
///
/// # Errors
/// When the database fails.
pub async fn fill(app: &App) -> Result<Demo, ServiceError> {
    if let Some(first) = forms::list_forms(app, None, 1).await?.into_iter().next() {
        return Ok(Demo { forms: 0, submissions: 0, key: first.key, slug: first.slug });
    }
    let mut made = Vec::new();
    for text in [CONTACT, WORKSHOP, FEEDBACK] {
        let definition: FormDefinition = serde_json::from_str(text)
            .map_err(|error| ServiceError::Internal(error.to_string()))?;
        made.push(
            forms::import_form(app, &Caller::system("demonstration"), None, definition).await?.0,
        );
    }
    let start_ms = app.clock.now_ms() - OVER_MS;
    let step_ms = OVER_MS / i64::try_from(SUBMISSIONS).unwrap_or(1);
    let all: Vec<_> = (0..SUBMISSIONS)
        .zip(0_i64..)
        .map(|(index, count)| submission(app, &made, index, start_ms + count * step_ms))
        .collect();
    for some in all.chunks(500) {
        try_join_all(some.iter().map(|new| app.store.write_submission(new))).await?;
    }
    let contact = &made[0];
    Ok(Demo {
        forms: made.len(),
        submissions: SUBMISSIONS,
        key: contact.identity.key.to_string(),
        slug: contact.definition.slug.to_string(),
    })
}

fn submission(
    app: &App,
    forms: &[CompiledForm],
    index: usize,
    received_at_ms: i64,
) -> NewSubmission {
    let (form, answers) = match index % 10 {
        0..=5 => (&forms[0], contact(index)),
        6 | 7 => (&forms[1], workshop(index)),
        _ => (&forms[2], feedback(index)),
    };
    let spam = index.is_multiple_of(23);
    let email = email(index);
    let submission = Submission {
        id: SubmissionId(app.ids.uuid_at(received_at_ms)),
        form_id: form.identity.id,
        form_version: form.identity.version,
        state: if spam { SubmissionState::Spam } else { SubmissionState::Inbox },
        received_at_ms,
        answers,
        undeclared: Answers::default(),
        context: Context {
            language: Some(form.definition.language.tag().to_owned()),
            reply_to: Some(email),
            spam_reasons: if spam {
                let message = "the hidden field `_gotcha` was filled in".to_owned();
                vec![Reason { layer: "honeypot".into(), points: 10, message }]
            } else {
                Vec::new()
            },
            ..Context::default()
        },
        uploads: Vec::new(),
    };
    NewSubmission {
        submission,
        idempotency: None,
        owner: None,
        max_submissions: None,
        jobs: Vec::new(),
    }
}

const GIVEN: [&str; 12] = [
    "Ada",
    "Björn",
    "Chidi",
    "Dalia",
    "Emre",
    "Françoise",
    "Goro",
    "Hana",
    "Ines",
    "Jakub",
    "Keiko",
    "Liam",
];
const FAMILY: [&str; 11] = [
    "Adeyemi", "Berg", "Costa", "Dvořák", "Eriksen", "Fischer", "García", "Haddad", "Ivanova",
    "Jensen", "Kowalski",
];
const QUESTIONS: [&str; 7] = [
    "Could you send me the dates of the next course?",
    "The link on your page about prices leads nowhere.",
    "Do you ship to Iceland? And what would it cost?",
    "I would like to visit with a group of twelve, two of us use a wheelchair.",
    "Thank you for the quick help last week!",
    "Is the printed catalogue still available?\nA used copy would be fine, too.",
    "My order arrived without the second box.",
];

fn name(index: usize) -> String {
    format!("{} {}", GIVEN[index % GIVEN.len()], FAMILY[index / 3 % FAMILY.len()])
}

fn email(index: usize) -> String {
    format!("person{index}@mail{}.example", index % 7)
}

fn pairs<const N: usize>(pairs: [(&str, String); N]) -> Answers {
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn contact(index: usize) -> Answers {
    let topic = ["order", "visit", "other"][index % 3].to_owned();
    pairs([
        ("name", name(index)),
        ("email", email(index)),
        ("topic", topic),
        ("message", QUESTIONS[index % QUESTIONS.len()].to_owned()),
    ])
}

fn workshop(index: usize) -> Answers {
    let day = format!("2027-03-{:02}", index % 27 + 1);
    let seats = (index % 4 + 1).to_string();
    pairs([
        ("name", name(index)),
        ("email", email(index)),
        ("day", day),
        ("seats", seats),
        ("interests", "pottery".to_owned()),
        ("interests", "glazing".to_owned()),
        ("terms", "on".to_owned()),
    ])
}

fn feedback(index: usize) -> Answers {
    pairs([
        ("rating", (index % 5 + 1).to_string()),
        ("comment", QUESTIONS[index * 5 % QUESTIONS.len()].to_owned()),
    ])
}
