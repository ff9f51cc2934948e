//! Where a person may be sent after submitting: never to a place that the owner did not name.

use url::{Host, Url};

/// One entry of a form's redirect allow-list: `example.org`, `example.org:8443` or
/// `*.example.org` (any host below it, not itself). Without a port, the scheme's own is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostRule {
    host: String,
    below: bool,
    port: Option<u16>,
}

impl HostRule {
    /// Parses an entry.
    ///
    /// # Errors
    /// Says what an entry looks like.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!(
                "`{text}` is no host: write `example.org`, `example.org:8443` or `*.example.org`"
            )
        };
        let (below, rest) = match text.strip_prefix("*.") {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        if rest.contains(['/', '@', '?', '#', '\\', ' ', '*']) {
            return Err(wrong());
        }
        let url = Url::parse(&format!("formhold://{rest}/")).map_err(|_| wrong())?;
        let port = url.port();
        let name = rest.strip_suffix(&port.map_or(String::new(), |port| format!(":{port}")));
        let host = Host::parse(name.unwrap_or(rest)).map_err(|_| wrong())?;
        Ok(Self { host: host.to_string(), below, port })
    }

    fn allows(&self, url: &Url) -> bool {
        let Some(host) = url.host_str() else { return false };
        let named = if self.below {
            host.strip_suffix(&self.host)
                .is_some_and(|start| start.len() > 1 && start.ends_with('.'))
        } else {
            host == self.host
        };
        named && url.port() == self.port
    }
}

/// What a requested target is judged by.
#[derive(Debug, Clone, Copy)]
pub struct RedirectContext<'a> {
    /// The page that held the form: relative targets are meant relative to it.
    pub page: Option<&'a Url>,
    /// Formhold's own address: its host is always allowed.
    pub own: &'a Url,
    /// The form's allow-list.
    pub hosts: &'a [HostRule],
}

impl RedirectContext<'_> {
    /// The address that `target` leads to, if the person may be sent there.
    ///
    /// Parsed as browsers do (the WHATWG URL standard) and returned in its normal form, so that
    /// what was judged is what the browser follows. Only http and https, no user names.
    #[must_use]
    pub fn resolve(&self, target: &str) -> Option<Url> {
        let suspicious = |c: char| c == '\\' || c.is_control() || c.is_whitespace();
        if target.is_empty() || target.len() > 2048 || target.contains(suspicious) {
            return None;
        }
        let url = self.page.unwrap_or(self.own).join(target).ok()?;
        let plain = matches!(url.scheme(), "http" | "https")
            && url.username().is_empty()
            && url.password().is_none();
        let own = url.host() == self.own.host()
            && url.port_or_known_default() == self.own.port_or_known_default();
        (plain && (own || self.hosts.iter().any(|rule| rule.allows(&url)))).then_some(url)
    }
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::{HostRule, RedirectContext};

    fn resolve(target: &str) -> Option<String> {
        let own = Url::parse("https://forms.example.net").expect("a fixed address");
        let page = Url::parse("https://site.example.org/contact/").expect("a fixed address");
        let hosts = ["site.example.org", "*.shop.example", "localhost:4321"]
            .map(|host| HostRule::parse(host).expect("a fixed rule"));
        let context = RedirectContext { page: Some(&page), own: &own, hosts: &hosts };
        context.resolve(target).map(String::from)
    }

    #[test]
    fn relative_targets_lead_to_the_page_that_held_the_form() {
        assert_eq!(resolve("/thanks").as_deref(), Some("https://site.example.org/thanks"));
        assert_eq!(resolve("thanks").as_deref(), Some("https://site.example.org/contact/thanks"));
    }

    #[test]
    fn listed_hosts_and_our_own_are_allowed() {
        for target in [
            "https://site.example.org/a?b=c#d",
            "http://site.example.org/",
            "//site.example.org/",
            "https://a.shop.example/",
            "http://localhost:4321/x",
            "https://forms.example.net/f/abc/thanks",
        ] {
            assert!(resolve(target).is_some(), "{target}");
        }
    }

    #[test]
    fn no_spelling_leads_elsewhere() {
        let schemes = [
            "https://",
            "http://",
            "//",
            "///",
            "////",
            "https:",
            "https:/",
            "https:///",
            "\\\\",
            "/\\",
            "\\/",
            "/\t/",
            "https:\\\\",
            "ht\ntps://",
            " https://",
            "HTTPS://",
            "/%09/",
            "https://site.example.org@",
            "https://site.example.org:x@",
            "https://user:site.example.org@",
        ];
        let hosts = [
            "evil.example",
            "evil.example/site.example.org",
            "evil.example?site.example.org",
            "evil.example#site.example.org",
            "evil.example\\@site.example.org",
            "site.example.org.evil.example",
            "evilsite.example.org",
            "shop.example",
            "evilshop.example",
            "localhost:80",
            "site.example.org:8443",
            "[::1]",
            "2130706433",
            "0x7f.1",
            "evil。example",
            "xn--evl-fma.example",
        ];
        for scheme in schemes {
            for host in hosts {
                let target = format!("{scheme}{host}");
                if let Some(url) = resolve(&target) {
                    // What is allowed may only ever lead to a listed host (as a path on it).
                    let host = url.split('/').nth(2).unwrap_or_default();
                    assert_eq!(host, "site.example.org", "{target} led to {url}");
                }
            }
        }
        for target in [
            "javascript:alert(1)",
            "data:text/html,x",
            "vbscript:x",
            "ftp://site.example.org/",
            "file:///etc/passwd",
            "https://",
            "",
        ] {
            assert_eq!(resolve(target), None, "{target}");
        }
    }

    #[test]
    fn a_rule_is_a_host_and_nothing_else() {
        for text in ["", "https://a.example", "a.example/b", "*", "*.", "a@b.example", "a b"] {
            assert!(HostRule::parse(text).is_err(), "{text}");
        }
    }
}
