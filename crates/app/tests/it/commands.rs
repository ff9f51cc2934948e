//! The commands, run as a user runs them.

use std::{path::Path, process::Output};

use calamine::{Data, Reader as _, Xlsx};
use formhold_testkit::{Program, Stack, TestDatabase};
use serde_json::Value;

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn json(output: &Output) -> Value {
    assert!(output.status.success(), "{}", text(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

fn receipt_rows(receipt: &Value) -> usize {
    receipt["rows"].as_u64().and_then(|rows| rows.try_into().ok()).expect("a number")
}

async fn each_stack(test: impl Fn(Program, &Path)) {
    for stack in Stack::all() {
        let database = TestDatabase::new(stack).await;
        test(Program::new(env!("CARGO_BIN_EXE_formhold"), &database), database.folder.path());
    }
}

const CONTACT: &str = r#"
name = "Contact"
slug = "contact"
language = "de"

[[fields]]
name = "email"
type = "email"
required = true

[[fields]]
name = "age"
type = "integer"
min = 1
shown_if = { field = "email", any_of = ["x@y.example"] }
"#;

#[tokio::test(flavor = "multi_thread")]
async fn forms_go_out_as_they_came_in() {
    each_stack(|program, folder| {
        let file = folder.join("contact.toml");
        let name = file.to_str().expect("text");
        std::fs::write(&file, CONTACT).expect("written");
        let made = json(&program.run(&["form", "import", name, "--json"]));
        assert_eq!(
            (made[0]["result"].as_str(), made[0]["version"].as_u64()),
            (Some("created"), Some(1))
        );
        assert_eq!(
            json(&program.run(&["form", "import", name, "--json"]))[0]["result"],
            "unchanged"
        );
        std::fs::write(&file, CONTACT.replace("min = 1", "min = 2")).expect("written");
        let changed = json(&program.run(&["form", "import", name, "--json"]));
        assert_eq!(
            (changed[0]["result"].as_str(), changed[0]["version"].as_u64()),
            (Some("updated"), Some(2))
        );
        assert_eq!(changed[0]["key"], made[0]["key"]);
        for format in ["toml", "json"] {
            let out = folder.join(format!("out.{format}"));
            let out = out.to_str().expect("text");
            assert!(
                program.run(&["form", "export", "--format", format, "-o", out]).status.success()
            );
            assert_eq!(
                json(&program.run(&["form", "import", out, "--json"]))[0]["result"],
                "unchanged",
                "{format}"
            );
        }
        let list = json(&program.run(&["form", "list", "--json"]));
        assert_eq!(
            (list[0]["slug"].as_str(), list[0]["accepted"].as_u64()),
            (Some("contact"), Some(0))
        );
        assert!(text(&program.run(&["form", "list"]).stdout).contains("contact"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_says_what_applying_changes_and_changes_nothing() {
    each_stack(|program, folder| {
        let file = folder.join("contact.toml");
        let name = file.to_str().expect("text");
        std::fs::write(&file, CONTACT).expect("written");
        let plan = program.run(&["form", "plan", name, "--check"]);
        assert_eq!(plan.status.code(), Some(1), "{}", text(&plan.stderr));
        assert!(text(&plan.stdout).contains("+ form `contact` would be made"), "{}", text(&plan.stdout));
        assert_eq!(json(&program.run(&["form", "list", "--json"])), Value::Array(Vec::new()));
        let applied = json(&program.run(&["form", "apply", name, "--json"]));
        assert_eq!((&applied[0]["result"], &applied[0]["version"]), (&"created".into(), &1.into()));
        let key = applied[0]["key"].as_str().expect("a key").to_owned();

        let changed = CONTACT.replace("min = 1", "min = 18").replace("\"Contact\"", "\"Write to us\"");
        std::fs::write(&file, changed).expect("written");
        let plan = program.run(&["form", "plan", name]);
        let told = text(&plan.stdout);
        assert!(plan.status.success(), "{}", text(&plan.stderr));
        assert!(told.contains("~ form `contact` would change, version 2"), "{told}");
        assert!(told.contains("    ~ name: \"Contact\" -> \"Write to us\""), "{told}");
        assert!(told.contains("    ~ fields.age.min: 1 -> 18"), "{told}");
        let planned = json(&program.run(&["form", "plan", name, "--json"]));
        assert_eq!(planned[0]["changes"][1]["place"], "fields.age.min", "{planned}");
        assert_eq!(json(&program.run(&["form", "list", "--json"]))[0]["version"], 1);
        assert!(text(&program.run(&["form", "apply", name]).stdout).contains("~ form `contact` was changed, version 2"));
        let again = program.run(&["form", "plan", name, "--check"]);
        assert_eq!((again.status.code(), text(&again.stdout).contains("stays as it is")), (Some(0), true));

        // One mistake in a file of two, and none is changed.
        let two = "[[forms]]\nname = 'New'\nslug = 'new'\n[[forms]]\nname = 'Odd'\nslug = 'odd'\n[[forms.fields]]\nname = '_x'\ntype = 'text'\n";
        std::fs::write(&file, two).expect("written");
        for command in ["plan", "apply"] {
            let output = program.run(&["form", command, name]);
            assert_eq!(output.status.code(), Some(1), "{command}");
            assert!(text(&output.stderr).contains("does not start with `_`"), "{}", text(&output.stderr));
        }
        let other = "name = 'Other'\nslug = 'contact'\nkey = 'zzzzzzzzzz'\n";
        std::fs::write(&file, other).expect("written");
        assert!(text(&program.run(&["form", "plan", name]).stderr).contains("another form has the slug `contact`"));
        assert_eq!(json(&program.run(&["form", "list", "--json"])).as_array().map(Vec::len), Some(1));

        assert!(program.run(&["form", "trash", "contact"]).status.success());
        assert_eq!(json(&program.run(&["form", "list", "--json"])).as_array().map(Vec::len), Some(0));
        assert_eq!(program.run(&["form", "trash", "contact"]).status.code(), Some(1));
        std::fs::write(&file, CONTACT).expect("written");
        assert!(text(&program.run(&["form", "plan", name]).stderr).contains("is in the trash"));
        assert!(text(&program.run(&["form", "empty-trash"]).stdout).contains("0 forms, 0 submissions"));
        assert!(program.run(&["form", "restore", &key]).status.success());
        assert_eq!(program.run(&["form", "restore", &key]).status.code(), Some(1));
        assert_eq!(json(&program.run(&["form", "list", "--json"]))[0]["slug"], "contact");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_definition_with_mistakes_changes_nothing() {
    each_stack(|program, folder| {
        let cases = [
            ("lable = \"x\"", "unknown field `lable`"),
            ("[[fields]]\nname = \"a\"\ntype = \"txt\"", "txt"),
            ("[[fields]]\nname = \"a\"\ntype = \"text\"\npattern = \"(\"", "does not compile"),
        ];
        for (mistake, expected) in cases {
            let file = folder.join("bad.toml");
            std::fs::write(&file, format!("name = \"Bad\"\nslug = \"bad\"\n{mistake}\n"))
                .expect("written");
            let output = program.run(&["form", "import", file.to_str().expect("text")]);
            assert_eq!(output.status.code(), Some(1));
            assert!(text(&output.stderr).contains(expected), "{}", text(&output.stderr));
        }
        assert_eq!(json(&program.run(&["form", "list", "--json"])), serde_json::json!([]));
        assert!(text(&program.run(&["form", "list"]).stdout).contains("There are no forms yet"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demonstration_fills_an_empty_database_once_and_exports_state_what_they_wrote() {
    each_stack(|program, folder| {
        let demo = program.demonstrate();
        assert!(
            demo.contains("3 forms and 2000 submissions")
                && demo.contains("<form action=\"http://127.0.0.1:"),
            "{demo}"
        );
        assert!(program.demonstrate().contains("added nothing"));
        let counted: u64 = json(&program.run(&["form", "list", "--json"]))
            .as_array()
            .expect("a list")
            .iter()
            .map(|form| form["accepted"].as_u64().expect("a count"))
            .sum();
        let mut lines = 0;
        for (form, format) in [
            ("contact", "ndjson"),
            ("workshop", "ndjson"),
            ("feedback", "ndjson"),
            ("contact", "csv"),
            ("contact", "json"),
            ("contact", "xlsx"),
        ] {
            let path = folder.join(format!("{form}.{format}"));
            let output = program.run(&[
                "export",
                "--form",
                form,
                "--format",
                format,
                "-o",
                path.to_str().expect("text"),
                "--json",
            ]);
            let receipt = json(&output);
            let bytes = std::fs::read(&path).expect("the export");
            assert_eq!(receipt["bytes"], bytes.len());
            let sum =
                std::process::Command::new("sha256sum").arg(&path).output().expect("sha256sum");
            assert_eq!(receipt["sha256"].as_str(), text(&sum.stdout).split(' ').next());
            if format == "ndjson" {
                let rows: Vec<Value> = text(&bytes)
                    .lines()
                    .map(|line| serde_json::from_str(line).expect("JSON"))
                    .collect();
                assert_eq!(receipt["rows"], rows.len());
                assert!(
                    rows.windows(2)
                        .all(|pair| pair[0]["received_at"].as_str()
                            <= pair[1]["received_at"].as_str()),
                    "oldest first"
                );
                lines += rows.len() as u64;
            }
            if format == "json" {
                let rows: Value = serde_json::from_slice(&bytes).expect("JSON");
                let lines = std::fs::read_to_string(folder.join("contact.ndjson")).expect("it");
                let lines =
                    lines.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
                assert_eq!(rows, lines.collect::<Value>());
            }
            if format == "xlsx" {
                let mut workbook = Xlsx::new(std::io::Cursor::new(&bytes)).expect("a workbook");
                let (name, rows) = workbook.worksheets().remove(0);
                assert_eq!((name.as_str(), rows.height()), ("Contact", receipt_rows(&receipt) + 1));
                assert_eq!(rows.get((0, 0)), Some(&Data::String("_id".to_owned())));
                assert!(matches!(rows.get((1, 1)), Some(Data::DateTime(_))), "a real time");
            }
            assert!(text(&output.stderr).contains("SHA-256") || output.stderr.is_empty());
        }
        assert_eq!(lines, 2000);
        assert!(counted < 2000 && counted > 1900, "spam is not counted: {counted}");
        let stdout =
            program.run(&["export", "--form", "feedback", "--format", "ndjson", "-o", "-"]);
        assert!(text(&stdout.stderr).contains("rows, "), "{}", text(&stdout.stderr));
        assert_eq!(
            stdout.stdout,
            std::fs::read(folder.join("feedback.ndjson")).expect("the export")
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_that_fails_leaves_nothing_behind() {
    each_stack(|program, folder| {
        let path = folder.join("x.csv");
        let output =
            program.run(&["export", "--form", "nothing", "-o", path.to_str().expect("text")]);
        assert_eq!(output.status.code(), Some(1));
        assert!(
            text(&output.stderr).contains("there is no form `nothing`"),
            "{}",
            text(&output.stderr)
        );
        assert!(!path.exists() && !folder.join("x.csv.part").exists());
        assert_eq!(
            program.run(&["export", "--form", "x", "--format", "pdf", "-o", "x"]).status.code(),
            Some(2)
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn doctor_finds_a_healthy_installation_healthy_and_a_folder_that_cannot_be_written_bad() {
    each_stack(|program, folder| {
        let output = program.run(&["doctor", "--json"]);
        let findings = json(&output);
        assert!(
            findings.as_array().expect("a list").iter().all(|finding| finding["verdict"] != "bad"),
            "{findings}"
        );
        assert!(text(&program.run(&["doctor"]).stdout).contains("a commit takes"));
        let blocked = folder.join("blocked");
        std::fs::write(&blocked, "a file where a folder should be").expect("written");
        let broken =
            program.setting("FORMHOLD_FILES__URL", &format!("file://{}", blocked.display()));
        assert_eq!(broken.run(&["doctor"]).status.code(), Some(1));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_program_answers_the_healthcheck_and_stops_when_asked() {
    for stack in Stack::all() {
        let database = TestDatabase::new(stack).await;
        let program = Program::new(env!("CARGO_BIN_EXE_formhold"), &database);
        let running = program.serve().expect("it starts");
        let there = Program::new(env!("CARGO_BIN_EXE_formhold"), &database)
            .setting("FORMHOLD_SERVER__LISTEN", &running.address.to_string());
        let output = there.run(&["healthcheck"]);
        assert!(
            output.status.success() && text(&output.stdout).contains("ready"),
            "{}",
            text(&output.stderr)
        );
        let second = there.serve().err().expect("the address is taken");
        assert!(second.contains("cannot listen on"), "{second}");
        running.signal("TERM");
        let (code, log) = running.wait();
        assert_eq!(code, Some(0), "{log}");
        assert!(log.contains("stopped"), "{log}");
        assert_eq!(there.run(&["healthcheck"]).status.code(), Some(1));
    }
}

#[test]
fn wrong_usage_is_told_apart_from_failure() {
    let folder = tempfile::tempdir().expect("a folder");
    let program =
        Program::with(env!("CARGO_BIN_EXE_formhold"), "sqlite://unused.db", folder.path());
    assert_eq!(program.run(&["export"]).status.code(), Some(2));
    assert_eq!(program.run(&["sing"]).status.code(), Some(2));
    for command in [
        &["--help"][..],
        &["serve", "--help"],
        &["form", "import", "--help"],
        &["export", "--help"],
        &["doctor", "--help"],
    ] {
        let output = program.run(command);
        assert!(output.status.success() && output.stdout.len() > 200, "{command:?}");
    }
    assert!(!Path::new("unused.db").exists());
}
