//! Telegram's bots: <https://core.telegram.org/bots/api#sendmessage>.

use std::time::Duration;

use async_trait::async_trait;
use formhold_outbound::{Answer, Request, Target};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use crate::{
    About, Channel, Config, Delivery, Field, FieldKind, Outcome, Report, Tools,
    chat::plain,
    http::{judge_chat, post},
    retry::MAX_RETRY_AFTER,
};

/// Sends to a chat of Telegram by a bot.
pub(crate) struct Telegram;

const API: &str = "https://api.telegram.org/";

static ABOUT: About = About {
    name: "telegram",
    title: "Telegram",
    description: "Sends each submission to a chat, group or channel of Telegram by your bot.",
    fields: &[
        Field::line("bot_token", "Token of the bot", "As BotFather shows it.", 128)
            .required()
            .secret(),
        Field::line("chat_id", "Chat", "The number of a chat, or @name of a public channel.", 64)
            .required(),
        Field::new(
            "api_url",
            "Address of the bot API",
            "Where you run a server of your own; else https://api.telegram.org/.",
            FieldKind::Url,
        )
        .address(),
    ],
};

/// The token is a part of the path, so nothing in it may lead anywhere else.
fn target(config: &Config) -> Option<Target> {
    let api = if config.has("api_url") { config.text("api_url") } else { API };
    let token: Vec<_> = config
        .text("bot_token")
        .split(':')
        .map(|part| utf8_percent_encode(part, NON_ALPHANUMERIC).to_string())
        .map(|part| part.replace("%2D", "-").replace("%5F", "_"))
        .collect();
    Target::parse(&format!("{}/bot{}/sendMessage", api.trim_end_matches('/'), token.join(":"))).ok()
}

/// Telegram says in the body how long to wait:
/// <https://core.telegram.org/bots/api#responseparameters>.
fn judge(answer: &Answer, asked: Option<Duration>) -> Outcome {
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let seconds = body["parameters"]["retry_after"].as_u64().map(Duration::from_secs);
    judge_chat(answer, seconds.map(|asked| asked.min(MAX_RETRY_AFTER)).or(asked))
}

#[async_trait]
impl Channel for Telegram {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    async fn send(&self, tools: &Tools, delivery: Delivery<'_>) -> Report {
        let Delivery { config, message, .. } = delivery;
        let Some(target) = target(config) else { return Report::bad_field("api_url") };
        // Without `parse_mode` a text is a text.
        let body = json!({
            "chat_id": config.text("chat_id"),
            "text": plain(message, 4000),
            "link_preview_options": { "is_disabled": true },
        });
        post(tools, Request::post(target, "application/json", body.to_string()), judge).await
    }
}
