//! Requests that are sent more than once with one key.

use formhold_testkit::on_both_stacks;
use http::Method;
use serde_json::{Value, json};

use super::{ADMIN, Answer, PASSWORD, Program, send};

fn new_user(email: &str) -> Value {
    json!({ "name": "Otto", "email": email })
}

async fn post(program: &Program<'_>, key: &str, body: &Value) -> Answer {
    let request = program.request(Method::POST, "/users").header("idempotency-key", key);
    send(request.json(body)).await
}

on_both_stacks! {
    async fn the_same_request_has_one_effect_and_one_answer(app: TestApp) {
        let admin = Program::of_admin(&app).await;
        let body = new_user("otto@example.org");
        let first = post(&admin, "one", &body).await;
        let again = post(&admin, "one", &body).await;
        assert_eq!((first.status, again.status), (201, 201), "{}", again.body);
        assert_eq!(first.body, again.body);
        assert_eq!((first.header("location"), first.header("etag")), (again.header("location"), again.header("etag")));
        assert_eq!((first.header("idempotency-replayed"), again.header("idempotency-replayed")), ("", "true"));
        let other = post(&admin, "one", &new_user("emil@example.org")).await;
        assert_eq!((other.status, other.code()), (422, "IDEMPOTENCY_KEY_REUSED"));
        // Keys are those of one token.
        let second = Program::of(&app, ADMIN, &["users:read", "users:write"], None).await;
        assert_eq!(post(&second, "one", &new_user("emil@example.org")).await.status, 201);
        assert_eq!(app.database.number("SELECT COUNT(*) FROM users").await, 3);
        app.clock.advance_ms(24 * 60 * 60 * 1000 + 1);
        assert_eq!(post(&admin, "one", &new_user("ida@example.org")).await.status, 201, "a day later");
    }

    async fn what_failed_may_be_corrected_under_its_key(app: TestApp) {
        let admin = Program::of_admin(&app).await;
        assert_eq!(post(&admin, "one", &new_user("nowhere")).await.status, 422);
        assert_eq!(post(&admin, "one", &new_user("otto@example.org")).await.status, 201);
        for key in ["", "é", &"x".repeat(256)] {
            let answer = post(&admin, key, &new_user("emil@example.org")).await;
            assert_eq!((answer.status, &answer.body["errors"][0]["pointer"]), (422, &json!("Idempotency-Key")), "{key}");
        }
    }

    async fn of_twenty_at_once_on_two_nodes_one_has_an_effect(app: TestApp) {
        let admin = Program::of_admin(&app).await;
        let second = app.second_address().await;
        let token = admin.token.clone().expect("a token");
        let body = new_user("otto@example.org");
        let sent = (0..20).map(|index| {
            let address = if index % 2 == 0 { app.address } else { second };
            let request = app
                .client
                .post(format!("http://{address}/api/v1/users"))
                .header("authorization", format!("Bearer {token}"))
                .header("idempotency-key", "twenty")
                .json(&body);
            tokio::spawn(send(request))
        });
        let mut made = Vec::new();
        for answer in sent.collect::<Vec<_>>() {
            let answer = answer.await.expect("an answer");
            match answer.status {
                201 => made.push(answer.body["id"].clone()),
                409 => assert_eq!(answer.code(), "IDEMPOTENCY_KEY_UNDER_WAY"),
                503 => {}
                other => panic!("{other}: {}", answer.body),
            }
        }
        made.dedup();
        assert_eq!(made.len(), 1, "{made:?}");
        assert_eq!(app.database.number("SELECT COUNT(*) FROM users").await, 2);
        let again = post(&admin, "twenty", &body).await;
        assert_eq!((again.status, &again.body["id"]), (201, &made[0]));
        assert_eq!(app.database.number("SELECT COUNT(*) FROM audit_entries WHERE action = 'user.create'").await, 2);
    }

    async fn a_secret_is_not_kept_for_a_second_try(app: TestApp) {
        Program::of_admin(&app).await;
        let form = json!({ "email": ADMIN, "password": PASSWORD });
        let login = Program::nobody(&app).post("/auth/login", form).await;
        let cookies = login.headers.get_all("set-cookie").iter();
        let mut cookies = cookies.filter_map(|it| it.to_str().ok()?.split(';').next());
        let session = |it: &&str| it.starts_with("__Host-formhold_session=");
        let cookie = cookies.find(session).expect("a session").to_owned();
        let body = json!({ "name": "Nightly", "scopes": ["users:read"] });
        let post = || send(Program::nobody(&app).request(Method::POST, "/tokens")
            .header("cookie", &cookie).header("sec-fetch-site", "same-origin")
            .header("idempotency-key", "token").json(&body));
        let first = post().await;
        assert_eq!(first.status, 201, "{}", first.body);
        let again = post().await;
        assert_eq!((again.status, again.code()), (409, "IDEMPOTENCY_REPLY_NOT_KEPT"));
        let secret = first.body["secret"].as_str().expect("a secret");
        let kept = format!("SELECT COUNT(*) FROM request_keys WHERE reply LIKE '%{secret}%'");
        assert_eq!(app.database.number(&kept).await, 0);
        assert_eq!(app.database.number("SELECT COUNT(*) FROM api_tokens").await, 2);
    }
}
