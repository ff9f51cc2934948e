//! Captchas: handing out challenges, checking answers, once each.

use std::{net::IpAddr, time::Duration};

use formhold_captcha::{Answer, ReplayKey, Verdict, altcha::ChallengeRequest};
pub use formhold_captcha::{ContentSecurity, FailureCode, Kind, Widget, altcha::Version};
use formhold_domain::{
    AskCaptcha, CaptchaAnswer, CompiledForm, WhenDown, WithoutAnswer,
    spam::{Captcha, ProofOfWork},
};
use sha2::{Digest as _, Sha256};
use url::Url;

use crate::{
    App,
    limits::{self, LimitExceeded},
    offences,
    submissions::Refusal,
};

/// Which attempt used an answer; as long as a client may try again.
const USED_BY: &str = "captcha_used_by";
const USED_BY_WINDOW: Duration = Duration::from_secs(60 * 60);
const CLOCKS_DIFFER: Duration = Duration::from_secs(60);
/// After so many offences the cost doubles, and again after as many more.
const OFFENCES_A_STEP: u64 = 3;

/// What a form's page needs to show its captcha; none where it asks for none, or the server has no
/// keys for it.
#[must_use]
pub fn widget(app: &App, form: &CompiledForm) -> Option<(&'static Kind, Widget)> {
    let rules = &form.definition.protection.captcha;
    if rules.when == AskCaptcha::Never {
        return None;
    }
    let provider = app.captchas.provider(&rules.provider)?;
    Some((provider.kind(), provider.widget(form.identity.id)))
}

/// A challenge of the built-in proof of work, as JSON that must not be cached.
///
/// # Errors
/// When this client asks for too many.
pub async fn challenge(
    app: &App,
    form: &CompiledForm,
    client: IpAddr,
    version: Version,
) -> Result<String, LimitExceeded> {
    limits::count_challenge(app, client).await?;
    let cost = cost(app, offences::count(app, client).await);
    let request = ChallengeRequest { form: form.identity.id, cost, version };
    let captchas = app.captchas.clone();
    // Making one costs as much as one of the client's tries.
    let made = tokio::task::spawn_blocking(move || captchas.altcha().challenge(&request)).await;
    Ok(made.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic())))
}

fn cost(app: &App, offences: u64) -> u32 {
    let doublings = u32::try_from(offences / OFFENCES_A_STEP).unwrap_or(u32::MAX);
    let altcha = app.captchas.altcha();
    altcha.cost().saturating_mul(2_u32.saturating_pow(doublings)).min(altcha.max_cost())
}

/// What the captcha says of a submission that need not be refused.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Examined {
    /// Nothing stands in the way; the spam filter hears of it.
    Proceed(Captcha, ProofOfWork),
    /// It is to be kept for review, for this reason.
    Review(String),
}

/// A submission of a form with a captcha.
pub(crate) struct Asked<'a> {
    pub(crate) form: &'a CompiledForm,
    /// The answers that came with it.
    pub(crate) given: &'a [CaptchaAnswer],
    pub(crate) client: Option<IpAddr>,
    /// Names the client's attempt: who tries the same again may use the same answer again.
    pub(crate) attempt: Option<&'a str>,
}

