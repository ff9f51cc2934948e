//! Codes of authenticator apps, by the examples of the RFC and by a program that is not ours.

use std::collections::BTreeSet;

use formhold_domain::RandomIds;
use formhold_identity::totp::TotpSecret;
use url::Url;

/// <https://www.rfc-editor.org/rfc/rfc6238#appendix-B>, of which six digits are the last of eight.
const RFC_SECRET: &[u8; 20] = b"12345678901234567890";
const RFC_EXAMPLES: [(i64, &str); 6] = [
    (59, "287082"),
    (1_111_111_109, "081804"),
    (1_111_111_111, "050471"),
    (1_234_567_890, "005924"),
    (2_000_000_000, "279037"),
    (20_000_000_000, "353130"),
];

fn of_the_rfc() -> TotpSecret {
    TotpSecret::from_bytes(*RFC_SECRET)
}

#[test]
fn the_examples_of_the_rfc_are_right() {
    for (seconds, code) in RFC_EXAMPLES {
        assert_eq!(of_the_rfc().verify(code, seconds * 1000, None), Some(seconds / 30), "{code}");
    }
}

#[test]
fn a_code_counts_one_step_before_and_after_and_no_longer() {
    let (seconds, code) = RFC_EXAMPLES[1];
    let step = seconds / 30;
    for (at_ms, counts) in [
        ((step - 1) * 30_000 - 1, false),
        ((step - 1) * 30_000, true),
        (step * 30_000, true),
        ((step + 2) * 30_000 - 1, true),
        ((step + 2) * 30_000, false),
        (0, false),
        (-1_000_000, false),
        (i64::MIN, false),
        (i64::MAX, false),
    ] {
        let verified = of_the_rfc().verify(code, at_ms, None);
        assert_eq!(verified, counts.then_some(step), "at {at_ms}");
    }
}

#[test]
fn a_code_and_all_before_it_work_once() {
    let (seconds, code) = RFC_EXAMPLES[3];
    let (now_ms, step) = (seconds * 1000, seconds / 30);
    for (last, expected) in [
        (None, Some(step)),
        (Some(step - 1), Some(step)),
        (Some(step), None),
        (Some(step + 1), None),
    ] {
        assert_eq!(of_the_rfc().verify(code, now_ms, last), expected, "{last:?}");
    }
}

#[test]
fn codes_are_taken_as_people_type_them() {
    for code in ["005924", "005 924", " 005924\n", "0 0 5 9 2 4", "005\u{a0}924"] {
        assert!(of_the_rfc().verify(code, 1_234_567_890_000, None).is_some(), "{code}");
    }
    for code in ["", "5924", "+05924", "05924", "0005924", "89005924", "005925", "00592a", "٠٠٥٩٢٤"]
    {
        assert!(of_the_rfc().verify(code, 1_234_567_890_000, None).is_none(), "{code}");
    }
}

#[test]
fn a_secret_is_new_each_time_and_comes_back_from_its_bytes() {
    let secrets: Vec<_> = (0..50).map(|_| TotpSecret::generate(&RandomIds)).collect();
    let different: BTreeSet<_> = secrets.iter().map(|secret| *secret.as_bytes()).collect();
    assert_eq!(different.len(), 50);
    assert_eq!(TotpSecret::from_bytes(*secrets[0].as_bytes()), secrets[0]);
    assert_eq!(format!("{:?}", secrets[0]), "***");
}

#[test]
fn the_address_for_apps_is_as_the_format_says() {
    assert_eq!(
        of_the_rfc().to_url("Formhold", "alice@example.org"),
        "otpauth://totp/Formhold:alice%40example.org\
         ?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Formhold"
    );
    assert_eq!(of_the_rfc().to_typed(), "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ");
    let long = "\u{1F980}".repeat(5000);
    for name in ["", ":", "a:b", "  ", "a&secret=x", "\"><script>", "Bäckerei Groß", "\n", &long]
    {
        let url = Url::parse(&of_the_rfc().to_url(name, name)).expect("an address");
        let pairs: Vec<_> = url.query_pairs().collect();
        assert_eq!(pairs.len(), 2, "{url}");
        assert_eq!(url.path().matches(':').count(), 1, "{url}");
        assert!(!of_the_rfc().to_qr_svg(name, name).is_empty());
    }
}

#[test]
fn the_picture_can_stand_in_a_page_with_a_strict_policy() {
    let svg = of_the_rfc().to_qr_svg("<Formhold>", "\"alice\"@example.org");
    assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>"), "{svg}");
    for harm in ["<?xml", "style", "script", "href", "alice", "Formhold", " on"] {
        assert!(!svg.contains(harm), "{harm} in {svg}");
    }
}

/// What a camera would see, with nothing but the rectangles that are drawn.
fn dark_pixels(svg: &str) -> (usize, BTreeSet<(usize, usize)>) {
    let after = |mark: &str| svg.split_once(mark).expect("it is there").1;
    let until = |text: &str, mark: &str| text.split_once(mark).expect("it ends").0.to_owned();
    let width = until(after("width=\""), "\"").parse().expect("a number");
    let mut dark = BTreeSet::new();
    for rectangle in until(after(" d=\""), "\"").split('M').skip(1) {
        let numbers: Vec<usize> = rectangle
            .split(|letter: char| !letter.is_ascii_digit())
            .map(|number| number.parse().expect("a number"))
            .collect();
        let [left, top, width, height, ..] = numbers[..] else { panic!("{rectangle}") };
        dark.extend((0..width).flat_map(|x| (0..height).map(move |y| (left + x, top + y))));
    }
    (width, dark)
}

#[test]
fn a_reader_that_is_not_ours_finds_the_address_in_the_picture() {
    let secret = TotpSecret::generate(&RandomIds);
    for account in ["alice@example.org", &"Bäckerei Groß ".repeat(10)] {
        let (width, dark) = dark_pixels(&secret.to_qr_svg("Formhold", account));
        let shade = |x, y| if dark.contains(&(x, y)) { 0 } else { 255 };
        let mut image = rqrr::PreparedImage::prepare_from_greyscale(width, width, shade);
        let [grid] = &image.detect_grids()[..] else { panic!("one code") };
        let (_, text) = grid.decode().expect("it can be read");
        assert_eq!(text, secret.to_url("Formhold", account));
    }
}
