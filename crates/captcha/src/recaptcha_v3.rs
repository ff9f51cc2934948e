//! reCAPTCHA version 3: <https://developers.google.com/recaptcha/docs/v3>.

use std::sync::Arc;

use async_trait::async_trait;
use formhold_domain::FormId;

use crate::{
    Answer, FailureCode, Kind, Parts, Provider, Verdict, Widget, recaptcha,
    siteverify::{Reply, Siteverify},
};

pub(crate) static KIND: Kind = Kind {
    name: "recaptcha_v3",
    description: "reCAPTCHA version 3: invisible, gives a score to each visitor",
    fields: recaptcha::FIELDS,
    is_proof_of_work: false,
    build,
};

#[derive(Debug)]
struct RecaptchaV3 {
    site_key: String,
    min_score: f64,
    /// Empty: any.
    action: String,
    verifier: Siteverify,
}

fn build(parts: &Parts<'_>) -> Option<Arc<dyn Provider>> {
    let settings = parts.settings;
    if settings.recaptcha_v3_site_key.is_empty() || settings.recaptcha_v3_secret.is_empty() {
        return None;
    }
    Some(Arc::new(RecaptchaV3 {
        site_key: settings.recaptcha_v3_site_key.clone(),
        min_score: settings.recaptcha_v3_min_score,
        action: settings.recaptcha_v3_action.clone(),
        verifier: Siteverify {
            client: parts.client.clone(),
            vendor: "reCAPTCHA",
            verify_url: settings.recaptcha_v3_verify_url.clone(),
            secret: settings.recaptcha_v3_secret.clone(),
            allowed_hosts: settings.allowed_hosts.clone(),
            tells_host: false,
        },
    }))
}

impl RecaptchaV3 {
    fn judge(&self, reply: &Reply) -> Verdict {
        let Some(score) = reply.score else {
            return Verdict::unverifiable(
                "the keys of `recaptcha_v3` are not of reCAPTCHA version 3: there is no score",
            );
        };
        let action = reply.action.as_deref().unwrap_or_default();
        if !self.action.is_empty() && action != self.action {
            let shown: String = action.chars().take(100).collect();
            let reason = format!("the answer is for the action `{shown}`, not `{}`", self.action);
            return Verdict::failed(FailureCode::WrongAction, reason);
        }
        if score < self.min_score {
            let reason = format!("reCAPTCHA gives {score}, and {} is needed", self.min_score);
            return Verdict::failed(FailureCode::LowScore, reason);
        }
        Verdict::Passed { score: Some(score as f32), replay_key: None }
    }
}

#[async_trait]
impl Provider for RecaptchaV3 {
    fn kind(&self) -> &'static Kind {
        &KIND
    }

    fn widget(&self, _form: FormId) -> Widget {
        let (script_url, content_security) = recaptcha::script(&self.verifier.verify_url);
        Widget {
            script_url: Some(format!("{script_url}?render={}", self.site_key)),
            own_script: Some("/static/recaptcha_v3.js"),
            attributes: vec![
                ("data-sitekey", self.site_key.clone()),
                ("data-action", self.action.clone()),
            ],
            site_key: Some(self.site_key.clone()),
            content_security,
        }
    }

    async fn verify(&self, answer: &Answer<'_>) -> Verdict {
        match self.verifier.ask(answer, &[]).await {
            Ok(reply) => self.judge(&reply),
            Err(verdict) => verdict,
        }
    }
}
