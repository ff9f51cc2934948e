//! Accepting a submission.

use std::{net::IpAddr, sync::Arc};

use formhold_domain::{
    Answers, Availability, Checked, CompiledForm, Context, ControlFields, FieldType,
    IdempotencyKey, Language, RedirectContext, Rejection, Submission, SubmissionId,
    SubmissionState, Upload,
};
use formhold_store::{Idempotency, NewSubmission, Outcome, Remembered, StoreError, Unavailable};
use sha2::{Digest as _, Sha256};
use url::Url;

use crate::{
    App, ServiceError,
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
    /// The page that held the form, from `Referer` or else `Origin`.
    pub page: Option<Url>,
    /// The header `Origin`.
    pub origin: Option<String>,
    /// Formhold's own public address.
    pub own: Url,
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
        page,
        origin,
        own,
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
    };
    let outcome = match gate.pass(app, origin.as_deref(), page.as_ref(), &own).await {
        Err(refusal) => Err((refusal, answers)),
        Ok(Pass::Known(id)) => Ok(id),
        Ok(Pass::Store { idempotency, spam_reasons }) => {
            let context = Context {
                client_address,
                user_agent: user_agent.map(|text| cut(&text, 512)),
                page: page.as_ref().map(|page| cut(page.as_str(), 2048)),
                language: Some(language.tag().to_owned()),
                spam_reasons,
                ..asked_for(form, &controls, &answers)
            };
            store(app, form, Incoming { answers, context, uploads, idempotency }).await
        }
    };
    match outcome {
        Ok(id) => {
            let asked = controls.next.as_deref().and_then(|target| redirects.resolve(target));
            let own_choice = || Url::parse(form.definition.success_url.as_deref()?).ok();
            Ok(Accepted { id, next: asked.or_else(own_choice), language })
        }
        Err((refusal, answers)) => Err(Box::new(Refused {
            refusal,
            error_url: controls.error_url.as_deref().and_then(|target| redirects.resolve(target)),
            answers,
            kept_controls: kept(&controls),
            had_files,
            language,
        })),
    }
}

/// What a submission must pass before it is stored.
struct Gate<'a> {
    form: &'a CompiledForm,
    controls: &'a ControlFields,
    answers: &'a Answers,
    uploads: &'a [Upload],
    idempotency_key: Option<&'a str>,
}

/// How it passed.
enum Pass {
    /// It was stored before, as this one.
    Known(SubmissionId),
    /// It is to be stored; as spam where there are reasons.
    Store { idempotency: Option<Idempotency>, spam_reasons: Vec<String> },
}

impl Gate<'_> {
    async fn pass(
        &self,
        app: &App,
        origin: Option<&str>,
        page: Option<&Url>,
        own: &Url,
    ) -> Result<Pass, Refusal> {
        self.check_origin(origin, page, own)?;
        let now_ms = app.clock.now_ms();
        let idempotency = self.idempotency()?;
        // Before everything that may have changed since the first try: a client that never saw the
        // reply gets it now.
        if let Some(idempotency) = &idempotency {
            match app.store.find_idempotency(self.form.identity.id, idempotency, now_ms).await? {
                Some(Remembered::Same(id)) => return Ok(Pass::Known(id)),
                Some(Remembered::Other) => return Err(Refusal::IdempotencyKeyReused),
                None => {}
            }
        }
        match self.form.availability(now_ms) {
            Availability::Open => {}
            Availability::Closed => return Err(Refusal::Closed),
            Availability::NotOpenYet => return Err(Refusal::NotOpenYet),
        }
        // What a robot filled in is kept for review as it is; everything else must fit the form.
        let mut spam_reasons = Vec::new();
        match &self.controls.honeypot {
            Some(field) => spam_reasons.push(format!("the hidden field `{field}` was filled in")),
            None => self.form.check(self.answers, self.uploads).map_err(Refusal::Rejected)?,
        }
        Ok(Pass::Store { idempotency, spam_reasons })
    }

    /// The form's own page may always post to it. Where a browser sends no `Origin`, the page's
    /// address tells it.
    fn check_origin(
        &self,
        origin: Option<&str>,
        page: Option<&Url>,
        own: &Url,
    ) -> Result<(), Refusal> {
        if !self.form.restricts_origins() {
            return Ok(());
        }
        let of_page = || page.map(|page| page.origin().ascii_serialization());
        let origin = origin.map(str::to_owned).or_else(of_page);
        let allowed = |origin: String| {
            origin == own.origin().ascii_serialization() || self.form.allows_origin(&origin)
        };
        if origin.is_some_and(allowed) { Ok(()) } else { Err(Refusal::OriginNotAllowed) }
    }

    fn idempotency(&self) -> Result<Option<Idempotency>, Refusal> {
        let Some(key) = self.idempotency_key else { return Ok(None) };
        let key = IdempotencyKey::parse(key).map_err(|_| Refusal::IdempotencyKeyLength)?;
        Ok(Some(Idempotency {
            key_hash: Sha256::digest(key.as_str()).into(),
            content_hash: content_hash(self.answers, self.controls, self.uploads),
        }))
    }
}

