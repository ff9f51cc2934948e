//! What a submission must pass before it is stored, cheapest first.

use std::net::IpAddr;

use formhold_captcha::FailureCode;
use formhold_domain::{
    Answers, AskCaptcha, Availability, CompiledForm, ControlFields, IdempotencyKey, SubmissionId,
    Upload,
    spam::{Captcha, PlainAnswers, ProofOfWork, Reason, Score, Verdict},
};
use formhold_store::{Idempotency, Remembered};
use sha2::{Digest as _, Sha256};
use url::Url;

use super::Refusal;
use crate::{
    App, captchas,
    captchas::Examined,
    limits, offences,
    spam::{self, CopyKey, Screened},
};

/// A submission at the gate.
pub(super) struct Gate<'a> {
    pub(super) form: &'a CompiledForm,
    pub(super) controls: &'a ControlFields,
    pub(super) answers: &'a Answers,
    pub(super) uploads: &'a [Upload],
    pub(super) idempotency_key: Option<&'a str>,
    pub(super) client: Option<IpAddr>,
    pub(super) origin: Option<&'a str>,
    pub(super) page: Option<&'a Url>,
    pub(super) own: &'a Url,
    pub(super) counted: bool,
}

/// What the spam layers look at.
struct Text<'a> {
    plain: PlainAnswers<'a>,
    copy: Option<CopyKey>,
    /// How many copies came before, where they are counted already.
    earlier_copies: Option<u32>,
}

impl<'a> Text<'a> {
    fn of(app: &App, gate: &Gate<'a>) -> Self {
        let plain = PlainAnswers::of(gate.answers);
        let copy = CopyKey::of(app, gate.form, &plain);
        Self { plain, copy, earlier_copies: None }
    }
}

/// How it passed.
pub(super) enum Pass {
    /// It was stored before, as this one.
    Known(SubmissionId),
    /// It is to be stored; as spam where there are reasons for that.
    Store { idempotency: Option<Idempotency>, spam: Option<Vec<Reason>> },
}

