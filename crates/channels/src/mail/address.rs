//! Addresses as mail needs them.

use formhold_domain::EmailAddress;
use lettre::{Address, message::Mailbox};
use url::Host;

/// Whom mails come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sender {
    /// The name, where there is one.
    pub name: Option<String>,
    /// The address.
    pub address: EmailAddress,
}

impl Sender {
    /// Parses `forms@example.org` or `Formhold <forms@example.org>`.
    ///
    /// # Errors
    /// Says what it looks like.
    pub fn parse(text: &str) -> Result<Self, String> {
        let shape = "must be like forms@example.org or Formhold <forms@example.org>";
        let text = text.trim();
        let (name, address) = match text.strip_suffix('>').and_then(|text| text.split_once('<')) {
            Some((name, address)) => (name.trim().trim_matches('"'), address),
            None => ("", text),
        };
        let address = EmailAddress::parse(address).map_err(|_| shape.to_owned())?;
        if for_header(&address).is_none() {
            return Err("must be an address in ASCII".to_owned());
        }
        if name.chars().any(char::is_control) {
            return Err(shape.to_owned());
        }
        Ok(Self { name: display_name(name), address })
    }

    /// The host of the address, in ASCII.
    pub(super) fn host(&self) -> String {
        let address = for_header(&self.address);
        address.map(|address| address.domain().to_owned()).unwrap_or_default()
    }
}

/// An address with its host in ASCII (RFC 5890). None where the library says that no mail can go
/// there.
pub(super) fn for_envelope(address: &EmailAddress) -> Option<Address> {
    let (user, host) = address.as_str().rsplit_once('@')?;
    let host = match Host::parse(host).ok()? {
        Host::Domain(host) => host,
        Host::Ipv4(_) | Host::Ipv6(_) => return None,
    };
    Address::new(user, host).ok()
}

/// An address that every mail program can read: all of it in ASCII.
pub(super) fn for_header(address: &EmailAddress) -> Option<Address> {
    for_envelope(address).filter(|address| address.user().is_ascii())
}

/// An address with a name, for a header.
pub(super) fn mailbox(name: Option<String>, address: Address) -> Mailbox {
    Mailbox::new(name, address)
}

/// A name as it may stand before an address: one line of at most 100 characters. None where
/// nothing is left of it.
pub(super) fn display_name(text: &str) -> Option<String> {
    one_line(text, 100)
}

/// At most so many characters in one line, without characters that are not seen but steer: line
/// breaks would begin another header, and marks of direction would show a name backwards. What looks
/// like an encoded word (RFC 2047) would be decoded by whoever reads it, line breaks and all.
pub(super) fn one_line(text: &str, max_chars: usize) -> Option<String> {
    let steers = |c: char| {
        c.is_control()
            || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let line = text.replace(steers, " ");
    let line: String = line.split_whitespace().collect::<Vec<_>>().join(" ").replace("=?", "= ?");
    let line: String = line.chars().take(max_chars).collect();
    (!line.is_empty()).then_some(line)
}