/// What is about to be stored.
struct Incoming {
    answers: Answers,
    context: Context,
    uploads: ReceivedUploads,
    idempotency: Option<Idempotency>,
}

/// Stores it, or gives the answers back with the reason.
async fn store(
    app: &App,
    form: &CompiledForm,
    incoming: Incoming,
) -> Result<SubmissionId, (Refusal, Answers)> {
    let Incoming { answers, context, uploads, idempotency } = incoming;
    let spam = !context.spam_reasons.is_empty();
    let checked =
        if spam { Checked { answers, undeclared: Answers::default() } } else { form.sort(answers) };
    let submission = Submission {
        id: SubmissionId(app.ids.uuid()),
        form_id: form.identity.id,
        form_version: form.identity.version,
        state: if spam { SubmissionState::Spam } else { SubmissionState::Inbox },
        received_at_ms: app.clock.now_ms(),
        answers: checked.answers,
        undeclared: checked.undeclared,
        context,
        uploads: if form.takes_files() { uploads.hand_over() } else { Vec::new() },
    };
    let new =
        NewSubmission { submission, idempotency, max_submissions: form.definition.max_submissions };
    let outcome = app.store.write_submission(&new).await;
    let Submission { id, answers, uploads, .. } = new.submission;
    let refusal = match outcome {
        Ok(Outcome::Stored) => return Ok(id),
        // Where the outcome is not known the files stay: the row may be there. The sweep decides.
        Err(error) => return Err((error.into(), answers)),
        Ok(Outcome::Replayed(first)) => {
            uploads::remove(&app.files, &uploads);
            return Ok(first);
        }
        Ok(Outcome::KeyReused) => Refusal::IdempotencyKeyReused,
        Ok(Outcome::FormFull) => Refusal::Full,
    };
    uploads::remove(&app.files, &uploads);
    Err((refusal, answers))
}

/// The same for equal submissions, whatever body they came in. Captcha answers are left out: a
/// second try has a new one.
fn content_hash(answers: &Answers, controls: &ControlFields, uploads: &[Upload]) -> [u8; 32] {
    let mut hash = Sha256::new();
    let mut part = |text: &str| {
        hash.update((text.len() as u64).to_le_bytes());
        hash.update(text);
    };
    for (name, value) in answers.iter() {
        part(name);
        part(value);
    }
    part("controls");
    for control in [
        &controls.next,
        &controls.subject,
        &controls.from_name,
        &controls.reply_to,
        &controls.language,
    ] {
        part(control.as_deref().unwrap_or_default());
    }
    controls.copies.iter().for_each(|address| part(address));
    for upload in uploads {
        part(&upload.field);
        part(&upload.name);
        part(&upload.sha256);
    }
    hash.finalize().into()
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
    ];
    let single =
        named.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value.clone()?)));
    single
        .chain(controls.copies.iter().map(|address| ("_cc".to_owned(), address.clone())))
        .collect()
}
