//! What holds for every submission.

use std::time::{Duration, Instant};

use proptest::prelude::*;
use uuid::Uuid;

use super::{default_filter, filter};
use crate::{
    Answers, FormId,
    spam::{
        Captcha, Counts, PlainAnswers, ProofOfWork, Signals, SpamFilter, SpamRules, TimeToFill,
        TokenKey, fingerprint, mail_addresses, probability, tokens,
    },
};

fn strict() -> SpamFilter {
    filter(&SpamRules {
        max_links: 0,
        banned_words: vec!["ab*".into(), "*ba*".into(), "赌场".into(), "word".into()],
        banned_addresses: vec!["*@*.com".into(), "a*@b*c*d.org".into()],
        banned_networks: vec!["128.0.0.0/1".into()],
        ..SpamRules::default()
    })
}

fn key() -> TokenKey {
    TokenKey::new(&[1; 32], FormId(Uuid::from_u128(1)))
}

/// Texts of anything, and of what the layers look for.
pub(in crate::spam) fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "\\PC{0,20}",
        any::<char>().prop_map(String::from),
        prop::sample::select(vec![
            "http://",
            "www.",
            ".com",
            "&#",
            "&#x41;",
            "&amp;",
            "@",
            "[url",
            "<a ",
            "://",
            "http",
            " ",
            ".",
            "a",
            "b",
            "赌",
            "场",
            "\u{200b}",
            "Ｗ",
            "v i a g r a",
            "1",
            "hxxp",
            "[.]",
            " dot com",
            " . net",
            "ftp://",
            ":",
            "/",
            "Letters, 1 Run of Plain Letters that is Longer than one Block of them",
        ])
        .prop_map(str::to_owned),
    ];
    prop::collection::vec(piece, 0..30).prop_map(|pieces| pieces.concat())
}

fn answers() -> impl Strategy<Value = Answers> {
    prop::collection::vec((text(), text()), 0..5).prop_map(Answers::from)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn scoring_never_panics_and_points_are_the_sum_of_the_reasons(
        answers in answers(),
        address in any::<u128>(),
        took in any::<u64>(),
        copies in any::<u32>(),
        probability in any::<f64>(),
        quoted in text(),
    ) {
        let addresses = mail_addresses(&answers);
        let spelt = PlainAnswers::of(&answers);
        let signals = Signals {
            mail_addresses: &addresses,
            client_address: Some(std::net::Ipv6Addr::from_bits(address).into()),
            honeypot: Some(&quoted),
            time_to_fill: TimeToFill::TookMs(took),
            captcha: Captcha::LowScore(probability),
            earlier_copies: copies,
            spam_probability: Some(probability),
            ..Signals::of(&spelt)
        };
        for filter in [default_filter(), strict()] {
            let score = filter.score(&signals);
            let sum: u32 = score.reasons.iter().map(|reason| reason.points).sum();
            prop_assert_eq!(score.points, sum);
            prop_assert!(score.reasons.iter().all(|reason| reason.message.chars().count() <= 160));
        }
        let _ = fingerprint(&key(), &PlainAnswers::of(&answers));
    }

    #[test]
    fn a_further_reason_takes_no_points_away_and_makes_no_verdict_milder(
        answers in answers(),
        took in prop_oneof![Just(TimeToFill::Forged), any::<u64>().prop_map(TimeToFill::TookMs)],
        probability in 0.0..=1.0_f64,
    ) {
        let filter = strict();
        let spelt = PlainAnswers::of(&answers);
        let mut signals = Signals::of(&spelt);
        let mut last = filter.score(&signals);
        let steps: [&dyn Fn(&mut Signals<'_>); 5] = [
            &|signals| signals.time_to_fill = took,
            &|signals| signals.proof_of_work = ProofOfWork::Absent,
            &|signals| signals.captcha = Captcha::Failed,
            &|signals| signals.earlier_copies = 9,
            &|signals| signals.spam_probability = Some(probability),
        ];
        for step in steps {
            step(&mut signals);
            let next = filter.score(&signals);
            prop_assert!(next.points >= last.points && next.verdict >= last.verdict);
            prop_assert!(next.reasons.len() >= last.reasons.len());
            last = next;
        }
    }

    #[test]
    fn tokens_and_their_probability_stay_within_bounds(
        answers in answers(),
        counts in prop::collection::vec((any::<u32>(), any::<u32>()), 1..9),
        totals in (10..u32::MAX, 10..u32::MAX),
    ) {
        let found = tokens(&key(), &PlainAnswers::of(&answers));
        prop_assert!(found.len() <= crate::spam::MAX_TOKENS);
        prop_assert!(found.windows(2).all(|pair| pair[0] < pair[1]));
        let lookup = |token: u64| {
            let (spam, ham) = counts[usize::try_from(token % 8).unwrap_or(0) % counts.len()];
            Counts { spam, ham }
        };
        let totals = Counts { spam: totals.0, ham: totals.1 };
        let probability = probability(&found, lookup, totals);
        prop_assert!(probability.is_some_and(|probability| (0.0..=1.0).contains(&probability)));
    }
}

/// The worst that can be sent to a layer that looks at text, of about so many bytes.
fn hostile_texts(bytes: usize) -> Vec<String> {
    [
        "http://a",
        "http://a.com/",
        "http",
        "http:",
        "www.",
        "a.com ",
        "a.com/a.com/",
        "a@",
        "a.",
        ".",
        "-",
        "[url",
        "[.]",
        "a ",
        "a.b.",
        "&",
        "&#",
        "&#65;",
        "&aaaaaaaaaaaaaaa",
        "b",
        "ab",
        "1a",
        "@!",
        "\u{fdfa}",
        "a\u{301}",
        "\u{200b}",
        "赌",
        "赌场",
        "あ a",
        "x",
    ]
    .map(|unit| unit.repeat(bytes / unit.len()))
    .into()
}

/// How long everything takes that looks at a text; the best of two, because other things run too.
fn time_for(filter: &SpamFilter, text: &str) -> Duration {
    let answers: Answers = vec![("message".to_owned(), text.to_owned())].into();
    let once = || {
        let start = Instant::now();
        let _ = filter.score(&Signals::of(&PlainAnswers::of(&answers)));
        let _ = tokens(&key(), &PlainAnswers::of(&answers));
        let _ = fingerprint(&key(), &PlainAnswers::of(&answers));
        start.elapsed()
    };
    once().min(once())
}

/// Ten times the text takes about ten times as long; a hundred times would be quadratic.
fn assert_linear(filter: &SpamFilter, small: &str, large: &str) {
    let (small_time, large_time) = (time_for(filter, small), time_for(filter, large));
    let start: String = small.chars().take(12).collect();
    assert!(
        large_time < small_time * 40 + Duration::from_millis(50),
        "`{start}…`: {small_time:?}, and {large_time:?} for ten times as much"
    );
}

#[test]
fn a_mebibyte_takes_no_more_than_its_share_of_time() {
    let text = "Hello, see https://www.example.org/a or v1agra at b.com. Grüße! 请看 ";
    let of = |bytes: usize| text.repeat(bytes / text.len());
    assert_linear(&strict(), &of(100 << 10), &of(1 << 20));
}

#[test]
fn no_text_makes_the_work_quadratic() {
    let filter = strict();
    for (small, large) in hostile_texts(16 << 10).iter().zip(hostile_texts(160 << 10)) {
        assert_linear(&filter, small, &large);
    }
}
