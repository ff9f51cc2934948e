//! Hashing and checking passwords, by the strings that are stored.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use formhold_domain::RandomIds;
use formhold_identity::passwords::{Concurrency, Parameters, Password, Passwords, Verified};

const CURRENT: Verified = Verified { matches: true, outdated: false };
const OUTDATED: Verified = Verified { matches: true, outdated: true };
const WRONG: Verified = Verified { matches: false, outdated: false };

fn with(parameters: Parameters) -> Passwords {
    Passwords::new(parameters, Concurrency::default(), Arc::new(RandomIds)).expect("parameters")
}

fn small() -> Passwords {
    with(Parameters { memory_kib: 256, passes: 1, lanes: 1 })
}

fn typed(text: &str) -> Password {
    Password::for_sign_in(text).expect("short enough")
}

#[tokio::test]
async fn a_password_matches_its_own_hash_and_no_other() {
    let passwords = small();
    let phc = passwords.hash(&typed("mit Senf")).await.expect("not busy");
    assert_eq!(passwords.verify(&typed("mit Senf"), Some(&phc)).await, Ok(CURRENT));
    for wrong in ["", "mit senf", "mit Senf ", "mit Sen", "mit Senff"] {
        assert_eq!(passwords.verify(&typed(wrong), Some(&phc)).await, Ok(WRONG), "{wrong}");
    }
}

#[tokio::test]
async fn hashes_have_the_parameters_asked_for_and_a_salt_of_their_own() {
    let passwords = with(Parameters::default());
    let one = passwords.hash(&typed("mit Senf")).await.expect("not busy");
    let other = passwords.hash(&typed("mit Senf")).await.expect("not busy");
    assert!(one.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{one}");
    assert!(one.len() <= 128 && !one.contains("Senf"));
    assert_ne!(one.split('$').nth(4), other.split('$').nth(4));
}

/// Made by the reference program: `printf hunter42 | argon2 example-salt -id -t 2 -k 256 -p 1 -e`.
const OF_THE_REFERENCE: &str =
    "$argon2id$v=19$m=256,t=2,p=1$ZXhhbXBsZS1zYWx0$zM+xlZkewYG+T8bwxDrp+KMlfSxilo5gmoXq/w6Qb0c";

#[tokio::test]
async fn a_hash_of_the_reference_program_matches_and_is_outdated() {
    let passwords = small();
    let verified = passwords.verify(&typed("hunter42"), Some(OF_THE_REFERENCE)).await;
    assert_eq!(verified, Ok(OUTDATED));
    let passwords = with(Parameters { memory_kib: 256, passes: 2, lanes: 1 });
    let verified = passwords.verify(&typed("hunter42"), Some(OF_THE_REFERENCE)).await;
    assert_eq!(verified, Ok(CURRENT));
}

#[tokio::test]
async fn any_other_parameter_makes_a_hash_outdated() {
    let before = small().hash(&typed("mit Senf")).await.expect("not busy");
    for parameters in [
        Parameters { memory_kib: 512, passes: 1, lanes: 1 },
        Parameters { memory_kib: 256, passes: 2, lanes: 1 },
        Parameters { memory_kib: 256, passes: 1, lanes: 2 },
    ] {
        let verified = with(parameters).verify(&typed("mit Senf"), Some(&before)).await;
        assert_eq!(verified, Ok(OUTDATED), "{parameters:?}");
    }
}

#[tokio::test]
async fn nobody_has_a_password() {
    let passwords = small();
    for text in ["", "mit Senf", "\0\0\0\0\0\0\0\0"] {
        assert_eq!(passwords.verify(&typed(text), None).await, Ok(WRONG), "{text}");
    }
    let good = passwords.hash(&typed("mit Senf")).await.expect("not busy");
    let md5 = "$1$saltsalt$qjXMvbEw8oaL.CzflDtaK/";
    let cut = &good[..good.len() - 30];
    for unreadable in ["", "mit Senf", "$argon2id$", "$argon2id$v=19$m=256,t=1,p=1$", md5, cut] {
        let verified = passwords.verify(&typed("mit Senf"), Some(unreadable)).await;
        assert!(!verified.expect("not busy").matches, "{unreadable}");
    }
}

#[tokio::test]
async fn checking_nobody_takes_as_long_as_checking_somebody() {
    let passwords = with(Parameters::default());
    let phc = passwords.hash(&typed("mit Senf")).await.expect("not busy");
    let wrong = typed("mit Kraut");
    let mut somebody = Duration::MAX;
    let mut nobody = Duration::MAX;
    let mut unreadable = Duration::MAX;
    // The best of several, by turns, and far apart: other programs are busy too, and what returns
    // early takes no time at all.
    for _ in 0..7 {
        for (best, phc) in
            [(&mut somebody, Some(phc.as_str())), (&mut nobody, None), (&mut unreadable, Some("?"))]
        {
            let start = Instant::now();
            assert!(!passwords.verify(&wrong, phc).await.expect("not busy").matches);
            *best = start.elapsed().min(*best);
        }
    }
    for other in [nobody, unreadable] {
        let ratio = other.as_secs_f64() / somebody.as_secs_f64();
        assert!((0.5..2.0).contains(&ratio), "{somebody:?} and {other:?}");
    }
}

#[test]
fn parameters_that_argon2_does_not_take_are_refused() {
    let parameters = Parameters { memory_kib: 4, passes: 1, lanes: 1 };
    let refused = Passwords::new(parameters, Concurrency::default(), Arc::new(RandomIds));
    assert!(refused.expect_err("too little memory").to_string().contains("argon2"));
}
