//! hCaptcha: <https://docs.hcaptcha.com/>.

use std::sync::Arc;

use async_trait::async_trait;
use formhold_domain::FormId;

use crate::{
    Answer, ContentSecurity, Kind, Parts, Provider, Verdict, Widget, siteverify::Siteverify,
};

pub(crate) static KIND: Kind = Kind {
    name: "hcaptcha",
    description: "hCaptcha: a checkbox, and pictures for visitors it is not sure of",
    fields: &["h-captcha-response"],
    is_proof_of_work: false,
    build,
};

/// <https://docs.hcaptcha.com/#content-security-policy-settings>
const HOSTS: &[&str] = &["https://hcaptcha.com", "https://*.hcaptcha.com"];

#[derive(Debug)]
struct Hcaptcha {
    site_key: String,
    verifier: Siteverify,
}

fn build(parts: &Parts<'_>) -> Option<Arc<dyn Provider>> {
    let settings = parts.settings;
    if settings.hcaptcha_site_key.is_empty() || settings.hcaptcha_secret.is_empty() {
        return None;
    }
    Some(Arc::new(Hcaptcha {
        site_key: settings.hcaptcha_site_key.clone(),
        verifier: Siteverify {
            client: parts.client.clone(),
            vendor: "hCaptcha",
            verify_url: settings.hcaptcha_verify_url.clone(),
            secret: settings.hcaptcha_secret.clone(),
            allowed_hosts: settings.allowed_hosts.clone(),
            tells_host: false,
        },
    }))
}

#[async_trait]
impl Provider for Hcaptcha {
    fn kind(&self) -> &'static Kind {
        &KIND
    }

    fn widget(&self, _form: FormId) -> Widget {
        Widget {
            script_url: Some("https://js.hcaptcha.com/1/api.js".to_owned()),
            own_script: None,
            attributes: vec![
                ("class", "h-captcha".to_owned()),
                ("data-sitekey", self.site_key.clone()),
            ],
            site_key: Some(self.site_key.clone()),
            content_security: ContentSecurity {
                script: HOSTS,
                frame: HOSTS,
                connect: HOSTS,
                style: HOSTS,
            },
        }
    }

    async fn verify(&self, answer: &Answer<'_>) -> Verdict {
        // With the site key, an answer that was given for another site is refused.
        match self.verifier.ask(answer, &[("sitekey", &self.site_key)]).await {
            // The score that large customers get is a risk: 1 is a robot. It is not ours to judge.
            Ok(_) => Verdict::Passed { score: None, replay_key: None },
            Err(verdict) => verdict,
        }
    }
}
