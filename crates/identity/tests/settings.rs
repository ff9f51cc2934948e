//! The settings: what they take, what they refuse, what they show.

use std::time::Duration;

use formhold_identity::{
    Settings,
    passwords::{Concurrency, Parameters},
};

const DEFAULTS: &str = include_str!("identity.toml");
const PROVIDER: &str = "[oidc.example]\nissuer = \"https://id.example.org\"\nclient_id = \"us\"\n";

fn with(lines: &str) -> Settings {
    let mut table: toml::Table = DEFAULTS.parse().expect("TOML");
    table.extend(lines.parse::<toml::Table>().expect("TOML"));
    table.try_into().expect("settings")
}

#[test]
fn the_documented_defaults_are_the_defaults_and_nothing_is_wrong_with_them() {
    assert_eq!(with(""), Settings::default());
    assert_eq!(Settings::default().problems(), []);
    let shown = toml::Table::try_from(Settings::default()).expect("a table");
    assert_eq!(shown, DEFAULTS.parse::<toml::Table>().expect("TOML"));
}

#[test]
fn the_defaults_are_what_owasp_asks_for() {
    let settings = Settings::default();
    assert_eq!(settings.password_parameters(), Parameters::default());
    let owasp = Parameters { memory_kib: 19_456, passes: 2, lanes: 1 };
    assert_eq!(settings.password_parameters(), owasp);
    let concurrency = settings.password_concurrency();
    assert!((1..=4).contains(&concurrency.at_once));
    assert_eq!((concurrency.max_waiting, concurrency.max_wait), (256, Duration::from_secs(10)));
    let nine = with("password_hashing_at_once = 9").password_concurrency();
    assert_eq!(nine, Concurrency { at_once: 9, ..concurrency });
}

#[test]
fn a_provider_needs_its_address_and_our_id_only() {
    let settings = with(PROVIDER);
    assert_eq!(settings.problems(), []);
    let provider = &settings.oidc["example"];
    assert_eq!(provider.scopes, ["email", "profile"]);
    assert!(provider.name.is_empty() && provider.client_secret.is_empty());
    for issuer in ["https://id.example.org/realms/forms/", "http://127.0.0.1:8080", "http://[::1]"]
    {
        let settings = with(&PROVIDER.replace("https://id.example.org", issuer));
        assert_eq!(settings.problems(), [], "{issuer}");
    }
}

#[test]
fn an_unknown_key_is_refused() {
    let texts = [
        format!("pasword_passes = 2\n{DEFAULTS}"),
        format!("{DEFAULTS}{PROVIDER}client_sekret = \"x\"\n"),
    ];
    for text in texts {
        let error = toml::from_str::<Settings>(&text).expect_err("no such key").to_string();
        assert!(error.contains("unknown field"), "{error}");
    }
}

#[test]
fn secrets_are_in_no_output() {
    let settings = with(&format!("{PROVIDER}client_secret = \"hunter2\"\n"));
    assert_eq!(settings.oidc["example"].client_secret.expose(), "hunter2");
    let outputs = [
        format!("{settings:?}"),
        format!("{settings:#?}"),
        toml::to_string(&settings).expect("TOML"),
        serde_json::to_string(&settings).expect("JSON"),
    ];
    for output in outputs {
        assert!(!output.contains("hunter") && output.contains("***"), "{output}");
    }
}

#[test]
fn each_mistake_is_told_with_its_key() {
    let provider = |from: &str, to: &str| {
        assert!(PROVIDER.contains(from));
        PROVIDER.replace(from, to)
    };
    let cases = [
        ("password_memory_kib = 1024".to_owned(), "password_memory_kib", "between"),
        ("password_memory_kib = 9999999".to_owned(), "password_memory_kib", "between"),
        ("password_passes = 0".to_owned(), "password_passes", "between"),
        ("password_lanes = 0".to_owned(), "password_lanes", "between"),
        ("password_lanes = 17".to_owned(), "password_lanes", "between"),
        ("password_hashing_at_once = 257".to_owned(), "password_hashing_at_once", "between"),
        ("oidc_timeout_ms = 100".to_owned(), "oidc_timeout_ms", "between"),
        ("oidc_timeout_ms = 100000".to_owned(), "oidc_timeout_ms", "between"),
        (provider("oidc.example", "oidc.Example"), "oidc", "the id `Example`"),
        (provider("oidc.example", "oidc.\"a/b\""), "oidc", "the id `a/b`"),
        (provider("https://id", "http://id"), "oidc", "of `example`: issuer"),
        (provider("https://id.example.org", "id.example.org"), "oidc", "issuer"),
        (provider("example.org", "example.org?a=b"), "oidc", "issuer"),
        (provider("example.org", "example.org#a"), "oidc", "issuer"),
        (provider("\"us\"", "\"\""), "oidc", "client_id is missing"),
        (format!("{PROVIDER}client_secret = \"***\""), "oidc", "write the secret itself"),
        (format!("{PROVIDER}scopes = [\"email profile\"]"), "oidc", "scopes"),
        (format!("{PROVIDER}scopes = [\"\"]"), "oidc", "scopes"),
    ];
    for (lines, key, message) in cases {
        let problems = with(&lines).problems();
        let [(found, text)] = &problems[..] else { panic!("{lines}: {problems:?}") };
        assert_eq!(*found, key, "{lines}");
        assert!(text.contains(message), "{lines}: {text}");
    }
}
