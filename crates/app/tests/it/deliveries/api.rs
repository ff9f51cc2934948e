//! Channels and deliveries by the API.

use formhold_domain::{WorkspaceId, access::InstanceRole};
use formhold_testkit::{TestApp, on_both_stacks};
use http::Method;
use serde_json::{Value, json};

use super::{receiver::Receiver, scene::form_in, until};
use crate::api::{ADMIN, Answer, Program, send, user};

const SCOPES: &[&str] = &[
    "forms:read",
    "forms:write",
    "submissions:read",
    "submissions:write",
    "users:read",
    "system:read",
];

/// An administrator with a form, and where its channels are.
async fn owner(app: &TestApp) -> (Program<'_>, String) {
    user(app, ADMIN, InstanceRole::Admin).await;
    let program = Program::of(app, ADMIN, SCOPES, None).await;
    let form = form_in(app, WorkspaceId::FIRST, "contact").await;
    (program, format!("/forms/{form}/channels"))
}

fn path_of(made: &Answer) -> String {
    assert_eq!(made.status, 201, "{}", made.body);
    made.header("location").strip_prefix("/api/v1").expect("a path").to_owned()
}

fn items(listed: &Answer) -> &Vec<Value> {
    listed.body["items"].as_array().unwrap_or_else(|| panic!("{}", listed.body))
}

async fn with_version(
    program: &Program<'_>,
    method: Method,
    path: &str,
    version: &str,
    body: Value,
) -> Answer {
    send(program.request(method, path).header("if-match", version).json(&body)).await
}

async fn submit(app: &TestApp) -> String {
    let (status, reply) = app.post("/f/contact", &[("name", "Ada")]).await;
    assert_eq!(status, 200, "{reply}");
    reply["id"].as_str().expect("an id").to_owned()
}

