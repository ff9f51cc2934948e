//! Each layer: what it finds, in which disguises, and what it leaves alone.

use url::Url;

use super::{default_filter, filter, message, points_of, score};
use crate::spam::{
    Captcha, DisposableMail, PlainAnswers, ProofOfWork, Signals, SpamRules, Threshold, TimeToFill,
    Verdict, layer_names,
};

fn list(entries: &[&str]) -> Vec<String> {
    entries.iter().map(|entry| (*entry).to_owned()).collect()
}

/// The points and the message that the default rules give for some signals.
fn reason(change: impl FnOnce(&mut Signals<'_>)) -> Option<(u32, String)> {
    let answers = message("Hello");
    let spelt = PlainAnswers::of(&answers);
    let mut signals = Signals::of(&spelt);
    change(&mut signals);
    let mut reasons = default_filter().score(&signals).reasons;
    assert!(reasons.len() < 2, "{reasons:?}");
    reasons.pop().map(|reason| (reason.points, reason.message))
}

#[test]
fn nothing_is_said_of_what_is_in_order() {
    assert_eq!(reason(|_| {}), None);
    assert_eq!(reason(|signals| signals.captcha = Captcha::Passed), None);
    assert_eq!(reason(|signals| signals.proof_of_work = ProofOfWork::Passed), None);
    assert_eq!(reason(|signals| signals.time_to_fill = TimeToFill::TookMs(3_000)), None);
    assert_eq!(reason(|signals| signals.time_to_fill = TimeToFill::TookMs(86_399_999)), None);
    assert_eq!(reason(|signals| signals.earlier_copies = 1), None);
    assert_eq!(reason(|signals| signals.spam_probability = Some(0.89)), None);
    assert_eq!(reason(|signals| signals.mail_addresses = &["anna@example.org", "nonsense"]), None);
}

#[test]
fn each_signal_has_its_points_and_its_sentence() {
    let told = |change: fn(&mut Signals<'_>), points: u32, message: &str| {
        assert_eq!(reason(change), Some((points, message.to_owned())));
    };
    told(|s| s.honeypot = Some("_gotcha"), 15, "filled in the hidden field `_gotcha`");
    told(|s| s.captcha = Captcha::Failed, 12, "did not pass the captcha");
    told(
        |s| s.captcha = Captcha::LowScore(0.12),
        6,
        "looks like a robot to the captcha, which gives 0.1 of 1",
    );
    told(|s| s.captcha = Captcha::Unverifiable, 2, "the captcha could not be verified");
    told(|s| s.proof_of_work = ProofOfWork::Absent, 6, "came without the proof of work");
    told(|s| s.proof_of_work = ProofOfWork::Failed, 8, "came with a wrong proof of work");
    told(
        |s| s.time_to_fill = TimeToFill::Missing,
        6,
        "came without the stamp that the form's page sends",
    );
    told(|s| s.time_to_fill = TimeToFill::Forged, 8, "came with a stamp that is not ours");
    told(
        |s| s.time_to_fill = TimeToFill::TookMs(2_999),
        6,
        "was filled in within 2.9 s; a person needs at least 3 s",
    );
    told(
        |s| s.time_to_fill = TimeToFill::TookMs(999),
        8,
        "was filled in within 0.9 s; a person needs at least 3 s",
    );
    told(
        |s| s.time_to_fill = TimeToFill::TookMs(86_400_000),
        2,
        "was sent from a page that was opened 24 h ago",
    );
    told(|s| s.earlier_copies = 2, 6, "the same text came 2 times before within 60 minutes");
    told(|s| s.earlier_copies = 6, 9, "the same text came 6 times before within 60 minutes");
    told(
        |s| s.mail_addresses = &["a@b.mailinator.com"],
        4,
        "uses a mail address to be thrown away, at `mailinator.com`",
    );
    for (probability, points, percent) in [
        (0.9, 5, "90.0"),
        (0.95, 8, "95.0"),
        (0.99, 10, "99.0"),
        (0.999, 14, "99.9"),
        (1.0, 14, "99.9"),
    ] {
        let message = format!("resembles what was marked as spam in this form ({percent} %)");
        assert_eq!(reason(|s| s.spam_probability = Some(probability)), Some((points, message)));
    }
}

#[test]
fn what_an_owner_turns_off_says_nothing() {
    let answers = message("Hello");
    let spelt = PlainAnswers::of(&answers);
    let everything = Signals {
        mail_addresses: &["a@mailinator.com"],
        time_to_fill: TimeToFill::TookMs(1),
        earlier_copies: 100,
        spam_probability: Some(1.0),
        ..Signals::of(&spelt)
    };
    let rules = SpamRules {
        disposable_mail: DisposableMail::Allow,
        min_seconds_to_fill: 0,
        copies_window_minutes: 0,
        learns: false,
        ..SpamRules::default()
    };
    assert_eq!(filter(&rules).score(&everything).reasons, []);
    let stale = Signals { time_to_fill: TimeToFill::TookMs(u64::MAX), ..everything };
    let rules = SpamRules { max_hours_to_fill: 0, ..rules };
    assert_eq!(filter(&rules).score(&stale).reasons, []);
    let forged = Signals { time_to_fill: TimeToFill::Forged, ..everything };
    assert_eq!(filter(&rules).score(&forged).reasons, []);
}

#[test]
fn links_beyond_the_expected_number_count() {
    let rules = SpamRules { max_links: 1, ..SpamRules::default() };
    let filter = filter(&rules);
    for (count, points) in [(0, 0), (1, 0), (2, 4), (3, 6), (4, 8), (5, 9), (500, 9)] {
        let scored = score(&filter, &"https://a.example ".repeat(count));
        assert_eq!(points_of(&scored, "links"), points, "{count} links");
    }
    let scored = score(&filter, "https://a.example www.b.zz c.com");
    assert_eq!(scored.reasons[0].message, "contains 3 links; this form expects at most 1");
    let scored = score(&filter, "<a href=//a.example>x</a> c.com d.com");
    assert_eq!(
        scored.reasons[0].message,
        "contains 2 links, some written as HTML or BBCode; this form expects at most 1"
    );
}

#[test]
fn links_to_the_page_that_held_the_form_are_not_counted() {
    let answers = message(
        "https://www.shop.example/a https://shop.example/b shop.example/c https://shop.example.evil.example",
    );
    let page = Url::parse("https://shop.example/contact").expect("a fixed address");
    let filter = filter(&SpamRules { max_links: 0, ..SpamRules::default() });
    let scored =
        filter.score(&Signals { page: Some(&page), ..Signals::of(&PlainAnswers::of(&answers)) });
    assert_eq!(scored.reasons[0].message, "contains 1 link; this form expects at most 0");
}

#[test]
fn banned_words_are_found_in_every_disguise() {
    let rules = SpamRules {
        banned_words: list(&["Casino", "work from home", "*crypto*", "赌场", "Größe", "казино"]),
        ..SpamRules::default()
    };
    let filter = filter(&rules);
    for text in [
        "casino",
        "Our CASINO!",
        "the c\u{200b}a\u{ad}sino is open",
        "ｃａｓｉｎｏ",
        "cásinö",
        "сasinо",
        "c a s i n o",
        "c-a-s-i-n-o",
        "cas1no",
        "c@$1n0",
        "c&#97;sino",
        "𝐜𝐚𝐬𝐢𝐧𝐨",
        "line\ncasino\nline",
        "Work--from\n home",
        "mycryptocoin",
        "CRYPTO",
        "欢迎来到赌场吧",
        "GROSSE",
        "GRÖSSE",
        "КАЗИНО",
        "kазинo",
    ] {
        let scored = score(&filter, text);
        assert_eq!(points_of(&scored, "banned_words"), 12, "{text}");
    }
    for text in [
        "casinos",
        "cas",
        "Kasino",
        "work at home",
        "from home work",
        "crypt",
        "赌",
        "Groß",
        "no casi no",
    ] {
        assert_eq!(points_of(&score(&filter, text), "banned_words"), 0, "{text}");
    }
    let scored = score(&filter, "casino casino crypto");
    let message = "contains the banned word `Casino` and others";
    assert_eq!((scored.points, scored.reasons[0].message.as_str()), (14, message));
    assert_eq!(score(&filter, "casino crypto 赌场 Größe казино").points, 16);
}

#[test]
fn banned_addresses_are_found_in_every_spelling() {
    let rules = SpamRules {
        banned_addresses: list(&[
            "anna@example.org",
            "evil.example",
            "*.worse.example",
            "promo*@*.shop.example",
            "bücher.example",
            "*@bad*.example",
        ]),
        ..SpamRules::default()
    };
    let filter = filter(&rules);
    let points = |address: &str| {
        let answers = message("Hello");
        let addresses = [address];
        let spelt = PlainAnswers::of(&answers);
        let signals = Signals { mail_addresses: &addresses, ..Signals::of(&spelt) };
        points_of(&filter.score(&signals), "banned_addresses")
    };
    for address in [
        "anna@example.org",
        "ANNA@Example.ORG",
        "anna+x@example.org",
        " anna@example.org ",
        "<anna@example.org>",
        "anna@example.org.",
        "anna@ｅｘａｍｐｌｅ.org",
        "who@evil.example",
        "who@a.worse.example",
        "promo7@a.shop.example",
        "who@xn--bcher-kva.example",
        "who@BÜCHER.example",
        "who@badger.example",
    ] {
        assert_eq!(points(address), 15, "{address}");
    }
    for address in [
        "ann@example.org",
        "anna@example.org.example",
        "anna@sub.example.org",
        "who@notevil.example",
        "who@a.evil.example",
        "who@worse.example",
        "promo@shop.example",
        "my.promo@a.shop.example",
        "+x@example.org",
        "nonsense",
        "@",
        "",
    ] {
        assert_eq!(points(address), 0, "{address}");
    }
}

#[test]
fn banned_networks_are_found_in_every_spelling() {
    let rules = SpamRules {
        banned_networks: list(&[
            "192.0.2.77/24",
            "203.0.113.9",
            "2001:db8::/32",
            "::ffff:198.51.100.0/120",
        ]),
        ..SpamRules::default()
    };
    let filter = filter(&rules);
    let score = |address: &str| {
        let answers = message("Hello");
        let client_address = Some(address.parse().expect("an address"));
        filter.score(&Signals { client_address, ..Signals::of(&PlainAnswers::of(&answers)) })
    };
    for address in
        ["192.0.2.1", "::ffff:192.0.2.1", "203.0.113.9", "2001:db8:1::1", "198.51.100.255"]
    {
        assert_eq!(points_of(&score(address), "banned_networks"), 15, "{address}");
    }
    for address in ["192.0.3.1", "203.0.113.8", "2001:db9::1", "::192.0.2.1", "198.51.101.0"] {
        assert_eq!(points_of(&score(address), "banned_networks"), 0, "{address}");
    }
    let message = &score("192.0.2.1").reasons[0].message;
    assert_eq!(message, "came from the banned network 192.0.2.0/24");
}

#[test]
fn disposable_mail_is_refused_where_the_owner_says_so() {
    let answers = message("Hello");
    let addresses = ["anna@example.org", "x@mailinator.com"];
    let spelt = PlainAnswers::of(&answers);
    let signals = Signals { mail_addresses: &addresses, ..Signals::of(&spelt) };
    for (disposable_mail, verdict) in [
        (DisposableMail::Allow, Verdict::Inbox),
        (DisposableMail::Suspicious, Verdict::Inbox),
        (DisposableMail::Refuse, Verdict::Refuse),
    ] {
        let rules =
            SpamRules { disposable_mail, refuse_from: Threshold::Never, ..SpamRules::default() };
        assert_eq!(filter(&rules).score(&signals).verdict, verdict);
    }
}

#[test]
fn no_quote_of_what_was_submitted_is_longer_than_forty_characters() {
    let answers = message("Hello");
    let field = "x".repeat(1_000);
    let scored = default_filter()
        .score(&Signals { honeypot: Some(&field), ..Signals::of(&PlainAnswers::of(&answers)) });
    let quoted = format!("filled in the hidden field `{}…`", "x".repeat(39));
    assert_eq!(scored.reasons[0].message, quoted);
}

#[test]
fn the_documentation_names_every_layer() {
    let document = include_str!("../../../../../docs/SPAM.md");
    let documented: Vec<_> = document
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once('`'))
        .map(|(name, _)| name)
        .take(layer_names().count())
        .collect();
    assert_eq!(documented, layer_names().collect::<Vec<_>>());
}
