//! `formhold jobs` and `formhold worker`, run as their user runs them.

use std::process::Output;

use formhold_testkit::{Program, Stack, TestDatabase, files_below};
use serde_json::Value;

use super::until;

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn json(output: &Output) -> Value {
    assert!(output.status.success(), "{}", text(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_are_seen_called_off_and_done_by_a_worker_alone() {
    for stack in Stack::all() {
        let database = TestDatabase::new(stack).await;
        let program = Program::new(env!("CARGO_BIN_EXE_formhold"), &database);
        for email in ["ada@example.org", "bob@example.org"] {
            let made = program.run(&["user", "create", "--email", email]);
            assert!(made.status.success(), "{}", text(&made.stderr));
        }
        let listed = json(&program.run(&["jobs", "list", "--json", "--state", "ready"]));
        let ids: Vec<_> =
            listed.as_array().expect("a list").iter().filter_map(|it| it["id"].as_str()).collect();
        assert_eq!(
            (ids.len(), listed[0]["kind"].as_str(), listed[0]["lane"].as_str()),
            (2, Some("letter"), Some("smtp"))
        );
        let shown = program.run(&["jobs", "show", ids[0]]);
        let all = text(&shown.stdout)
            + &text(&program.run(&["jobs", "list"]).stdout)
            + &listed.to_string();
        assert!(all.contains(ids[1]) && !all.contains("token="), "{all}");
        assert!(program.run(&["jobs", "cancel", ids[0]]).status.success());
        let again = program.run(&["jobs", "cancel", ids[0]]);
        assert_eq!(
            (again.status.code(), text(&again.stderr).contains("has ended")),
            (Some(1), true)
        );
        let gone = program.run(&["jobs", "retry", ids[0]]);
        assert!(
            text(&gone.stderr).contains("its content was a secret and is gone"),
            "{}",
            text(&gone.stderr)
        );
        let unknown = program.run(&["jobs", "show", "01900000-0000-7000-8000-000000000009"]);
        assert_eq!(
            (unknown.status.code(), text(&unknown.stderr).contains("there is no job")),
            (Some(1), true)
        );
        assert_eq!(program.run(&["jobs", "list", "--state", "lost"]).status.code(), Some(2));
        assert_eq!(program.run(&["jobs", "retry"]).status.code(), Some(2));
        assert_eq!(json(&program.run(&["jobs", "retry", "--failed", "--json"]))["jobs"], 0);
        assert!(program.run(&["jobs", "run-schedule", "forget-sessions"]).status.success());

        let worker = program.start(&["worker"]);
        until("the rest is done", async || {
            database.number("SELECT COUNT(*) FROM jobs WHERE state = 'done'").await >= 2
        })
        .await;
        worker.signal("TERM");
        let (code, log) = worker.wait();
        assert_eq!(code, Some(0), "{log}");
        assert_eq!(files_below(&database.folder.path().join("mail")).len(), 1);
        let schedules = json(&program.run(&["jobs", "schedules", "--json"]));
        let ran =
            schedules.as_array().expect("a list").iter().find(|it| it["name"] == "forget-sessions");
        assert_eq!(ran.expect("there")["last_try"]["excerpt"], "forgot 0 sessions, 0 invitations");
    }
}
