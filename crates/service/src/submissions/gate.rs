//! What a submission must pass before it is stored, cheapest first.

use std::net::IpAddr;

use formhold_captcha::FailureCode;
use formhold_domain::{
    Answers, AskCaptcha, Availability, CompiledForm, ControlFields, IdempotencyKey, SubmissionId,
    Upload,
    spam::{Captcha, ProofOfWork, Reason, Score, Verdict},
};
use formhold_store::{Idempotency, Remembered};
use sha2::{Digest as _, Sha256};
use url::Url;

use super::Refusal;
use crate::{
    App, captchas,
    captchas::Examined,
    limits,
    spam::{self, Screened},
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
        if !self.counted {
            limits::count_submission(app, self.form, self.client)
                .await
                .map_err(Refusal::TooMany)?;
        }
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
        if self.controls.honeypot.is_none() {
            self.form.check(self.answers, self.uploads).map_err(Refusal::Rejected)?;
        }
        let judged = self.judge(app, idempotency.as_ref()).await;
        if is_offence(&judged) {
            captchas::note_offence(app, self.client).await;
        }
        Ok(Pass::Store { idempotency, spam: judged? })
    }

    /// Why it is spam, if it is.
    async fn judge(
        &self,
        app: &App,
        idempotency: Option<&Idempotency>,
    ) -> Result<Option<Vec<Reason>>, Refusal> {
        let attempt = idempotency.map(|it| attempt(self.form, it));
        let attempt = attempt.as_deref();
        // A robot that fell for the honeypot is not told so by a captcha.
        let when = match self.controls.honeypot {
            Some(_) => AskCaptcha::Never,
            None => self.form.definition.protection.captcha.when,
        };
        if when != AskCaptcha::Always {
            let score = self.screen(app, attempt, Captcha::NotAsked, ProofOfWork::NotAsked).await?;
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
            Examined::Proceed(captcha, proof) => {
                decide(self.screen(app, attempt, captcha, proof).await?)
            }
            Examined::Review(reason) => {
                let score =
                    self.screen(app, attempt, Captcha::NotAsked, ProofOfWork::NotAsked).await?;
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
        attempt: Option<&str>,
        captcha: Captcha,
        proof_of_work: ProofOfWork,
    ) -> Result<Score, Refusal> {
        let screened = Screened {
            form: self.form,
            controls: self.controls,
            answers: self.answers,
            client: self.client,
            page: self.page,
            own: self.own,
            captcha,
            proof_of_work,
            attempt: attempt.map(str::to_owned),
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
