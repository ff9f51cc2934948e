//! Finding links in plain text: addresses, bare domains, and markup that makes anchors.

use std::{borrow::Cow, sync::LazyLock};

use aho_corasick::{AhoCorasick, MatchKind};
use memchr::{memchr2_iter, memchr3};

/// Top-level domains whose bare names count as links. Those that often begin a sentence are left
/// out (`it`, `me`, `live`), because people forget the space after a full stop.
const TOP_LEVEL: &[&str] = &[
    "app", "bid", "bio", "biz", "bond", "br", "bz", "casino", "cf", "cfd", "ch", "click", "cloud",
    "club", "cn", "com", "cyou", "cz", "de", "dev", "digital", "edu", "eu", "fr", "fyi", "ga",
    "gov", "gq", "guru", "hu", "icu", "info", "io", "jp", "kr", "kz", "link", "ltd", "ly", "ml",
    "mobi", "monster", "net", "nl", "onion", "online", "org", "ovh", "pl", "pro", "pw", "quest",
    "racing", "ru", "sbs", "shop", "site", "store", "stream", "tech", "tk", "tokyo", "tr", "tv",
    "ua", "uk", "vip", "vn", "wang", "webcam", "website", "ws", "wtf", "xn--p1ai", "xxx", "xyz",
    "рф", "бел", "укр",
];

/// What stands before a country's two letters where names are registered below it.
const SECOND_LEVEL: &[&str] = &["ac", "co", "com", "edu", "gov", "net", "or", "org"];

/// Spellings of a dot between the parts of a domain.
const DOTS: &[(&str, &str)] = &[
    ("[.]", "."),
    ("(.)", "."),
    ("{.}", "."),
    ("[dot]", "."),
    ("(dot)", "."),
    ("{dot}", "."),
    (" dot com", ".com"),
    (" dot net", ".net"),
    (" dot org", ".org"),
    (" . com", ".com"),
    (" . net", ".net"),
    (" . org", ".org"),
    ("hxxp", "http"),
];

static SPELT_DOTS: LazyLock<AhoCorasick> = LazyLock::new(|| {
    // None begins inside another, so every kind of match finds the same; this one is looked for
    // with vector instructions.
    AhoCorasick::builder()
        .match_kind(MatchKind::LeftmostFirst)
        .build(DOTS.iter().map(|(spelt, _)| spelt))
        .expect("a fixed list of short texts")
});

/// What was found in a text.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Links {
    /// How many links there are.
    pub(super) count: usize,
    /// Whether some are written as HTML or BBCode, which no person types into a form.
    pub(super) markup: bool,
}

/// Counts the links of a plain text (see [`super::fold::plain`]), and shows each one's host.
/// One for whose host `visit` returns false is not counted.
pub(super) fn find(plain: &str, mut visit: impl FnMut(&str) -> bool) -> Links {
    let text = with_dots(plain);
    let anchors = anchors(&text);
    let (mut count, mut left_out) = (0, 0);
    let mut place = 0;
    while let Some((host, end)) = next(&text, place) {
        if visit(host) {
            count += 1;
        } else {
            left_out += 1;
        }
        place = end;
    }
    Links { count: count.max(anchors.saturating_sub(left_out)), markup: anchors > 0 }
}

fn anchors(text: &str) -> usize {
    let bytes = text.as_bytes();
    let opens = |place: &usize| {
        let rest = &bytes[*place..];
        [&b"<a "[..], b"[url", b"[link="].iter().any(|tag| rest.starts_with(tag))
    };
    memchr2_iter(b'<', b'[', bytes).filter(opens).count()
}

fn with_dots(plain: &str) -> Cow<'_, str> {
    if !SPELT_DOTS.is_match(plain) {
        return plain.into();
    }
    let mut text = String::with_capacity(plain.len());
    SPELT_DOTS.replace_all_with(plain, &mut text, |spelt, _, text| {
        text.push_str(DOTS[spelt.pattern().as_usize()].1);
        true
    });
    text.into()
}

/// The host of the next link at or after a place, and where to look on.
fn next(text: &str, from: usize) -> Option<(&str, usize)> {
    next_by(first_of_interest, text, from)
}

