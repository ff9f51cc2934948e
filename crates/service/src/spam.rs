//! Screening: what the form's spam filter makes of a submission.

use std::time::Duration;

use formhold_domain::{
    CompiledForm, ControlFields,
    spam::{
        self, Captcha, Counts, PlainAnswers, ProofOfWork, Score, Signals, TimeToFill,
        mail_addresses,
    },
};
use formhold_kv::{CacheOptions, Counted};
use formhold_store::Learnt;
use url::Url;

use crate::{App, ServiceError, limits};

/// How long what a form learnt in all is remembered.
pub(crate) const CACHE: CacheOptions =
    CacheOptions { capacity: 10_000, time_limit: Duration::from_secs(60) };

const COPIES: &str = "copies";

/// What is screened.
pub(crate) struct Screened<'a> {
    pub(crate) form: &'a CompiledForm,
    pub(crate) controls: &'a ControlFields,
    pub(crate) plain: &'a PlainAnswers<'a>,
    pub(crate) client: Option<std::net::IpAddr>,
    pub(crate) page: Option<&'a Url>,
    pub(crate) own: &'a Url,
    pub(crate) captcha: Captcha,
    pub(crate) proof_of_work: ProofOfWork,
    pub(crate) earlier_copies: u32,
}

/// Scores a submission.
///
/// # Errors
/// When what the form learnt cannot be read.
pub(crate) async fn screen(app: &App, screened: &Screened<'_>) -> Result<Score, ServiceError> {
    let Screened { form, controls, plain, .. } = screened;
    let addresses = mail_addresses(plain.answers());
    let signals = Signals {
        mail_addresses: &addresses,
        client_address: screened.client,
        // Without a list of origins a robot chooses its page freely.
        page: screened.page.filter(|_| form.restricts_origins()),
        honeypot: controls.honeypot.as_deref(),
        time_to_fill: time_to_fill(app, screened),
        proof_of_work: screened.proof_of_work,
        captcha: screened.captcha,
        earlier_copies: screened.earlier_copies,
        spam_probability: probability(app, form, plain).await?,
        ..Signals::of(plain)
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
    app.secrets.of(screened.form).stamps.time_to_fill(stamp, app.clock.now_ms())
}

/// What submissions of one form that say the same are counted under.
pub(crate) struct CopyKey {
    key: String,
    window: Duration,
}

impl CopyKey {
    /// None where the form counts no copies, or nothing long was written.
    pub(crate) fn of(app: &App, form: &CompiledForm, plain: &PlainAnswers<'_>) -> Option<Self> {
        let minutes = u64::from(form.spam.rules.copies_window_minutes);
        if minutes == 0 {
            return None;
        }
        let fingerprint = spam::fingerprint(&app.secrets.of(form).tokens, plain)?;
        let key = limits::of_form(form, format_args!("{fingerprint:016x}"));
        Some(Self { key, window: Duration::from_secs(minutes * 60) })
    }

    /// For counting one more.
    pub(crate) fn counted(&self) -> Counted<'_> {
        Counted { scope: COPIES, key: &self.key, window: self.window }
    }

    /// Counts one more, and says how many there were before. A client that tries again does not
    /// copy itself: `attempt` tells its attempts from others, where it says so.
    pub(crate) async fn count(&self, app: &App, attempt: Option<&str>) -> u32 {
        let Counted { scope, key, window } = self.counted();
        if let Some(attempt) = attempt
            && !app.kv.first_use("copies_counted", attempt, window).await
        {
            return earlier(app.kv.counted(scope, key).await);
        }
        earlier(app.kv.count(scope, key, window).await)
    }
}

/// Of so many equal submissions, how many came before the one at hand.
pub(crate) fn earlier(count: u64) -> u32 {
    u32::try_from(count.saturating_sub(1)).unwrap_or(u32::MAX)
}

/// What the form learnt says; nothing is looked up before it learnt enough.
async fn probability(
    app: &App,
    form: &CompiledForm,
    plain: &PlainAnswers<'_>,
) -> Result<Option<f64>, ServiceError> {
    if !form.spam.rules.learns {
        return Ok(None);
    }
    let id = form.identity.id;
    let key = &app.secrets.of(form).tokens;
    // What was learnt by another version of the tokenizer, or under another secret, is in the
    // store's totals, too, but says nothing of these tokens.
    let every = key.of_every_submission();
    let totals_of = |learnt: &Learnt| learnt.tokens.get(&every).copied().unwrap_or_default();
    let load = async { app.store.learnt(id, &[every]).await.map(|learnt| totals_of(&learnt)) };
    let totals: Counts = app
        .lessons
        .get_or_try_load(&id.to_string(), load)
        .await
        .map_err(|error| ServiceError::from((*error).clone()))?;
    if totals.spam < spam::MIN_LEARNT || totals.ham < spam::MIN_LEARNT {
        return Ok(None);
    }
    let tokens = spam::tokens(key, plain);
    let learnt = app.store.learnt(id, &tokens).await?;
    let lookup = |token: u64| learnt.tokens.get(&token).copied().unwrap_or_default();
    Ok(spam::probability(&tokens, lookup, totals_of(&learnt)))
}

/// A stamp for a page of the form that is handed out now; it comes back in the field `_stamp`.
#[must_use]
pub fn page_stamp(app: &App, form: &CompiledForm) -> String {
    app.secrets.of(form).stamps.sign(app.clock.now_ms())
}
