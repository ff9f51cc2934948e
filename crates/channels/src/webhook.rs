//! Webhooks in the form of Standard Webhooks.

use ::http::HeaderValue;
use async_trait::async_trait;
use formhold_domain::Ids;
use formhold_outbound::Request;
use url::form_urlencoded;

use crate::{
    About, Channel, Config, Delivery, Field, FieldKind, Message, Outcome, Report, Tools,
    http::post,
    signing::{SigningSecret, signatures},
};

/// Posts each submission to an address, signed.
pub(crate) struct Webhook;

/// How long the secret before a change goes on signing.
const OLD_SECRET_LIVES_MS: i64 = 24 * 60 * 60 * 1000;

static ABOUT: About = About {
    name: "webhook",
    title: "Webhook",
    description: "Posts each submission to an address of yours, signed as Standard Webhooks says.",
    fields: &[
        Field::new("url", "Address", "Where submissions are posted to.", FieldKind::Url)
            .required()
            .address(),
        Field::new(
            "format",
            "Format",
            "JSON, or name and value pairs as a form sends them.",
            FieldKind::Choice(&["json", "form"]),
        ),
        Field::new(
            "secret",
            "Signing secret",
            "Formhold makes one; your own is `whsec_` and 24 to 64 bytes in base64.",
            FieldKind::SigningSecret,
        )
        .secret(),
        Field::new(
            "old_secret",
            "Signing secret before the change",
            "Signs, too, for a day.",
            FieldKind::SigningSecret,
        )
        .secret()
        .own(),
        Field::new(
            "old_secret_until_ms",
            "End of the signing secret before the change",
            "Milliseconds since the Unix epoch.",
            FieldKind::Time,
        )
        .own(),
    ],
};

/// Gives a webhook a new signing secret; the one before goes on signing for a day, so that the
/// receiver can change without missing a message.
pub fn rotate_secret(config: &mut Config, ids: &dyn Ids, now_ms: i64) {
    let old = config.text("secret").to_owned();
    config.set("old_secret", (!old.is_empty()).then(|| old.into()));
    config.set("old_secret_until_ms", Some((now_ms + OLD_SECRET_LIVES_MS).into()));
    config.set("secret", Some(SigningSecret::new(ids).expose().into()));
}

fn live_secrets(config: &Config, now_ms: i64) -> Vec<SigningSecret> {
    let old_lives = config.number("old_secret_until_ms").is_some_and(|until_ms| now_ms < until_ms);
    let names: &[&str] = if old_lives { &["secret", "old_secret"] } else { &["secret"] };
    names.iter().filter_map(|name| SigningSecret::parse(config.text(name))).collect()
}

fn body(config: &Config, message: &Message) -> (&'static str, String) {
    if config.text("format") == "form" {
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(message.to_pairs())
            .finish();
        ("application/x-www-form-urlencoded", body)
    } else {
        ("application/json", message.to_json().to_string())
    }
}

#[async_trait]
impl Channel for Webhook {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn complete(&self, config: &mut Config, ids: &dyn Ids) {
        if !config.has("secret") {
            config.set("secret", Some(SigningSecret::new(ids).expose().into()));
        }
    }

    async fn send(&self, tools: &Tools, delivery: Delivery<'_>) -> Report {
        let Delivery { config, message, .. } = delivery;
        let Some(target) = config.target("url") else { return Report::bad_field("url") };
        let now_ms = tools.clock.now_ms();
        let secrets = live_secrets(config, now_ms);
        if secrets.is_empty() {
            return Report::bad_field("secret");
        }
        let (content_type, body) = body(config, message);
        let (id, timestamp_s) = (message.public_id(), now_ms.div_euclid(1000));
        let signature = signatures(&secrets, &id, timestamp_s, body.as_bytes());
        let header = |text: String| HeaderValue::try_from(text).expect("it is ASCII");
        let request = Request::post(target, content_type, body)
            .with_header("webhook-id", header(id))
            .with_header("webhook-timestamp", header(timestamp_s.to_string()))
            .with_header("webhook-signature", header(signature));
        post(tools, request, |answer, asked| match answer.status.as_u16() {
            200..=299 => Outcome::Delivered,
            // The receiver says that it is gone for good.
            410 => Outcome::Failed { permanent: true },
            429 | 503 => Outcome::Retry { after: asked },
            _ => Outcome::Retry { after: None },
        })
        .await
    }
}
