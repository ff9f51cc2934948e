//! Version 1 of the protocol: find the number whose hash behind a salt is the one that was asked
//! for. <https://altcha.org/docs/v1/proof-of-work/>

use serde::Deserialize;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::{
    Issue, Terms,
    keys::{Keys, hex, hmac, is_signed},
};
use crate::FailureCode;

const ALGORITHM: &str = "SHA-256";

/// A hash takes a thousandth of a try of version 2 or less, and a widget makes a hundred thousand
/// and more in a second on each core.
const HASHES_A_TRY: u32 = 1000;

/// An answer.
#[derive(Deserialize)]
pub(super) struct Payload {
    algorithm: String,
    challenge: String,
    number: u64,
    salt: String,
    signature: String,
}

pub(super) fn challenge(keys: &Keys, issue: &Issue) -> String {
    let Issue { form, cost, expires_at_s, unique, .. } = issue;
    let max_number = cost.saturating_mul(HASHES_A_TRY);
    // `expires` is the widget's name for it. The `&` at the end parts the salt from the number:
    // without it, digits could be moved from one to the other to live longer.
    // https://altcha.org/security-advisory/
    let salt = format!("{unique}?cost={cost}&expires={expires_at_s}&form={form}&");
    let number = keys.draw(unique, max_number);
    let challenge = hash(&salt, number.into());
    let signature = hex(&hmac(keys.version_1.as_bytes(), &[&challenge]));
    json!({
        "algorithm": ALGORITHM,
        "challenge": challenge,
        "maxnumber": max_number,
        "salt": salt,
        "signature": signature,
    })
    .to_string()
}

/// Checks that we signed this challenge and that it is solved; says what it was signed with.
pub(super) fn prove(keys: &Keys, payload: &Payload) -> Result<Terms, (FailureCode, String)> {
    if payload.algorithm != ALGORITHM {
        let reason = format!("the proof of work is not of the algorithm {ALGORITHM}");
        return Err((FailureCode::WrongAlgorithm, reason));
    }
    let altered = || (FailureCode::Altered, "the challenge is not one of ours".to_owned());
    if !is_signed(&keys.version_1, payload.challenge.as_bytes(), &payload.signature) {
        return Err(altered());
    }
    if hash(&payload.salt, payload.number) != payload.challenge {
        let reason = "the number does not solve the challenge, or its salt was altered".to_owned();
        return Err((FailureCode::WrongSolution, reason));
    }
    terms(payload).ok_or_else(altered)
}

/// Reads the salt, which must be written exactly as we write it.
fn terms(payload: &Payload) -> Option<Terms> {
    let (_, written) = payload.salt.split_once('?')?;
    let mut parts = written.strip_suffix('&')?.split('&');
    let mut next = |name: &str| parts.next()?.strip_prefix(name)?.strip_prefix('=');
    let cost = next("cost")?.parse().ok()?;
    let expires_at_s = next("expires")?.parse().ok()?;
    let form = next("form")?.parse().ok()?;
    let unique = payload.challenge.clone();
    parts.next().is_none().then_some(Terms { form, cost, expires_at_s, unique })
}

fn hash(salt: &str, number: u64) -> String {
    hex(&Sha256::digest(format!("{salt}{number}")))
}