on_both_stacks! {
    async fn a_channel_lives_from_its_making_to_its_end_and_its_secrets_stay(app: TestApp) {
        let (program, channels) = owner(&app).await;
        let receiver = Receiver::start([]).await;
        let made = program.post(&channels, json!({ "kind": "webhook", "name": "CRM", "config": { "url": receiver.url() } })).await;
        let path = path_of(&made);
        assert_eq!((made.header("etag"), &made.body["config"]), ("\"1\"", &json!({ "url": receiver.url(), "secret": "***" })));
        let secret = made.body["signing_secret"].as_str().expect("shown this once").to_owned();
        assert!(secret.starts_with("whsec_"));
        let chat = program.post(&channels, json!({ "kind": "slack", "config": { "webhook_url": "https://hooks.slack.com/services/T0/B0/hidden" }, "is_on": false })).await;
        let chat_path = path_of(&chat);
        assert_eq!((&chat.body["name"], &chat.body["config"]["webhook_url"]), (&json!("Slack"), &json!("***")));
        let first = program.get(&format!("{channels}?limit=1")).await;
        assert_eq!(items(&first)[0]["name"], "CRM");
        let next = format!("{channels}?limit=1&cursor={}", first.body["next_cursor"].as_str().expect("more"));
        assert_eq!(items(&program.get(&next).await)[0]["kind"], "slack");

        let renamed = with_version(&program, Method::PATCH, &path, "\"1\"", json!({ "name": "Our CRM", "is_on": false })).await;
        assert_eq!((renamed.status, renamed.header("etag"), &renamed.body["is_on"]), (200, "\"2\"", &json!(false)), "{}", renamed.body);
        for (method, suffix, body) in [(Method::PATCH, "", json!({ "name": "Late" })), (Method::POST, "/secret", json!({})), (Method::DELETE, "", json!({}))] {
            let stale = with_version(&program, method.clone(), &format!("{path}{suffix}"), "\"1\"", body).await;
            assert_eq!((stale.status, stale.code()), (412, "STALE"), "{method}{suffix}");
        }
        let same = program.patch(&path, json!({ "config": { "url": receiver.url(), "secret": "***", "format": "form" } })).await;
        assert_eq!((same.header("etag"), &same.body["signing_secret"]), ("\"3\"", &Value::Null), "{}", same.body);
        let stored = format!("SELECT COUNT(*) FROM channels WHERE config LIKE '%{secret}%'");
        assert_eq!(app.database.number(&stored).await, 1, "the same address keeps it");
        let moved = program.patch(&path, json!({ "config": { "url": "https://example.org/other" } })).await;
        let other = moved.body["signing_secret"].as_str().expect("a new one").to_owned();
        assert_ne!(other, secret);
        assert_eq!(app.database.number(&stored).await, 0, "another address never gets the old one");
        let own = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3";
        let given = program.patch(&path, json!({ "config": { "url": "https://example.org/other", "secret": own } })).await;
        assert_eq!(given.body["signing_secret"], Value::Null, "what somebody gave is not shown to them again");
        let rotated = program.post(&format!("{path}/secret"), json!({})).await;
        let newest = rotated.body["signing_secret"].as_str().expect("shown this once").to_owned();
        assert_eq!(rotated.status, 200);
        assert_eq!(program.post(&format!("{chat_path}/secret"), json!({})).await.code(), "CONFLICT");

        for answer in [program.get(&path).await, program.get(&channels).await, program.get(&chat_path).await, program.get("/audit").await] {
            let text = answer.body.to_string();
            for hidden in [&secret, &other, &newest, own, "hidden"] {
                assert!(!text.contains(hidden), "{hidden} in {text}");
            }
        }
        assert_eq!(program.delete(&path).await.status, 204);
        assert_eq!(program.get(&path).await.status, 404);
        assert_eq!(items(&program.get(&channels).await).len(), 1);
    }

    async fn a_secret_that_was_shown_is_not_repeated_by_a_key(app: TestApp) {
        let (program, channels) = owner(&app).await;
        let ask = || {
            let request = program.request(Method::POST, &channels).header("idempotency-key", "k1");
            send(request.json(&json!({ "kind": "webhook", "config": { "url": "https://example.org/" } })))
        };
        let secret = ask().await.body["signing_secret"].as_str().expect("a secret").to_owned();
        let again = ask().await;
        assert_eq!((again.status, again.code()), (409, "IDEMPOTENCY_REPLY_NOT_KEPT"));
        assert_eq!(items(&program.get(&channels).await).len(), 1);
        let kept = format!("SELECT COUNT(*) FROM request_keys WHERE reply LIKE '%{secret}%'");
        assert_eq!(app.database.number(&kept).await, 0);
    }

    async fn everything_that_is_wrong_is_told_at_its_field(app: TestApp) {
        let (program, channels) = owner(&app).await;
        let made = program.post(&channels, json!({ "kind": "ntfy", "config": { "topic": "forms", "access_token": "tk_hidden" } })).await;
        let path = path_of(&made);
        let pointers = |answer: &Answer| -> Vec<String> {
            assert_eq!(answer.status, 422, "{}", answer.body);
            let all = answer.body["errors"].as_array().expect("errors").iter();
            all.map(|it| it["pointer"].as_str().expect("text").to_owned()).collect()
        };
        for (body, expected) in [
            (json!({ "kind": "pigeon" }), vec!["/kind"]),
            (json!({ "kind": "webhook" }), vec!["/config/url"]),
            (json!({ "kind": "webhook", "name": "", "config": { "url": "ftp://x/" } }), vec!["/name", "/config/url"]),
            (json!({ "kind": "webhook", "config": { "url": "https://example.org/", "colour": 1 } }), vec!["/config"]),
            (json!({ "kind": "webhook", "config": { "url": "https://example.org/", "old_secret": "x" } }), vec!["/config/old_secret"]),
            (json!({ "kind": "webhook", "config": { "url": "https://example.org/", "secret": "short" } }), vec!["/config/secret"]),
            (json!({ "kind": "email", "config": { "to": ["no address"], "subject": "{{ nothing( }}" } }), vec!["/config/to", "/config/subject"]),
            (json!({ "kind": "webhook", "urls": [] }), vec!["/urls"]),
            (json!({ "kind": "webhook", "config": [] }), vec!["/config"]),
        ] {
            assert_eq!(pointers(&program.post(&channels, body.clone()).await), expected, "{body}");
        }
        assert_eq!(pointers(&program.patch(&path, json!({ "config": {} })).await), ["/config/topic"]);
        assert_eq!(pointers(&program.patch(&path, json!({ "kind": "slack" })).await), ["/kind"]);
        assert_eq!(pointers(&program.patch(&path, json!({ "name": null })).await), ["/name"]);
        assert_eq!(pointers(&program.post(&format!("{path}/deliveries/retry"), json!({ "from": "yesterday" })).await), ["/from"]);
        assert_eq!(program.get(&format!("{path}/deliveries?state=gone")).await.status, 400);
        assert_eq!(program.get(&format!("{path}/deliveries?cursor=x")).await.status, 400);
        let seen = program.get(&path).await;
        assert_eq!((seen.header("etag"), items(&program.get(&channels).await).len()), ("\"1\"", 1), "nothing was changed");
    }

    async fn deliveries_are_seen_with_their_tries_and_sent_again(app: TestApp) {
        let (program, channels) = owner(&app).await;
        let receiver = Receiver::start(["400 Bad\r\nx: y", "200 OK"]).await;
        let made = program.post(&channels, json!({ "kind": "webhook", "config": { "url": receiver.url() } })).await;
        let path = path_of(&made);
        let submission = submit(&app).await;
        let of_submission = format!("/submissions/{submission}/deliveries");
        let only = async || items(&program.get(&of_submission).await)[0].clone();
        until("it failed once", async || only().await["state"] == "later").await;
        let delivery = only().await;
        let one = format!("/deliveries/{}", delivery["id"].as_str().expect("an id"));
        assert_eq!((&delivery["attempts"], &delivery["submission_id"]), (&json!(1), &json!(submission)));
        assert!(delivery["next_at"].is_string() && delivery["finished_at"].is_null(), "{delivery}");
        assert!(program.get(&path).await.body["failing_since"].is_string());
        let shown = program.get(&one).await;
        let tries = shown.body["tries"].as_array().expect("tries");
        assert_eq!((tries.len(), &tries[0]["status"], &tries[0]["outcome"]), (1, &json!(400), &json!("retry")));
        assert!(tries[0]["excerpt"].as_str().expect("text").contains("busy"), "{}", shown.body);

        assert_eq!(program.post(&format!("{one}/retry"), json!({})).await.status, 204);
        until("it arrived", async || only().await["state"] == "done").await;
        assert_eq!(program.post(&format!("{one}/retry"), json!({})).await.status, 204, "what arrived is sent once more");
        until("it arrived again", async || receiver.arrived().len() == 3 && only().await["state"] == "done").await;
        let ids: Vec<_> = receiver.arrived().iter().map(|it| it.header("webhook-id").to_owned()).collect();
        assert!(ids.iter().all(|id| *id == ids[0]), "the same message: {ids:?}");
        assert_eq!(program.get(&one).await.body["tries"].as_array().map(Vec::len), Some(3));
        assert_eq!(items(&program.get(&format!("{path}/deliveries?state=done")).await).len(), 1);
        assert_eq!(items(&program.get(&format!("{path}/deliveries?state=dead")).await).len(), 0);
        let job = program.get(&format!("/system/jobs/{}", delivery["id"].as_str().expect("an id"))).await;
        assert_eq!((&job.body["kind"], &job.body["state"]), (&json!("deliver"), &json!("done")));
        assert_eq!(program.post(&format!("/system/jobs/{}/cancel", delivery["id"].as_str().expect("an id")), json!({})).await.code(), "CONFLICT");
        let noted = "SELECT COUNT(*) FROM audit_entries WHERE action = 'job.retry'";
        assert_eq!(app.database.number(noted).await, 2);
    }

    async fn all_that_failed_in_a_time_are_sent_again_and_no_others(app: TestApp) {
        let (program, channels) = owner(&app).await;
        let receiver = Receiver::start([]).await;
        let made = program.post(&channels, json!({ "kind": "webhook", "config": { "url": receiver.url() } })).await;
        let path = path_of(&made);
        program.post(&channels, json!({ "kind": "webhook", "config": { "url": receiver.url() } })).await;
        app.stop_worker().await;
        for _ in 0..3 {
            submit(&app).await;
        }
        let now_ms = app.app.clock.now_ms();
        let fail = |finished_ms: i64| format!("UPDATE jobs SET state = 'dead', finished_at_ms = {finished_ms} WHERE state = 'ready'");
        app.database.execute(&fail(now_ms)).await;
        submit(&app).await;
        app.database.execute(&fail(now_ms + 60_000)).await;
        let retry = async |from_ms: i64, to_ms: i64| {
            let body = json!({ "from": formhold_domain::rfc3339(from_ms), "to": formhold_domain::rfc3339(to_ms) });
            program.post(&format!("{path}/deliveries/retry"), body).await
        };
        assert_eq!(retry(now_ms + 1, now_ms + 59_000).await.body["retried"], 0);
        program.patch(&path, json!({ "is_on": false })).await;
        assert_eq!(retry(now_ms, now_ms).await.code(), "CONFLICT", "it would fail at once");
        program.patch(&path, json!({ "is_on": true })).await;
        assert_eq!(retry(now_ms, now_ms).await.body["retried"], 3);
        let counted = async |state: &str| items(&program.get(&format!("{path}/deliveries?state={state}")).await).len();
        assert_eq!((counted("ready").await, counted("dead").await), (3, 1));
        let others = "SELECT COUNT(*) FROM jobs WHERE state = 'dead'";
        assert_eq!(app.database.number(others).await, 5, "the other channel's stay");
        assert_eq!(program.post(&format!("{path}/deliveries/retry"), json!({})).await.body["retried"], 1);
        let page = program.get(&format!("{path}/deliveries?limit=3")).await;
        let next = format!("{path}/deliveries?limit=3&cursor={}", page.body["next_cursor"].as_str().expect("more"));
        assert_eq!((items(&page).len(), items(&program.get(&next).await).len()), (3, 1));
    }

    async fn a_channel_is_tried_out_and_says_what_came_of_it(app: TestApp) {
        let (program, channels) = owner(&app).await;
        let receiver = Receiver::start(["200 OK", "500 Oops"]).await;
        let made = program.post(&channels, json!({ "kind": "webhook", "config": { "url": receiver.url() } })).await;
        let test = format!("{}/test", path_of(&made));
        let well = program.post(&test, json!({})).await;
        assert_eq!(well.body, json!({ "delivered": true, "status": 200, "answer": "busy", "reason": null }));
        let told: Value = serde_json::from_str(&receiver.arrived()[0].body).expect("JSON");
        assert_eq!(told["type"], "channel.test");
        let bad = program.post(&test, json!({})).await;
        assert_eq!((bad.status, &bad.body["delivered"], &bad.body["status"]), (200, &json!(false), &json!(500)));
        assert!(bad.body["reason"].as_str().expect("a reason").contains("500"), "{}", bad.body);
        assert_eq!(app.database.number("SELECT COUNT(*) FROM jobs").await, 0, "nothing is kept of it");
    }

    async fn schedules_are_listed_and_run_once_at_a_time(app: TestApp) {
        user(&app, ADMIN, InstanceRole::Admin).await;
        let program = Program::of(&app, ADMIN, SCOPES, None).await;
        let listed = program.get("/system/schedules").await;
        let trim = items(&listed).iter().find(|it| it["name"] == "trim-audit").expect("it is there");
        assert_eq!((&trim["pattern"], &trim["last_at"]), (&json!("17 * * * *"), &Value::Null));
        assert_eq!(program.post("/system/schedules/trim-audit/run", json!({})).await.status, 403, "no token is enough");
        assert_eq!(program.post("/system/jobs", json!({})).await.status, 405);
    }

    async fn a_token_reaches_as_far_as_its_scopes_and_its_workspace(app: TestApp) {
        let (program, channels) = owner(&app).await;
        let path = path_of(&program.post(&channels, json!({ "kind": "ntfy", "config": { "topic": "forms" } })).await);
        let reader = Program::of(&app, ADMIN, &["forms:read", "submissions:read"], None).await;
        for asked in [&channels, &path, &format!("{path}/deliveries")] {
            assert_eq!(reader.get(asked).await.status, 403, "{asked}");
        }
        let forms = Program::of(&app, ADMIN, &["forms:write"], None).await;
        assert_eq!((forms.get(&path).await.status, forms.get(&format!("{path}/deliveries")).await.status), (200, 403));
        assert_eq!(program.get("/deliveries/0190f000-0000-7000-8000-000000000000").await.status, 404);
        assert_eq!(program.get("/channels/1").await.status, 404);
    }
}
