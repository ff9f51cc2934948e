//! Settings: where they come from, and what is said of mistakes.

use std::path::Path;

use formhold::settings::{DEFAULTS, Environment, Settings, load};
use formhold_testkit::{Program, Stack, TestDatabase};

fn environment(pairs: &[(&str, &str)]) -> Environment {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn the_default_file_names_every_setting_and_nothing_else() {
    let settings = load(None, &Environment::new()).expect("the defaults are good").settings;
    let embedded: toml::Table = DEFAULTS.parse().expect("TOML");
    let known = toml::Table::try_from(settings).expect("a table");
    assert_eq!(embedded, known);
    let commented = DEFAULTS
        .lines()
        .zip(DEFAULTS.lines().skip(1))
        .filter(|(_, line)| line.contains(" = "))
        .all(|(before, _)| before.starts_with('#'));
    assert!(commented, "every setting has a comment above it");
}

#[test]
fn the_environment_goes_over_the_file_and_the_file_over_the_defaults() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("formhold.toml");
    let secret = folder.path().join("url");
    std::fs::write(&file, "[server]\nlisten = \"127.0.0.1:1\"\nmax_connections = 7\ntrusted_proxies = [\"10.0.0.0/8\"]\n").expect("written");
    std::fs::write(&secret, "mysql://u:p@db/formhold\n").expect("written");
    let environment = environment(&[
        ("FORMHOLD_SERVER__LISTEN", "127.0.0.1:2"),
        ("FORMHOLD_SERVER__TRUSTED_PROXIES", "192.0.2.0/24, 2001:db8::/32"),
        ("FORMHOLD_DATABASE__URL_FILE", secret.to_str().expect("text")),
        ("FORMHOLD_TEST_ANYTHING", "is none of the settings"),
    ]);
    let loaded = load(Some(&file), &environment).expect("good settings");
    let Settings { server, database, .. } = loaded.settings;
    assert_eq!(
        (server.listen.port(), server.max_connections, server.trusted_proxies.len()),
        (2, 7, 2)
    );
    assert_eq!(database.url, "mysql://u:p@db/formhold");
    assert_eq!(loaded.places["server.max_connections"], format!("{}:3", file.display()));
    assert_eq!(loaded.places["database.url"], "FORMHOLD_DATABASE__URL_FILE");
}

#[test]
fn every_mistake_is_told_at_once_with_its_place() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("formhold.toml");
    let text = "[server]\nlistn = \"x\"\nlisten = \"nowhere\"\n\n[databse]\nurl = \"x\"\n\n[limits]\nmax_fields = \"many\"\nmax_text_bytes = 5\n";
    std::fs::write(&file, text).expect("written");
    let environment = environment(&[
        ("FORMHOLD_SERVER__MAX_CONNECTIONS", "lots"),
        ("FORMHOLD_SERVER_LISTEN", "127.0.0.1:80"),
        ("FORMHOLD_DATABASE__URL", "postgres://x"),
        ("FORMHOLD_FILES__URL_FILE", "/does/not/exist"),
        ("FORMHOLD_TELEMETRY__LOG_FORMAT", "xml"),
    ]);
    let problems = load(Some(&file), &environment).expect_err("mistakes");
    let folder = folder.path().display().to_string();
    insta::assert_snapshot!(problems.to_string().replace(&folder, "FOLDER"));
}

