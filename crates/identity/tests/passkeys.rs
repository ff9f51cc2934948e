//! Passkeys: both ceremonies, and what must not pass. `e2e/passkeys` does the same with a browser.

mod support;

use formhold_identity::passkeys::{
    Begun, NoPasskeys, Owner, PasskeyProblem, Passkeys, Registered, SignedIn,
};
use serde_json::{Value, json};
use support::authenticator::Authenticator;
use url::Url;
use uuid::Uuid;

const ORIGIN: &str = "https://forms.example.org";
const HOST: &str = "forms.example.org";
const ALICE: Uuid = Uuid::from_u128(0x0197_a2b0_0000_7000_8000_0000_0000_00a1);
const BOB: Uuid = Uuid::from_u128(0x0197_a2b0_0000_7000_8000_0000_0000_00b0);

fn at(public_url: &str) -> Result<Passkeys, NoPasskeys> {
    Passkeys::new(&Url::parse(public_url).expect("an address"), "Forms of the example")
}

fn passkeys() -> Passkeys {
    at("https://forms.example.org/below/").expect("a good address")
}

fn begin_registration(owner: Uuid, existing: &[Vec<u8>]) -> Begun {
    let owner = Owner { id: owner, name: "alice@example.org", display_name: "Alice" };
    passkeys().begin_registration(owner, existing).expect("it begins")
}

fn registered() -> (Authenticator, Registered) {
    let mut authenticator = Authenticator::on(ORIGIN, HOST);
    let begun = begin_registration(ALICE, &[]);
    let response = authenticator.create(&begun.options);
    let registered = passkeys().finish_registration(&begun.state, &response).expect("it is good");
    (authenticator, registered)
}

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

fn refused<T: std::fmt::Debug>(result: Result<T, PasskeyProblem>) {
    assert!(matches!(result, Err(PasskeyProblem::Refused(_))), "{result:?}");
}

#[test]
fn a_passkey_is_registered_and_signs_in_without_a_name() {
    let (mut authenticator, registered) = registered();
    assert_eq!(registered.credential_id, authenticator.credential_id);
    let mut credential = registered.credential;
    for _ in 0..3 {
        let begun = passkeys().begin_sign_in().expect("it begins");
        let response = authenticator.get(&begun.options);
        let claimed = passkeys().claimed(&response).expect("it names somebody");
        assert_eq!((claimed.owner, &claimed.credential_id), (ALICE, &registered.credential_id));
        let signed_in = passkeys().finish_sign_in(&begun.state, &response, ALICE, &credential);
        let changed = signed_in.expect("it is good").changed_credential;
        credential = changed.expect("the counter rose");
    }
}

#[test]
fn a_passkey_that_does_not_count_stays_as_it_is() {
    let mut authenticator = Authenticator::on(ORIGIN, HOST);
    (authenticator.counter, authenticator.counts) = (0, false);
    let begun = begin_registration(ALICE, &[]);
    let response = authenticator.create(&begun.options);
    let kept = passkeys().finish_registration(&begun.state, &response).expect("it is good");
    let begun = passkeys().begin_sign_in().expect("it begins");
    let response = authenticator.get(&begun.options);
    let signed_in = passkeys().finish_sign_in(&begun.state, &response, ALICE, &kept.credential);
    assert_eq!(signed_in, Ok(SignedIn { changed_credential: None }));
}

#[test]
fn the_options_are_what_browsers_want() {
    let begun = begin_registration(ALICE, &[vec![1, 2, 3, 250]]);
    let options = &parsed(&begun.options)["publicKey"];
    assert_eq!(options["rp"], json!({ "name": "Forms of the example", "id": HOST }));
    assert_eq!(options["user"]["id"], "AZeisAAAcACAAAAAAAAAoQ");
    assert_eq!(options["user"]["name"], "alice@example.org");
    assert_eq!(options["user"]["displayName"], "Alice");
    assert_eq!(options["excludeCredentials"][0]["id"], "AQID-g");
    assert_eq!(options["attestation"], "none");
    assert_eq!(options["timeout"], 300_000);
    let selection = &options["authenticatorSelection"];
    assert_eq!(selection["residentKey"], "required");
    assert_eq!(selection["requireResidentKey"], true);
    assert_eq!(selection["userVerification"], "required");
    let algorithms: Vec<_> = options["pubKeyCredParams"]
        .as_array()
        .expect("some")
        .iter()
        .map(|one| &one["alg"])
        .collect();
    assert!(algorithms.contains(&&json!(-7)) && algorithms.contains(&&json!(-257)));

    let begun = passkeys().begin_sign_in().expect("it begins");
    let options = parsed(&begun.options);
    assert!(options.get("mediation").is_none_or(Value::is_null));
    let options = &options["publicKey"];
    assert_eq!(options["rpId"], HOST);
    assert_eq!(options["userVerification"], "required");
    assert_eq!(options["allowCredentials"], json!([]));
    assert_eq!(options["challenge"].as_str().expect("text").len(), 43);
}

