//! One row a key: equal requests at once, later, in another body, after the form has changed.

use formhold_domain::access::Caller;
use std::collections::BTreeSet;

use formhold_service::forms;
use formhold_testkit::{TestApp, form_of, on_both_stacks};
use futures_util::future::join_all;
use reqwest::{
    RequestBuilder,
    multipart::{Form, Part},
};
use serde_json::{Value, json};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

fn request(app: &TestApp, key: &str) -> RequestBuilder {
    app.client
        .post(app.url("/f/test"))
        .header("accept", "application/json")
        .header("idempotency-key", key)
}

async fn reply(request: RequestBuilder) -> (u16, Value) {
    let response = request.send().await.expect("a reply");
    (response.status().as_u16(), response.json().await.expect("JSON"))
}

fn upload(app: &TestApp, key: &str) -> RequestBuilder {
    let part = Part::bytes(vec![7; 50_000]).file_name("a.bin");
    request(app, key).multipart(Form::new().text("name", "Ada").part("file", part))
}

on_both_stacks! {
    async fn fifty_equal_requests_at_once_are_one_submission_with_one_reply(app: TestApp) {
        let form = app.form(json!({})).await;
        let all = (0..50).map(|_| reply(request(&app, "k").form(&[("name", "Ada")])));
        let replies: BTreeSet<String> =
            join_all(all).await.into_iter().map(|(status, body)| format!("{status} {body}")).collect();
        assert_eq!(replies.len(), 1, "{replies:?}");
        assert!(replies.iter().all(|reply| reply.starts_with("200 ")), "{replies:?}");
        assert_eq!(app.submissions(&form).await.len(), 1);
    }

    async fn a_key_with_other_content_is_a_conflict_and_stores_nothing(app: TestApp) {
        let form = app.form(json!({})).await;
        let (status, first) = reply(request(&app, "k").form(&[("name", "Ada")])).await;
        assert_eq!(status, 200, "{first}");
        for (body, what) in [
            (vec![("name", "Bob")], "another value"),
            (vec![("nome", "Ada")], "another name"),
            (vec![("name", "Ada"), ("name", "Ada")], "a field more"),
            (vec![("name", "Ada"), ("_subject", "s")], "another subject"),
        ] {
            let (status, body) = reply(request(&app, "k").form(&body)).await;
            assert_eq!(status, 409, "{what}: {body}");
            assert_eq!(body["errors"][0]["code"], "IDEMPOTENCY_KEY_REUSED", "{what}");
        }
        let (status, body) = reply(upload(&app, "k")).await;
        assert_eq!((status, app.files_on_disk().len()), (409, 0), "{body}");
        assert_eq!(app.submissions(&form).await.len(), 1);
        let (_, again) = reply(request(&app, "k").form(&[("name", "Ada")])).await;
        assert_eq!(again, first);
    }

    async fn of_requests_at_once_with_one_key_and_different_content_one_wins(app: TestApp) {
        let form = app.form(json!({})).await;
        let all = (0..30).map(|number| {
            let app = &app;
            async move {
                reply(request(app, "k").form(&[("name", number.to_string())])).await.0
            }
        });
        let mut statuses = join_all(all).await;
        statuses.sort_unstable();
        assert_eq!((statuses[0], &statuses[1..]), (200, &[409; 29][..]));
        assert_eq!(app.submissions(&form).await.len(), 1);
    }

    async fn a_key_is_free_again_after_a_day(app: TestApp) {
        let form = app.form(json!({})).await;
        let post = async |name: &'static str| reply(request(&app, "k").form(&[("name", name)])).await;
        let (_, first) = post("Ada").await;
        app.clock.advance_ms(DAY_MS - 1);
        assert_eq!(post("Ada").await, (200, first.clone()));
        assert_eq!(post("Bob").await.0, 409);
        app.clock.advance_ms(2);
        let (status, second) = post("Bob").await;
        assert_eq!(status, 200, "{second}");
        assert_ne!(second["id"], first["id"]);
        assert_eq!(post("Ada").await.0, 409);
        assert_eq!(post("Bob").await, (200, second));
        assert_eq!(app.submissions(&form).await.len(), 2);
    }

    async fn an_old_key_used_by_many_at_once_is_one_new_submission(app: TestApp) {
        let form = app.form(json!({})).await;
        reply(request(&app, "k").form(&[("name", "Ada")])).await;
        app.clock.advance_ms(DAY_MS + 1);
        let all = (0..20).map(|_| reply(request(&app, "k").form(&[("name", "Ada")])));
        let ids: BTreeSet<String> =
            join_all(all).await.into_iter().map(|(_, body)| body["id"].to_string()).collect();
        assert_eq!(ids.len(), 1, "{ids:?}");
        assert_eq!(app.submissions(&form).await.len(), 2);
    }

    async fn the_same_content_in_another_kind_of_body_is_the_same(app: TestApp) {
        let form = app.form(json!({})).await;
        let urlencoded = request(&app, "k").form(&[("name", "Ada"), ("n", "1"), ("n", "2")]);
        let (status, first) = reply(urlencoded).await;
        assert_eq!(status, 200, "{first}");
        let as_json = request(&app, "k").json(&json!({ "name": "Ada", "n": [1, 2] }));
        assert_eq!(reply(as_json).await, (200, first.clone()));
        let form_data = Form::new().text("name", "Ada").text("n", "1").text("n", "2");
        assert_eq!(reply(request(&app, "k").multipart(form_data)).await, (200, first.clone()));
        // The hidden field `_id` names the key as the header does.
        let hidden = app.client.post(app.url("/f/test")).header("accept", "application/json");
        let pairs = [("name", "Ada"), ("_id", "k"), ("n", "1"), ("n", "2")];
        assert_eq!(reply(hidden.form(&pairs)).await, (200, first));
        assert_eq!(app.submissions(&form).await.len(), 1);
    }

    async fn two_equal_uploads_with_one_key_are_one_row_and_one_file(app: TestApp) {
        let form = app.form(json!({})).await;
        let (status, first) = reply(upload(&app, "k")).await;
        assert_eq!(status, 200, "{first}");
        assert_eq!(reply(upload(&app, "k")).await, (200, first));
        assert_eq!((app.submissions(&form).await.len(), app.files_on_disk().len()), (1, 1));
    }

    async fn ten_equal_uploads_at_once_are_one_row_and_its_own_file(app: TestApp) {
        let form = app.form(json!({})).await;
        let replies = join_all((0..10).map(|_| reply(upload(&app, "k")))).await;
        assert!(replies.iter().all(|reply| *reply == replies[0]), "{replies:?}");
        let stored = app.submissions(&form).await;
        let files = app.files_on_disk();
        assert_eq!((stored.len(), files.len()), (1, 1), "{files:?}");
        assert!(files[0].ends_with(stored[0].uploads[0].id.to_string()), "{files:?}");
    }

    async fn a_second_try_gets_the_first_reply_although_the_form_was_closed(app: TestApp) {
        let form = app.form(json!({})).await;
        let (_, first) = reply(request(&app, "k").form(&[("name", "Ada")])).await;
        let closed = form_of(json!({ "state": "closed" }));
        forms::import_form(&app.app, &Caller::system("test"), None, closed).await.expect("it closes");
        assert_eq!(reply(request(&app, "k").form(&[("name", "Ada")])).await, (200, first));
        let (status, body) = reply(request(&app, "other").form(&[("name", "Ada")])).await;
        assert_eq!((status, &body["errors"][0]["code"]), (403, &json!("INACTIVE")));
        assert_eq!(app.submissions(&form).await.len(), 1);
    }

    async fn a_second_try_gets_the_first_reply_although_the_first_filled_the_form(app: TestApp) {
        let form = app.form(json!({ "max_submissions": 1 })).await;
        let tries = (0..10).map(|_| reply(request(&app, "k").form(&[("name", "Ada")])));
        let replies = join_all(tries).await;
        assert!(replies.iter().all(|reply| *reply == replies[0] && reply.0 == 200), "{replies:?}");
        assert_eq!(reply(request(&app, "k").form(&[("name", "Ada")])).await, replies[0]);
        let (status, body) = reply(request(&app, "other").form(&[("name", "Ada")])).await;
        assert_eq!((status, &body["errors"][0]["code"]), (403, &json!("INACTIVE")));
        assert_eq!(app.submissions(&form).await.len(), 1);
    }

    async fn an_upload_that_a_full_form_refuses_leaves_no_file(app: TestApp) {
        let form = app.form(json!({ "max_submissions": 1 })).await;
        let replies = join_all(["a", "b", "c"].map(|key| reply(upload(&app, key)))).await;
        let accepted = replies.iter().filter(|(status, _)| *status == 200).count();
        assert_eq!(accepted, 1, "{replies:?}");
        assert_eq!((app.submissions(&form).await.len(), app.files_on_disk().len()), (1, 1));
    }

    async fn a_key_counts_for_its_own_form_only(app: TestApp) {
        let one = app.form(json!({})).await;
        let two = app.form(json!({ "slug": "other" })).await;
        let (_, first) = reply(request(&app, "k").form(&[("name", "Ada")])).await;
        let other = app.client.post(app.url("/f/other")).header("accept", "application/json");
        let (status, second) =
            reply(other.header("idempotency-key", "k").form(&[("name", "Bob")])).await;
        assert_eq!(status, 200, "{second}");
        assert_ne!(first["id"], second["id"]);
        assert_eq!((app.submissions(&one).await.len(), app.submissions(&two).await.len()), (1, 1));
    }
}
