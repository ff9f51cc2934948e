//! Settings of captchas.

use formhold_domain::{HostRule, Secret};
use serde::{Deserialize, Serialize};
use url::{Host, Url};

/// The section `[captcha]`. A vendor is configured when it has both a site key and a secret.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// How long asking a vendor may take.
    pub timeout_ms: u64,
    /// Hosts on which forms with a captcha may stand, beside those that a form names.
    pub allowed_hosts: Vec<String>,
    /// How hard the built-in proof of work is: the most tries that a challenge takes.
    pub altcha_cost: u32,
    /// The most that the cost may rise to for networks that attack.
    pub altcha_max_cost: u32,
    /// How long a challenge may be answered.
    pub altcha_lifetime_seconds: u32,
    /// hCaptcha's public key.
    pub hcaptcha_site_key: String,
    /// hCaptcha's secret.
    pub hcaptcha_secret: Secret,
    /// Where hCaptcha is asked.
    pub hcaptcha_verify_url: String,
    /// The public key of reCAPTCHA version 2.
    pub recaptcha_v2_site_key: String,
    /// The secret of reCAPTCHA version 2.
    pub recaptcha_v2_secret: Secret,
    /// Where reCAPTCHA version 2 is asked.
    pub recaptcha_v2_verify_url: String,
    /// The public key of reCAPTCHA version 3.
    pub recaptcha_v3_site_key: String,
    /// The secret of reCAPTCHA version 3.
    pub recaptcha_v3_secret: Secret,
    /// Where reCAPTCHA version 3 is asked.
    pub recaptcha_v3_verify_url: String,
    /// The least score that passes, from 0 (a robot) to 1 (a person).
    pub recaptcha_v3_min_score: f64,
    /// The action that pages name, and that the answer must be for; empty takes any.
    pub recaptcha_v3_action: String,
    /// Turnstile's public key.
    pub turnstile_site_key: String,
    /// Turnstile's secret.
    pub turnstile_secret: Secret,
    /// Where Turnstile is asked.
    pub turnstile_verify_url: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            timeout_ms: 5000,
            allowed_hosts: Vec::new(),
            altcha_cost: 2000,
            altcha_max_cost: 20_000,
            altcha_lifetime_seconds: 1200,
            hcaptcha_site_key: String::new(),
            hcaptcha_secret: Secret::default(),
            hcaptcha_verify_url: "https://api.hcaptcha.com/siteverify".to_owned(),
            recaptcha_v2_site_key: String::new(),
            recaptcha_v2_secret: Secret::default(),
            recaptcha_v2_verify_url: "https://www.google.com/recaptcha/api/siteverify".to_owned(),
            recaptcha_v3_site_key: String::new(),
            recaptcha_v3_secret: Secret::default(),
            recaptcha_v3_verify_url: "https://www.google.com/recaptcha/api/siteverify".to_owned(),
            recaptcha_v3_min_score: 0.5,
            recaptcha_v3_action: "submit".to_owned(),
            turnstile_site_key: String::new(),
            turnstile_secret: Secret::default(),
            turnstile_verify_url: "https://challenges.cloudflare.com/turnstile/v0/siteverify"
                .to_owned(),
        }
    }
}

impl Settings {
    /// What is wrong with the settings, in words; empty when nothing is.
    #[must_use]
    pub fn problems(&self) -> Vec<(&'static str, String)> {
        let mut problems = Vec::new();
        let mut add = |key, message: &str| problems.push((key, message.to_owned()));
        if !(100..=30_000).contains(&self.timeout_ms) {
            add("timeout_ms", "must be between 100 and 30000");
        }
        if !self.allowed_hosts.iter().all(|host| is_host(host)) {
            add("allowed_hosts", "must be hosts like example.org or *.example.org, without ports");
        }
        if !(1..=1_000_000).contains(&self.altcha_max_cost) {
            add("altcha_max_cost", "must be between 1 and 1000000");
        }
        if !(1..=self.altcha_max_cost).contains(&self.altcha_cost) {
            add("altcha_cost", "must be between 1 and altcha_max_cost");
        }
        if !(30..=86_400).contains(&self.altcha_lifetime_seconds) {
            add("altcha_lifetime_seconds", "must be between 30 and 86400");
        }
        if !(0.0..=1.0).contains(&self.recaptcha_v3_min_score) {
            add("recaptcha_v3_min_score", "must be between 0 and 1");
        }
        // https://developers.google.com/recaptcha/docs/v3#actions
        let in_action = |c: char| c.is_ascii_alphanumeric() || c == '/' || c == '_';
        if !self.recaptcha_v3_action.chars().all(in_action) {
            add("recaptcha_v3_action", "may have letters, digits, slashes and underscores only");
        }
        for vendor in self.vendors() {
            vendor.check(&mut add);
        }
        problems
    }

    fn vendors(&self) -> [Vendor<'_>; 4] {
        [
            Vendor {
                keys: ("hcaptcha_site_key", "hcaptcha_secret", "hcaptcha_verify_url"),
                site_key: &self.hcaptcha_site_key,
                secret: &self.hcaptcha_secret,
                verify_url: &self.hcaptcha_verify_url,
            },
            Vendor {
                keys: ("recaptcha_v2_site_key", "recaptcha_v2_secret", "recaptcha_v2_verify_url"),
                site_key: &self.recaptcha_v2_site_key,
                secret: &self.recaptcha_v2_secret,
                verify_url: &self.recaptcha_v2_verify_url,
            },
            Vendor {
                keys: ("recaptcha_v3_site_key", "recaptcha_v3_secret", "recaptcha_v3_verify_url"),
                site_key: &self.recaptcha_v3_site_key,
                secret: &self.recaptcha_v3_secret,
                verify_url: &self.recaptcha_v3_verify_url,
            },
            Vendor {
                keys: ("turnstile_site_key", "turnstile_secret", "turnstile_verify_url"),
                site_key: &self.turnstile_site_key,
                secret: &self.turnstile_secret,
                verify_url: &self.turnstile_verify_url,
            },
        ]
    }
}

/// What every vendor has: the names of the three settings, and their values.
struct Vendor<'a> {
    keys: (&'static str, &'static str, &'static str),
    site_key: &'a str,
    secret: &'a Secret,
    verify_url: &'a str,
}

impl Vendor<'_> {
    fn check(&self, add: &mut impl FnMut(&'static str, &str)) {
        let (site_key, secret, verify_url) = self.keys;
        if self.secret.expose() == Secret::MASK {
            add(secret, "is what stands for a secret in `config show`; write the secret itself");
        } else if self.site_key.is_empty() && !self.secret.is_empty() {
            add(site_key, "is missing, though there is a secret");
        } else if !self.site_key.is_empty() && self.secret.is_empty() {
            add(secret, "is missing, though there is a site key");
        }
        if !is_safe_address(self.verify_url) {
            add(verify_url, "must be an https address; http is for this machine only");
        }
    }
}

fn is_host(text: &str) -> bool {
    HostRule::parse(text).is_ok() && !text.contains(':')
}

/// The secret and visitors' addresses travel there.
fn is_safe_address(text: &str) -> bool {
    let Ok(url) = Url::parse(text) else { return false };
    let here = match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    };
    url.scheme() == "https" || (url.scheme() == "http" && here)
}
