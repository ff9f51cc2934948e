//! Submissions: accepting one here, and what its owners do with it in [`inbox`] and [`review`].

pub mod change;
pub mod deeds;
pub mod exports;
pub mod forward;
mod gate;
pub mod inbox;
pub mod news;
pub mod notes;
mod outcomes;
pub mod review;
pub mod search;
pub mod views;

use std::{net::IpAddr, sync::Arc};

use formhold_captcha::FailureCode;
use formhold_domain::{
    Answers, Checked, CompiledForm, Context, ControlFields, FieldType, Language, RedirectContext,
    Rejection, Submission, SubmissionId, SubmissionState, UserId,
};
use formhold_store::{Idempotency, NewSubmission, Outcome, StoreError, Unavailable};
use url::Url;

pub(crate) use outcomes::Outcomes;
pub use outcomes::{OutcomesReading, SubmissionResult};

use self::gate::{Gate, Pass};
use crate::{
    App, ServiceError, deliveries,
    limits::LimitExceeded,
    scanning,
    uploads::{self, ReceivedUploads},
};

/// What was sent to a form.
#[derive(Debug)]
pub struct SubmitRequest {
    /// Names and values, in order.
    pub fields: Vec<(String, String)>,
    /// The files, already stored.
    pub uploads: ReceivedUploads,
    /// The header `Idempotency-Key`.
    pub idempotency_key: Option<String>,
    /// The client's address behind trusted proxies.
    pub client_address: Option<IpAddr>,
    /// The header `User-Agent`.
    pub user_agent: Option<String>,
    /// Who sent it while signed in, from the form's own page.
    pub owner: Option<UserId>,
    /// The page that held the form, from `Referer` or else `Origin`.
    pub page: Option<Url>,
    /// The header `Origin`.
    pub origin: Option<String>,
    /// Formhold's own public address.
    pub own: Url,
    /// Whether it was counted against the limits already, as before an upload.
    pub counted: bool,
}

/// A submission that is stored.
#[derive(Debug)]
pub struct Accepted {
    /// Its id; of a repeated one the first one's.
    pub id: SubmissionId,
    /// Where the person goes next, if not to the form's own page of thanks.
    pub next: Option<Url>,
    /// The language to answer in.
    pub language: Language,
}

/// A submission that is not stored, and what is needed to let the person try again.
#[derive(Debug)]
pub struct Refused {
    /// Why.
    pub refusal: Refusal,
    /// Where the person goes, if the submission named an allowed place for errors.
    pub error_url: Option<Url>,
    /// What was answered.
    pub answers: Answers,
    /// Controls of the page that a second try should keep, as hidden fields.
    pub kept_controls: Vec<(String, String)>,
    /// Whether files came along; the person must choose them again.
    pub had_files: bool,
    /// The language to answer in.
    pub language: Language,
}

/// Why a submission is not stored.
#[derive(Debug)]
pub enum Refusal {
    /// The form's owner closed it, or its time is over.
    Closed,
    /// The form's time is still to come.
    NotOpenYet,
    /// The form has as many as it takes.
    Full,
    /// The page's origin is not on the form's list.
    OriginNotAllowed,
    /// The idempotency key has no byte, or too many.
    IdempotencyKeyLength,
    /// The idempotency key stands for other content.
    IdempotencyKeyReused,
    /// The answers do not fit the form.
    Rejected(Rejection),
    /// This client, or the form, had enough for now.
    TooMany(LimitExceeded),
    /// The captcha was not answered, or wrongly.
    Captcha(FailureCode),
    /// Too much speaks for spam.
    Spam,
    /// This file holds malware, or nobody can tell that it does not.
    UnsafeFile(String),
    /// A part cannot serve now; the same request may succeed later.
    Unavailable(String),
    /// A fault of ours.
    Internal(String),
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(Unavailable::QueueFull) => {
                Self::Unavailable("too many submissions are waiting".to_owned())
            }
            StoreError::Unavailable(_) => Self::Unavailable(error.to_string()),
            StoreError::Conflict { .. } | StoreError::Unusable(_) | StoreError::Other(_) => {
                Self::Internal(error.to_string())
            }
        }
    }
}

