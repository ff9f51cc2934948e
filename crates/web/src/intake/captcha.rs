//! A form's captcha on its page: what is loaded, and what the page's policy must allow for it.

use formhold_domain::{AskCaptcha, CompiledForm, WithoutAnswer};
use formhold_service::{App, captchas};

use crate::public::{CaptchaView, assets};

/// Pages load their own style and script and nothing else. They may be framed: people embed forms.
/// A policy for a page without captcha.
pub(super) const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; form-action *; base-uri 'none'; frame-ancestors *";

/// What a page shows of the form's captcha, and the policy that lets it.
pub(super) struct PageCaptcha {
    pub(super) view: CaptchaView,
    pub(super) policy: String,
}

/// The captcha of a form's page; none where it asks for none. Where only suspicious submissions are
/// asked, a visible one shows once it was `missed`.
pub(super) fn page_captcha(app: &App, form: &CompiledForm, missed: bool) -> Option<PageCaptcha> {
    let (_, widget) = captchas::widget(app, form)?;
    let rules = &form.definition.protection.captcha;
    if rules.when == AskCaptcha::Suspicious && widget.script_url.is_some() && !missed {
        return None;
    }
    let hosts = &widget.content_security;
    let policy = format!(
        "default-src 'none'; style-src 'self'{}; script-src 'self'{}; worker-src 'self'; connect-src 'self'{}; frame-src{}; img-src 'self' data:; form-action *; base-uri 'none'; frame-ancestors *",
        list(hosts.style),
        list(hosts.script),
        list(hosts.connect),
        if hosts.frame.is_empty() { " 'none'".to_owned() } else { list(hosts.frame) },
    );
    let own_script = widget.own_script.and_then(assets::at);
    let needed = rules.when == AskCaptcha::Always && rules.without_answer == WithoutAnswer::Refuse;
    let view = CaptchaView {
        script_url: widget.script_url,
        own_script,
        attributes: widget.attributes,
        needed,
        missed,
    };
    Some(PageCaptcha { view, policy })
}

fn list(hosts: &[&str]) -> String {
    hosts.iter().map(|host| format!(" {host}")).collect()
}
