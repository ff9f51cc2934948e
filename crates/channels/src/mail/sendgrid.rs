//! SendGrid's API, version 3:
//! <https://www.twilio.com/docs/sendgrid/api-reference/mail-send/mail-send>.

use std::time::Duration;

use ::http::{HeaderValue, header::AUTHORIZATION};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use formhold_outbound::{
    Client, Failure, ServiceSettings, is_tls_failure, read_capped, service_client,
};
use serde_json::{Map, Value, json};

use super::{
    Mail, MailError, Sender, Sent, Settings,
    address::{for_envelope, for_header},
    compose::{Head, file_name},
};
use crate::{Outcome, Problem, http::retry_after, report::excerpt, retry::MAX_RETRY_AFTER};

/// Answers are short; problems are named in JSON.
const MAX_ANSWER_BYTES: usize = 16 * 1024;

/// SendGrid.
pub(super) struct SendGrid {
    client: Client,
    url: String,
    authorization: HeaderValue,
}

impl SendGrid {
    pub(super) fn new(settings: &Settings) -> Result<Self, MailError> {
        let total_timeout = Duration::from_secs(settings.timeout_seconds);
        let connect_timeout = Duration::from_secs(10).min(total_timeout);
        let key = format!("Bearer {}", settings.sendgrid_api_key.expose());
        let mut authorization = HeaderValue::try_from(key).map_err(|_| {
            MailError::Setting("sendgrid_api_key", "must be one word of ASCII".to_owned())
        })?;
        authorization.set_sensitive(true);
        Ok(Self {
            client: service_client(ServiceSettings { connect_timeout, total_timeout })?,
            url: format!("{}/v3/mail/send", settings.sendgrid_url.trim_end_matches('/')),
            authorization,
        })
    }

    pub(super) async fn send(&self, mail: &Mail, sender: &Sender, now_ms: i64) -> Sent {
        let body = match body(mail, sender) {
            Ok(body) => body.to_string(),
            Err(problem) => return failed(Outcome::Failed { permanent: false }, problem, true),
        };
        let request = self
            .client
            .post(&self.url)
            .header(AUTHORIZATION, self.authorization.clone())
            .header(::http::header::CONTENT_TYPE, "application/json")
            .body(body);
        let response = match request.send().await {
            Ok(response) => response,
            Err(error) => {
                let failure = if error.is_timeout() {
                    Failure::Timeout
                } else if is_tls_failure(&error) {
                    Failure::Tls
                } else {
                    Failure::NoConnection
                };
                return failed(Outcome::Retry { after: None }, failure.into(), false);
            }
        };
        let status = response.status().as_u16();
        let asked = retry_after(response.headers(), now_ms).or_else(|| {
            // https://www.twilio.com/docs/sendgrid/api-reference/how-to-use-the-sendgrid-v3-api/rate-limits
            let at_s: i64 =
                response.headers().get("x-ratelimit-reset")?.to_str().ok()?.parse().ok()?;
            let left_s = u64::try_from(at_s.saturating_sub(now_ms / 1000)).ok()?;
            Some(Duration::from_secs(left_s).min(MAX_RETRY_AFTER))
        });
        let answer = read_capped(response, MAX_ANSWER_BYTES).await.unwrap_or_default();
        let answer = excerpt(&answer);
        let outcome = match status {
            200..=299 => Outcome::Delivered,
            // What is wrong with the mail itself: too large, or not as the service wants it.
            400 | 413 | 422 => Outcome::Failed { permanent: false },
            // The key may not, the account is full: the operator can change that.
            _ => Outcome::Retry { after: asked },
        };
        let is_final = outcome == Outcome::Delivered;
        let problem = (!is_final).then(|| Failure::Status(status).into());
        Sent { outcome, status: Some(status), answer, problem, is_final }
    }
}

fn failed(outcome: Outcome, problem: Problem, is_final: bool) -> Sent {
    Sent { outcome, status: None, answer: String::new(), problem: Some(problem), is_final }
}

/// The mail as the service takes it. It is not to rewrite links nor to add a picture that tells who
/// reads.
fn body(mail: &Mail, sender: &Sender) -> Result<Value, Problem> {
    let head = Head::of(mail, sender);
    let to = for_envelope(&mail.to).ok_or(Problem::BadRecipient)?.to_string();
    let from = for_header(&sender.address).ok_or(Problem::BadField("from"))?.to_string();
    let mut from = json!({ "email": from });
    if let Some(name) = head.from_name {
        from["name"] = name.into();
    }
    let mut headers = Map::new();
    headers.insert("Message-ID".to_owned(), head.message_id.into());
    headers.insert("Auto-Submitted".to_owned(), head.auto_submitted.into());
    if let Some(link) = head.unsubscribe {
        headers.insert("List-Unsubscribe".to_owned(), format!("<{link}>").into());
        headers.insert("List-Unsubscribe-Post".to_owned(), "List-Unsubscribe=One-Click".into());
    }
    // An empty value is refused.
    let at_least =
        |text: &str| if text.trim().is_empty() { "-".to_owned() } else { text.to_owned() };
    let mut content = vec![json!({ "type": "text/plain", "value": at_least(&mail.text) })];
    if let Some(html) = &mail.html {
        content.push(json!({ "type": "text/html", "value": at_least(html) }));
    }
    let mut body = json!({
        "personalizations": [{ "to": [{ "email": to }] }],
        "from": from,
        "subject": at_least(&head.subject),
        "content": content,
        "headers": headers,
        "tracking_settings": {
            "click_tracking": { "enable": false, "enable_text": false },
            "open_tracking": { "enable": false },
            "subscription_tracking": { "enable": false },
        },
    });
    if let Some(address) = head.reply_to {
        body["reply_to"] = json!({ "email": address });
    }
    if !mail.attachments.is_empty() {
        let attachments = mail.attachments.iter().map(|attachment| {
            let kind = lettre::message::header::ContentType::parse(&attachment.content_type);
            let kind = match kind {
                Ok(_) => attachment.content_type.as_str(),
                Err(_) => "application/octet-stream",
            };
            json!({
                "content": STANDARD.encode(&attachment.content),
                "type": kind,
                "filename": file_name(&attachment.name),
                "disposition": "attachment",
            })
        });
        body["attachments"] = attachments.collect();
    }
    Ok(body)
}
