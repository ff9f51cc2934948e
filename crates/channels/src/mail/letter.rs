//! A mail, before it is sent.

use formhold_domain::EmailAddress;
use uuid::Uuid;

use crate::Attachment;

/// A mail to one person.
#[derive(Debug, Clone)]
pub struct Mail {
    /// Names the mail: its Message-ID is made of this, so a mail that arrives twice is seen to be
    /// one. The same at each try.
    pub id: Uuid,
    /// When it was written, milliseconds since the Unix epoch; the same at each try.
    pub written_at_ms: i64,
    /// Who it goes to.
    pub to: EmailAddress,
    /// The name that it comes from, instead of that in the settings. It may be anything.
    pub from_name: Option<String>,
    /// Where answers go. An address that is none is left out.
    pub reply_to: Option<String>,
    /// The subject. It may be anything.
    pub subject: String,
    /// The text part.
    pub text: String,
    /// The HTML part.
    pub html: Option<String>,
    /// Where the reader may ask for no more, by GET and by one POST (RFC 8058).
    pub unsubscribe_link: Option<String>,
    /// Whether it answers something that the reader did, so that no machine answers it (RFC 3834).
    pub is_reply: bool,
    /// Files that go along.
    pub attachments: Vec<Attachment>,
}
