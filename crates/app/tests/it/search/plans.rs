//! Every list of submissions is found by an index, on either database.

use formhold_domain::{InboxAct, SubmissionId, SubmissionState, Tag};
use formhold_service::submissions::inbox;
use formhold_store::{InboxFilter, InboxOrder};
use formhold_testkit::on_both_stacks;
use serde_json::json;

use super::{by_fields, editor, index, looking_for, submit};

on_both_stacks! {
    async fn lists_are_found_by_an_index(app: TestApp) {
        let form = app.form(json!({ "slug": "order", "fields": [
            { "name": "amount", "type": "integer" }, { "name": "name", "type": "text" },
        ] })).await;
        let form_id = form.identity.id;
        let mut ids = Vec::new();
        for number in 0..60 {
            let (amount, name) = (number.to_string(), format!("common word{number}"));
            ids.extend(submit(&app, "order", &[&[("amount", amount.as_str()), ("name", name.as_str())]]).await);
        }
        index(&app).await;
        // Enough of each that a database does not go through all because there is next to nothing.
        for act in [InboxAct::MarkRead(true), InboxAct::Star(true), InboxAct::AddTag(Tag::parse("x").expect("a tag"))] {
            inbox::act(&app.app, &editor(), form_id, &ids[..50], &act.into()).await.expect("done");
        }
        if app.database.url.starts_with("mysql") {
            for table in ["submissions", "submission_handlings", "submission_stars", "submission_tags", "search_terms", "search_numbers", "search_documents"] {
                app.database.execute(&format!("ANALYZE TABLE {table}")).await;
            }
        }
        let all = InboxFilter::all(form_id, SubmissionState::Inbox);
        let filters = [
            all.clone(),
            InboxFilter { order: InboxOrder::Oldest, ..all.clone() },
            InboxFilter { is_read: Some(false), ..all.clone() },
            InboxFilter { is_starred: true, ..all.clone() },
            InboxFilter { tag: Some(Tag::parse("x").expect("a tag")), ..all.clone() },
            InboxFilter { received_from_ms: Some(1), received_until_ms: Some(i64::MAX / 2), ..all.clone() },
            InboxFilter { state: SubmissionState::Trash, ..all.clone() },
            looking_for(form_id, "common"),
            looking_for(form_id, "common word7"),
            looking_for(form_id, "\"common word7\""),
            looking_for(form_id, "com*"),
            by_fields(&form, &[("field.name", "common word3")]),
            by_fields(&form, &[("field.amount__gte", "7")]),
            by_fields(&form, &[("field.amount", "7"), ("field.name__contains", "common")]),
        ];
        for filter in filters {
            for after in [None, Some(ids[30]), Some(SubmissionId(uuid::Uuid::from_u128(5)))] {
                for (statement, plan) in app.app.store.explain_inbox(&filter, after).await.expect("a plan") {
                    check(&statement, &plan);
                }
            }
        }
    }
}

/// No table is gone through from end to end, and nothing but a bounded part is sorted.
fn check(statement: &str, plan: &[String]) {
    let told = || format!("{statement}\n{}", plan.join("\n"));
    assert!(!plan.is_empty(), "{}", told());
    // A range of numbers is counted first and sorted only where it holds few; beginnings of words
    // are looked for only behind the newest submissions.
    let may_sort = statement.contains("SELECT DISTINCT document");
    for line in plan {
        let mysql: Vec<&str> = line.split(" | ").collect();
        if let [table, kind, key, extra] = mysql[..] {
            let is_derived = table.starts_with('<') || table.is_empty();
            assert!(is_derived || !key.is_empty(), "no index for {table}: {}", told());
            assert!(is_derived || kind != "ALL", "all rows of {table}: {}", told());
            assert!(may_sort || !extra.contains("filesort"), "sorted: {}", told());
            continue;
        }
        let scans = line.starts_with("SCAN ") && !line.contains("VIRTUAL TABLE INDEX");
        let is_derived = line == "SCAN n" || line == "SCAN counted" || line == "SCAN (subquery-1)";
        assert!(!scans || is_derived || line.contains("CONSTANT ROW"), "all rows: {}", told());
        assert!(may_sort || !line.contains("TEMP B-TREE"), "sorted: {}", told());
    }
}
