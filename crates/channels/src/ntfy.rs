//! ntfy, which brings notifications to phones: <https://docs.ntfy.sh/publish/#publish-as-json>.

use ::http::HeaderValue;
use async_trait::async_trait;
use formhold_outbound::{Request, Target};
use serde_json::json;

use crate::{
    About, Channel, Delivery, Field, FieldKind, Report, Tools,
    chat::{cut, lines, title},
    http::{judge_chat, post},
};

/// Publishes to a topic of ntfy.
pub(crate) struct Ntfy;

const SERVER: &str = "https://ntfy.sh/";
const MAX_BYTES: usize = 4096;

static ABOUT: About = About {
    name: "ntfy",
    title: "ntfy",
    description: "Publishes each submission to a topic of ntfy, for phones and desktops.",
    fields: &[
        Field::line("topic", "Topic", "Who knows the topic of a public server can read it.", 64)
            .required(),
        Field::new(
            "server_url",
            "Address of the server",
            "Where you run one of your own; else https://ntfy.sh/.",
            FieldKind::Url,
        )
        .address(),
        Field::line("access_token", "Access token", "Where the topic needs one.", 128).secret(),
        Field::new(
            "priority",
            "Priority",
            "How loud it is.",
            FieldKind::Choice(&["default", "min", "low", "high", "max"]),
        ),
    ],
};

#[async_trait]
impl Channel for Ntfy {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    async fn send(&self, tools: &Tools, delivery: Delivery<'_>) -> Report {
        let Delivery { config, message, .. } = delivery;
        let server = if config.has("server_url") { config.text("server_url") } else { SERVER };
        let Ok(target) = Target::parse(server) else { return Report::bad_field("server_url") };
        let priority = match config.text("priority") {
            "min" => 1,
            "low" => 2,
            "high" => 4,
            "max" => 5,
            _ => 3,
        };
        // A text over the limit would become a file that phones do not show.
        let mut text = lines(message, MAX_BYTES);
        while text.len() > MAX_BYTES {
            text = cut(&text, text.chars().count() * 3 / 4);
        }
        let mut body = json!({
            "topic": config.text("topic"),
            "title": title(message, 200),
            "message": text,
            "priority": priority,
        });
        if let Some(link) = &message.link {
            body["click"] = link.as_str().into();
        }
        let mut request = Request::post(target, "application/json", body.to_string());
        if config.has("access_token") {
            let header = format!("Bearer {}", config.text("access_token"));
            let Ok(mut header) = HeaderValue::try_from(header) else {
                return Report::bad_field("access_token");
            };
            header.set_sensitive(true);
            request = request.with_header("authorization", header);
        }
        post(tools, request, judge_chat).await
    }
}
