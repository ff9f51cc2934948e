//! The audit log on its page and as a file, and what is in it of exports, spam and settings.

use std::collections::BTreeMap;

use formhold_domain::{
    WorkspaceId,
    access::{InstanceRole, WorkspaceRole},
    audit::{AuditAction, AuditEntry},
    spam::Lesson,
};
use formhold_exporters::{Format, Formulas, Options};
use formhold_service::{
    ServiceError,
    audit::{self, RECENT},
    exports,
    submissions::review,
};
use formhold_testkit::{TestApp, on_both_stacks};
use serde_json::{Value, json};

use super::{PASSWORD, browser::Browser, caller_of, member, operator, signed_in, user, workspace};

/// Writes this many entries by one change.
async fn fill(app: &TestApp, workspace: WorkspaceId, count: u64) {
    let mut change = app.app.store.begin(app.app.clock.now_ms()).await.expect("a change");
    for number in 0..count {
        let entry = AuditEntry::new(AuditAction::FormChange, &operator()).on("form", number);
        change.record(
            entry.within(workspace).with(json!({ "before": { "name": "=1+1" }, "seen": number })),
        );
    }
    change.commit().await.expect("committed");
}

async fn actions(app: &TestApp) -> Vec<String> {
    let rows = app.app.store.list_audit(&Default::default(), None, 1_000).await.expect("rows");
    rows.into_iter().map(|row| row.action).collect()
}

