//! What a form's owner decides about spam.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// The spam rules of a form. An empty table means sensible protection; unknown keys are refused.
///
/// [`SpamFilter::compile`](super::SpamFilter::compile) finds what the types here cannot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SpamRules {
    /// From how many points on a submission goes to the spam folder (10).
    pub spam_from: Threshold,
    /// From how many points on it is refused and not kept (20); no layer gives as many alone.
    pub refuse_from: Threshold,
    /// How many links a submission may have without arousing suspicion (2).
    pub max_links: u32,
    /// Words and phrases that do not belong here. `casino*` is any word that begins so, `*casino`
    /// one that ends so, `*casino*` both. Case, accents and disguises do not matter.
    pub banned_words: Vec<String>,
    /// Mail addresses that do not belong here: `anna@example.org`, `example.org` for all of that
    /// domain, `*.example.org` for all below it, or with `*` for any text, as `promo*@*.example`.
    pub banned_addresses: Vec<String>,
    /// Networks that do not belong here: `192.0.2.0/24`, `2001:db8::/32`, or one address.
    pub banned_networks: Vec<String>,
    /// What to make of mail addresses that are made to be thrown away.
    pub disposable_mail: DisposableMail,
    /// Who fills in the form in less time is in a hurry like a robot (3); 0 turns it off.
    pub min_seconds_to_fill: u32,
    /// A page that was opened longer ago is suspicious (24); 0 turns it off.
    pub max_hours_to_fill: u32,
    /// How many earlier copies of a long text are accepted without suspicion (1).
    pub max_copies: u32,
    /// For how long copies are remembered (60); 0 turns it off.
    pub copies_window_minutes: u32,
    /// Whether the form learns from what its owner marks as spam and as no spam (true).
    pub learns: bool,
}

impl Default for SpamRules {
    fn default() -> Self {
        Self {
            spam_from: Threshold::From(10),
            refuse_from: Threshold::From(20),
            max_links: 2,
            banned_words: Vec::new(),
            banned_addresses: Vec::new(),
            banned_networks: Vec::new(),
            disposable_mail: DisposableMail::Suspicious,
            min_seconds_to_fill: 3,
            max_hours_to_fill: 24,
            max_copies: 1,
            copies_window_minutes: 60,
            learns: true,
        }
    }
}

/// From how many points on something happens: a number, or `"never"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Threshold {
    /// From this many on.
    From(u32),
    /// However many there are.
    Never,
}

impl Threshold {
    /// True when so many points are enough.
    #[must_use]
    pub fn reached_by(self, points: u32) -> bool {
        matches!(self, Self::From(least) if points >= least)
    }
}

impl Serialize for Threshold {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::From(points) => serializer.serialize_u32(*points),
            Self::Never => serializer.serialize_str("never"),
        }
    }
}

impl<'de> Deserialize<'de> for Threshold {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Points(u32),
            Word(String),
        }
        let wrong = || D::Error::custom("write a number of points, or \"never\"");
        match Written::deserialize(deserializer).map_err(|_| wrong())? {
            Written::Points(points) => Ok(Self::From(points)),
            Written::Word(word) if word == "never" => Ok(Self::Never),
            Written::Word(_) => Err(wrong()),
        }
    }
}

/// What to make of mail addresses that are made to be thrown away.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DisposableMail {
    /// Nothing.
    Allow,
    /// Points.
    #[default]
    Suspicious,
    /// The submission is refused.
    Refuse,
}

#[cfg(test)]
mod tests {
    use super::{DisposableMail, SpamRules, Threshold};

    #[test]
    fn an_empty_table_is_the_default() {
        assert_eq!(toml::from_str::<SpamRules>("").expect("valid"), SpamRules::default());
    }

    #[test]
    fn rules_are_written_as_they_are_read() {
        let rules = SpamRules {
            spam_from: Threshold::From(7),
            refuse_from: Threshold::Never,
            banned_words: vec!["casino*".into()],
            disposable_mail: DisposableMail::Refuse,
            ..SpamRules::default()
        };
        let text = toml::to_string(&rules).expect("serialisable");
        assert!(text.contains("refuse_from = \"never\""), "{text}");
        assert_eq!(toml::from_str::<SpamRules>(&text).expect("valid"), rules);
    }

    #[test]
    fn unknown_keys_and_odd_thresholds_are_refused() {
        for (text, told) in [
            ("max_link = 3", "unknown field `max_link`"),
            ("spam_from = \"always\"", "write a number of points, or \"never\""),
            ("spam_from = -1", "write a number of points, or \"never\""),
            ("disposable_mail = \"forbid\"", "unknown variant `forbid`"),
        ] {
            let error = toml::from_str::<SpamRules>(text).expect_err(text).to_string();
            assert!(error.contains(told), "{error}");
        }
    }
}
