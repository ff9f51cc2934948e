//! Which submissions of a form: the same words in addresses and in bodies.

use formhold_domain::{FormId, SubmissionState, Tag, parse_rfc3339, search::SearchQuery};
use formhold_service::InboxFilter;

use super::problem::{Code, Problem};

/// What is looked for, as it was sent; `at` makes the pointer of a name.
pub(super) struct Wanted<'a> {
    pub(super) state: Option<SubmissionState>,
    pub(super) is_read: Option<bool>,
    pub(super) is_starred: Option<bool>,
    pub(super) tag: Option<&'a str>,
    pub(super) q: Option<&'a str>,
    pub(super) created_after: Option<&'a str>,
    pub(super) created_before: Option<&'a str>,
    pub(super) at: fn(&str) -> (Code, String),
}

/// Pointers to parameters of the address.
pub(super) fn in_address(name: &str) -> (Code, String) {
    (Code::UnknownParameter, format!("?{name}"))
}

/// Pointers into the filter of a body.
pub(super) fn in_body(name: &str) -> (Code, String) {
    (Code::Invalid, format!("/filter/{name}"))
}

impl Wanted<'_> {
    /// The same for the service; without a state those of the inbox.
    pub(super) fn filter(&self, form_id: FormId) -> Result<InboxFilter, Problem> {
        let tag = self.tag.map(|text| Tag::parse(text).map_err(|why| self.wrong("tag", why)));
        if self.is_starred == Some(false) {
            return Err(self.wrong("is_starred", "must be true, or be left out".to_owned()));
        }
        Ok(InboxFilter {
            is_read: self.is_read,
            is_starred: self.is_starred == Some(true),
            tag: tag.transpose()?,
            received_from_ms: self.time("created_after", self.created_after)?,
            received_until_ms: self.time("created_before", self.created_before)?,
            text: self.text()?,
            ..InboxFilter::all(form_id, self.state.unwrap_or(SubmissionState::Inbox))
        })
    }

    /// Whether nothing in particular is looked for.
    pub(super) fn is_everything(&self) -> bool {
        self.state.is_none()
            && self.is_read.is_none()
            && self.is_starred.is_none()
            && self.tag.is_none()
            && self.q.is_none()
            && self.created_after.is_none()
            && self.created_before.is_none()
    }

    fn text(&self) -> Result<Option<SearchQuery>, Problem> {
        let parsed = SearchQuery::parse(self.q.unwrap_or_default());
        parsed.map_err(|why| self.wrong("q", why))
    }

    fn time(&self, name: &str, text: Option<&str>) -> Result<Option<i64>, Problem> {
        let parse = |text| {
            let why = "must be a time like 2026-01-31T12:00:00Z (RFC 3339)";
            parse_rfc3339(text).ok_or_else(|| self.wrong(name, why.to_owned()))
        };
        text.map(parse).transpose()
    }

    fn wrong(&self, name: &str, why: String) -> Problem {
        let (code, pointer) = (self.at)(name);
        Problem::plain(code).at(pointer, "WRONG_VALUE", why)
    }
}
