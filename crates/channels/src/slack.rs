//! Slack's incoming webhooks, which Mattermost and Rocket.Chat have, too:
//! <https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks>.

use async_trait::async_trait;
use formhold_outbound::Request;
use serde_json::{Value, json};

use crate::{
    About, Channel, Delivery, Field, FieldKind, Message, Report, Tools,
    chat::{lines, plain, title},
    http::{judge_chat, post},
    texts::texts,
};

/// Posts to a channel of Slack.
pub(crate) struct Slack;

static ABOUT: About = About {
    name: "slack",
    title: "Slack",
    description: "Posts each submission to a channel of Slack, Mattermost or Rocket.Chat.",
    fields: &[Field::new(
        "webhook_url",
        "Address of the incoming webhook",
        "As Slack shows it, https://hooks.slack.com/services/….",
        FieldKind::Url,
    )
    .required()
    .secret()
    .address()],
};

/// Everything from users stands in `plain_text`, where nothing is a mention, a link or a style. The
/// text beside the blocks is what notifications show; there `&`, `<` and `>` are written out, as
/// <https://docs.slack.dev/messaging/formatting-message-text#escaping> says.
fn body(message: &Message) -> Value {
    let plain_text = |text: String| json!({ "type": "plain_text", "text": text, "emoji": false });
    let mut blocks = vec![json!({ "type": "header", "text": plain_text(title(message, 150)) })];
    let lines = lines(message, 2900);
    if !lines.is_empty() {
        blocks.push(json!({ "type": "section", "text": plain_text(lines) }));
    }
    if let Some(link) = &message.link {
        let text = format!("<{}|{}>", escape(link), texts(message.language).open);
        blocks.push(json!({ "type": "section", "text": { "type": "mrkdwn", "text": text } }));
    }
    json!({ "text": escape(&plain(message, 2000)), "blocks": blocks })
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[async_trait]
impl Channel for Slack {
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
