//! Submissions by the API: found, changed one by one and many at once, deleted.

use formhold_domain::{Clock as _, WorkspaceId, access::InstanceRole};
use formhold_testkit::{TestApp, on_both_stacks};
use http::Method;
use serde_json::{Value, json};

use super::{ADMIN, Answer, Program, send, user};
use crate::{
    accounts::workspace,
    inbox::{form_in, submitted},
};

const SCOPES: &[&str] = &["submissions:read", "submissions:write", "exports:read"];

/// Somebody with all rights to submissions.
pub(super) async fn owner(app: &TestApp) -> Program<'_> {
    user(app, ADMIN, InstanceRole::Admin).await;
    Program::of(app, ADMIN, SCOPES, None).await
}

/// A form with so many submissions; its id, and theirs, the oldest first.
pub(super) async fn filled(app: &TestApp, slug: &str, count: usize) -> (String, Vec<String>) {
    let form_id = form_in(app, WorkspaceId::FIRST, slug).await;
    let mut ids = Vec::new();
    for index in 0..count {
        ids.push(submitted(app, slug, &[("name", "Ada"), ("number", &index.to_string())]).await);
    }
    (form_id.to_string(), ids)
}

fn ids(answer: &Answer) -> Vec<&str> {
    let items = answer.body["items"].as_array().unwrap_or_else(|| panic!("{}", answer.body));
    items.iter().map(|item| item["id"].as_str().expect("an id")).collect()
}

async fn with_version(
    program: &Program<'_>,
    method: Method,
    path: &str,
    version: &str,
    body: Option<Value>,
) -> Answer {
    let request = program.request(method, path).header("if-match", version);
    send(match body {
        Some(body) => request.json(&body),
        None => request,
    })
    .await
}