#[test]
fn each_challenge_is_new_and_answers_only_its_own() {
    let (mut authenticator, registered) = registered();
    let one = passkeys().begin_sign_in().expect("it begins");
    let other = passkeys().begin_sign_in().expect("it begins");
    let response = authenticator.get(&one.options);
    let finish =
        |state: &str| passkeys().finish_sign_in(state, &response, ALICE, &registered.credential);
    refused(finish(&other.state));
    assert!(finish(&one.state).is_ok());

    let one = begin_registration(ALICE, &[]);
    let other = begin_registration(ALICE, &[]);
    let response = Authenticator::on(ORIGIN, HOST).create(&one.options);
    refused(passkeys().finish_registration(&other.state, &response));
}

#[test]
fn a_passkey_that_was_not_unlocked_is_refused() {
    let (mut authenticator, registered) = registered();
    authenticator.unlocked = false;
    let begun = passkeys().begin_sign_in().expect("it begins");
    let response = authenticator.get(&begun.options);
    refused(passkeys().finish_sign_in(&begun.state, &response, ALICE, &registered.credential));
    let begun = begin_registration(ALICE, &[]);
    let response = authenticator.create(&begun.options);
    refused(passkeys().finish_registration(&begun.state, &response));
}

#[test]
fn an_answer_from_another_page_is_refused() {
    for (origin, host) in [
        ("https://evil.example", HOST),
        ("https://forms.example.org.evil.example", HOST),
        ("https://below.forms.example.org", HOST),
        ("http://forms.example.org", HOST),
        ("https://forms.example.org:8443", HOST),
        (ORIGIN, "example.org"),
        (ORIGIN, "evil.example"),
    ] {
        let begun = begin_registration(ALICE, &[]);
        let response = Authenticator::on(origin, host).create(&begun.options);
        refused(passkeys().finish_registration(&begun.state, &response));

        let (mut authenticator, registered) = registered();
        authenticator.origin = origin.to_owned();
        authenticator.host = host.to_owned();
        let begun = passkeys().begin_sign_in().expect("it begins");
        let response = authenticator.get(&begun.options);
        refused(passkeys().finish_sign_in(&begun.state, &response, ALICE, &registered.credential));
    }
}

#[test]
fn another_passkey_does_not_sign_in() {
    let (alices, registered_alice) = registered();
    let (mut other, registered_other) = registered();
    let begun = passkeys().begin_sign_in().expect("it begins");
    let response = other.get(&begun.options);
    let with =
        |credential: &str| passkeys().finish_sign_in(&begun.state, &response, ALICE, credential);
    refused(with(&registered_alice.credential));
    assert!(with(&registered_other.credential).is_ok());

    // It says that it is Alice's, and cannot sign so.
    other.credential_id = alices.credential_id;
    let response = other.get(&begun.options);
    let alice = &registered_alice.credential;
    refused(passkeys().finish_sign_in(&begun.state, &response, ALICE, alice));
}

#[test]
fn a_passkey_names_its_owner_and_no_other_account() {
    let (mut authenticator, registered) = registered();
    let begun = passkeys().begin_sign_in().expect("it begins");
    let good = authenticator.get(&begun.options);
    let credential = &registered.credential;
    let as_bob = passkeys().finish_sign_in(&begun.state, &good, BOB, credential);
    assert_eq!(as_bob, Err(PasskeyProblem::OtherOwner));

    for handle in [json!(null), json!(""), json!("AAAA"), json!({}), json!("?")] {
        let mut response = parsed(&good);
        response["response"]["userHandle"] = handle;
        let response = response.to_string();
        assert_eq!(passkeys().claimed(&response), Err(PasskeyProblem::UnreadableResponse));
        let result = passkeys().finish_sign_in(&begun.state, &response, ALICE, credential);
        assert_eq!(result, Err(PasskeyProblem::UnreadableResponse));
    }
}