impl From<ServiceError> for Refusal {
    fn from(error: ServiceError) -> Self {
        match error {
            ServiceError::Unavailable(message) => Self::Unavailable(message),
            other => Self::Internal(other.to_string()),
        }
    }
}

/// Checks a submission and stores it. When this returns, it is committed, or nothing of it is kept.
///
/// # Errors
/// Why it is refused, with what was answered.
pub async fn accept(
    app: &App,
    form: &Arc<CompiledForm>,
    request: SubmitRequest,
) -> Result<Accepted, Box<Refused>> {
    let SubmitRequest {
        fields,
        uploads,
        idempotency_key,
        client_address,
        user_agent,
        owner,
        page,
        origin,
        own,
        counted,
    } = request;
    let (controls, answers) = ControlFields::split(form, fields);
    let language =
        controls.language.as_deref().and_then(Language::parse).unwrap_or(form.definition.language);
    let redirects = RedirectContext { page: page.as_ref(), own: &own, hosts: &form.redirect_hosts };
    let had_files = !uploads.uploads().is_empty();
    let idempotency_key = idempotency_key.as_deref().or(controls.idempotency_key.as_deref());
    let gate = Gate {
        form,
        controls: &controls,
        answers: &answers,
        uploads: uploads.uploads(),
        idempotency_key,
        client: client_address,
        origin: origin.as_deref(),
        page: page.as_ref(),
        own: &own,
        counted,
    };
    let outcome = match gate.pass(app).await {
        Err(refusal) => Err((refusal, answers)),
        Ok(Pass::Known(id)) => Ok((id, SubmissionResult::Replayed)),
        Ok(Pass::Store { idempotency, spam }) => {
            app.outcomes.count_signals(spam.as_deref().unwrap_or_default());
            let context = Context {
                client_address,
                user_agent: user_agent.map(|text| cut(&text, 512)),
                page: page.as_ref().map(|page| cut(page.as_str(), 2048)),
                language: Some(language.tag().to_owned()),
                spam_reasons: spam.clone().unwrap_or_default(),
                ..asked_for(form, &controls, &answers)
            };
            let state = if spam.is_some() { SubmissionState::Spam } else { SubmissionState::Inbox };
            let incoming = Incoming { answers, state, context, uploads, owner, idempotency };
            store(app, form, incoming).await
        }
    };
    match outcome {
        Ok((id, result)) => {
            app.outcomes.count(form, result);
            if result != SubmissionResult::Replayed {
                app.news.note(&app.kv, form.identity.id);
            }
            let asked = controls.next.as_deref().and_then(|target| redirects.resolve(target));
            let own_choice = || Url::parse(form.definition.success_url.as_deref()?).ok();
            Ok(Accepted { id, next: asked.or_else(own_choice), language })
        }
        Err((refusal, answers)) => {
            app.outcomes.count_refused(form, &refusal);
            app.refusals.add(form.identity.id, app.clock.now_ms());
            let asked = controls.error_url.as_deref();
            Err(Box::new(Refused {
                refusal,
                error_url: asked.and_then(|target| redirects.resolve(target)),
                answers,
                kept_controls: kept(&controls),
                had_files,
                language,
            }))
        }
    }
}

/// Forgets some of the idempotency keys that stand for nothing any more; gives how many.
///
/// # Errors
/// When the database fails.
pub async fn forget_keys(app: &App) -> Result<u64, ServiceError> {
    const AT_ONCE: u64 = 1_000;
    Ok(app.store.forget_keys(app.clock.now_ms(), AT_ONCE).await?)
}

/// What became of submissions since the start of this process.
#[must_use]
pub fn outcomes(app: &App) -> OutcomesReading {
    app.outcomes.read()
}

/// What is about to be stored.
struct Incoming {
    answers: Answers,
    state: SubmissionState,
    context: Context,
    uploads: ReceivedUploads,
    owner: Option<UserId>,
    idempotency: Option<Idempotency>,
}

