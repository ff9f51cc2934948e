//! Where a captcha may have been answered.

/// True when a host is one of those that the rules name: `example.org`, or `*.example.org` for any
/// host below it. Without rules, every host is.
pub(crate) fn allowed<'a>(host: &str, rules: impl IntoIterator<Item = &'a String>) -> bool {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    let mut rules = rules.into_iter().peekable();
    rules.peek().is_none() || rules.any(|rule| names(&rule.to_ascii_lowercase(), &host))
}

fn names(rule: &str, host: &str) -> bool {
    match rule.strip_prefix('*') {
        Some(end) => end.starts_with('.') && host.len() > end.len() && host.ends_with(end),
        None => rule == host,
    }
}

#[cfg(test)]
mod tests {
    use super::allowed;

    fn passes(host: &str, rules: &[&str]) -> bool {
        let rules: Vec<String> = rules.iter().map(|rule| (*rule).to_owned()).collect();
        allowed(host, &rules)
    }

    #[test]
    fn a_rule_names_a_host_or_all_below_one() {
        assert!(passes("example.org", &["example.org"]));
        assert!(passes("Example.ORG.", &["other.example", "example.org"]));
        assert!(passes("a.example.org", &["*.example.org"]));
        for host in
            ["example.org", "evilexample.org", "example.org.evil.example", ".example.org", ""]
        {
            assert!(!passes(host, &["*.example.org"]), "{host}");
        }
        assert!(!passes("a.example.org", &["example.org"]));
    }

    #[test]
    fn without_rules_every_host_passes() {
        assert!(passes("anything.example", &[]));
    }
}