/// The same, by a way to skip what is not of interest.
fn next_by(
    skip: impl Fn(&[u8], usize) -> Option<usize>,
    text: &str,
    from: usize,
) -> Option<(&str, usize)> {
    let bytes = text.as_bytes();
    let mut place = from;
    while let Some(found) = skip(bytes, place) {
        place = found;
        if !is_host(bytes[place]) {
            place += 1;
            continue;
        }
        let end = run(bytes, place, is_host);
        let name = &text[place..end];
        if let Some(separator) = after_scheme(name, &bytes[end..]) {
            let host_start = end + separator;
            let host_end = run(bytes, host_start, is_host);
            // After a scheme any host counts, and a user name in front of it is none.
            let (start, host_end) = if bytes.get(host_end) == Some(&b'@') {
                (host_end + 1, run(bytes, host_end + 1, is_host))
            } else {
                (host_start, host_end)
            };
            let host = &text[start..host_end];
            if let Some(scheme) = glued_scheme(host, &bytes[host_end..]) {
                return Some((trimmed(&host[..scheme]), start + scheme));
            }
            if !host.is_empty() {
                return Some((trimmed(host), path_end(bytes, host_end)));
            }
            place = host_end.max(end);
        } else if bytes.get(end) == Some(&b'@') {
            // A mail address: its domain is no link.
            place = run(bytes, end + 1, is_host);
        } else if is_domain(name) && (place == 0 || bytes[place - 1] != b'@') {
            return Some((trimmed(name), path_end(bytes, end)));
        } else {
            place = end;
        }
    }
    None
}

/// Where, at or after a place, the next name begins that may be a link or a mail address: it has a
/// dot, or a colon or an at sign behind it. Most names have none of these and are skipped unread.
fn first_of_interest(bytes: &[u8], place: usize) -> Option<usize> {
    let sign = place + memchr3(b'.', b':', b'@', bytes.get(place..)?)?;
    let before = bytes[place..sign].iter().rev().take_while(|byte| is_host(**byte)).count();
    Some(sign - before)
}

fn is_host(byte: u8) -> bool {
    // Letters beyond ASCII are part of a name, as in пример.рф.
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_') || byte >= 0x80
}

fn run(bytes: &[u8], start: usize, part: impl Fn(u8) -> bool) -> usize {
    bytes[start..].iter().position(|byte| !part(*byte)).map_or(bytes.len(), |length| start + length)
}

/// How long the separator after a scheme is, where that is what we are at.
fn after_scheme(name: &str, rest: &[u8]) -> Option<usize> {
    let scheme = ["http", "https", "ftp"].iter().any(|scheme| name.ends_with(scheme));
    if !scheme || rest.first() != Some(&b':') {
        return None;
    }
    // Browsers take any number of slashes of either kind.
    let slashes = rest[1..].iter().take_while(|byte| matches!(byte, b'/' | b'\\')).count();
    (slashes > 0).then_some(1 + slashes)
}

/// Where in a host the scheme of a next link begins that is glued to it.
fn glued_scheme(host: &str, rest: &[u8]) -> Option<usize> {
    after_scheme(host, rest)?;
    host.rfind("http").filter(|start| *start > 0)
}

/// Where a link's path ends. A second link that is glued to the first one is not part of it.
fn path_end(bytes: &[u8], host_end: usize) -> usize {
    if !matches!(bytes.get(host_end), Some(b'/' | b':' | b'?' | b'#' | b'\\')) {
        return host_end;
    }
    let ends = |byte: u8| {
        byte.is_ascii_whitespace()
            || matches!(byte, b'<' | b'>' | b'"' | b'\'' | b'[' | b']' | b'(' | b')' | b'|' | b',')
    };
    (host_end..bytes.len())
        .find(|place| ends(bytes[*place]) || bytes[*place..].starts_with(b"http"))
        .unwrap_or(bytes.len())
}

/// True for a name that a reader takes for a web address although it has no scheme.
fn is_domain(name: &str) -> bool {
    let name = trimmed(name);
    if let Some(rest) = name.strip_prefix("www.") {
        return rest.split('.').filter(|label| !label.is_empty()).count() >= 2;
    }
    let Some((rest, top)) = name.rsplit_once('.') else { return false };
    let (above, owner) = rest.rsplit_once('.').unwrap_or(("", rest));
    let below_country =
        || top.len() == 2 && SECOND_LEVEL.contains(&owner) && above.contains(char::is_alphanumeric);
    owner.contains(char::is_alphanumeric) && (TOP_LEVEL.contains(&top) || below_country())
}