/// Stores it, or gives the answers back with the reason.
async fn store(
    app: &App,
    form: &CompiledForm,
    incoming: Incoming,
) -> Result<(SubmissionId, SubmissionResult), (Refusal, Answers)> {
    let Incoming { answers, state, context, mut uploads, owner, idempotency } = incoming;
    if let Err(refusal) = scanning::admit(app, form, &mut uploads).await {
        return Err((refusal, answers));
    }
    // What a robot filled in was not checked against the form.
    let checked = match state {
        SubmissionState::Spam => Checked { answers, undeclared: Answers::default() },
        _ => form.sort(answers),
    };
    let received_at_ms = app.clock.now_ms();
    let submission = Submission {
        // Lists find by the id's time where to begin.
        id: SubmissionId(app.ids.uuid_at(received_at_ms)),
        form_id: form.identity.id,
        form_version: form.identity.version,
        state,
        received_at_ms,
        answers: checked.answers,
        undeclared: checked.undeclared,
        context,
        uploads: if form.takes_files() { uploads.hand_over() } else { Vec::new() },
    };
    let jobs = match state {
        // Nobody is told until somebody says that it is none.
        SubmissionState::Spam => Vec::new(),
        _ => match deliveries::jobs_for(app, form, &submission).await {
            Ok(jobs) => jobs,
            Err(error) => {
                uploads::remove(&app.files, &submission.uploads);
                return Err((error.into(), submission.answers));
            }
        },
    };
    let max_submissions = form.definition.max_submissions;
    let new = NewSubmission { submission, idempotency, owner, max_submissions, jobs };
    let outcome = app.store.write_submission(&new).await;
    let Submission { id, answers, uploads, .. } = new.submission;
    let refusal = match outcome {
        Ok(Outcome::Stored) => {
            let result = match state {
                SubmissionState::Spam => SubmissionResult::Spam,
                _ => SubmissionResult::Accepted,
            };
            return Ok((id, result));
        }
        // Where the outcome is not known the files stay: the row may be there. The sweep decides.
        Err(error) => return Err((error.into(), answers)),
        Ok(Outcome::Replayed(first)) => {
            uploads::remove(&app.files, &uploads);
            return Ok((first, SubmissionResult::Replayed));
        }
        Ok(Outcome::KeyReused) => Refusal::IdempotencyKeyReused,
        Ok(Outcome::FormFull) => Refusal::Full,
    };
    uploads::remove(&app.files, &uploads);
    Err((refusal, answers))
}

/// What the submission asks for by its controls, as far as the owner allows it.
fn asked_for(form: &CompiledForm, controls: &ControlFields, answers: &Answers) -> Context {
    let allowed = |address: &&String| {
        form.definition.allowed_copies.iter().any(|known| known.eq_ignore_ascii_case(address))
    };
    Context {
        subject: controls.subject.as_deref().map(|text| cut(text, 2048)),
        from_name: controls.from_name.as_deref().map(|text| cut(text, 512)),
        reply_to: controls
            .reply_to
            .clone()
            .or_else(|| reply_address(form, answers))
            .map(|text| cut(&text, 512)),
        copies: controls.copies.iter().filter(allowed).cloned().collect(),
        ..Context::default()
    }
}

/// The first field of type e-mail, else a field of that name.
fn reply_address(form: &CompiledForm, answers: &Answers) -> Option<String> {
    let declared = form.fields.iter().find(|field| field.definition.kind == FieldType::Email);
    let name = declared.map_or("email", |field| field.definition.name.as_str());
    answers.first(name).filter(|address| !address.trim().is_empty()).map(str::to_owned)
}

fn cut(text: &str, max_bytes: usize) -> String {
    text[..text.floor_char_boundary(max_bytes)].to_owned()
}

fn kept(controls: &ControlFields) -> Vec<(String, String)> {
    let named = [
        ("_next", &controls.next),
        ("_error_url", &controls.error_url),
        ("_subject", &controls.subject),
        ("from_name", &controls.from_name),
        ("_replyto", &controls.reply_to),
        ("_language", &controls.language),
        ("_stamp", &controls.stamp),
    ];
    let single =
        named.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value.clone()?)));
    single
        .chain(controls.copies.iter().map(|address| ("_cc".to_owned(), address.clone())))
        .collect()
}
