//! What a provider is, and what it is asked.

use std::{fmt, net::IpAddr, sync::Arc};

use async_trait::async_trait;
use formhold_domain::{CaptchaAnswer, FormId};

use crate::{Parts, Verdict};

/// A kind of captcha, configured or not.
pub struct Kind {
    /// Its name in definitions, settings and metrics.
    pub name: &'static str,
    /// What it is, in a sentence for people.
    pub description: &'static str,
    /// The form fields that its widget puts the answer into.
    pub fields: &'static [&'static str],
    /// Whether a machine does it for its visitor, who proves nothing but patience.
    pub is_proof_of_work: bool,
    pub(crate) build: fn(&Parts<'_>) -> Option<Arc<dyn Provider>>,
}

impl Kind {
    /// The kind of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        crate::ALL.iter().find(|kind| kind.name == name).copied()
    }

    /// The first answer that came in a field of this kind and is not blank. Answers in fields of
    /// other kinds are passed over: who sends a form does not choose its captcha.
    #[must_use]
    pub fn answer_in<'a>(&self, given: &'a [CaptchaAnswer]) -> Option<&'a str> {
        given
            .iter()
            .filter(|answer| self.fields.contains(&answer.field.as_str()))
            .map(|answer| answer.token.trim())
            .find(|token| !token.is_empty())
    }
}

impl fmt::Debug for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// A captcha that is configured.
#[async_trait]
pub trait Provider: fmt::Debug + Send + Sync {
    /// Which kind it is.
    fn kind(&self) -> &'static Kind;

    /// What a page needs to show it on this form.
    fn widget(&self, form: FormId) -> Widget;

    /// Checks an answer. Vendors take each answer once, so ask once for a submission; see
    /// [`Verdict::Passed`] for who keeps the others from being used twice. Takes no longer than
    /// `timeout_ms` of the settings.
    async fn verify(&self, answer: &Answer<'_>) -> Verdict;
}

/// An answer, and what it is judged by.
#[derive(Clone, Copy)]
pub struct Answer<'a> {
    /// What the widget put into the form; see [`Kind::answer_in`].
    pub token: &'a str,
    /// Where the submission came from; vendors are told.
    pub client: Option<IpAddr>,
    /// The hosts on which this form may stand, beside `allowed_hosts` of the settings:
    /// `example.org` or `*.example.org`, no ports. With none here and none there, any host passes.
    pub hosts: &'a [String],
    /// The form that was sent.
    pub form: FormId,
    /// The least cost that a proof of work from this client must have had; 0 takes any.
    pub least_cost: u32,
}

/// What a page needs to show a captcha.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Widget {
    /// The vendor's script, to be loaded with `async defer`; none where the script is our own.
    pub script_url: Option<String>,
    /// The script of our own that a page needs, by the path that Formhold serves it under.
    pub own_script: Option<&'static str>,
    /// Attributes of the element that the script looks for.
    pub attributes: Vec<(&'static str, String)>,
    /// The public key.
    pub site_key: Option<String>,
    /// What the page's policy must allow.
    pub content_security: ContentSecurity,
}

/// Sources that a page's Content-Security-Policy must allow beside `'self'`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ContentSecurity {
    /// For `script-src`.
    pub script: &'static [&'static str],
    /// For `frame-src`.
    pub frame: &'static [&'static str],
    /// For `connect-src`.
    pub connect: &'static [&'static str],
    /// For `style-src`.
    pub style: &'static [&'static str],
}