fn trimmed(name: &str) -> &str {
    name.trim_matches(['.', '-', '_'])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{DOTS, Links, TOP_LEVEL, anchors, find, next, next_by, with_dots};
    use crate::spam::{fold, tests::properties::text};

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn nothing_of_interest_is_skipped(text in text()) {
            let every_place = |bytes: &[u8], place| (place < bytes.len()).then_some(place);
            let mut place = 0;
            loop {
                let quickly = next(&text, place);
                prop_assert_eq!(quickly, next_by(every_place, &text, place));
                let Some((_, end)) = quickly else { break };
                place = end;
            }
            let tags = ["<a ", "[url", "[link="].map(|tag| text.matches(tag).count());
            prop_assert_eq!(anchors(&text), tags.iter().sum::<usize>());
            // One spelling after another, from the left.
            let mut spelt = String::new();
            let mut rest = text.as_str();
            while let Some(c) = rest.chars().next() {
                let found = DOTS.iter().find(|(spelt, _)| rest.starts_with(spelt));
                match found {
                    Some((from, to)) => {
                        spelt.push_str(to);
                        rest = &rest[from.len()..];
                    }
                    None => {
                        spelt.push(c);
                        rest = &rest[c.len_utf8()..];
                    }
                }
            }
            prop_assert_eq!(with_dots(&text), spelt);
        }
    }

    fn links(text: &str) -> Links {
        let mut plain = String::new();
        fold::plain(text, &mut plain);
        find(&plain, |_| true)
    }

    #[test]
    fn one_link_is_one_in_every_spelling() {
        for text in [
            "https://spam.example",
            "HTTP://SPAM.EXAMPLE/a?b=c#d",
            "hxxps://spam.example/x",
            "http:\\\\spam.example\\x",
            "http:/spam.example",
            "http:////spam.example",
            "https://1.2.3.4/x",
            "https://user@spam.example/x",
            "www.spam.zz",
            "www.spam.zz.",
            "look:spam.com!",
            "spam.co.nz",
            "spam.com/path,",
            "SPAM.COM",
            "spam[.]com",
            "spam(dot)com",
            "spam dot com",
            "spam . com",
            "ｓｐａｍ．ｃｏｍ",
            "spam。com",
            "sp\u{200b}am.co\u{200b}m",
            "spam&#46;com",
            "spam&period;com",
            "спам.рф",
            "https://спам.рф/",
            "https://spam.com/?to=https",
            "請看 https://spam.example/您好 謝謝",
            "https:∕∕spam.example",
        ] {
            assert_eq!(links(text), Links { count: 1, markup: false }, "{text}");
        }
    }

    #[test]
    fn anchors_count_once_each_and_are_noticed() {
        for text in [
            "<a href=\"https://spam.example\">cheap</a>",
            "<A  HREF=spam.zz>cheap</A>",
            "[url=https://spam.example]cheap[/url]",
            "[URL]spam.com[/URL]",
            "[link=spam.zz]cheap[/link]",
            "&lt;a href=spam.zz&gt;",
        ] {
            assert_eq!(links(text), Links { count: 1, markup: true }, "{text}");
        }
        let markdown = links("[cheap](https://spam.example) and [more](https://other.example)");
        assert_eq!(markdown, Links { count: 2, markup: false });
    }

    #[test]
    fn links_are_counted_one_by_one() {
        assert_eq!(links("https://a.example https://b.example,c.com www.d.zz").count, 4);
        assert_eq!(links("http://a.examplehttp://b.example/chttp://d.example").count, 3);
        assert_eq!(links(&"spam.com ".repeat(1000)).count, 1000);
    }

    #[test]
    fn honest_text_without_links_has_none() {
        for text in [
            "Mail me at anna.berg@mail.example.com or anna@example.de, thanks.",
            "Thanks.It works.Is it free?Yes.No",
            "See report.pdf, photo.jpg, notes.txt, version 1.2.3 and 10.000,50",
            "e.g. i.e. a.m. p.m. U.S.A. Dr. Müller",
            "C:\\Users\\anna and /etc/hosts",
            "http is a protocol: nothing else",
            "I use node.js and Vue.js",
            ".com",
            "...",
            "Merci.Ça va. Gracias.Su casa",
            "Спасибо.Он придёт",
            "谢谢。请回复",
        ] {
            assert_eq!(links(text), Links { count: 0, markup: false }, "{text}");
        }
    }

    #[test]
    fn hosts_are_shown_and_can_be_left_out() {
        let mut hosts = Vec::new();
        let found = find("https://own.example/a www.other.com. x.net/", |host| {
            hosts.push(host.to_owned());
            host != "own.example"
        });
        assert_eq!(hosts, ["own.example", "www.other.com", "x.net"]);
        assert_eq!(found.count, 2);
    }

    #[test]
    fn the_list_of_top_level_domains_has_each_once() {
        let mut sorted = TOP_LEVEL.to_vec();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(sorted.len(), TOP_LEVEL.len());
    }
}
