//! Rules are compiled with every problem told, and verdicts follow from points.

use super::{default_filter, filter, score};
use crate::spam::{
    Captcha, DisposableMail, PlainAnswers, Signals, SpamFilter, SpamRules, Threshold, TimeToFill,
    Verdict,
};

#[test]
fn every_problem_is_told_at_once_with_its_key() {
    let list = |entries: &[&str]| entries.iter().map(|entry| (*entry).to_owned()).collect();
    let rules = SpamRules {
        spam_from: Threshold::From(0),
        refuse_from: Threshold::From(0),
        max_links: 10_001,
        banned_words: list(&["fine", "a", "!!", "in*side", "", "*"]),
        banned_addresses: list(&["fine@example.org", "*@*", "a b@example.org", "word", "a@", ".."]),
        banned_networks: list(&["192.0.2.0/24", "0.0.0.0/0", "::/0", "192.0.2.0/33", "here"]),
        min_seconds_to_fill: 3_601,
        max_hours_to_fill: 8_761,
        max_copies: 10_001,
        copies_window_minutes: 10_081,
        ..SpamRules::default()
    };
    let problems = SpamFilter::compile(&rules).expect_err("all of it is wrong");
    let places: Vec<_> = problems.iter().map(|problem| problem.place.as_str()).collect();
    assert_eq!(
        places,
        [
            "spam_from",
            "refuse_from",
            "max_links",
            "min_seconds_to_fill",
            "max_hours_to_fill",
            "max_copies",
            "copies_window_minutes",
            "banned_words[1]",
            "banned_words[2]",
            "banned_words[3]",
            "banned_words[4]",
            "banned_words[5]",
            "banned_addresses[1]",
            "banned_addresses[2]",
            "banned_addresses[3]",
            "banned_addresses[4]",
            "banned_addresses[5]",
            "banned_networks[1]",
            "banned_networks[2]",
            "banned_networks[3]",
            "banned_networks[4]",
        ]
    );
    assert_eq!(problems[0].message, "0 would catch everything: write at least 1, or \"never\"");
    assert_eq!(problems[12].message, "`*@*` would ban everybody");
}

#[test]
fn lists_are_bounded_in_entries_and_bytes() {
    let rules = SpamRules {
        banned_words: vec!["word".into(); 1_001],
        banned_addresses: vec![format!("{}@example.org", "a".repeat(200))],
        ..SpamRules::default()
    };
    let problems = SpamFilter::compile(&rules).expect_err("too much");
    let told: Vec<_> = problems.iter().map(ToString::to_string).collect();
    let expected = [
        "banned_words: has more than 1000 entries",
        "banned_addresses[0]: has more than 200 bytes",
    ];
    assert_eq!(told, expected);
    let most = SpamRules { banned_words: vec!["word".repeat(50); 1_000], ..SpamRules::default() };
    assert!(SpamFilter::compile(&most).is_ok());
}

#[test]
fn refusing_needs_no_fewer_points_than_the_folder() {
    let rules = SpamRules {
        spam_from: Threshold::From(10),
        refuse_from: Threshold::From(9),
        ..SpamRules::default()
    };
    let problems = SpamFilter::compile(&rules).expect_err("the wrong way round");
    assert_eq!(problems[0].to_string(), "refuse_from: must not be less than `spam_from`");
}

#[test]
fn points_lead_to_the_verdict_at_exactly_the_thresholds() {
    let text = "see https://a.example https://b.example https://c.example";
    let points = score(&default_filter(), text).points;
    assert_eq!(points, 4);
    for (spam_from, refuse_from, verdict) in [
        (Threshold::From(points + 1), Threshold::Never, Verdict::Inbox),
        (Threshold::From(points), Threshold::Never, Verdict::Spam),
        (Threshold::From(points), Threshold::From(points + 1), Verdict::Spam),
        (Threshold::From(1), Threshold::From(points), Verdict::Refuse),
        (Threshold::Never, Threshold::From(points), Verdict::Refuse),
        (Threshold::Never, Threshold::Never, Verdict::Inbox),
    ] {
        let rules = SpamRules { spam_from, refuse_from, ..SpamRules::default() };
        assert_eq!(score(&filter(&rules), text).verdict, verdict, "{spam_from:?} {refuse_from:?}");
    }
}

#[test]
fn a_honeypot_hit_goes_to_the_folder_whatever_else_is_found() {
    let answers = super::message("casino [url=https://a.example]b[/url]");
    let spelt = PlainAnswers::of(&answers);
    let caught = Signals {
        honeypot: Some("_gotcha"),
        mail_addresses: &["a@mailinator.com"],
        captcha: Captcha::Failed,
        time_to_fill: TimeToFill::Forged,
        spam_probability: Some(1.0),
        ..Signals::of(&spelt)
    };
    for rules in [
        SpamRules::default(),
        SpamRules { disposable_mail: DisposableMail::Refuse, ..SpamRules::default() },
        SpamRules { spam_from: Threshold::Never, ..SpamRules::default() },
        SpamRules { refuse_from: Threshold::From(10), ..SpamRules::default() },
    ] {
        assert_eq!(filter(&rules).score(&caught).verdict, Verdict::Spam);
    }
}

#[test]
fn a_score_is_stored_and_read_again_as_it_is() {
    let scored = score(&default_filter(), "[url=https://a.example]b[/url]");
    let text = serde_json::to_string(&scored).expect("serialisable");
    assert_eq!(
        text,
        r#"{"points":4,"reasons":[{"layer":"links","points":4,"message":"contains a link written as HTML or BBCode"}],"verdict":"inbox"}"#
    );
    assert_eq!(serde_json::from_str::<crate::spam::Score>(&text).expect("valid"), scored);
    assert_eq!(
        scored.reasons[0].to_string(),
        "links (+4): contains a link written as HTML or BBCode"
    );
}
