//! What every request meets: problems in one shape, limits, hosts, bodies.

use formhold_testkit::{Stack, TestApp, on_both_stacks};
use http::Method;
use serde_json::json;

use super::{ADMIN, Program, send};

on_both_stacks! {
    async fn everything_that_goes_wrong_is_a_problem_with_a_code(app: TestApp) {
        let admin = Program::of_admin(&app).await;
        let url = |path: &str| app.url(path);
        let mistakes = [
            (admin.get("/nothing").await, 404, "NOT_FOUND"),
            (send(app.client.get(url("/api/nothing"))).await, 404, "NOT_FOUND"),
            (admin.get("/users/17").await, 404, "NOT_FOUND"),
            (admin.get("/users/01900000-0000-7000-8000-000000000009").await, 404, "NOT_FOUND"),
            (admin.get("/users/%FF").await, 404, "NOT_FOUND"),
            (admin.get("/users?limit=0").await, 400, "UNKNOWN_PARAMETER"),
            (admin.get("/users?limit=201").await, 400, "UNKNOWN_PARAMETER"),
            (admin.get("/users?limit=many").await, 400, "UNKNOWN_PARAMETER"),
            (admin.get("/users?cursor=%21").await, 400, "UNKNOWN_PARAMETER"),
            (admin.get("/users?nmae=x").await, 400, "UNKNOWN_PARAMETER"),
            (admin.get("/users?role=god").await, 400, "UNKNOWN_PARAMETER"),
            (admin.get("/audit?created_after=yesterday").await, 400, "UNKNOWN_PARAMETER"),
            (send(admin.request(Method::PUT, "/users").json(&json!({}))).await, 405, "METHOD_NOT_ALLOWED"),
            (send(admin.request(Method::POST, "/users").body("name=x")).await, 415, "UNSUPPORTED_TYPE"),
            (send(admin.request(Method::POST, "/users").header("content-type", "application/json").body("{")).await, 400, "MALFORMED"),
            (send(admin.request(Method::POST, "/users").header("content-type", "application/json").body("{} x")).await, 422, "INVALID"),
            (admin.post("/users", json!([])).await, 422, "INVALID"),
            (admin.post("/users", json!({ "name": "x".repeat(2 << 20) })).await, 413, "BODY_TOO_LARGE"),
            (Program::nobody(&app).get("/users").await, 401, "SIGN_IN_REQUIRED"),
            (send(app.client.get(url("/api/v1/users")).header("authorization", "Bearer fh_x")).await, 401, "WRONG_TOKEN"),
            (send(app.client.get(url("/api/v1/users")).header("authorization", "Basic eDp5")).await, 401, "WRONG_TOKEN"),
        ];
        for (index, (answer, status, code)) in mistakes.into_iter().enumerate() {
            assert_eq!((answer.status, answer.code()), (status, code), "{index}: {}", answer.body);
            assert_eq!(answer.header("cache-control"), "no-store");
            assert_eq!(answer.header("x-content-type-options"), "nosniff");
            if status == 401 {
                assert!(answer.header("www-authenticate").starts_with("Bearer"), "{index}");
            }
        }
        let wrong = send(admin.request(Method::PUT, "/users").json(&json!({}))).await;
        let allowed = wrong.header("allow");
        assert!(allowed.contains("GET") && allowed.contains("POST"), "{allowed}");
    }

    async fn what_is_wrong_with_a_body_is_told_by_its_place(app: TestApp) {
        let admin = Program::of_admin(&app).await;
        for (body, pointer, code) in [
            (json!({ "name": "A", "email": "a@example.org", "rloe": "admin" }), "/rloe", "UNKNOWN_FIELD"),
            (json!({ "name": "A" }), "/email", "REQUIRED"),
            (json!({ "name": 7, "email": "a@example.org" }), "/name", "WRONG_TYPE"),
            (json!({ "name": "A", "email": "a@example.org", "role": "god" }), "/role", "WRONG_TYPE"),
            (json!({ "name": "", "email": "a@example.org" }), "/name", "WRONG_NAME"),
            (json!({ "name": "A", "email": "nowhere" }), "/email", "NOT_EMAIL"),
            (json!({ "name": "A", "email": "a@example.org", "password": "short" }), "/password", "TOO_SHORT"),
        ] {
            let answer = admin.post("/users", body).await;
            let error = &answer.body["errors"][0];
            assert_eq!((answer.status, &error["pointer"], &error["code"]), (422, &json!(pointer), &json!(code)), "{}", answer.body);
        }
        let null = admin.patch("/users/01900000-0000-7000-8000-000000000009", json!({ "name": null })).await;
        assert_eq!((null.status, &null.body["errors"][0]["pointer"]), (422, &json!("/name")), "{}", null.body);
        assert_eq!(app.database.number("SELECT COUNT(*) FROM users").await, 1);
    }

    async fn a_path_tells_its_methods_and_a_look_has_no_body(app: TestApp) {
        let admin = Program::of_admin(&app).await;
        let asked = send(admin.request(Method::OPTIONS, "/users")).await;
        assert_eq!(asked.status, 204);
        assert!(asked.header("allow").contains("POST"), "{:?}", asked.headers);
        let head = send(admin.request(Method::HEAD, "/me")).await;
        assert_eq!((head.status, head.body, head.headers.contains_key("etag")), (200, json!(null), true));
        let none = send(Program::nobody(&app).request(Method::HEAD, "/me")).await;
        assert_eq!((none.status, none.body), (401, json!(null)));
        let foreign = app.client.request(Method::OPTIONS, app.url("/api/v1/users"));
        let foreign = send(foreign.header("origin", "https://evil.example")).await;
        assert!(!foreign.headers.contains_key("access-control-allow-origin"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_are_limited_and_replies_say_how_much_is_left() {
    for stack in [Stack::Sqlite, Stack::MariaDb].into_iter().filter(|stack| stack.is_there()) {
        let app = TestApp::start_with(stack, |settings| {
            settings.limits.api = formhold_domain::Limit::At("3/min".parse().expect("a limit"));
        })
        .await;
        let admin = Program::of_admin(&app).await;
        let first = admin.get("/me").await;
        assert_eq!(first.header("ratelimit-policy"), "\"api\";q=3;w=60");
        assert!(first.header("ratelimit").starts_with("\"api\";r=2;"), "{:?}", first.headers);
        admin.get("/me").await;
        admin.get("/me").await;
        let refused = admin.get("/me").await;
        assert_eq!((refused.status, refused.code()), (429, "TOO_MANY_REQUESTS"));
        assert!(
            refused.header("retry-after").parse::<u32>().is_ok_and(|it| (1..=60).contains(&it))
        );
        assert!(refused.header("ratelimit").starts_with("\"api\";r=0;"));
        // Another token has its own; who tries tokens uses up those of the address.
        let other = Program::of(&app, ADMIN, &["users:read"], None).await;
        assert_eq!(other.get("/me").await.status, 200);
        let tries =
            || send(app.client.get(app.url("/api/v1/me")).header("authorization", "Bearer fh_no"));
        let mut statuses = Vec::new();
        for _ in 0..4 {
            statuses.push(tries().await.status);
        }
        assert_eq!(statuses, [401, 401, 401, 429]);
        app.clock.advance_ms(61_000);
        if matches!(stack, Stack::Sqlite) {
            assert_eq!(admin.get("/me").await.status, 200, "a minute later");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_host_than_that_of_the_settings_is_not_served() {
    let app = TestApp::start_with(Stack::Sqlite, |settings| {
        settings.server.public_url = "https://forms.example.org".to_owned();
    })
    .await;
    for (host, status) in [("forms.example.org", 401), ("evil.example", 421)] {
        let answer = send(app.client.get(app.url("/api/v1/me")).header("host", host)).await;
        assert_eq!(answer.status, status, "{host}");
    }
}
