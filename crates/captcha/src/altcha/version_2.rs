//! Version 2 of the protocol: find the counter whose derived key begins as was asked for.
//! <https://altcha.org/docs/v2/proof-of-work/>
//!
//! The library makes and signs challenges. It does not check answers here, because it would look
//! at the clock of the machine.

use std::collections::BTreeMap;

use altcha::{CreateChallengeOptions, HmacAlgorithm, create_challenge, sign_challenge};
use serde_json::{Value, json};
use subtle::ConstantTimeEq as _;

use super::{
    Issue, Terms,
    keys::{Keys, is_signed, unhex},
};
use crate::FailureCode;

const ALGORITHM: &str = "PBKDF2/SHA-256";

/// Rounds in one try. We make one try for each challenge, browsers many: fewer rounds, and calling
/// the browser's cryptography would take longer than the work; more, and we work too much.
const ROUNDS: u32 = 1000;

pub(super) fn challenge(keys: &Keys, issue: &Issue) -> String {
    // The cost is in here because nothing else tells how far the counter may go, and the time of
    // issue because a browser's clock may be wrong.
    let data = BTreeMap::from([
        ("cost".to_owned(), json!(issue.cost)),
        ("form".to_owned(), json!(issue.form)),
        ("issued".to_owned(), json!(issue.issued_at_s)),
    ]);
    let challenge = create_challenge(CreateChallengeOptions {
        algorithm: ALGORITHM.to_owned(),
        cost: ROUNDS,
        counter: Some(keys.draw(&issue.unique, issue.cost)),
        data: Some(data),
        expires_at: Some(issue.expires_at_s),
        hmac_signature_secret: Some(keys.version_2.clone()),
        hmac_key_signature_secret: Some(keys.solution.clone()),
        ..CreateChallengeOptions::default()
    })
    .expect("the algorithm is always there, and the rest is of the right form");
    serde_json::to_string(&challenge).expect("text and numbers are JSON")
}

/// Checks that we signed this challenge and that it is solved; says what it was signed with.
pub(super) fn prove(
    keys: &Keys,
    payload: &altcha::Payload,
) -> Result<Terms, (FailureCode, String)> {
    let mut parameters = payload.challenge.parameters.clone();
    if parameters.algorithm != ALGORITHM {
        let reason = format!("the proof of work is not of the algorithm {ALGORITHM}");
        return Err((FailureCode::WrongAlgorithm, reason));
    }
    let altered = || (FailureCode::Altered, "the challenge is not one of ours".to_owned());
    let given = payload.challenge.signature.as_deref().unwrap_or_default();
    let signature =
        sign_challenge(&HmacAlgorithm::Sha256, &mut parameters, None, &keys.version_2, None)
            .ok()
            .and_then(|signed| signed.signature)
            .ok_or_else(altered)?;
    if !bool::from(signature.as_bytes().ct_eq(given.as_bytes())) {
        return Err(altered());
    }
    let key = unhex(&payload.solution.derived_key).unwrap_or_default();
    let key_signature = parameters.key_signature.as_deref().unwrap_or_default();
    if !is_signed(&keys.solution, &key, key_signature) {
        let reason = "the derived key does not solve the challenge".to_owned();
        return Err((FailureCode::WrongSolution, reason));
    }
    let data = parameters.data.as_ref().ok_or_else(altered)?;
    let terms = || {
        Some(Terms {
            form: data.get("form")?.as_str()?.parse().ok()?,
            cost: data.get("cost").and_then(Value::as_u64)?.try_into().ok()?,
            expires_at_s: parameters.expires_at?,
            unique: signature,
        })
    };
    terms().ok_or_else(altered)
}
