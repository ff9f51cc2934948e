//! Screening: what the form's spam filter makes of a submission.

use std::time::Duration;

use formhold_domain::{
    Answers, CompiledForm, ControlFields,
    spam::{
        self, Captcha, Counts, PageStamps, ProofOfWork, Score, Signals, TimeToFill, TokenKey,
        mail_addresses,
    },
};
use formhold_kv::CacheOptions;
use url::Url;

use crate::{App, ServiceError};

/// How long what a form learnt in all is remembered.
pub(crate) const CACHE: CacheOptions =
    CacheOptions { capacity: 10_000, time_limit: Duration::from_secs(60) };

/// What is screened.
pub(crate) struct Screened<'a> {
    pub(crate) form: &'a CompiledForm,
    pub(crate) controls: &'a ControlFields,
    pub(crate) answers: &'a Answers,
    pub(crate) client: Option<std::net::IpAddr>,
    pub(crate) page: Option<&'a Url>,
    pub(crate) own: &'a Url,
    pub(crate) captcha: Captcha,
    pub(crate) proof_of_work: ProofOfWork,
}

/// Scores a submission.
///
/// # Errors
/// When what the form learnt cannot be read.
pub(crate) async fn screen(app: &App, screened: &Screened<'_>) -> Result<Score, ServiceError> {
    let Screened { form, controls, answers, .. } = screened;
    let id = form.identity.id;
    let key = TokenKey::new(&app.secrets.tokens, id);
    let addresses = mail_addresses(answers);
    let signals = Signals {
        mail_addresses: &addresses,
        client_address: screened.client,
        // Without a list of origins a robot chooses its page freely.
        page: screened.page.filter(|_| form.restricts_origins()),
        honeypot: controls.honeypot.as_deref(),
        time_to_fill: time_to_fill(app, screened),
        proof_of_work: screened.proof_of_work,
        captcha: screened.captcha,
        earlier_copies: earlier_copies(app, form, &key, answers).await,
        spam_probability: probability(app, form, &key, answers).await?,
        ..Signals::of(answers)
    };
    Ok(form.spam.score(&signals))
}

/// The form's own page always sends a stamp; others may.
fn time_to_fill(app: &App, screened: &Screened<'_>) -> TimeToFill {
    let stamp = screened.controls.stamp.as_deref();
    let ours =
        |page: &Url| page.origin() == screened.own.origin() && page.path().starts_with("/f/");
    if stamp.is_none() && !screened.page.is_some_and(ours) {
        return TimeToFill::NotMeasured;
    }
    let stamps = PageStamps::new(&app.secrets.stamps, screened.form.identity.id);
    stamps.time_to_fill(stamp, app.clock.now_ms())
}

async fn earlier_copies(app: &App, form: &CompiledForm, key: &TokenKey, answers: &Answers) -> u32 {
    let window = Duration::from_secs(u64::from(form.spam.rules.copies_window_minutes) * 60);
    if window.is_zero() {
        return 0;
    }
    let Some(fingerprint) = spam::fingerprint(key, answers) else { return 0 };
    let name = format!("{}:{fingerprint:016x}", form.identity.id.0.simple());
    let count = app.kv.count("copies", &name, window).await;
    u32::try_from(count.saturating_sub(1)).unwrap_or(u32::MAX)
}

/// What the form learnt says; nothing is looked up before it learnt enough.
async fn probability(
    app: &App,
    form: &CompiledForm,
    key: &TokenKey,
    answers: &Answers,
) -> Result<Option<f64>, ServiceError> {
    if !form.spam.rules.learns {
        return Ok(None);
    }
    let id = form.identity.id;
    let load = async { app.store.learnt(id, &[]).await.map(|learnt| learnt.totals) };
    let totals: Counts = app
        .lessons
        .get_or_try_load(&id.to_string(), load)
        .await
        .map_err(|error| ServiceError::from((*error).clone()))?;
    if totals.spam < spam::MIN_LEARNT || totals.ham < spam::MIN_LEARNT {
        return Ok(None);
    }
    let tokens = spam::tokens(key, answers);
    let learnt = app.store.learnt(id, &tokens).await?;
    let lookup = |token: u64| learnt.tokens.get(&token).copied().unwrap_or_default();
    Ok(spam::probability(&tokens, lookup, learnt.totals))
}

/// A stamp for a page of the form that is handed out now; it comes back in the field `_stamp`.
#[must_use]
pub fn page_stamp(app: &App, form: &CompiledForm) -> String {
    PageStamps::new(&app.secrets.stamps, form.identity.id).sign(app.clock.now_ms())
}
