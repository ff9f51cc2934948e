//! Every sentence that a person who fills in a form may read. A language is one file here and one
//! line in `ALL`; a text that is missing in it does not compile.

mod de;
mod en;

use std::fmt;

use serde::{Deserialize, Serialize};

const ALL: &[&Texts] = &[&en::TEXTS, &de::TEXTS];

/// The texts of one language. `{}` stands for the value named in each comment.
#[derive(Debug)]
pub struct Texts {
    /// The language's BCP 47 tag.
    pub tag: &'static str,
    /// What can be wrong with a field.
    pub problems: ProblemTexts,
    /// What a whole submission may be answered.
    pub replies: ReplyTexts,
    /// The hosted page.
    pub page: PageTexts,
}

/// What can be wrong with a field.
#[derive(Debug)]
pub struct ProblemTexts {
    pub required: &'static str,
    pub consent: &'static str,
    pub too_many_values: &'static str,
    pub not_text: &'static str,
    pub not_email: &'static str,
    pub not_tel: &'static str,
    pub not_url: &'static str,
    pub not_number: &'static str,
    pub not_integer: &'static str,
    pub not_date: &'static str,
    pub not_time: &'static str,
    pub not_date_time: &'static str,
    pub not_an_option: &'static str,
    pub too_short: &'static str,
    pub too_long: &'static str,
    pub too_small: &'static str,
    pub too_large: &'static str,
    pub off_step: &'static str,
    pub pattern_mismatch: &'static str,
    pub too_few_choices: &'static str,
    pub too_many_choices: &'static str,
    pub not_equal: &'static str,
    pub undeclared: &'static str,
    pub file_expected: &'static str,
    pub file_not_expected: &'static str,
    pub file_type: &'static str,
    pub file_too_big: &'static str,
    pub file_empty: &'static str,
    pub too_many_files: &'static str,
}

/// What a whole submission may be answered.
#[derive(Debug)]
pub struct ReplyTexts {
    pub success: &'static str,
    pub success_title: &'static str,
    pub invalid: &'static str,
    pub empty: &'static str,
    pub form_not_found: &'static str,
    pub form_deleted: &'static str,
    pub closed: &'static str,
    pub not_open_yet: &'static str,
    pub full: &'static str,
    pub blocked: &'static str,
    /// `{}`: how long to wait, as `12 s` or `3 min`.
    pub too_many: &'static str,
    pub captcha_missing: &'static str,
    pub captcha_wrong: &'static str,
    pub captcha_expired: &'static str,
    pub spam: &'static str,
    pub unsafe_file: &'static str,
    pub key_length: &'static str,
    pub key_reused: &'static str,
    pub busy: &'static str,
    pub internal: &'static str,
    pub no_file_uploads: &'static str,
    pub body_too_large: &'static str,
    pub file_too_big: &'static str,
    pub too_many_files: &'static str,
    pub too_many_parts: &'static str,
    pub too_many_fields: &'static str,
    pub field_name_too_long: &'static str,
    pub part_header_too_large: &'static str,
    pub too_deep: &'static str,
    pub too_slow: &'static str,
    pub unsupported_type: &'static str,
    pub unsupported_encoding: &'static str,
    /// The address does not take this method.
    pub method_not_allowed: &'static str,
    pub malformed: &'static str,
}

/// The hosted page.
#[derive(Debug)]
pub struct PageTexts {
    pub send: &'static str,
    pub sending: &'static str,
    pub required_hint: &'static str,
    pub choose: &'static str,
    pub no_answer: &'static str,
    pub title_with_problems: &'static str,
    pub problems_one: &'static str,
    pub problems_many: &'static str,
    pub files_again: &'static str,
    pub entered: &'static str,
    pub entered_all: &'static str,
    pub shown_if: &'static str,
    pub shown_if_ticked: &'static str,
    pub quoted: &'static str,
    pub or: &'static str,
    pub choose_between: &'static str,
    pub choose_exactly: &'static str,
    pub files_many: &'static str,
    pub file_up_to: &'static str,
    pub file_accepted: &'static str,
    pub file_images: &'static str,
    pub file_audio: &'static str,
    pub file_videos: &'static str,
    pub file_texts: &'static str,
    pub rating_of: &'static str,
    pub honeypot_label: &'static str,
    pub captcha_working: &'static str,
    pub captcha_failed: &'static str,
    pub captcha_no_script: &'static str,
    pub another: &'static str,
    pub no_fields: &'static str,
    pub snippet_label: &'static str,
    pub no_page: &'static str,
    pub not_found_title: &'static str,
    pub closed_title: &'static str,
    pub not_open_yet_title: &'static str,
    pub error_title: &'static str,
    pub go_back: &'static str,
}

/// A language that Formhold speaks.
#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Language(&'static Texts);

impl Language {
    /// All languages.
    pub fn all() -> impl Iterator<Item = Self> {
        ALL.iter().copied().map(Self)
    }

    /// The language of a BCP 47 tag; `de-AT` is `de`. None where Formhold does not speak it.
    #[must_use]
    pub fn parse(tag: &str) -> Option<Self> {
        let primary = tag.split(['-', '_']).next().unwrap_or_default();
        Self::all().find(|language| language.tag().eq_ignore_ascii_case(primary))
    }

    /// The language's BCP 47 tag.
    #[must_use]
    pub fn tag(self) -> &'static str {
        self.0.tag
    }

    /// The language's texts.
    #[must_use]
    pub fn texts(self) -> &'static Texts {
        self.0
    }
}

impl Default for Language {
    fn default() -> Self {
        Self(&en::TEXTS)
    }
}

impl Eq for Language {}

impl PartialEq for Language {
    fn eq(&self, other: &Self) -> bool {
        self.tag() == other.tag()
    }
}

impl fmt::Debug for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.tag())
    }
}

impl TryFrom<String> for Language {
    type Error = String;

    fn try_from(tag: String) -> Result<Self, Self::Error> {
        Self::parse(&tag).ok_or_else(|| {
            let known: Vec<_> = Self::all().map(Self::tag).collect();
            format!("language `{tag}` is not known; known are {}", known.join(", "))
        })
    }
}

impl From<Language> for String {
    fn from(language: Language) -> Self {
        language.tag().to_owned()
    }
}