on_both_stacks! {
    async fn a_list_shows_what_lies_there_page_by_page(app: TestApp) {
        let program = owner(&app).await;
        let (form, all) = filled(&app, "contact", 5).await;
        let path = format!("/forms/{form}/submissions");
        let first = program.get(&format!("{path}?limit=2")).await;
        assert_eq!(ids(&first), [all[4].as_str(), &all[3]], "the newest first");
        let link = first.header("link").to_owned();
        let next = link.strip_prefix("</api/v1").and_then(|it| it.split_once('>')).expect("a link").0;
        let second = program.get(next).await;
        assert_eq!(ids(&second), [all[2].as_str(), &all[1]]);
        let cursor = second.body["next_cursor"].as_str().expect("a cursor");
        let last = program.get(&format!("{path}?limit=2&cursor={cursor}")).await;
        assert_eq!((ids(&last), &last.body["next_cursor"]), (vec![all[0].as_str()], &Value::Null));
        let item = &last.body["items"][0];
        assert_eq!(item["answers"], json!([
            { "field": "name", "values": ["Ada"] }, { "field": "number", "values": ["0"] },
        ]));
        assert_eq!((&item["state"], &item["is_read"], &item["tags"]), (&json!("inbox"), &json!(false), &json!([])));
        assert_eq!(program.get(&format!("{path}?state=spam")).await.body["items"], json!([]));
        for wrong in [
            "?state=gone", "?cursor=x", "?limit=0", "?limit=201", "?sort=name", "?is_read=perhaps", "?tag=a%2Cb",
            "?created_after=yesterday", "?is_starred=false", "?state='%20OR%201=1--",
        ] {
            assert_eq!(program.get(&format!("{path}{wrong}")).await.status, 400, "{wrong}");
        }
    }

    async fn words_are_looked_for_in_lists_bulk_acts_and_exports(app: TestApp) {
        let program = owner(&app).await;
        let (form, all) = filled(&app, "contact", 3).await;
        let grace = submitted(&app, "contact", &[("name", "Grace \u{dc}nl\u{fc}"), ("message", "a round table")]).await;
        formhold_service::submissions::search::index_all(&app.app).await.expect("indexed");
        let path = format!("/forms/{form}/submissions");
        let found = async |q: &str| {
            let q: String = url::form_urlencoded::byte_serialize(q.as_bytes()).collect();
            ids(&program.get(&format!("{path}?q={q}")).await).len()
        };
        assert_eq!(found("ada").await, all.len());
        for (q, count) in [("unlu grace", 1), ("tab*", 1), ("\"round table\"", 1), ("\"table round\"", 0), ("grace ada", 0), ("OR", 0)] {
            assert_eq!(found(q).await, count, "{q}");
        }
        let bulk = json!({ "act": "archive", "filter": { "q": "grace" } });
        let done = program.post(&format!("{path}/bulk"), bulk).await;
        assert_eq!((done.status, &done.body["changed"]), (200, &json!(1)), "{}", done.body);
        formhold_service::submissions::search::index_all(&app.app).await.expect("indexed");
        assert_eq!(ids(&program.get(&format!("{path}?state=archive&q=grace")).await), [grace.as_str()]);
        assert_eq!(program.get(&format!("/forms/{form}/export?format=csv&q=grace")).await.status, 400, "where?");
        for wrong in ["%2A", "+".repeat(501).replace('+', "x").as_str()] {
            assert_eq!(program.get(&format!("{path}?q={wrong}")).await.status, 400, "{wrong}");
        }
    }

    async fn a_filter_finds_by_marks_and_time(app: TestApp) {
        let program = owner(&app).await;
        let (form, all) = filled(&app, "contact", 3).await;
        let path = format!("/forms/{form}/submissions");
        let one = format!("/submissions/{}", all[1]);
        let changed = program.patch(&one, json!({ "is_starred": true, "is_read": true, "tags": ["  Grüße ", "b"] })).await;
        assert_eq!(changed.status, 200, "{}", changed.body);
        assert_eq!(changed.body["tags"], json!(["Grüße", "b"]), "in order, without spaces around them");
        for query in ["is_starred=true", "is_read=true", "tag=Gr%C3%BC%C3%9Fe", "tag=b&is_starred=true"] {
            assert_eq!(ids(&program.get(&format!("{path}?{query}")).await), [all[1].as_str()], "{query}");
        }
        assert_eq!(ids(&program.get(&format!("{path}?is_read=false")).await), [all[2].as_str(), &all[0]]);
        assert_eq!(program.get(&format!("{path}?tag=c")).await.body["items"], json!([]));
        let later = formhold_domain::rfc3339(app.clock.now_ms() + 3_600_000);
        let later = later.replace(':', "%3A");
        assert_eq!(program.get(&format!("{path}?created_after={later}")).await.body["items"], json!([]));
        assert_eq!(ids(&program.get(&format!("{path}?created_before={later}")).await).len(), 3);
        let tags = program.get(&format!("/forms/{form}/tags")).await;
        assert_eq!(tags.body["items"].as_array().map(Vec::len), Some(2));
    }

    async fn a_lost_update_of_a_submission_is_noticed(app: TestApp) {
        let program = owner(&app).await;
        let (_, all) = filled(&app, "contact", 1).await;
        let path = format!("/submissions/{}", all[0]);
        let first = program.get(&path).await;
        assert_eq!(first.header("etag"), "\"1\"", "nobody touched it yet");
        let patch = async |version: &str, body: Value| {
            with_version(&program, Method::PATCH, &path, version, Some(body)).await
        };
        for stale in ["\"0\"", "\"2\"", "W/\"1\"", "1", "\"x\""] {
            assert_eq!(patch(stale, json!({ "is_starred": true })).await.code(), "STALE", "{stale}");
        }
        let done = patch("\"1\"", json!({ "is_starred": true })).await;
        assert_eq!((done.status, done.header("etag")), (200, "\"2\""));
        let answers = json!([{ "field": "name", "values": ["Ada L.", "<script>alert(1)</script>"] }]);
        assert_eq!(patch("\"1\"", json!({ "answers": answers })).await.status, 412);
        let edited = patch("\"2\"", json!({ "answers": answers, "state": "archive" })).await;
        assert_eq!((edited.status, edited.header("etag")), (200, "\"4\""), "{}", edited.body);
        assert_eq!((&edited.body["answers"], &edited.body["state"]), (&answers, &json!("archive")));
        let delete = async |path: &str, version: &str| {
            with_version(&program, Method::DELETE, path, version, None).await.status
        };
        let for_good = format!("{path}?for_good=true");
        assert_eq!(delete(&path, "\"3\"").await, 412);
        assert_eq!(delete(&for_good, "\"4\"").await, 409, "it does not lie in the trash");
        assert_eq!(delete(&path, "\"4\"").await, 204);
        assert_eq!(program.get(&path).await.body["state"], "trash");
        assert_eq!(delete(&for_good, "\"4\"").await, 412);
        let restored = program.post(&format!("{path}/restore"), json!(null)).await;
        assert_eq!((restored.status, &restored.body["state"]), (200, &json!("archive")), "to where it was");
        assert_eq!(delete(&path, "*").await, 204);
        assert_eq!(delete(&for_good, "*").await, 204);
        assert_eq!(delete(&for_good, "*").await, 404);
        assert_eq!(program.get(&path).await.status, 404);
        assert_eq!(app.database.number("SELECT COUNT(*) FROM submission_history").await, 0);
    }

    async fn a_patch_is_done_as_a_whole_or_not_at_all(app: TestApp) {
        let program = owner(&app).await;
        let (_, all) = filled(&app, "contact", 1).await;
        let path = format!("/submissions/{}", all[0]);
        let many: Vec<String> = (0..51).map(|index| format!("tag {index}")).collect();
        for (body, pointer) in [
            (json!({ "is_starred": true, "tags": many }), "/tags"),
            (json!({ "is_starred": true, "tags": ["a,b"] }), "/tags/0"),
            (json!({ "is_starred": true, "state": "gone" }), "/state"),
            (json!({ "is_starred": true, "answers": [{ "field": "", "values": ["x"] }] }), "/answers"),
            (json!({ "is_starred": true, "workspace_id": "x" }), "/workspace_id"),
            (json!({ "is_starred": true, "received_at": "2026-01-01T00:00:00Z" }), "/received_at"),
        ] {
            let refused = program.patch(&path, body).await;
            assert_eq!((refused.status, &refused.body["errors"][0]["pointer"]), (422, &json!(pointer)), "{}", refused.body);
        }
        for table in ["submission_handlings", "submission_stars", "submission_tags", "submission_history"] {
            assert_eq!(app.database.number(&format!("SELECT COUNT(*) FROM {table}")).await, 0, "{table}");
        }
        // Twenty at once: each is there in the end, and the version counts them all.
        let tag = |index: usize| {
            let (program, path) = (&program, path.clone());
            async move { program.post(&format!("{path}/notes"), json!({ "text": format!("note {index}") })).await.status }
        };
        let statuses = futures_util::future::join_all((0..20).map(tag)).await;
        assert!(statuses.iter().all(|status| *status == 201), "{statuses:?}");
        let patch = |index: usize| {
            let (program, path) = (&program, path.clone());
            async move { with_version(program, Method::PATCH, &path, "\"1\"", Some(json!({ "tags": [format!("t{index}")] }))).await.status }
        };
        let statuses = futures_util::future::join_all((0..20).map(patch)).await;
        assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "one wins: {statuses:?}");
        assert!(statuses.iter().all(|status| matches!(status, 200 | 412)), "{statuses:?}");
        assert_eq!(program.get(&path).await.body["tags"].as_array().map(Vec::len), Some(1));
    }

    async fn many_are_changed_by_their_ids_or_by_a_filter(app: TestApp) {
        let program = owner(&app).await;
        let (form, all) = filled(&app, "contact", 4).await;
        let (other, foreign) = filled(&app, "other", 1).await;
        let path = format!("/forms/{form}/submissions/bulk");
        let named = program.post(&path, json!({ "act": "archive", "ids": [all[0], all[1], all[0]] })).await;
        assert_eq!((named.status, &named.body), (200, &json!({ "changed": 2, "next_cursor": null })));
        for ids in [json!([all[2], foreign[0]]), json!([all[2], "0190f000-0000-7000-8000-000000000000"])] {
            for act in ["trash", "archive", "spam", "star", "read", "restore", "delete_for_good"] {
                let refused = program.post(&path, json!({ "act": act, "ids": ids })).await;
                assert_eq!(refused.status, 404, "{act}: {}", refused.body);
            }
        }
        let state = format!("/forms/{form}/submissions?state=inbox");
        assert_eq!(ids(&program.get(&state).await).len(), 2, "one foreign id refuses all");
        assert_eq!(ids(&program.get(&format!("/forms/{other}/submissions")).await), [foreign[0].as_str()]);
        let tagged = program.post(&path, json!({ "act": "add_tag", "tag": "new", "filter": {} })).await;
        assert_eq!(tagged.body["changed"], 2, "the inbox alone");
        let moved = program.post(&path, json!({ "act": "trash", "filter": { "tag": "new" } })).await;
        assert_eq!(moved.body["changed"], 2);
        let gone = program.post(&path, json!({ "act": "delete_for_good", "filter": { "state": "trash" } })).await;
        assert_eq!(gone.body["changed"], 2);
        assert_eq!(ids(&program.get(&format!("/forms/{form}/submissions?state=archive")).await).len(), 2);
        assert_eq!(app.database.number("SELECT COUNT(*) FROM submissions").await, 3);
        let spam = program.post(&path, json!({ "act": "spam", "filter": { "state": "archive" } })).await;
        assert_eq!(spam.body["changed"], 2);
        assert_eq!(app.database.number("SELECT COUNT(*) FROM spam_lessons WHERE lesson = 'spam'").await, 2);
        for (wrong, pointer) in [
            (json!({ "act": "burn", "ids": [all[0]] }), "/act"),
            (json!({ "act": "add_tag", "ids": [all[0]] }), "/tag"),
            (json!({ "act": "add_tag", "tag": "a,b", "ids": [all[0]] }), "/tag"),
            (json!({ "act": "star" }), "/ids"),
            (json!({ "act": "star", "ids": [all[0]], "filter": {} }), "/ids"),
            (json!({ "act": "star", "filter": { "tag": "a,b" } }), "/filter/tag"),
            (json!({ "act": "star", "filter": { "sort": "x" } }), "/filter/sort"),
            (json!({ "act": "star", "filter": {}, "cursor": "x" }), "/cursor"),
            (json!({ "act": "star", "ids": vec![all[0].clone(); 1_001] }), "/ids"),
        ] {
            let refused = program.post(&path, wrong).await;
            assert_eq!((refused.status, &refused.body["errors"][0]["pointer"]), (422, &json!(pointer)), "{}", refused.body);
        }
    }

    async fn notes_and_history_tell_who_did_what(app: TestApp) {
        let program = owner(&app).await;
        let (_, all) = filled(&app, "contact", 2).await;
        let path = format!("/submissions/{}", all[0]);
        let made = program.post(&format!("{path}/notes"), json!({ "text": " <b>called</b> back " })).await;
        assert_eq!((made.status, &made.body["text"]), (201, &json!("<b>called</b> back")));
        let id = made.body["id"].as_str().expect("an id");
        assert_eq!(program.post(&format!("{path}/notes"), json!({ "text": "  " })).await.status, 422);
        assert_eq!(program.post(&format!("{path}/notes"), json!({ "text": "x".repeat(10_001) })).await.status, 422);
        assert_eq!(program.get(&format!("{path}/notes")).await.body["items"], json!([made.body]));
        let foreign = format!("/submissions/{}/notes/{id}", all[1]);
        assert_eq!(program.delete(&foreign).await.status, 404, "a note of another submission");
        assert_eq!(program.delete(&format!("{path}/notes/{id}")).await.status, 204);
        assert_eq!(program.delete(&format!("{path}/notes/{id}")).await.status, 404);
        program.patch(&path, json!({ "answers": [{ "field": "name", "values": ["Eve"] }] })).await;
        let history = program.get(&format!("{path}/history")).await;
        let items = history.body["items"].as_array().expect("items");
        assert_eq!(items.iter().map(|item| item["kind"].as_str().expect("text")).collect::<Vec<_>>(), ["edit", "note"]);
        assert_eq!(items[0]["details"]["fields"][0], json!({ "field": "name", "before": ["Ada"], "after": ["Eve"] }));
        let me = program.app.database.number("SELECT COUNT(*) FROM submission_history WHERE actor_kind = 'user'").await;
        assert_eq!(me, 2);
    }

    async fn scopes_and_workspaces_bound_what_a_token_reaches(app: TestApp) {
        owner(&app).await;
        let (form, all) = filled(&app, "contact", 1).await;
        let elsewhere = workspace(&app, "Elsewhere").await;
        let reader = Program::of(&app, ADMIN, &["submissions:read"], None).await;
        let bound = Program::of(&app, ADMIN, SCOPES, Some(elsewhere)).await;
        let one = format!("/submissions/{}", all[0]);
        assert_eq!(reader.get(&one).await.status, 200);
        assert_eq!(reader.patch(&one, json!({ "is_read": true })).await.code(), "FORBIDDEN");
        assert_eq!(reader.delete(&one).await.status, 403);
        assert_eq!(reader.get(&format!("/forms/{form}/export?format=csv")).await.status, 403);
        // That a token is in use is noted once a minute.
        bound.get("/me").await;
        let queries = app.database.dump_queries().await;
        let before = app.database.dump(&queries).await;
        let unknown = "0190f000-0000-7000-8000-000000000000";
        for (method, path, body) in [
            (Method::GET, one.clone(), Value::Null),
            (Method::PATCH, one.clone(), json!({ "state": "trash" })),
            (Method::DELETE, one.clone(), Value::Null),
            (Method::POST, format!("{one}/restore"), Value::Null),
            (Method::GET, format!("{one}/notes"), Value::Null),
            (Method::POST, format!("{one}/notes"), json!({ "text": "x" })),
            (Method::GET, format!("{one}/history"), Value::Null),
            (Method::GET, format!("/forms/{form}/submissions"), Value::Null),
            (Method::POST, format!("/forms/{form}/submissions/bulk"), json!({ "act": "trash", "filter": {} })),
            (Method::POST, format!("/forms/{form}/submissions/bulk"), json!({ "act": "trash", "ids": [all[0]] })),
            (Method::GET, format!("/forms/{form}/tags"), Value::Null),
            (Method::GET, format!("/forms/{form}/export?format=csv"), Value::Null),
        ] {
            let request = |path: &str| {
                let request = bound.request(method.clone(), path);
                if body == Value::Null { request } else { request.json(&body) }
            };
            let hidden = send(request(&path)).await;
            let nothing = send(request(&path.replace(&all[0], unknown).replace(&form, unknown))).await;
            assert_eq!((hidden.status, nothing.status), (404, 404), "{method} {path}");
            let detail = |answer: &Answer| answer.body["detail"].as_str().unwrap_or_default().replace(unknown, "");
            let hidden = detail(&hidden).replace(&all[0], "").replace(&form, "");
            assert_eq!(hidden, detail(&nothing), "{method} {path}");
        }
        let after = app.database.dump(&queries).await;
        assert_eq!(before, after, "nothing was changed");
    }
}
