//! The audit trail shows when somebody changed it behind Formhold's back.

use formhold_domain::access::InstanceRole;
use formhold_service::audit::{self, Anchor, Report};
use formhold_testkit::{TestApp, on_both_stacks};

use super::{signed_in, try_password, user};

async fn check(app: &TestApp) -> Report {
    audit::verify(&app.app, None).await.expect("a report")
}

on_both_stacks! {
    async fn an_untouched_trail_is_unbroken_and_says_who_did_what(app: TestApp) {
        user(&app, "hanna@example.org", InstanceRole::Admin).await;
        signed_in(&app, "hanna@example.org").await;
        let _ = try_password(&app, "hanna@example.org", "wrong horse").await;
        let _ = try_password(&app, "nobody@example.org", "wrong horse").await;
        let report = check(&app).await;
        assert_eq!((report.entries, &report.findings[..]), (4, &[][..]));
        let rows = app.app.store.list_audit(&Default::default(), None, 10).await.expect("rows");
        let seen: Vec<_> = rows.iter().map(|row| (&*row.action, &*row.actor_kind)).collect();
        assert_eq!(seen, [
            ("session.refuse", "visitor"),
            ("session.refuse", "visitor"),
            ("session.create", "user"),
            ("user.create", "system"),
        ]);
        assert_eq!(rows[2].address.as_deref(), Some("192.0.2.7"));
        let everything = format!("{rows:?}");
        assert!(!everything.contains("horse") && !everything.contains("argon2"), "no secrets");
    }

    async fn what_was_changed_removed_or_added_is_found(app: TestApp) {
        for number in 0..6 {
            user(&app, &format!("user{number}@example.org"), InstanceRole::User).await;
        }
        let noted = check(&app).await.end;
        let attacks = [
            ("UPDATE audit_entries SET actor_id = 'x' WHERE sequence = 3", "UPDATE audit_entries SET actor_id = 'test' WHERE sequence = 3"),
            ("UPDATE audit_entries SET at_ms = at_ms + 1 WHERE sequence = 2", "UPDATE audit_entries SET at_ms = at_ms - 1 WHERE sequence = 2"),
            ("UPDATE audit_entries SET sequence = 60 WHERE sequence = 6", "UPDATE audit_entries SET sequence = 6 WHERE sequence = 60"),
            ("UPDATE audit_entries SET sequence = 0 WHERE sequence = 1", "UPDATE audit_entries SET sequence = 1 WHERE sequence = 0"),
            ("UPDATE audit_entries SET sequence = 40 WHERE sequence = 4", "UPDATE audit_entries SET sequence = 4 WHERE sequence = 40"),
            ("UPDATE audit_ends SET last_sequence = 5", "UPDATE audit_ends SET last_sequence = 6"),
            ("INSERT INTO audit_entries SELECT 7, at_ms, action, actor_kind, actor_id, via, address, workspace_id, target_kind, target_id, details, details_hash, hash FROM audit_entries WHERE sequence = 6", "DELETE FROM audit_entries WHERE sequence = 7"),
        ];
        for (attack, undo) in attacks {
            app.database.execute(attack).await;
            let findings = check(&app).await.findings;
            assert!(!findings.is_empty(), "{attack}");
            app.database.execute(undo).await;
            assert_eq!(check(&app).await.findings, [""; 0], "{undo}");
        }
        app.database.execute("UPDATE audit_entries SET details = '{}' WHERE sequence = 2").await;
        assert_eq!(check(&app).await.findings, ["the details of entry 2 were changed"]);
        app.database.execute("UPDATE audit_entries SET details = NULL WHERE sequence = 2").await;
        assert_eq!(check(&app).await.findings, [""; 0], "details may be taken out");
        // Who cuts off the end and writes the new one is found by what was noted.
        app.database.execute("DELETE FROM audit_entries WHERE sequence = 6").await;
        assert_eq!(check(&app).await.findings, ["the trail ends at entry 5, not at entry 6"]);
        app.database.execute("UPDATE audit_ends SET last_sequence = 5, last_hash = (SELECT hash FROM audit_entries WHERE sequence = 5)").await;
        assert_eq!(check(&app).await.findings, [""; 0]);
        let noted = Anchor::parse(&noted.to_string()).expect("what was shown can be read");
        let report = audit::verify(&app.app, Some(&noted)).await.expect("a report");
        assert_eq!(report.findings, ["the entry that was noted is not there"]);
    }

    async fn retention_removes_the_oldest_and_the_rest_stays_a_chain(app: TestApp) {
        const DAY_MS: i64 = 24 * 60 * 60 * 1000;
        for number in 0..3 {
            user(&app, &format!("old{number}@example.org"), InstanceRole::User).await;
        }
        app.clock.advance_ms(40 * DAY_MS);
        user(&app, "new@example.org", InstanceRole::User).await;
        let mut node = app.app.clone();
        assert_eq!(audit::trim(&node).await.expect("nothing"), 0, "kept for ever by default");
        node.auth.audit_days = 30;
        assert_eq!(audit::trim(&node).await.expect("trimmed"), 3);
        assert_eq!(audit::trim(&node).await.expect("nothing"), 0);
        let report = check(&app).await;
        assert_eq!((report.entries, report.end.sequence, &report.findings[..]), (2, 5, &[][..]));
        app.database.execute("DELETE FROM audit_entries WHERE sequence = 4").await;
        assert_eq!(check(&app).await.findings[0], "entries 4 to 4 are missing");
    }
}
