//! The section `[captcha]`: what it takes, what it refuses, what it shows.

use formhold_captcha::{ALL, Kind, Settings};

/// The section as the reference has it.
fn defaults() -> toml::Table {
    let all: toml::Table =
        include_str!("../../app/config.default.toml").parse().expect("the reference is TOML");
    all["captcha"].as_table().expect("a section").clone()
}

fn with(lines: &str) -> Settings {
    let mut table = defaults();
    table.extend(lines.parse::<toml::Table>().expect("TOML"));
    table.try_into().expect("settings")
}

#[test]
fn the_documented_defaults_are_the_defaults_and_nothing_is_wrong_with_them() {
    assert_eq!(with(""), Settings::default());
    assert_eq!(Settings::default().problems(), []);
    let shown = toml::Table::try_from(Settings::default()).expect("a table");
    assert_eq!(shown, defaults());
}

#[test]
fn an_unknown_key_is_refused() {
    let mut table = defaults();
    table.insert("hcaptcha_sekret".to_owned(), "x".into());
    let error = table.try_into::<Settings>().expect_err("no such key");
    assert!(error.to_string().contains("hcaptcha_sekret"), "{error}");
}

#[test]
fn secrets_are_in_no_output() {
    let settings = with("hcaptcha_secret = \"hunter2\"\nturnstile_secret = \"hunter3\"\n");
    assert_eq!(settings.hcaptcha_secret.expose(), "hunter2");
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
    let cases = [
        ("timeout_ms = 50", "timeout_ms"),
        ("timeout_ms = 60000", "timeout_ms"),
        ("allowed_hosts = [\"https://example.org\"]", "allowed_hosts"),
        ("allowed_hosts = [\"example.org:8443\"]", "allowed_hosts"),
        ("altcha_cost = 0", "altcha_cost"),
        ("altcha_cost = 30000", "altcha_cost"),
        ("altcha_cost = 1\naltcha_max_cost = 2000000", "altcha_max_cost"),
        ("altcha_lifetime_seconds = 5", "altcha_lifetime_seconds"),
        ("recaptcha_v3_min_score = 1.5", "recaptcha_v3_min_score"),
        ("recaptcha_v3_min_score = nan", "recaptcha_v3_min_score"),
        ("recaptcha_v3_action = \"a b\"", "recaptcha_v3_action"),
        ("hcaptcha_site_key = \"a\"", "hcaptcha_secret"),
        ("hcaptcha_secret = \"a\"", "hcaptcha_site_key"),
        ("hcaptcha_site_key = \"a\"\nhcaptcha_secret = \"***\"", "hcaptcha_secret"),
        ("recaptcha_v2_secret = \"a\"", "recaptcha_v2_site_key"),
        ("recaptcha_v3_secret = \"a\"", "recaptcha_v3_site_key"),
        ("turnstile_secret = \"a\"", "turnstile_site_key"),
        ("turnstile_verify_url = \"http://verifier.example/\"", "turnstile_verify_url"),
        ("turnstile_verify_url = \"http://10.0.0.1/\"", "turnstile_verify_url"),
        ("turnstile_verify_url = \"nonsense\"", "turnstile_verify_url"),
    ];
    for (lines, key) in cases {
        let keys: Vec<&str> = with(lines).problems().into_iter().map(|(key, _)| key).collect();
        assert_eq!(keys, [key], "{lines}");
    }
}

#[test]
fn good_settings_have_no_problems() {
    let lines = "allowed_hosts = [\"example.org\", \"*.example.org\"]\n\
        recaptcha_v2_site_key = \"a\"\nrecaptcha_v2_secret = \"b\"\n\
        recaptcha_v2_verify_url = \"https://www.recaptcha.net/recaptcha/api/siteverify\"\n\
        hcaptcha_verify_url = \"http://localhost:8080/siteverify\"\n\
        turnstile_verify_url = \"http://[::1]:8080/siteverify\"\n";
    assert_eq!(with(lines).problems(), []);
}

#[test]
fn kinds_are_found_by_their_names_and_no_field_belongs_to_two_vendors() {
    for kind in ALL {
        assert_eq!(Kind::named(kind.name).map(|found| found.name), Some(kind.name));
        for other in ALL {
            let one_vendor = kind.name.split('_').next() == other.name.split('_').next();
            let shared = kind.fields.iter().any(|field| other.fields.contains(field));
            assert_eq!(shared, one_vendor, "{} and {}", kind.name, other.name);
        }
    }
    assert!(Kind::named("captcha").is_none());
}
