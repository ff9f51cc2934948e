//! Does what a visitor's browser does with a challenge.

use altcha::{Challenge, Payload, SolveChallengeOptions, solve_challenge};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// The answer to a challenge of either version, as JSON.
pub(crate) fn solve(challenge: &str) -> Value {
    let challenge: Value = serde_json::from_str(challenge).expect("a challenge is JSON");
    if challenge.get("parameters").is_some() { version_2(challenge) } else { version_1(&challenge) }
}

/// An answer as it is put into the form.
pub(crate) fn token(answer: &Value) -> String {
    STANDARD.encode(answer.to_string())
}

fn version_1(challenge: &Value) -> Value {
    let text = |name: &str| challenge[name].as_str().expect("a text");
    let max_number = challenge["maxnumber"].as_u64().expect("a number");
    let number = (0..=max_number)
        .find(|number| {
            let hash = Sha256::digest(format!("{}{number}", text("salt")));
            let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
            hex == text("challenge")
        })
        .expect("every challenge has a solution");
    json!({
        "algorithm": text("algorithm"),
        "challenge": text("challenge"),
        "number": number,
        "salt": text("salt"),
        "signature": text("signature"),
        "took": 1,
    })
}

fn version_2(challenge: Value) -> Value {
    let challenge: Challenge = serde_json::from_value(challenge).expect("a challenge");
    let solution = solve_challenge(SolveChallengeOptions::new(&challenge))
        .expect("a well-formed challenge")
        .expect("every challenge has a solution");
    serde_json::to_value(Payload { challenge, solution }).expect("an answer is JSON")
}
