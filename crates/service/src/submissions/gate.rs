//! What a submission must pass before it is stored, cheapest first.

use std::net::IpAddr;

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
        if let Err(exceeded) = limits::count_submission(app, self.form, self.client).await {
            captchas::note_offence(app, self.client).await;
            return Err(Refusal::TooMany(exceeded));
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
        let judged = self.judge(app).await;
        if !matches!(judged, Ok(None)) {
            captchas::note_offence(app, self.client).await;
        }
        Ok(Pass::Store { idempotency, spam: judged? })
    }

    /// Why it is spam, if it is.
    async fn judge(&self, app: &App) -> Result<Option<Vec<Reason>>, Refusal> {
        // A robot that fell for the honeypot is not told so by a captcha.
        let when = match self.controls.honeypot {
            Some(_) => AskCaptcha::Never,
            None => self.form.definition.protection.captcha.when,
        };
        if when != AskCaptcha::Always {
            let score = self.screen(app, Captcha::NotAsked, ProofOfWork::NotAsked).await?;
            if when == AskCaptcha::Never || score.verdict != Verdict::Spam {
                return decide(score);
            }
            return match self.examine(app).await? {
                // It proved to be a person, which is what the points made doubtful.
                Examined::Proceed(Captcha::Passed, _)
                | Examined::Proceed(_, ProofOfWork::Passed) => Ok(None),
                Examined::Proceed(..) => decide(score),
                Examined::Review(reason) => Ok(Some(with(score, reason))),
            };
        }
        match self.examine(app).await? {
            Examined::Proceed(captcha, proof) => decide(self.screen(app, captcha, proof).await?),
            Examined::Review(reason) => {
                let score = self.screen(app, Captcha::NotAsked, ProofOfWork::NotAsked).await?;
                if score.verdict == Verdict::Refuse {
                    return decide(score);
                }
                Ok(Some(with(score, reason)))
            }
        }
    }

    async fn examine(&self, app: &App) -> Result<Examined, Refusal> {
        captchas::examine(app, self.form, &self.controls.captchas, self.client, self.own).await
    }

    async fn screen(
        &self,
        app: &App,
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
