//! Discord's webhooks: <https://discord.com/developers/docs/resources/webhook#execute-webhook>.

use async_trait::async_trait;
use formhold_domain::rfc3339;
use formhold_outbound::Request;
use serde_json::{Value, json};

use crate::{
    About, Channel, Delivery, Field, FieldKind, Message, Report, Tools,
    chat::{cut, lines, title},
    http::{judge_chat, post},
};

/// Posts to a channel of Discord.
pub(crate) struct Discord;

static ABOUT: About = About {
    name: "discord",
    title: "Discord",
    description: "Posts each submission to a channel of Discord.",
    fields: &[Field::new(
        "webhook_url",
        "Address of the webhook",
        "As Discord shows it, https://discord.com/api/webhooks/….",
        FieldKind::Url,
    )
    .required()
    .secret()
    .address()],
};

/// One embed: a title of 256 characters, a description of 4,096. Nobody is mentioned, whatever the
/// text says.
fn body(message: &Message) -> Value {
    let mut embed = json!({
        "title": cut(&escape(&title(message, 200)), 256),
        "description": cut(&escape(&lines(message, 3500)), 4096),
        "timestamp": rfc3339(message.submission.received_at_ms),
    });
    if let Some(link) = &message.link {
        embed["url"] = link.as_str().into();
    }
    json!({ "embeds": [embed], "allowed_mentions": { "parse": [] } })
}

/// Markdown that users typed is shown and not obeyed.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if "\\*_~`|<>[]#".contains(c) {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

#[async_trait]
impl Channel for Discord {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    async fn send(&self, tools: &Tools, delivery: Delivery<'_>) -> Report {
        let Some(target) = delivery.config.target("webhook_url") else {
            return Report::bad_field("webhook_url");
        };
        let body = body(delivery.message).to_string();
        post(tools, Request::post(target, "application/json", body), judge_chat).await
    }
}
