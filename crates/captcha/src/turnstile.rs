//! Turnstile: <https://developers.cloudflare.com/turnstile/>.

use std::sync::Arc;

use async_trait::async_trait;
use formhold_domain::FormId;

use crate::{
    Answer, ContentSecurity, FailureCode, Kind, Parts, Provider, Verdict, Widget,
    siteverify::Siteverify,
};

pub(crate) static KIND: Kind = Kind {
    name: "turnstile",
    description: "Cloudflare Turnstile: mostly invisible, sometimes a checkbox",
    fields: &["cf-turnstile-response", "cf_turnstile_response"],
    is_proof_of_work: false,
    build,
};

/// <https://developers.cloudflare.com/turnstile/reference/content-security-policy/>
const HOSTS: &[&str] = &["https://challenges.cloudflare.com"];

#[derive(Debug)]
struct Turnstile {
    site_key: String,
    verifier: Siteverify,
}

fn build(parts: &Parts<'_>) -> Option<Arc<dyn Provider>> {
    let settings = parts.settings;
    if settings.turnstile_site_key.is_empty() || settings.turnstile_secret.is_empty() {
        return None;
    }
    Some(Arc::new(Turnstile {
        site_key: settings.turnstile_site_key.clone(),
        verifier: Siteverify {
            client: parts.client.clone(),
            vendor: "Turnstile",
            verify_url: settings.turnstile_verify_url.clone(),
            secret: settings.turnstile_secret.clone(),
            allowed_hosts: settings.allowed_hosts.clone(),
            tells_host: true,
        },
    }))
}

#[async_trait]
impl Provider for Turnstile {
    fn kind(&self) -> &'static Kind {
        &KIND
    }

    fn widget(&self, form: FormId) -> Widget {
        Widget {
            script_url: Some("https://challenges.cloudflare.com/turnstile/v0/api.js".to_owned()),
            own_script: None,
            attributes: vec![
                ("class", "cf-turnstile".to_owned()),
                ("data-sitekey", self.site_key.clone()),
                // Signed into the answer, which ties it to this form.
                ("data-cdata", form.to_string()),
            ],
            site_key: Some(self.site_key.clone()),
            content_security: ContentSecurity {
                script: HOSTS,
                frame: HOSTS,
                ..ContentSecurity::default()
            },
        }
    }

    async fn verify(&self, answer: &Answer<'_>) -> Verdict {
        match self.verifier.ask(answer, &[]).await {
            // Widgets on other sites name no form, or something of their own that is no form.
            Ok(reply) => match reply.cdata.as_deref().map(str::parse::<FormId>) {
                Some(Ok(form)) if form != answer.form => Verdict::failed(
                    FailureCode::OtherForm,
                    "the answer to Turnstile was given on another form",
                ),
                _ => Verdict::Passed { score: None, replay_key: None },
            },
            Err(verdict) => verdict,
        }
    }
}