impl Gate<'_> {
    pub(super) async fn pass(&self, app: &App) -> Result<Pass, Refusal> {
        self.check_origin()?;
        let now_ms = app.clock.now_ms();
        // What needs no waiting comes first, so that the question about the limits can count a copy
        // on the way; a submission that is refused is none.
        let mut text = self.check(now_ms).map(|()| Text::of(app, self));
        if !self.counted {
            let copy = text.as_ref().ok().and_then(|text| text.copy.as_ref());
            let counted = copy.filter(|_| self.is_screened_at_once()).map(CopyKey::counted);
            let count = limits::count_with(app, self.form, self.client, counted)
                .await
                .map_err(Refusal::TooMany)?;
            if let (Ok(text), Some(count)) = (&mut text, count) {
                text.earlier_copies = Some(spam::earlier(count));
            }
        }
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
        let judged = self.judge(app, &text?, idempotency.as_ref()).await;
        if is_offence(&judged) {
            offences::note(app, self.client).await;
        }
        Ok(Pass::Store { idempotency, spam: judged? })
    }

    /// Whether the form takes it, as far as the form alone can tell.
    fn check(&self, now_ms: i64) -> Result<(), Refusal> {
        match self.form.availability(now_ms) {
            Availability::Open => {}
            Availability::Closed => return Err(Refusal::Closed),
            Availability::NotOpenYet => return Err(Refusal::NotOpenYet),
        }
        // What a robot filled in is kept for review as it is; everything else must fit the form.
        if self.controls.honeypot.is_none() {
            self.form.check(self.answers, self.uploads).map_err(Refusal::Rejected)?;
        }
        Ok(())
    }

    /// A robot that fell for the honeypot is not told so by a captcha.
    fn captcha_is_asked(&self) -> AskCaptcha {
        match self.controls.honeypot {
            Some(_) => AskCaptcha::Never,
            None => self.form.definition.protection.captcha.when,
        }
    }

    /// Whether nothing can answer it between the limits and the spam layers.
    fn is_screened_at_once(&self) -> bool {
        self.idempotency_key.is_none() && self.captcha_is_asked() != AskCaptcha::Always
    }

    /// Why it is spam, if it is.
    async fn judge(
        &self,
        app: &App,
        text: &Text<'_>,
        idempotency: Option<&Idempotency>,
    ) -> Result<Option<Vec<Reason>>, Refusal> {
        let attempt = idempotency.map(|it| attempt(self.form, it));
        let attempt = attempt.as_deref();
        let when = self.captcha_is_asked();
        let screen =
            |captcha, proof_of_work| self.screen(app, text, attempt, (captcha, proof_of_work));
        if when != AskCaptcha::Always {
            let score = screen(Captcha::NotAsked, ProofOfWork::NotAsked).await?;
            if when == AskCaptcha::Never || score.verdict != Verdict::Spam {
                return decide(score);
            }
            return match self.examine(app, attempt).await? {
                // It proved to be a person, which is what the points made doubtful; what the owner
                // banned by name stays banned.
                Examined::Proceed(Captcha::Passed, _)
                | Examined::Proceed(_, ProofOfWork::Passed) => {
                    Ok(self.form.spam.bans(&score).then_some(score.reasons))
                }
                Examined::Proceed(..) => decide(score),
                Examined::Review(reason) => Ok(Some(with(score, reason))),
            };
        }
        match self.examine(app, attempt).await? {
            Examined::Proceed(captcha, proof) => decide(screen(captcha, proof).await?),
            Examined::Review(reason) => {
                let score = screen(Captcha::NotAsked, ProofOfWork::NotAsked).await?;
                if score.verdict == Verdict::Refuse {
                    return decide(score);
                }
                Ok(Some(with(score, reason)))
            }
        }
    }

    async fn examine(&self, app: &App, attempt: Option<&str>) -> Result<Examined, Refusal> {
        let asked = captchas::Asked {
            form: self.form,
            given: &self.controls.captchas,
            client: self.client,
            attempt,
        };
        captchas::examine(app, &asked).await
    }

    async fn screen(
        &self,
        app: &App,
        text: &Text<'_>,
        attempt: Option<&str>,
        (captcha, proof_of_work): (Captcha, ProofOfWork),
    ) -> Result<Score, Refusal> {
        let earlier_copies = match (text.earlier_copies, &text.copy) {
            (Some(copies), _) => copies,
            (None, Some(copy)) => copy.count(app, attempt).await,
            (None, None) => 0,
        };
        let screened = Screened {
            form: self.form,
            controls: self.controls,
            plain: &text.plain,
            client: self.client,
            page: self.page,
            own: self.own,
            captcha,
            proof_of_work,
            earlier_copies,
        };
        Ok(spam::screen(app, &screened).await?)
    }

    /// The form's own page may always post to it. Where a browser sends no `Origin`, the page's
    /// address tells it.
    fn check_origin(&self) -> Result<(), Refusal> {
        if !self.form.restricts_origins() {
            return Ok(());
        }
        let of_page = || self.page.map(|page| page.origin().ascii_serialization());
        let origin = self.origin.map(str::to_owned).or_else(of_page);
        let allowed = |origin: String| {
            origin == self.own.origin().ascii_serialization() || self.form.allows_origin(&origin)
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

/// Names one attempt of a client: the same key and the same content.
fn attempt(form: &CompiledForm, idempotency: &Idempotency) -> String {
    let mut hash = Sha256::new();
    hash.update(form.identity.id.0.as_bytes());
    hash.update(idempotency.key_hash);
    hash.update(idempotency.content_hash);
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whether a judgement speaks against the network that it came from. What was our own fault, or a
/// captcha service's, does not.
fn is_offence(judged: &Result<Option<Vec<Reason>>, Refusal>) -> bool {
    match judged {
        Ok(reasons) => reasons.iter().flatten().any(|reason| reason.points > 0),
        Err(Refusal::Spam) => true,
        Err(Refusal::Captcha(code)) => {
            !matches!(code, FailureCode::Missing | FailureCode::Duplicate | FailureCode::Expired)
        }
        Err(_) => false,
    }
}

fn decide(score: Score) -> Result<Option<Vec<Reason>>, Refusal> {
    match score.verdict {
        Verdict::Inbox => Ok(None),
        Verdict::Spam => Ok(Some(score.reasons)),
        Verdict::Refuse => Err(Refusal::Spam),
    }
}

/// The reasons of a score, and the captcha's.
fn with(score: Score, reason: String) -> Vec<Reason> {
    let captcha = Reason { layer: "captcha".into(), points: 0, message: reason };
    score.reasons.into_iter().chain([captcha]).collect()
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
