//! The content security policy of these pages.

/// The value of `Content-Security-Policy`: own style, scripts and pictures, and no frame around the
/// page. `form_targets` are further origins, as `https://id.example.org`, that a form of the page
/// leads to: browsers hold redirects after a form against the policy, too, so the sign-in page
/// names its providers.
#[must_use]
pub fn content_security_policy(form_targets: &[&str]) -> String {
    let targets: String = form_targets.iter().map(|origin| format!(" {origin}")).collect();
    format!(
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; \
         connect-src 'self'; form-action 'self'{targets}; base-uri 'none'; frame-ancestors 'none'"
    )
}