#[test]
fn a_copied_passkey_is_noticed_by_its_counter() {
    let (mut authenticator, registered) = registered();
    authenticator.counter = 40;
    let begun = passkeys().begin_sign_in().expect("it begins");
    let response = authenticator.get(&begun.options);
    let finish = |state: &str, response: &str, credential: &str| {
        passkeys().finish_sign_in(state, response, ALICE, credential)
    };
    let signed_in = finish(&begun.state, &response, &registered.credential).expect("it is good");
    let credential = signed_in.changed_credential.expect("the counter rose");
    authenticator.counts = false;
    for counter in [41, 7, 0] {
        authenticator.counter = counter;
        let begun = passkeys().begin_sign_in().expect("it begins");
        let response = authenticator.get(&begun.options);
        let result = finish(&begun.state, &response, &credential);
        assert_eq!(result, Err(PasskeyProblem::Copied), "{counter}");
    }
}

#[test]
fn a_changed_answer_is_refused() {
    let (mut authenticator, registered) = registered();
    let begun = passkeys().begin_sign_in().expect("it begins");
    let good = parsed(&authenticator.get(&begun.options));
    let finish = |response: &Value| {
        let response = response.to_string();
        passkeys().finish_sign_in(&begun.state, &response, ALICE, &registered.credential)
    };
    for part in ["authenticatorData", "clientDataJSON", "signature"] {
        let text = good["response"][part].as_str().expect("text").to_owned();
        for at in (0..text.len()).step_by(7) {
            let mut letters = text.clone().into_bytes();
            letters[at] = if letters[at] == b'A' { b'B' } else { b'A' };
            let mut response = good.clone();
            response["response"][part] = String::from_utf8(letters).expect("ASCII").into();
            assert!(finish(&response).is_err(), "{part} at {at}");
        }
    }
    assert!(finish(&good).is_ok());
}

#[test]
fn the_answer_to_the_one_ceremony_is_none_to_the_other() {
    let (mut authenticator, registered) = registered();
    let registration = begin_registration(ALICE, &[]);
    let sign_in = passkeys().begin_sign_in().expect("it begins");
    let made = authenticator.create(&registration.options);
    let used = authenticator.get(&sign_in.options);
    let credential = &registered.credential;
    assert!(passkeys().finish_registration(&registration.state, &used).is_err());
    assert!(passkeys().finish_sign_in(&sign_in.state, &made, ALICE, credential).is_err());
    let swapped = passkeys().finish_registration(&sign_in.state, &made);
    assert_eq!(swapped, Err(PasskeyProblem::UnreadableState));
    let swapped = passkeys().finish_sign_in(&registration.state, &used, ALICE, credential);
    assert_eq!(swapped, Err(PasskeyProblem::UnreadableState));
}

#[test]
fn rubbish_is_told_from_a_refusal() {
    let begun = begin_registration(ALICE, &[]);
    let deep = "[".repeat(100_000);
    let long = format!("{{\"id\":\"{}\"}}", "A".repeat(1_000_000));
    for rubbish in ["", "{}", "null", "[]", "\0", "{\"id\":1}", &deep, &long] {
        let result = passkeys().finish_registration(&begun.state, rubbish);
        assert_eq!(result, Err(PasskeyProblem::UnreadableResponse));
        assert_eq!(passkeys().claimed(rubbish), Err(PasskeyProblem::UnreadableResponse));
        let response = Authenticator::on(ORIGIN, HOST).create(&begun.options);
        let result = passkeys().finish_registration(rubbish, &response);
        assert_eq!(result, Err(PasskeyProblem::UnreadableState));
    }
}

#[test]
fn addresses_for_which_browsers_make_no_passkeys_are_refused() {
    for address in [
        "http://forms.example.org/",
        "https://192.0.2.1/",
        "https://[2001:db8::1]/",
        "http://127.0.0.1:8080/",
        "ftp://forms.example.org/",
        "mailto:forms@example.org",
    ] {
        assert!(at(address).expect_err("no passkeys").to_string().contains(address), "{address}");
    }
    for address in
        ["https://forms.example.org", "http://localhost:8080/", "https://bücher.example/"]
    {
        assert!(at(address).is_ok(), "{address}");
    }
}
