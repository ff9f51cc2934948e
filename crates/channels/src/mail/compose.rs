//! A mail as it goes over the wire. Whatever users typed is encoded; nothing of it can begin a
//! header, a part or a line of the protocol.

use std::time::{Duration, UNIX_EPOCH};

use formhold_domain::EmailAddress;
use lettre::{
    Message,
    message::{
        Attachment as AttachedFile, Body, MessageBuilder, MultiPart, SinglePart,
        header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue},
    },
};
use url::Url;

use super::{
    Mail, Sender,
    address::{display_name, for_envelope, for_header, mailbox, one_line},
};
use crate::{Attachment, Problem};

/// How long a subject may be, in characters.
const MAX_SUBJECT: usize = 250;

/// What is in the headers of a mail, by whatever way it goes.
pub(super) struct Head {
    pub(super) message_id: String,
    pub(super) from_name: Option<String>,
    pub(super) reply_to: Option<String>,
    pub(super) subject: String,
    pub(super) unsubscribe: Option<String>,
    pub(super) auto_submitted: &'static str,
}

impl Head {
    pub(super) fn of(mail: &Mail, sender: &Sender) -> Self {
        let name = mail.from_name.as_deref().and_then(display_name);
        let reply_to = mail.reply_to.as_deref().and_then(|text| EmailAddress::parse(text).ok());
        let reply_to = reply_to.as_ref().and_then(for_header);
        // An address that was parsed has neither spaces nor angle brackets.
        let unsubscribe = mail.unsubscribe_link.as_deref().and_then(|text| Url::parse(text).ok());
        Self {
            message_id: format!("<{}@{}>", mail.id.simple(), sender.host()),
            from_name: name.or_else(|| sender.name.clone()),
            reply_to: reply_to.map(|address| address.to_string()),
            subject: one_line(&mail.subject, MAX_SUBJECT).unwrap_or_default(),
            unsubscribe: unsubscribe.map(String::from),
            auto_submitted: if mail.is_reply { "auto-replied" } else { "auto-generated" },
        }
    }
}

/// Writes a mail.
///
/// # Errors
/// When the recipient's address is none that mail can go to.
pub(super) fn compose(mail: &Mail, sender: &Sender) -> Result<Message, Problem> {
    let head = Head::of(mail, sender);
    let to = for_envelope(&mail.to).ok_or(Problem::BadRecipient)?;
    let from = for_header(&sender.address).ok_or(Problem::BadField("from"))?;
    let written_at = Duration::from_millis(u64::try_from(mail.written_at_ms).unwrap_or_default());
    let mut builder = Message::builder()
        .from(mailbox(head.from_name, from))
        .to(mailbox(None, to))
        .subject(head.subject)
        .date(UNIX_EPOCH + written_at)
        .message_id(Some(head.message_id));
    if let Some(address) = head.reply_to.and_then(|text| text.parse().ok()) {
        builder = builder.reply_to(mailbox(None, address));
    }
    builder = ours(builder, "Auto-Submitted", head.auto_submitted);
    if let Some(link) = head.unsubscribe {
        builder = ours(builder, "List-Unsubscribe", &format!("<{link}>"));
        builder = ours(builder, "List-Unsubscribe-Post", "List-Unsubscribe=One-Click");
    }
    body(builder, mail).map_err(|_| Problem::BadRecipient)
}

fn body(builder: MessageBuilder, mail: &Mail) -> Result<Message, lettre::error::Error> {
    let text = part(&mail.text, ContentType::TEXT_PLAIN);
    let html = mail.html.as_ref().map(|html| part(html, ContentType::TEXT_HTML));
    if mail.attachments.is_empty() {
        return match html {
            Some(html) => {
                builder.multipart(MultiPart::alternative().singlepart(text).singlepart(html))
            }
            None => builder.singlepart(text),
        };
    }
    let mixed = match html {
        Some(html) => {
            MultiPart::mixed().multipart(MultiPart::alternative().singlepart(text).singlepart(html))
        }
        None => MultiPart::mixed().singlepart(text),
    };
    builder.multipart(mail.attachments.iter().map(attached).fold(mixed, MultiPart::singlepart))
}

/// Quoted-printable has no line that is long, ends in a lone CR or LF, or is a dot.
fn part(text: &str, kind: ContentType) -> SinglePart {
    let body = Body::new_with_encoding(text.to_owned(), ContentTransferEncoding::QuotedPrintable)
        .unwrap_or_else(Body::new);
    SinglePart::builder().header(kind).body(body)
}

fn attached(attachment: &Attachment) -> SinglePart {
    let kind = ContentType::parse(&attachment.content_type);
    let kind = kind.or_else(|_| ContentType::parse("application/octet-stream"));
    let body =
        Body::new_with_encoding(attachment.content.to_vec(), ContentTransferEncoding::Base64)
            .unwrap_or_else(Body::new);
    let kind = kind.expect("the type for bytes can be read");
    AttachedFile::new(file_name(&attachment.name)).body(body, kind)
}

/// A file's name without folders and line breaks.
pub(super) fn file_name(text: &str) -> String {
    let name = one_line(text, 120).unwrap_or_default().replace(['/', '\\', '"', ':'], "_");
    if name.trim_matches('.').is_empty() { "file".to_owned() } else { name }
}

/// A header whose value is our own, in ASCII, and goes out as it is: an address must not be folded.
fn ours(builder: MessageBuilder, name: &'static str, value: &str) -> MessageBuilder {
    let name = HeaderName::new_from_ascii_str(name);
    builder.raw_header(HeaderValue::dangerous_new_pre_encoded(name, value.into(), value.into()))
}
