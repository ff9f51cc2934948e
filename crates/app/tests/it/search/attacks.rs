//! Texts that try to be something else to a database.

use formhold_domain::{SubmissionId, SubmissionState, search::SearchQuery};
use formhold_service::submissions::{inbox, search};
use formhold_store::InboxFilter;
use formhold_testkit::on_both_stacks;
use serde_json::json;

use super::{editor, found, index, looking_for, submit};

const TEXTS: &[&str] = &[
    "needle\"",
    "\"needle",
    "needle' OR '1'='1",
    "needle'; DROP TABLE submissions; --",
    "needle) OR (1=1",
    "scope : needle",
    "body:needle",
    "{scope body} : needle",
    "-scope : needle",
    "^needle",
    "needle NEAR needle",
    "NEAR(needle hay, 2)",
    "needle AND",
    "OR needle",
    "NOT needle",
    "needle + hay",
    "+needle -hay >a <b ~c (d)",
    "needle*hay*",
    "*needle",
    "needle **",
    "needle\\",
    "needle\\' OR 1=1 #",
    "needle\u{0}hay",
    "needle %' --",
    "needle/**/UNION/**/SELECT",
    "needle\r\nhay",
    "needle \u{202e}yah",
    "needle ?1 :name @x $y",
    "\"needle\" \"",
    "p00000000000000000 needle",
    "needle ¶",
    "needle =0000000000000000",
];

on_both_stacks! {
    async fn no_text_is_syntax(app: TestApp) {
        let form = app.form(json!({ "slug": "contact" })).await;
        app.form(json!({ "slug": "other" })).await;
        let form_id = form.identity.id;
        let ids = submit(&app, "contact", &[&[("a", "needle")], &[("a", "hay")]]).await;
        submit(&app, "other", &[&[("a", "needle hay and or not near scope body")]]).await;
        index(&app).await;
        for text in TEXTS {
            let Ok(Some(query)) = SearchQuery::parse(text) else { panic!("{text} has words") };
            let filter = InboxFilter { text: Some(query), ..InboxFilter::all(form_id, SubmissionState::Inbox) };
            let hits = found(&app, &filter).await;
            // What is more than the one word is not there; nothing of another form ever is.
            assert!(hits.is_empty() || hits == [ids[0]], "{text}: {hits:?}");
        }
        assert_eq!(found(&app, &looking_for(form_id, "needle\"")).await, [ids[0]]);
        assert_eq!(app.database.number("SELECT COUNT(*) FROM submissions").await, 3);
    }

    async fn every_hostile_text_can_be_submitted_and_found_again(app: TestApp) {
        let form = app.form(json!({ "slug": "contact" })).await;
        for text in TEXTS {
            let (status, body) = app.post("/f/contact", &[("a", text), (text, "b")]).await;
            assert!(status == 200 || text.contains('\u{0}'), "{text}: {body}");
            app.clock.advance_ms(10);
        }
        index(&app).await;
        assert_eq!(app.database.number("SELECT COUNT(*) FROM search_queue").await, 0);
        for submission in app.submissions(&form).await {
            let text = submission.answers.first("a").expect("a text").to_owned();
            let quoted = format!("\"{}\"", text.replace('"', " "));
            let hits = found(&app, &looking_for(form.identity.id, &quoted)).await;
            assert!(hits.contains(&submission.id), "{text}");
        }
    }

    async fn no_filter_and_no_cursor_is_syntax(app: TestApp) {
        let form = app.form(json!({ "slug": "contact", "fields": [
            { "name": "a", "type": "text" }, { "name": "n", "type": "number" },
        ] })).await;
        let open = app.form(json!({ "slug": "open" })).await;
        submit(&app, "contact", &[&[("a", "needle"), ("n", "1")]]).await;
        submit(&app, "open", &[&[("a", "needle")]]).await;
        index(&app).await;
        for text in TEXTS {
            let wrong = search::parse_fields(&form, [(format!("field.{text}").as_str(), "1"), ("field.n", text)]);
            assert_eq!(wrong.expect_err("refused").len(), 2, "{text}");
            for form in [&form, &open] {
                let Ok(fields) = search::parse_fields(form, [("field.a", *text)]) else { panic!("{text}") };
                let filter = InboxFilter { fields, ..InboxFilter::all(form.identity.id, SubmissionState::Inbox) };
                assert_eq!(found(&app, &filter).await, [], "{text}");
            }
            // A form that declares nothing has fields of any name.
            let fields = search::parse_fields(&open, [(format!("field.{text}").as_str(), "needle")]).expect("a filter");
            let filter = InboxFilter { fields, ..InboxFilter::all(open.identity.id, SubmissionState::Inbox) };
            assert_eq!(found(&app, &filter).await, [], "{text}");
        }
        // Any id is a place to go on from, also one that never was.
        for id in [0, 1, u128::MAX, u128::MAX >> 1] {
            let after = Some(SubmissionId(uuid::Uuid::from_u128(id)));
            let filter = looking_for(form.identity.id, "needle");
            let page = inbox::list_inbox(&app.app, &editor(), &filter, after, 5).await.expect("a page");
            assert_eq!(page.len(), usize::from(id >= u128::MAX >> 1), "{id:x}");
        }
    }
}
