//! What both versions of reCAPTCHA share.

use url::Url;

use crate::ContentSecurity;

/// The fields that both versions' widgets and known clients use.
pub(crate) const FIELDS: &[&str] = &["g-recaptcha-response", "recaptcha_response"];

/// <https://developers.google.com/recaptcha/docs/faq#im-using-content-security-policy-csp-on-my-website-how-can-i-configure-it-to-work-with-recaptcha>
const GOOGLE: ContentSecurity = ContentSecurity {
    script: &["https://www.google.com/recaptcha/", "https://www.gstatic.com/recaptcha/"],
    frame: &["https://www.google.com/recaptcha/", "https://recaptcha.google.com/recaptcha/"],
    connect: &["https://www.google.com/recaptcha/"],
    style: &[],
};

/// The same where google.com cannot be reached:
/// <https://developers.google.com/recaptcha/docs/faq#can-i-use-recaptcha-globally>.
const RECAPTCHA_NET: ContentSecurity = ContentSecurity {
    script: &[
        "https://www.recaptcha.net/recaptcha/",
        "https://www.gstatic.com/recaptcha/",
        "https://www.gstatic.cn/recaptcha/",
    ],
    frame: &["https://www.recaptcha.net/recaptcha/", "https://recaptcha.net/recaptcha/"],
    connect: &["https://www.recaptcha.net/recaptcha/"],
    style: &[],
};

/// The address of the script without its parameters, and what it needs: visitors load it from
/// recaptcha.net where we ask recaptcha.net.
pub(crate) fn script(verify_url: &str) -> (&'static str, ContentSecurity) {
    let url = Url::parse(verify_url).ok();
    match url.as_ref().and_then(Url::host_str) {
        Some("www.recaptcha.net" | "recaptcha.net") => {
            ("https://www.recaptcha.net/recaptcha/api.js", RECAPTCHA_NET)
        }
        _ => ("https://www.google.com/recaptcha/api.js", GOOGLE),
    }
}
