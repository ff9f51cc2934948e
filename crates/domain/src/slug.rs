//! The readable name of a form in addresses.

use std::fmt;

use serde::{Deserialize, Serialize};
use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};

/// 1 to 64 lower-case letters, digits and single inner hyphens, for example `contact-us`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Slug(String);

impl Slug {
    const MAX_LENGTH: usize = 64;

    /// Parses a slug.
    ///
    /// # Errors
    /// Says what a slug looks like.
    pub fn parse(text: &str) -> Result<Self, String> {
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let well_formed = (1..=Self::MAX_LENGTH).contains(&text.len())
            && text.bytes().all(allowed)
            && !text.starts_with('-')
            && !text.ends_with('-')
            && !text.contains("--");
        if well_formed {
            Ok(Self(text.to_owned()))
        } else {
            Err(format!(
                "`{text}` is no slug: use 1 to 64 lower-case letters, digits and single hyphens, \
                 for example `contact-us`"
            ))
        }
    }

    /// A slug for a thing of this name: its letters without accents, the rest as hyphens. It is at most
    /// 48 long, so that a number fits behind it.
    #[must_use]
    pub fn suggest(name: &str) -> Self {
        const MOST: usize = 48;
        let plain = name.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase);
        let mut slug = String::new();
        for c in plain {
            match c {
                c if c.is_ascii_alphanumeric() => slug.push(c),
                'ß' => slug.push_str("ss"),
                'æ' => slug.push_str("ae"),
                'ø' => slug.push('o'),
                'ł' => slug.push('l'),
                _ if !slug.is_empty() && !slug.ends_with('-') => slug.push('-'),
                _ => {}
            }
        }
        slug.truncate(MOST);
        Self::parse(slug.trim_matches('-')).unwrap_or_else(|_| Self("form".to_owned()))
    }

    /// The slug as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Slug {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<Slug> for String {
    fn from(slug: Slug) -> Self {
        slug.0
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::Slug;

    #[test]
    fn a_name_makes_a_slug() {
        for (name, slug) in [
            ("Contact us!", "contact-us"),
            ("  Größe & Änderung  ", "grosse-anderung"),
            ("Ça va – très bien", "ca-va-tres-bien"),
            ("お問い合わせ", "form"),
            ("", "form"),
            ("-- 7 --", "7"),
        ] {
            assert_eq!(Slug::suggest(name).as_str(), slug);
        }
        assert!(Slug::suggest(&"ab ".repeat(99)).as_str().len() <= 48);
    }
}
