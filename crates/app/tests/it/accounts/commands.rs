//! `formhold user` and `formhold audit`, run as their user runs them.

use std::{io::Write as _, process::Output};

use formhold_testkit::{Program, Stack, TestDatabase};
use serde_json::Value;

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn json(output: &Output) -> Value {
    assert!(output.status.success(), "{}", text(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

#[tokio::test(flavor = "multi_thread")]
async fn users_are_made_listed_and_turned_off_and_all_of_it_is_in_the_trail() {
    for stack in Stack::all() {
        let database = TestDatabase::new(stack).await;
        let program = Program::new(env!("CARGO_BIN_EXE_formhold"), &database);
        let made = program.run_with(
            &[
                "user",
                "create",
                "--role",
                "admin",
                "--email",
                "ada@example.org",
                "--password-stdin",
                "--json",
            ],
            "correct horse, battery\n",
        );
        assert_eq!(json(&made)["role"], "admin");
        let weak = program.run_with(
            &["user", "create", "--email", "bob@example.org", "--password-stdin"],
            "12345678\n",
        );
        assert_eq!(weak.status.code(), Some(1));
        assert!(
            text(&weak.stderr).contains("password is one that many people use"),
            "{}",
            text(&weak.stderr)
        );
        let empty = program
            .run_with(&["user", "create", "--email", "b@example.org", "--password-stdin"], "");
        assert!(
            text(&empty.stderr).contains("no password on standard input"),
            "{}",
            text(&empty.stderr)
        );
        let linked = json(&program.run(&[
            "user",
            "create",
            "--email",
            "bob@example.org",
            "--name",
            "Bob",
            "--json",
        ]));
        assert!(linked["password_link"].as_str().expect("a link").contains("/reset?token="));
        let again = program.run(&["user", "create", "--email", "BOB@example.org"]);
        assert!(
            text(&again.stderr).contains("there is an account with this address"),
            "{}",
            text(&again.stderr)
        );

        let last = program.run(&["user", "disable", "ada@example.org"]);
        assert!(text(&last.stderr).contains("last administrator"), "{}", text(&last.stderr));
        assert!(program.run(&["user", "disable", "bob@example.org"]).status.success());
        let unknown = program.run(&["user", "disable", "eve@example.org"]);
        assert!(text(&unknown.stderr).contains("there is no user eve@example.org"));
        let all = json(&program.run(&["user", "list", "--json"]));
        let seen: Vec<_> = all
            .as_array()
            .expect("a list")
            .iter()
            .map(|it| (it["email"].as_str(), it["state"].as_str()))
            .collect();
        assert_eq!(
            seen,
            [
                (Some("ada@example.org"), Some("active")),
                (Some("bob@example.org"), Some("disabled")),
            ]
        );
        assert_eq!(
            json(&program.run(&["user", "list", "--search", "BOB", "--json"]))
                .as_array()
                .map(Vec::len),
            Some(1)
        );

        let report = json(&program.run(&["audit", "verify", "--json"]));
        assert_eq!(report["findings"], serde_json::json!([]));
        let end = report["end"].as_str().expect("an end").to_owned();
        assert!(program.run(&["audit", "verify", "--expect", &end]).status.success());
        database.execute("UPDATE audit_entries SET address = '192.0.2.1' WHERE sequence = 2").await;
        let broken = program.run(&["audit", "verify"]);
        assert_eq!(broken.status.code(), Some(1));
        assert!(text(&broken.stdout).contains("entry 2 was changed"), "{}", text(&broken.stdout));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_settings_make_the_first_administrator_and_no_other() {
    let database = TestDatabase::new(Stack::Sqlite).await;
    let file = database.folder.path().join("password");
    let mut secret = std::fs::File::create(&file).expect("a file");
    secret.write_all(b"correct horse, battery\n").expect("written");
    let path = file.to_str().expect("text");
    let program = |email: &str| {
        Program::new(env!("CARGO_BIN_EXE_formhold"), &database)
            .setting("FORMHOLD_SETUP__ADMIN_EMAIL", email)
            .setting("FORMHOLD_SETUP__ADMIN_PASSWORD_FILE", path)
    };
    for email in ["ada@example.org", "eve@example.org"] {
        let program = program(email);
        drop(program.serve().expect("it starts"));
        let all = json(&program.run(&["user", "list", "--json"]));
        assert_eq!(all.as_array().map(Vec::len), Some(1));
        assert_eq!(
            (all[0]["email"].as_str(), all[0]["role"].as_str()),
            (Some("ada@example.org"), Some("admin"))
        );
    }
}
