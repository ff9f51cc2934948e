//! Mail addresses: where they stand in answers, and the domains that they belong to.

use std::borrow::Cow;

use url::Host;

use crate::Answers;

/// How many mail addresses of one submission are looked at.
pub const MAX_ADDRESSES: usize = 10;

/// The longest address that mail can be sent to (RFC 5321, section 4.5.3.1).
const MAX_BYTES: usize = 254;

/// The values that are a mail address and nothing else, at most [`MAX_ADDRESSES`].
#[must_use]
pub fn mail_addresses(answers: &Answers) -> Vec<&str> {
    let address = |(_, value): (_, &'_ str)| Address::parse(value).is_some();
    answers
        .iter()
        .filter(|pair| address(*pair))
        .map(|(_, value)| value.trim())
        .take(MAX_ADDRESSES)
        .collect()
}

/// A mail address in its plainest spelling.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Address {
    /// What stands before the `@`, in lower case.
    pub(super) local: String,
    /// The domain in ASCII and lower case.
    pub(super) domain: String,
}

impl Address {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let text = text.strip_prefix('<').and_then(|rest| rest.strip_suffix('>')).unwrap_or(text);
        if text.len() > MAX_BYTES {
            return None;
        }
        let (local, domain) = text.rsplit_once('@')?;
        if text.contains(|c: char| c.is_whitespace() || c.is_control()) {
            return None;
        }
        let domain = ascii_domain(domain)?;
        (!local.is_empty() && domain.contains('.'))
            .then(|| Self { local: local.to_lowercase(), domain: domain.into_owned() })
    }

    /// The part before the `@` without a tag: `anna` of `anna+forms`.
    pub(super) fn local_without_tag(&self) -> &str {
        match self.local.split_once('+') {
            Some((local, _)) if !local.is_empty() => local,
            _ => &self.local,
        }
    }
}

/// A domain in ASCII and lower case, without a dot at the end.
pub(super) fn ascii_domain(text: &str) -> Option<Cow<'_, str>> {
    let text = text.strip_suffix('.').unwrap_or(text);
    let plain = |byte: u8| {
        byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'.' | b'_')
    };
    // Most are plain already; the full rules cost more than all layers together.
    if !text.is_empty() && text.bytes().all(plain) {
        return Some(text.into());
    }
    match Host::parse(text).ok()? {
        Host::Domain(domain) => Some(domain.into()),
        Host::Ipv4(_) | Host::Ipv6(_) => None,
    }
}

/// The domain itself and each one above it that has a dot.
pub(super) fn with_parents(domain: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(domain), |domain| Some(domain.split_once('.')?.1))
        .filter(|domain| domain.contains('.'))
}

#[cfg(test)]
mod tests {
    use super::{Address, mail_addresses, with_parents};
    use crate::Answers;

    #[test]
    fn an_address_is_the_same_however_it_is_spelt() {
        for text in [
            "anna@bücher.example",
            "ANNA@BÜCHER.EXAMPLE",
            " <anna@xn--bcher-kva.example> ",
            "anna@bücher．example",
            "anna@bücher.example.",
        ] {
            let address = Address::parse(text).expect(text);
            let (local, domain) = (address.local.as_str(), address.domain.as_str());
            assert_eq!((local, domain), ("anna", "xn--bcher-kva.example"), "{text}");
        }
    }

    #[test]
    fn only_whole_values_are_addresses() {
        let answers = [
            ("email", "a@b.example"),
            ("message", "write to a@b.example"),
            ("other", " c@d.example "),
            ("bad", "@b.example"),
            ("local", "a@localhost"),
            ("number", "a@[127.0.0.1]"),
        ];
        let answers: Answers =
            answers.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
        assert_eq!(mail_addresses(&answers), ["a@b.example", "c@d.example"]);
    }

    #[test]
    fn parents_end_before_the_top_level() {
        assert_eq!(
            with_parents("a.b.example.org").collect::<Vec<_>>(),
            ["a.b.example.org", "b.example.org", "example.org"]
        );
    }
}
