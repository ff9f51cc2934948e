//! Fields that steer a submission and are never stored as answers.

use crate::{Answers, CompiledForm};

/// Names of each control, in the dialects that sites already speak.
mod names {
    pub(super) const NEXT: &[&str] =
        &["_next", "_redirect", "redirect", "redirectTo", "_success_url"];
    pub(super) const ERROR_URL: &[&str] = &["_error_url"];
    pub(super) const HONEYPOT: &[&str] = &["_gotcha", "botcheck", "_honey", "bot-field"];
    pub(super) const SUBJECT: &[&str] = &["_subject", "subject"];
    pub(super) const REPLY_TO: &[&str] = &["_replyto", "replyto", "replyTo"];
    pub(super) const FROM_NAME: &[&str] = &["from_name"];
    pub(super) const COPIES: &[&str] = &["_cc", "ccemail"];
    pub(super) const LANGUAGE: &[&str] = &["_language"];
    pub(super) const IDEMPOTENCY: &[&str] = &["_id"];
    pub(super) const STAMP: &[&str] = &["_stamp"];
    pub(super) const FORM: &[&str] = &["access_key", "apiKey", "accessKey", "form-name"];
    pub(super) const CHARSET: &[&str] = &["_charset_"];
    pub(super) const CAPTCHA: &[&str] = &[
        "g-recaptcha-response",
        "recaptcha_response",
        "h-captcha-response",
        "cf-turnstile-response",
        "cf_turnstile_response",
        "altcha",
    ];
}

/// An answer to a captcha: the field that it came in, and the token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaptchaAnswer {
    /// The field's name, which tells the kind of captcha.
    pub field: String,
    /// What the widget put there.
    pub token: String,
}

/// The controls of one submission.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ControlFields {
    /// Where to go after success, as asked for.
    pub next: Option<String>,
    /// Where to go after an error, as asked for.
    pub error_url: Option<String>,
    /// The name of a honeypot field that was filled in.
    pub honeypot: Option<String>,
    /// The subject asked for.
    pub subject: Option<String>,
    /// The reply address asked for.
    pub reply_to: Option<String>,
    /// The name that mail to the owner should come from, as asked for.
    pub from_name: Option<String>,
    /// Addresses that should get a copy, as asked for.
    pub copies: Vec<String>,
    /// The language asked for.
    pub language: Option<String>,
    /// The idempotency key in the body.
    pub idempotency_key: Option<String>,
    /// When the form's page was handed out, signed.
    pub stamp: Option<String>,
    /// Captcha answers.
    pub captchas: Vec<CaptchaAnswer>,
}

impl ControlFields {
    /// The value that names the form in dialects whose address does not: `access_key`, `apiKey`,
    /// `accessKey` or `form-name`.
    #[must_use]
    pub fn form_named_in(fields: &[(String, String)]) -> Option<&str> {
        let named = |(name, value): &&(String, String)| {
            names::FORM.contains(&name.as_str()) && !value.is_empty()
        };
        fields.iter().find(named).map(|(_, value)| value.as_str())
    }

    /// The language asked for, before a form is known.
    #[must_use]
    pub fn language_in(fields: &[(String, String)]) -> Option<&str> {
        let named = |(name, _): &&(String, String)| names::LANGUAGE.contains(&name.as_str());
        fields.iter().find(named).map(|(_, value)| value.as_str())
    }

    /// Parts the submitted fields into controls and answers.
    ///
    /// A declared field is always an answer. Of a control that is given twice the first one that
    /// is not blank counts.
    #[must_use]
    pub fn split(form: &CompiledForm, fields: Vec<(String, String)>) -> (Self, Answers) {
        let mut controls = Self::default();
        let mut answers = Vec::with_capacity(fields.len());
        for (name, value) in fields {
            if form.declares(&name) {
                answers.push((name, value));
            } else if let Err(answer) = controls.take(form, name, value) {
                answers.push(answer);
            }
        }
        (controls, answers.into())
    }

    /// Keeps a control's value, or gives the pair back when it is none.
    fn take(
        &mut self,
        form: &CompiledForm,
        name: String,
        value: String,
    ) -> Result<(), (String, String)> {
        let is = |names: &[&str]| names.contains(&name.as_str());
        if is(names::HONEYPOT) || form.definition.honeypot.as_deref() == Some(name.as_str()) {
            if !value.trim().is_empty() {
                self.honeypot.get_or_insert(name);
            }
            return Ok(());
        }
        if is(names::CAPTCHA) {
            self.captchas.push(CaptchaAnswer { field: name, token: value });
            return Ok(());
        }
        if is(names::FORM) || is(names::CHARSET) {
            return Ok(());
        }
        if is(names::COPIES) {
            let addresses =
                value.split([',', ';']).map(str::trim).filter(|address| !address.is_empty());
            self.copies.extend(addresses.map(str::to_owned));
            return Ok(());
        }
        let slot = if is(names::NEXT) {
            &mut self.next
        } else if is(names::ERROR_URL) {
            &mut self.error_url
        } else if is(names::SUBJECT) {
            &mut self.subject
        } else if is(names::REPLY_TO) {
            &mut self.reply_to
        } else if is(names::FROM_NAME) {
            &mut self.from_name
        } else if is(names::LANGUAGE) {
            &mut self.language
        } else if is(names::IDEMPOTENCY) {
            &mut self.idempotency_key
        } else if is(names::STAMP) {
            &mut self.stamp
        } else {
            return Err((name, value));
        };
        if slot.is_none() && !value.trim().is_empty() {
            *slot = Some(value);
        }
        Ok(())
    }
}