on_both_stacks! {
    async fn the_log_is_read_page_by_page_filtered_and_taken_along(app: TestApp) {
        let id = user(&app, "ada@example.org", InstanceRole::Admin).await;
        fill(&app, WorkspaceId::FIRST, 120).await;
        let mut browser = Browser::new(&app);
        browser.sign_in("ada@example.org", PASSWORD).await;
        let (mut path, mut numbers) = ("/admin/audit".to_owned(), Vec::new());
        loop {
            let page = browser.get(&path).await;
            assert_eq!(page.status, 200, "{}", page.html);
            assert!(page.html.contains("The chain is unbroken"), "{}", page.html);
            numbers.extend(page.html.split("class=\"number\">").skip(2).map(|rest| {
                rest.split('<').next().and_then(|number| number.parse::<u64>().ok()).expect("a number")
            }));
            let Some((_, next)) = page.html.split_once("rel=\"next\" href=\"") else { break };
            path = next.split('"').next().expect("its end").replace("&#38;", "&");
        }
        let expected: Vec<u64> = (1..=122).rev().collect();
        assert_eq!(numbers, expected, "every entry once, newest first");
        for (query, found) in [
            ("action=session", 1), ("action=session.create", 1), ("action=form.change&actor=test", 50),
            ("actor=ada%40example.org", 1), ("actor=ADA%40example.org&action=form", 0),
            ("actor=nobody%40example.org", 0), (&format!("actor={id}"), 1), ("from=2999-01-01", 0),
            ("to=1999-01-01", 0), ("from=1999-01-01&to=2999-01-01&action=user.create", 1),
            (&format!("workspace_id={}&action=form", WorkspaceId::FIRST), 50),
        ] {
            let page = browser.get(&format!("/admin/audit?{query}")).await;
            assert_eq!((page.status.as_u16(), page.html.matches("class=\"number\">").count().saturating_sub(1)), (200, found), "{query}");
        }
        for (query, sentence) in [
            ("from=yesterday", "The first day must be a day"), ("to=2026-02-30", "The last day must be a day"),
            ("from=2026-05-04&to=2026-05-03", "The first day must not be after the last."),
            ("workspace_id=here", "There is no such workspace."),
        ] {
            let page = browser.get(&format!("/admin/audit?{query}")).await;
            assert!(page.status == 422 && page.html.contains(sentence), "{query}: {}", page.html);
        }
        assert_eq!(browser.get("/admin/audit?cursor=x&from[]=1").await.status, 200);
        let shown = browser.get("/admin/audit?action=form.change").await;
        assert!(shown.html.contains("=1+1") && shown.html.contains("Formhold: test"), "{}", shown.html);

        let page = "/admin/audit";
        let fields = [("format", "csv"), ("action", "form")];
        let csv = browser.post(page, "/admin/audit/export", &fields).await;
        assert_eq!((csv.status.as_u16(), &csv.headers["content-disposition"]), (200, &"attachment; filename=\"audit.csv\"".parse().expect("a value")));
        assert_eq!(csv.html.lines().count(), 121, "a head and each entry");
        let ndjson = browser.post(page, "/admin/audit/export", &[("format", "ndjson")]).await;
        let lines: Vec<Value> = ndjson.html.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
        assert_eq!(lines.len(), 124, "the exports are among what is exported");
        assert_eq!((lines[0]["action"].as_str(), lines[0]["sequence"].as_u64()), (Some("audit.export"), Some(124)));
        let rows = app.app.store.list_audit(&Default::default(), None, 1).await.expect("rows");
        let hash: String = rows[0].hash.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(lines[0]["hash"], json!(hash));
        assert_eq!(browser.post(page, "/admin/audit/export", &[("format", "xlsx")]).await.status, 303);
        assert_eq!(audit::verify(&app.app, None).await.expect("a report").findings, [""; 0]);
    }

    async fn owners_see_their_workspace_and_nothing_of_another(app: TestApp) {
        let (here, there) = (workspace(&app, "Here").await, workspace(&app, "There").await);
        let id = user(&app, "owner@example.org", InstanceRole::User).await;
        member(&app, here, id, WorkspaceRole::Owner).await;
        fill(&app, here, 2).await;
        fill(&app, there, 3).await;
        let mut browser = Browser::new(&app);
        browser.sign_in("owner@example.org", PASSWORD).await;
        let page = browser.get("/admin/audit").await;
        assert_eq!((page.status.as_u16(), page.html.matches("class=\"number\">").count()), (200, 3), "{}", page.html);
        assert!(page.html.contains(">Here<") && !page.html.contains("There"), "{}", page.html);
        assert!(page.html.contains("href=\"/admin/audit\""), "the navigation leads there");
        let foreign = there.to_string();
        assert_eq!(browser.get(&format!("/admin/audit?workspace_id={foreign}")).await.status, 404);
        let path = "/admin/audit/export";
        for (workspace, status) in [(foreign.as_str(), 404), ("", 403), (&here.to_string(), 200)] {
            let fields = [("format", "ndjson"), ("workspace_id", workspace)];
            let seen = browser.post("/account", path, &fields).await;
            assert_eq!(seen.status, status, "{workspace}");
            if status == 200 {
                assert_eq!(seen.html.lines().count(), 3, "{}", seen.html);
                assert!(!seen.html.contains(&foreign));
            }
        }
    }

    async fn a_look_at_the_log_checks_its_newest_part(app: TestApp) {
        user(&app, "ada@example.org", InstanceRole::Admin).await;
        let mut browser = Browser::new(&app);
        browser.sign_in("ada@example.org", PASSWORD).await;
        fill(&app, WorkspaceId::FIRST, RECENT + 8).await;
        let end = RECENT + 10;
        let whole = format!("The chain is unbroken</strong> from entry 11 to entry {end}.");
        let page = browser.get("/admin/audit").await;
        assert!(page.html.contains(&whole), "{}", page.html);
        for (attack, undo, told) in [
            ("UPDATE audit_entries SET actor_id = 'x' WHERE sequence = 300", "UPDATE audit_entries SET actor_id = 'test' WHERE sequence = 300", Some(300)),
            ("UPDATE audit_entries SET details = '{}' WHERE sequence = 12", "", Some(12)),
            ("UPDATE audit_entries SET details = NULL WHERE sequence = 12", "", None),
            ("UPDATE audit_entries SET sequence = 9000 WHERE sequence = 400", "UPDATE audit_entries SET sequence = 400 WHERE sequence = 9000", Some(400)),
            ("UPDATE audit_ends SET last_sequence = 9000", &format!("UPDATE audit_ends SET last_sequence = {end}"), Some(end + 1)),
            ("UPDATE audit_entries SET actor_id = 'x' WHERE sequence = 5", "", None),
        ] {
            app.database.execute(attack).await;
            let page = browser.get("/admin/audit").await;
            match told {
                Some(sequence) => assert!(page.html.contains(&format!("The chain is broken at entry {sequence}.")), "{attack}: {}", page.html),
                None => assert!(page.html.contains(&whole), "{attack}: older than what is checked, or allowed"),
            }
            if !undo.is_empty() {
                app.database.execute(undo).await;
            }
        }
        let report = audit::verify(&app.app, None).await.expect("a report");
        assert_eq!(report.findings, ["entry 5 was changed, or an entry before it"], "the whole check finds it");
    }

    async fn exports_and_words_about_spam_are_noted_and_ask_for_rights(app: TestApp) {
        let form = app.form(json!({})).await;
        assert_eq!(app.post("/f/test", &[("message", "Good morning")]).await.0, 200);
        let submission = app.submissions(&form).await.pop().expect("a submission");
        let id = user(&app, "viewer@example.org", InstanceRole::User).await;
        let opened = signed_in(&app, "viewer@example.org").await;
        let outside = caller_of(&app, &opened).await;
        let csv = Format::named("csv").expect("CSV");
        let options = Options { formulas: Formulas::Defuse, temporary_folder: std::env::temp_dir() };
        let before = actions(&app).await.len();
        let refused = exports::export_form(&app.app, &outside, "test", csv, &options, Vec::new(), |_, _| {}).await;
        assert!(matches!(&refused, Err(ServiceError::NotFound(what)) if what == "form `test`"));
        let refused = review::mark_submission(&app.app, &outside, submission.id, Lesson::Spam).await;
        assert!(matches!(refused, Err(ServiceError::NotFound(_))), "{refused:?}");
        member(&app, WorkspaceId::FIRST, id, WorkspaceRole::Viewer).await;
        let opened = signed_in(&app, "viewer@example.org").await;
        let viewer = caller_of(&app, &opened).await;
        let refused = review::mark_submission(&app.app, &viewer, submission.id, Lesson::Spam).await;
        assert!(matches!(refused, Err(ServiceError::Forbidden(_))), "{refused:?}");
        assert_eq!(actions(&app).await.len(), before + 1, "one more sign-in, and nothing else");
        let (_, receipt) = exports::export_form(&app.app, &viewer, "test", csv, &options, Vec::new(), |_, _| {}).await.expect("an export");
        assert_eq!(receipt.rows, 1);
        assert!(review::mark_submission(&app.app, &operator(), submission.id, Lesson::Spam).await.expect("marked"));
        assert!(!review::mark_submission(&app.app, &operator(), submission.id, Lesson::Spam).await.expect("known"));
        assert_eq!(actions(&app).await[..2], ["submission.mark", "submission.export"]);
        let rows = app.app.store.list_audit(&Default::default(), None, 2).await.expect("rows");
        assert!(rows.iter().all(|row| row.workspace_id == Some(WorkspaceId::FIRST)));
        assert!(!format!("{rows:?}").contains("Good morning"), "no answers");
    }

    async fn changed_settings_are_noted_once_by_their_keys_alone(app: TestApp) {
        let settings = |login: &str| -> BTreeMap<String, String> {
            [("limits.login", login), ("mail.from", "a@example.org")].map(|(key, text)| (key.to_owned(), text.to_owned())).into()
        };
        let note = async |settings| audit::note_settings(&app.app, &settings).await.expect("noted");
        assert_eq!(note(settings("5/min")).await, [""; 0], "there is nothing to compare the first with");
        assert_eq!(note(settings("5/min")).await, [""; 0]);
        assert_eq!(actions(&app).await, ["settings.change"], "the same again is no news");
        assert_eq!(note(settings("hunter2/min")).await, ["limits.login"]);
        let mut other = settings("hunter2/min");
        other.remove("mail.from");
        other.insert("mail.sender".to_owned(), "a@example.org".to_owned());
        assert_eq!(note(other).await, ["mail.sender", "mail.from"]);
        assert_eq!(actions(&app).await.len(), 3);
        let rows = app.app.store.list_audit(&Default::default(), None, 9).await.expect("rows");
        assert!(!format!("{rows:?}").contains("hunter2") && !format!("{rows:?}").contains("example.org"), "no values");
    }
}
