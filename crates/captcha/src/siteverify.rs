//! The protocol that reCAPTCHA began and its rivals took over: a form post with `secret`,
//! `response` and `remoteip`, answered with JSON.
//!
//! Sources: <https://developers.google.com/recaptcha/docs/verify>,
//! <https://docs.hcaptcha.com/#verify-the-user-response-server-side>,
//! <https://developers.cloudflare.com/turnstile/get-started/server-side-validation/>.

use formhold_outbound::{Client, MAX_ANSWER_BYTES, StatusCode, read_capped};
use serde::Deserialize;

use formhold_domain::Secret;

use crate::{Answer, FailureCode, Verdict, hosts};

/// More than the longest that was seen of any vendor.
const MAX_TOKEN_BYTES: usize = 8192;

/// A vendor's verifier, and our account there.
#[derive(Debug)]
pub(crate) struct Siteverify {
    pub(crate) client: Client,
    /// The vendor's name, for people.
    pub(crate) vendor: &'static str,
    pub(crate) verify_url: String,
    pub(crate) secret: Secret,
    pub(crate) allowed_hosts: Vec<String>,
    /// Whether the vendor always says where its widget stood.
    pub(crate) tells_host: bool,
}

/// The vendor's yes, and what it says beside.
#[derive(Debug, Deserialize)]
pub(crate) struct Reply {
    success: bool,
    hostname: Option<String>,
    /// How human the visitor is, from 0 to 1; reCAPTCHA version 3 only.
    pub(crate) score: Option<f64>,
    /// What the widget was for.
    pub(crate) action: Option<String>,
    /// What the page gave to the widget; Turnstile only.
    pub(crate) cdata: Option<String>,
    #[serde(rename = "error-codes")]
    error_codes: Option<Vec<String>>,
}

impl Siteverify {
    /// Asks the vendor, with further parameters of its own, and checks the host. What is left to
    /// the provider is what only its vendor says.
    ///
    /// # Errors
    /// The verdict, where it is not yes.
    pub(crate) async fn ask(
        &self,
        answer: &Answer<'_>,
        further: &[(&str, &str)],
    ) -> Result<Reply, Verdict> {
        check_shape(answer.token)?;
        let reply = self.post(answer, further).await?;
        if !reply.success {
            return Err(self.explain(&reply.error_codes.unwrap_or_default()));
        }
        self.check_host(answer, reply.hostname.as_deref().unwrap_or_default())?;
        Ok(reply)
    }

    async fn post(&self, answer: &Answer<'_>, further: &[(&str, &str)]) -> Result<Reply, Verdict> {
        let client_address = answer.client.map(|address| address.to_string());
        let mut form = vec![("secret", self.secret.expose()), ("response", answer.token)];
        form.extend(client_address.iter().map(|address| ("remoteip", address.as_str())));
        form.extend(further);
        let cannot = |what: &str| Verdict::unverifiable(format!("{} {what}", self.vendor));
        let response = self.client.post(&self.verify_url).form(&form).send().await.map_err(
            |error| match error.is_timeout() {
                true => cannot("did not answer in time"),
                false => cannot(&format!("cannot be reached: {}", error.without_url())),
            },
        )?;
        let status = response.status();
        if status.is_redirection()
            || status.is_server_error()
            || status == StatusCode::TOO_MANY_REQUESTS
        {
            return Err(cannot(&format!("answered with status {}", status.as_u16())));
        }
        let body = read_capped(response, MAX_ANSWER_BYTES)
            .await
            .map_err(|error| cannot(&format!("gave no whole answer: {error}")))?;
        // Some say no with status 400 and the same JSON.
        serde_json::from_slice(&body).map_err(|_| {
            cannot(&format!("answered something else than a verdict, status {}", status.as_u16()))
        })
    }

    /// What a no means. Only what no visitor can bring about is our own fault or the vendor's.
    fn explain(&self, codes: &[String]) -> Verdict {
        let has = |any: &[&str]| codes.iter().any(|code| any.contains(&code.as_str()));
        let vendor = self.vendor;
        if has(&["missing-input-secret", "invalid-input-secret"]) {
            return Verdict::unverifiable(format!("{vendor} does not know our secret"));
        }
        if has(&["internal-error"]) {
            return Verdict::unverifiable(format!("{vendor} says that it has an error"));
        }
        if has(&[
            "timeout-or-duplicate",
            "invalid-or-already-seen-response",
            "already-seen-response",
            "expired-input-response",
        ]) {
            let reason = format!("the answer to {vendor} came too late or was used before");
            return Verdict::failed(FailureCode::Duplicate, reason);
        }
        let codes: String = codes.join(", ").chars().take(200).collect();
        Verdict::failed(FailureCode::Refused, format!("{vendor} says no ({codes})"))
    }

    fn check_host(&self, answer: &Answer<'_>, host: &str) -> Result<(), Verdict> {
        let rules = || self.allowed_hosts.iter().chain(answer.hosts);
        if (host.is_empty() && !self.tells_host) || hosts::allowed(host, rules()) {
            return Ok(());
        }
        let where_it_was = if host.is_empty() { "an unnamed host" } else { host };
        let reason = format!(
            "the answer to {} was given on {where_it_was}, where this form does not stand",
            self.vendor
        );
        Err(Verdict::failed(FailureCode::WrongHost, reason))
    }
}

/// Keeps from the vendor what cannot be an answer, so that no visitor gets an error out of it.
fn check_shape(token: &str) -> Result<(), Verdict> {
    if token.is_empty() {
        return Err(Verdict::missing());
    }
    if token.len() > MAX_TOKEN_BYTES {
        let reason = format!("the answer is longer than {MAX_TOKEN_BYTES} bytes");
        return Err(Verdict::failed(FailureCode::TooLong, reason));
    }
    if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Verdict::failed(FailureCode::Malformed, "the answer has odd characters"));
    }
    Ok(())
}