#[test]
fn sections_that_people_name_come_from_the_file_and_the_environment_together() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("formhold.toml");
    let secret = folder.path().join("secret");
    let text = "[auth.oidc.google]\nissuer = \"https://accounts.example.org\"\nclient_id = \"a\"\n\n[auth.oidc.my-own]\nissuer = \"https://id.example.org\"\n";
    std::fs::write(&file, text).expect("written");
    std::fs::write(&secret, "hunter3\n").expect("written");
    let environment = environment(&[
        ("FORMHOLD_AUTH__OIDC__GOOGLE__CLIENT_ID", "b"),
        ("FORMHOLD_AUTH__OIDC__GOOGLE__CLIENT_SECRET", "hunter2"),
        ("FORMHOLD_AUTH__OIDC__MY_OWN__CLIENT_ID", "c"),
        ("FORMHOLD_AUTH__OIDC__MY_OWN__CLIENT_SECRET_FILE", secret.to_str().expect("text")),
        ("FORMHOLD_AUTH__OIDC__MY_OWN__SCOPES", "email, groups"),
    ]);
    let loaded = load(Some(&file), &environment).expect("good settings");
    let oidc = &loaded.settings.auth.oidc;
    assert_eq!(oidc.keys().collect::<Vec<_>>(), ["google", "my-own"]);
    let (google, own) = (&oidc["google"], &oidc["my-own"]);
    assert_eq!((&*google.client_id, google.client_secret.expose()), ("b", "hunter2"));
    assert_eq!((&*own.client_id, own.client_secret.expose()), ("c", "hunter3"));
    assert_eq!(
        (&google.scopes[..], &own.scopes[..]),
        (&["email", "profile"].map(str::to_owned)[..], &["email", "groups"].map(str::to_owned)[..])
    );
    assert_eq!(loaded.places["auth.oidc.google.issuer"], format!("{}:2", file.display()));
    assert_eq!(
        loaded.places["auth.oidc.my-own.client_secret"],
        "FORMHOLD_AUTH__OIDC__MY_OWN__CLIENT_SECRET_FILE"
    );
}

#[test]
fn mistakes_in_sections_that_people_name_are_told_with_their_place() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("formhold.toml");
    let text = "[auth.oidc.one]\nisuer = \"https://id.example.org\"\nclient_id = 5\n\n[auth.oidc.Two]\nissuer = \"http://id.example.org\"\n\n[auth.oidc]\nthree = \"x\"\n\n[auth.oidc.four]\n\n[auth.oidcs.five]\nissuer = \"x\"\n";
    std::fs::write(&file, text).expect("written");
    let environment = environment(&[
        ("FORMHOLD_AUTH__OIDC__ONE__CLIENT_SECERT", "x"),
        ("FORMHOLD_AUTH__OIDC", "x"),
    ]);
    let problems = load(Some(&file), &environment).expect_err("mistakes");
    let folder = folder.path().display().to_string();
    insta::assert_snapshot!(problems.to_string().replace(&folder, "FOLDER"));
}

#[test]
fn a_file_that_is_no_toml_is_told_by_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("formhold.toml");
    std::fs::write(&file, "[server]\nlisten = \n").expect("written");
    let text = load(Some(&file), &Environment::new()).expect_err("a mistake").to_string();
    assert!(text.contains("formhold.toml:2: ") && text.contains("is no TOML"), "{text}");
    let text = load(Some(Path::new("/does/not/exist")), &Environment::new())
        .expect_err("a mistake")
        .to_string();
    assert!(text.contains("cannot be read"), "{text}");
}

#[tokio::test]
async fn the_program_refuses_bad_settings_with_78_and_shows_good_ones_without_passwords() {
    let database = TestDatabase::new(Stack::Sqlite).await;
    let program = Program::new(env!("CARGO_BIN_EXE_formhold"), &database);
    let bad = Program::new(env!("CARGO_BIN_EXE_formhold"), &database)
        .setting("FORMHOLD_SERVER__LISTEN", "x")
        .setting("FORMHOLD_LIMITS__MAX_FIELDS", "y");
    for arguments in [&["serve"][..], &["config", "check"], &["config", "show"], &["form", "list"]]
    {
        let output = bad.run(arguments);
        assert_eq!(output.status.code(), Some(78), "{arguments:?}");
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(
            text.contains("FORMHOLD_SERVER__LISTEN")
                && text.contains("FORMHOLD_LIMITS__MAX_FIELDS"),
            "{text}"
        );
    }
    assert!(program.run(&["config", "check"]).status.success());
    let secret = program
        .setting("FORMHOLD_DATABASE__URL", "mysql://user:hunter2@db/formhold")
        .setting("FORMHOLD_AUTH__OIDC__EXAMPLE__ISSUER", "https://id.example.org")
        .setting("FORMHOLD_AUTH__OIDC__EXAMPLE__CLIENT_ID", "us")
        .setting("FORMHOLD_AUTH__OIDC__EXAMPLE__CLIENT_SECRET", "hunter2");
    for arguments in [&["config", "show"][..], &["config", "show", "--json"]] {
        let output = secret.run(arguments);
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(
            output.status.success()
                && text.contains("user:***@db")
                && text.contains("https://id.example.org")
                && !text.contains("hunter2"),
            "{text}"
        );
    }
}
