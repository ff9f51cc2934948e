//! What a form's owner decides about limits, captchas, spam and files.

use serde::{Deserialize, Serialize};

use crate::{Quota, spam::SpamRules};

/// The protection of a form. An empty table means the server's defaults; unknown keys are refused.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Protection {
    /// How many submissions one client address (IPv6: one /64) may send; instead of the server's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<Limit>,
    /// How many the form takes from all addresses together; instead of the server's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_limit: Option<Limit>,
    /// Whether and how people prove that they are people.
    #[serde(skip_serializing_if = "CaptchaRules::is_default")]
    pub captcha: CaptchaRules,
    /// What counts as spam.
    #[serde(skip_serializing_if = "is_default")]
    pub spam: SpamRules,
    /// What is done to files.
    #[serde(skip_serializing_if = "is_default")]
    pub files: FileRules,
}

impl Protection {
    pub(crate) fn is_default(&self) -> bool {
        is_default(self)
    }
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// A quota such as `5/min`, or `off`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Limit {
    /// No limit.
    Off,
    /// This many.
    At(Quota),
}

impl Limit {
    /// The quota, where there is one.
    #[must_use]
    pub fn quota(&self) -> Option<&Quota> {
        match self {
            Self::Off => None,
            Self::At(quota) => Some(quota),
        }
    }
}

impl TryFrom<String> for Limit {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        match text.as_str() {
            "off" => Ok(Self::Off),
            text => text.parse().map(Self::At).map_err(|_| {
                format!("`{text}` is no limit: write it as 5/min, 20/s, 100/hour, 1000/day, or off")
            }),
        }
    }
}

impl From<Limit> for String {
    fn from(limit: Limit) -> Self {
        match limit {
            Limit::Off => "off".to_owned(),
            Limit::At(quota) => quota.to_string(),
        }
    }
}

/// Whether and how people prove that they are people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CaptchaRules {
    /// When it is asked for.
    pub when: AskCaptcha,
    /// By name: `altcha`, which needs nobody, or a service that the server has keys for.
    pub provider: String,
    /// What happens while the service cannot be asked.
    pub when_down: WhenDown,
    /// What happens to submissions without an answer, as from browsers without JavaScript.
    pub without_answer: WithoutAnswer,
}

impl Default for CaptchaRules {
    fn default() -> Self {
        Self {
            when: AskCaptcha::Never,
            provider: "altcha".to_owned(),
            when_down: WhenDown::SpamFolder,
            without_answer: WithoutAnswer::Refuse,
        }
    }
}

impl CaptchaRules {
    fn is_default(&self) -> bool {
        is_default(self)
    }
}

/// When a captcha is asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AskCaptcha {
    /// Never.
    #[default]
    Never,
    /// Only of a submission that would otherwise go to the spam folder.
    Suspicious,
    /// Always.
    Always,
}

/// What happens while a captcha's service cannot be asked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WhenDown {
    /// The other layers decide alone.
    Accept,
    /// Submissions are kept for review.
    #[default]
    SpamFolder,
    /// Submissions are refused for the time being.
    Refuse,
}

/// What happens to a submission without a captcha's answer where one is asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WithoutAnswer {
    /// It is refused, and the person may try again.
    #[default]
    Refuse,
    /// It is kept for review.
    SpamFolder,
}

/// What is done to files.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FileRules {
    /// Whether they are scanned for malware.
    pub scan: ScanFiles,
    /// Whether pictures lose the place where they were taken.
    pub remove_location: bool,
}

/// Whether files are scanned for malware.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScanFiles {
    /// They are not.
    #[default]
    Never,
    /// They are taken in and locked until they are found clean.
    Quarantine,
    /// They are taken in only once they are found clean; while the scanner is down, none are.
    Require,
}
