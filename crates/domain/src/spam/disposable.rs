//! The bundled list of domains whose mail addresses are made to be thrown away.

use memchr::{memchr, memrchr};

use super::mail::with_parents;

/// Sorted, one domain a line; `scripts/update_disposable_domains.sh` writes it, and its first lines
/// name the source and the licence.
static LIST: &str = include_str!("disposable_domains.txt");

/// The listed domain that this one is, or is below of.
pub(super) fn listed(domain: &str) -> Option<&str> {
    with_parents(domain).find(|domain| contains(LIST, domain))
}

/// Looks for a line in sorted lines by halving, in place: as a set they would take ten times the
/// memory.
fn contains(sorted: &str, line: &str) -> bool {
    let bytes = sorted.as_bytes();
    let (mut low, mut high) = (0, bytes.len());
    while low < high {
        let middle = low + (high - low) / 2;
        let start = memrchr(b'\n', &bytes[low..middle]);
        let start = start.map_or(low, |newline| low + newline + 1);
        let end = memchr(b'\n', &bytes[middle..high]);
        let end = end.map_or(high, |newline| middle + newline);
        match bytes[start..end].cmp(line.as_bytes()) {
            std::cmp::Ordering::Equal => return true,
            std::cmp::Ordering::Less => low = end + 1,
            std::cmp::Ordering::Greater => high = start,
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::{LIST, contains, listed};

    #[test]
    fn listed_domains_and_those_below_them_are_found() {
        for domain in ["mailinator.com", "a.mailinator.com", "b.a.mailinator.com", "yopmail.com"] {
            assert!(listed(domain).is_some(), "{domain}");
        }
    }

    #[test]
    fn large_providers_and_look_alikes_are_not_listed() {
        for domain in [
            "gmail.com",
            "googlemail.com",
            "outlook.com",
            "hotmail.com",
            "live.com",
            "msn.com",
            "yahoo.com",
            "yahoo.co.jp",
            "icloud.com",
            "me.com",
            "aol.com",
            "gmx.de",
            "gmx.net",
            "web.de",
            "t-online.de",
            "freenet.de",
            "posteo.de",
            "mailbox.org",
            "proton.me",
            "protonmail.com",
            "tutanota.com",
            "fastmail.com",
            "zoho.com",
            "yandex.ru",
            "mail.ru",
            "rambler.ru",
            "qq.com",
            "163.com",
            "126.com",
            "sina.com",
            "naver.com",
            "daum.net",
            "orange.fr",
            "free.fr",
            "laposte.net",
            "libero.it",
            "wp.pl",
            "seznam.cz",
            "uol.com.br",
            "rediffmail.com",
            "duck.com",
            "privaterelay.appleid.com",
            "not-really-mailinator.com",
            "mailinator.com.example",
            "com",
            "co.uk",
            "",
        ] {
            assert_eq!(listed(domain), None, "{domain}");
        }
    }

    #[test]
    fn the_list_is_sorted_has_each_domain_once_and_is_in_plain_ascii() {
        let domains: Vec<&str> = LIST.lines().filter(|line| !line.starts_with('#')).collect();
        assert!(domains.len() > 1000);
        for pair in LIST.lines().collect::<Vec<_>>().windows(2) {
            assert!(pair[0] < pair[1], "{} before {}", pair[0], pair[1]);
        }
        for domain in domains {
            let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || ".-_".contains(c);
            assert!(domain.contains('.') && domain.chars().all(plain), "{domain}");
        }
    }

    #[test]
    fn every_line_is_found_and_nothing_between_them() {
        let list = "a.b\nb.c\nc.d\nd.e\n";
        for line in list.lines() {
            assert!(contains(list, line), "{line}");
            assert!(!contains(list, &format!("{line}x")), "{line}");
        }
        assert!(!contains("", "a.b"));
        assert!(!contains(list, "a.a") && !contains(list, "z.z"));
    }
}