/// Checks the answer that came with a submission, where there must be one. An answer is used up
/// by this, but for the same attempt.
///
/// # Errors
/// Why the submission is to be refused.
pub(crate) async fn examine(app: &App, asked: &Asked<'_>) -> Result<Examined, Refusal> {
    let Asked { form, given, client, attempt } = *asked;
    let rules = &form.definition.protection.captcha;
    let Some(provider) = app.captchas.provider(&rules.provider) else {
        let reason = format!("the server has no keys for `{}`", rules.provider);
        return down(rules.when_down, &reason);
    };
    // Only the fields of this form's own kind are looked at.
    let Some(token) = provider.kind().answer_in(given) else {
        return match rules.without_answer {
            WithoutAnswer::Refuse => Err(Refusal::Captcha(FailureCode::Missing)),
            WithoutAnswer::SpamFolder => {
                Ok(Examined::Review("the captcha was not answered".to_owned()))
            }
        };
    };
    let least_cost = match client {
        // One step less than now: the challenge may be older than the last offences.
        Some(client) => {
            cost(app, offences::count(app, client).await.saturating_sub(OFFENCES_A_STEP))
        }
        None => 0,
    };
    let hosts = hosts(app, form);
    let answer = Answer { token, client, hosts: &hosts, form: form.identity.id, least_cost };
    let passed = || {
        if provider.kind().is_proof_of_work {
            Examined::Proceed(Captcha::NotAsked, ProofOfWork::Passed)
        } else {
            Examined::Proceed(Captcha::Passed, ProofOfWork::NotAsked)
        }
    };
    let use_name = attempt.map(|attempt| format!("{attempt}:{}", short_hash(token)));
    match provider.verify(&answer).await {
        Verdict::Passed { replay_key, .. } => {
            let first = match &replay_key {
                Some(key) => is_first_use(app, key).await,
                None => true,
            };
            if first {
                if let Some(name) = &use_name {
                    app.kv.count(USED_BY, name, USED_BY_WINDOW).await;
                }
                Ok(passed())
            } else if used_by_same(app, use_name.as_deref()).await {
                Ok(passed())
            } else {
                Err(Refusal::Captcha(FailureCode::Duplicate))
            }
        }
        Verdict::Failed { code: FailureCode::Duplicate, .. }
            if used_by_same(app, use_name.as_deref()).await =>
        {
            Ok(passed())
        }
        // Nobody can better a score by trying again: the owner decides.
        Verdict::Failed { code: FailureCode::LowScore, reason } => Ok(Examined::Review(reason)),
        Verdict::Failed { code, reason } => {
            tracing::debug!(code = code.as_str(), reason, "a captcha's answer was refused");
            Err(Refusal::Captcha(code))
        }
        Verdict::Unverifiable { reason } => down(rules.when_down, &reason),
    }
}

async fn is_first_use(app: &App, key: &ReplayKey) -> bool {
    let left_ms = (key.forget_at_ms - app.clock.now_ms()).max(0).cast_unsigned();
    // Another node's clock may be behind.
    let lifetime = Duration::from_millis(left_ms) + CLOCKS_DIFFER;
    app.kv.first_use("captcha", &key.text, lifetime).await
}

/// Whether the same attempt used this answer before. Of two at once, the first may not have noted it
/// yet.
async fn used_by_same(app: &App, use_name: Option<&str>) -> bool {
    let Some(name) = use_name else { return false };
    for _ in 0..5 {
        if app.kv.counted(USED_BY, name).await > 0 {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    false
}

fn short_hash(token: &str) -> String {
    Sha256::digest(token).iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

fn down(when_down: WhenDown, reason: &str) -> Result<Examined, Refusal> {
    let reason = format!("the captcha could not be verified: {reason}");
    tracing::warn!(reason, "a submission came with a captcha that nobody can judge");
    match when_down {
        WhenDown::Accept => Ok(Examined::Proceed(Captcha::Unverifiable, ProofOfWork::NotAsked)),
        WhenDown::SpamFolder => Ok(Examined::Review(reason)),
        WhenDown::Refuse => Err(Refusal::Unavailable(reason)),
    }
}

/// The hosts of the pages that may post to the form, its own page's among them as far as the
/// settings name it: a request's word on that would be the client's. None where any may.
fn hosts(app: &App, form: &CompiledForm) -> Vec<String> {
    if !form.restricts_origins() {
        return Vec::new();
    }
    let origins = form.definition.allowed_origins.iter().filter_map(|text| Url::parse(text).ok());
    let host = |url: Url| url.host_str().map(str::to_owned);
    origins.filter_map(host).chain(app.public_host.clone()).collect()
}
