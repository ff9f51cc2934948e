//! reCAPTCHA version 2: <https://developers.google.com/recaptcha/docs/display>.

use std::sync::Arc;

use async_trait::async_trait;
use formhold_domain::FormId;

use crate::{Answer, Kind, Parts, Provider, Verdict, Widget, recaptcha, siteverify::Siteverify};

pub(crate) static KIND: Kind = Kind {
    name: "recaptcha_v2",
    description: "reCAPTCHA version 2: a checkbox, and pictures for visitors it is not sure of",
    fields: recaptcha::FIELDS,
    is_proof_of_work: false,
    build,
};

#[derive(Debug)]
struct RecaptchaV2 {
    site_key: String,
    verifier: Siteverify,
}

fn build(parts: &Parts<'_>) -> Option<Arc<dyn Provider>> {
    let settings = parts.settings;
    if settings.recaptcha_v2_site_key.is_empty() || settings.recaptcha_v2_secret.is_empty() {
        return None;
    }
    Some(Arc::new(RecaptchaV2 {
        site_key: settings.recaptcha_v2_site_key.clone(),
        verifier: Siteverify {
            client: parts.client.clone(),
            vendor: "reCAPTCHA",
            verify_url: settings.recaptcha_v2_verify_url.clone(),
            secret: settings.recaptcha_v2_secret.clone(),
            allowed_hosts: settings.allowed_hosts.clone(),
            tells_host: false,
        },
    }))
}

#[async_trait]
impl Provider for RecaptchaV2 {
    fn kind(&self) -> &'static Kind {
        &KIND
    }

    fn widget(&self, _form: FormId) -> Widget {
        let (script_url, content_security) = recaptcha::script(&self.verifier.verify_url);
        Widget {
            script_url: Some(script_url.to_owned()),
            own_script: None,
            attributes: vec![
                ("class", "g-recaptcha".to_owned()),
                ("data-sitekey", self.site_key.clone()),
            ],
            site_key: Some(self.site_key.clone()),
            content_security,
        }
    }

    async fn verify(&self, answer: &Answer<'_>) -> Verdict {
        match self.verifier.ask(answer, &[]).await {
            // Version 3 says yes to robots, too, with a low score.
            Ok(reply) if reply.score.is_some() => {
                Verdict::unverifiable("the keys of `recaptcha_v2` are keys of reCAPTCHA version 3")
            }
            Ok(_) => Verdict::Passed { score: None, replay_key: None },
            Err(verdict) => verdict,
        }
    }
}
