//! The built-in proof of work: what passes, and what does not.

mod support;

use std::time::Instant;

use formhold_captcha::{
    Answer, FailureCode, ReplayKey, Settings, Verdict,
    altcha::{ChallengeRequest, Version},
};
use serde_json::{Value, json};
use support::{
    scene::{START_MS, Scene, answer, form},
    solver::{solve, token},
};

const VERSIONS: [Version; 2] = [Version::One, Version::Two];

fn scene() -> Scene {
    Scene::new(&Settings::default())
}

/// Cheap, so that a debug build solves it at once.
fn challenge(scene: &Scene, version: Version) -> String {
    scene.captchas.altcha().challenge(&ChallengeRequest { form: form(1), cost: 4, version })
}

fn solved(scene: &Scene, version: Version) -> Value {
    solve(&challenge(scene, version))
}

async fn verify(scene: &Scene, answer: &Answer<'_>) -> Verdict {
    scene.captchas.provider("altcha").expect("it is always there").verify(answer).await
}

async fn code(scene: &Scene, solved: &Value) -> FailureCode {
    match verify(scene, &answer(&token(solved))).await {
        Verdict::Failed { code, .. } => code,
        other => panic!("{other:?} of {solved}"),
    }
}

async fn replay_key(scene: &Scene, token: &str) -> ReplayKey {
    match verify(scene, &answer(token)).await {
        Verdict::Passed { score: None, replay_key: Some(key) } => key,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_solved_challenge_passes_and_its_key_is_its_own() {
    let scene = scene();
    let mut keys = Vec::new();
    for version in VERSIONS {
        for _ in 0..2 {
            let key = replay_key(&scene, &token(&solved(&scene, version))).await;
            assert_eq!(key.forget_at_ms, START_MS + 1200 * 1000);
            assert!(key.text.len() <= 80, "{}", key.text);
            keys.push(key.text);
        }
    }
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len(), 4);
}

#[tokio::test]
async fn every_spelling_of_an_answer_has_the_same_replay_key() {
    let scene = scene();
    for version in VERSIONS {
        let solved = solved(&scene, version);
        let first = replay_key(&scene, &token(&solved)).await;
        let mut further = solved.clone();
        further["anything"] = json!("more");
        further["took"] = json!(5);
        let spaced = serde_json::to_string_pretty(&solved).expect("JSON");
        let unpadded = token(&solved).trim_end_matches('=').to_owned();
        for spelling in [token(&further), token_of_text(&spaced), unpadded] {
            assert_eq!(replay_key(&scene, &spelling).await, first);
        }
        let mut loud = solved.clone();
        let signature = match version {
            Version::One => &mut loud["signature"],
            Version::Two => &mut loud["solution"]["derivedKey"],
        };
        *signature = json!(signature.as_str().expect("text").to_ascii_uppercase());
        assert_eq!(replay_key(&scene, &token(&loud)).await, first);
        // Rust's parser of numbers takes `+f` for `0f`.
        let signature = match version {
            Version::One => &mut loud["signature"],
            Version::Two => &mut loud["solution"]["derivedKey"],
        };
        let digits = signature.as_str().expect("text").to_owned();
        if let Some(at) = (0..digits.len()).step_by(2).find(|at| &digits[*at..=*at] == "0") {
            *signature = json!(format!("{}+{}", &digits[..at], &digits[at + 1..]));
            code(&scene, &loud).await;
        }
    }
}

fn token_of_text(text: &str) -> String {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    STANDARD.encode(text)
}

#[tokio::test]
async fn a_challenge_tells_its_terms_and_nothing_secret() {
    let scene = scene();
    let one: Value = serde_json::from_str(&challenge(&scene, Version::One)).expect("JSON");
    let mut keys: Vec<_> = one.as_object().expect("an object").keys().cloned().collect();
    keys.sort();
    assert_eq!(keys, ["algorithm", "challenge", "maxnumber", "salt", "signature"]);
    assert_eq!((&one["algorithm"], &one["maxnumber"]), (&json!("SHA-256"), &json!(4000)));
    let expires_at_s = START_MS / 1000 + 1200;
    let end = format!("?cost=4&expires={expires_at_s}&form={}&", form(1));
    assert!(one["salt"].as_str().expect("text").ends_with(&end), "{one}");

    let two: Value = serde_json::from_str(&challenge(&scene, Version::Two)).expect("JSON");
    let parameters = &two["parameters"];
    assert_eq!(parameters["algorithm"], "PBKDF2/SHA-256");
    assert_eq!(parameters["expiresAt"], json!(expires_at_s));
    let data = json!({ "cost": 4, "form": form(1), "issued": START_MS / 1000 });
    assert_eq!(parameters["data"], data);
    assert!(parameters.get("counter").is_none() && two.get("counter").is_none());
}

#[tokio::test]
async fn an_answer_that_comes_too_late_fails() {
    for version in VERSIONS {
        let scene = scene();
        let token = token(&solved(&scene, version));
        scene.clock.advance_ms(1200 * 1000 - 1);
        replay_key(&scene, &token).await;
        scene.clock.advance_ms(1);
        let verdict = verify(&scene, &answer(&token)).await;
        let failed = matches!(verdict, Verdict::Failed { code: FailureCode::Expired, .. });
        assert!(failed, "{verdict:?}");
    }
}

#[tokio::test]
async fn an_answer_to_another_forms_challenge_fails() {
    let scene = scene();
    for version in VERSIONS {
        let token = token(&solved(&scene, version));
        let verdict = verify(&scene, &Answer { form: form(2), ..answer(&token) }).await;
        let failed = matches!(verdict, Verdict::Failed { code: FailureCode::OtherForm, .. });
        assert!(failed, "{verdict:?}");
    }
}

#[tokio::test]
async fn an_answer_that_was_cheaper_than_asked_fails() {
    let scene = scene();
    for version in VERSIONS {
        let token = token(&solved(&scene, version));
        for (least_cost, passes) in [(0, true), (4, true), (5, false)] {
            match verify(&scene, &Answer { least_cost, ..answer(&token) }).await {
                Verdict::Passed { .. } => assert!(passes),
                Verdict::Failed { code, reason } => {
                    assert!(!passes && code == FailureCode::TooCheap, "{reason}");
                }
                other => panic!("{other:?}"),
            }
        }
    }
}

#[tokio::test]
async fn the_cost_stays_within_the_settings() {
    let scene = scene();
    for (asked, given) in [(0, 1), (5, 5), (u32::MAX, 20_000)] {
        let request = ChallengeRequest { form: form(1), cost: asked, version: Version::Two };
        let challenge = scene.captchas.altcha().challenge(&request);
        let challenge: Value = serde_json::from_str(&challenge).expect("JSON");
        assert_eq!(challenge["parameters"]["data"]["cost"], json!(given));
    }
    let altcha = scene.captchas.altcha();
    assert_eq!((altcha.cost(), altcha.max_cost()), (2000, 20_000));
}

#[tokio::test]
async fn whatever_is_altered_the_answer_fails() {
    let scene = scene();
    let one = solved(&scene, Version::One);
    let salt = one["salt"].as_str().expect("text").to_owned();
    let number = one["number"].as_u64().expect("a number");
    let later = (START_MS / 1000 + 1200).to_string();
    let cases = [
        ("signature", json!("00"), FailureCode::Altered),
        ("signature", json!(""), FailureCode::Altered),
        ("signature", json!("ä"), FailureCode::Altered),
        ("challenge", json!("00"), FailureCode::Altered),
        ("number", json!(number + 1), FailureCode::WrongSolution),
        ("salt", json!(salt.replace("cost=4", "cost=9")), FailureCode::WrongSolution),
        ("salt", json!(salt.replace(&later, "9999999999")), FailureCode::WrongSolution),
        ("salt", json!(""), FailureCode::WrongSolution),
        ("algorithm", json!("SHA-1"), FailureCode::WrongAlgorithm),
        ("algorithm", json!("SHA-512"), FailureCode::WrongAlgorithm),
    ];
    for (key, value, expected) in cases {
        let mut altered = one.clone();
        altered[key] = value;
        assert_eq!(code(&scene, &altered).await, expected, "{key} of {altered}");
    }

    let two = solved(&scene, Version::Two);
    let cases = [
        ("/challenge/signature", json!("00"), FailureCode::Altered),
        ("/challenge/signature", json!(null), FailureCode::Altered),
        ("/challenge/parameters/cost", json!(1), FailureCode::Altered),
        ("/challenge/parameters/data/cost", json!(9), FailureCode::Altered),
        ("/challenge/parameters/data/form", json!(form(2)), FailureCode::Altered),
        ("/challenge/parameters/data", json!(null), FailureCode::Altered),
        ("/challenge/parameters/expiresAt", json!(9_999_999_999_i64), FailureCode::Altered),
        ("/challenge/parameters/expiresAt", json!(null), FailureCode::Altered),
        ("/challenge/parameters/keyPrefix", json!("00"), FailureCode::Altered),
        ("/challenge/parameters/keySignature", json!(null), FailureCode::Altered),
        ("/challenge/parameters/salt", json!("00"), FailureCode::Altered),
        ("/challenge/parameters/algorithm", json!("SHA-256"), FailureCode::WrongAlgorithm),
        ("/challenge/parameters/algorithm", json!("SCRYPT"), FailureCode::WrongAlgorithm),
        ("/solution/derivedKey", json!("00"), FailureCode::WrongSolution),
        ("/solution/derivedKey", json!(""), FailureCode::WrongSolution),
        ("/solution/derivedKey", json!("ä"), FailureCode::WrongSolution),
    ];
    for (pointer, value, expected) in cases {
        let mut altered = two.clone();
        *altered.pointer_mut(pointer).expect("it is there") = value;
        assert_eq!(code(&scene, &altered).await, expected, "{pointer} of {altered}");
    }
    let mut unsolved = two.clone();
    let prefix = two["challenge"]["parameters"]["keyPrefix"].as_str().expect("text");
    unsolved["solution"]["derivedKey"] = json!(format!("{prefix:0<64}"));
    assert_eq!(code(&scene, &unsolved).await, FailureCode::WrongSolution);
}

#[tokio::test]
async fn digits_cannot_be_moved_from_the_number_into_the_salt() {
    let scene = scene();
    let answers = std::iter::repeat_with(|| solved(&scene, Version::One));
    let mut tried = 0;
    for solved in answers.take(8) {
        let number = solved["number"].as_u64().expect("a number").to_string();
        let salt = solved["salt"].as_str().expect("text");
        for at in 1..number.len() {
            let mut moved = solved.clone();
            moved["salt"] = json!(format!("{salt}{}", &number[..at]));
            moved["number"] = json!(number[at..].parse::<u64>().expect("digits"));
            let expected = match number[at..].starts_with('0') && number[at..].len() > 1 {
                // A leading zero is lost, and with it the hash.
                true => FailureCode::WrongSolution,
                false => FailureCode::Altered,
            };
            assert_eq!(code(&scene, &moved).await, expected, "{moved}");
            tried += 1;
        }
    }
    assert!(tried > 8);
}

#[tokio::test]
async fn challenges_of_others_fail() {
    let ours = scene();
    let theirs = Scene::with_key(&Settings::default(), &[7; 32]);
    for version in VERSIONS {
        assert_eq!(code(&ours, &solved(&theirs, version)).await, FailureCode::Altered);
    }
}

#[tokio::test]
async fn what_is_no_answer_fails_at_once() {
    let scene = scene();
    let deep = token_of_text(&"[".repeat(3000));
    let long = "A".repeat(10_000_000);
    for (token, expected) in [
        (String::new(), FailureCode::Missing),
        ("not base64!".to_owned(), FailureCode::Malformed),
        (token_of_text("no JSON"), FailureCode::Malformed),
        (token_of_text("{}"), FailureCode::Malformed),
        (token_of_text("null"), FailureCode::Malformed),
        (token(&json!({ "challenge": {}, "solution": {} })), FailureCode::Malformed),
        (deep, FailureCode::Malformed),
        ("A".repeat(4097), FailureCode::TooLong),
        (long, FailureCode::TooLong),
    ] {
        let verdict = verify(&scene, &answer(&token)).await;
        let failed = matches!(verdict, Verdict::Failed { code, .. } if code == expected);
        assert!(failed, "{verdict:?}");
    }
}

#[tokio::test]
async fn checking_an_answer_is_a_matter_of_microseconds() {
    let scene = scene();
    for version in VERSIONS {
        let token = token(&solved(&scene, version));
        let started = Instant::now();
        for _ in 0..100 {
            replay_key(&scene, &token).await;
        }
        let each = started.elapsed() / 100;
        // A debug build takes about a hundred times as long as a release build.
        assert!(each.as_micros() < 5000, "{version:?}: {each:?}");
    }
}
