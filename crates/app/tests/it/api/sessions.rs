//! Signing in through the API, and changes by cookie.

use formhold_domain::access::InstanceRole;
use formhold_testkit::{TestApp, on_both_stacks};
use http::Method;
use serde_json::json;

use super::{Answer, PASSWORD, Program, caller, send, user};

fn cookie(answer: &Answer) -> String {
    let mut cookies = answer.headers.get_all("set-cookie").iter();
    let session = cookies.find_map(|cookie| {
        let cookie = cookie.to_str().ok()?;
        cookie.starts_with("__Host-formhold_session=").then(|| cookie.to_owned())
    });
    let session = session.expect("a session");
    assert!(session.contains("; Path=/; Secure; HttpOnly; SameSite=Lax"), "{session}");
    session.split(';').next().expect("a pair").to_owned()
}

async fn signed_in(app: &TestApp) -> Answer {
    let form = json!({ "email": "hanna@example.org", "password": PASSWORD });
    Program::nobody(app).post("/auth/login", form).await
}

on_both_stacks! {
    async fn somebody_signs_in_changes_something_and_signs_out(app: TestApp) {
        user(&app, "hanna@example.org", InstanceRole::User).await;
        let login = signed_in(&app).await;
        assert_eq!((login.status, &login.body["needs_factor"]), (200, &json!(false)), "{}", login.body);
        assert_eq!(login.body["user"]["email"], "hanna@example.org");
        let (cookie, csrf) = (cookie(&login), login.body["csrf_token"].as_str().expect("a token"));
        let nobody = Program::nobody(&app);
        let with = |method, path: &str| nobody.request(method, path).header("cookie", &cookie);
        let me = send(with(Method::GET, "/me")).await;
        assert_eq!((me.status, &me.body["csrf_token"]), (200, &json!(csrf)));
        let list = send(with(Method::GET, "/me/sessions")).await;
        assert_eq!(list.body["items"][0]["is_current"], true, "{}", list.body);
        let token = json!({ "name": "Nightly", "scopes": ["users:read"] });
        let post = || with(Method::POST, "/tokens").json(&token);
        let own = format!("http://{}", app.address);
        for (index, refused) in [
            post(),
            post().header("x-csrf-token", "x"),
            post().header("x-csrf-token", "x").header("origin", &own),
            post().header("origin", "https://evil.example").header("x-csrf-token", csrf),
            post().header("sec-fetch-site", "cross-site").header("x-csrf-token", csrf),
            post().header("sec-fetch-site", "same-site"),
            post().header("origin", "null"),
        ].into_iter().enumerate() {
            let refused = send(refused).await;
            assert_eq!((refused.status, refused.code()), (403, "FOREIGN_ORIGIN"), "{index}");
        }
        assert_eq!(app.database.number("SELECT COUNT(*) FROM api_tokens").await, 0);
        for meant in [
            post().header("x-csrf-token", csrf),
            post().header("origin", &own),
            post().header("sec-fetch-site", "same-origin"),
        ] {
            let made = send(meant).await;
            assert_eq!(made.status, 201, "{}", made.body);
            assert!(made.body["secret"].as_str().expect("a secret").starts_with("fh_"));
        }
        let out = send(with(Method::POST, "/auth/logout").header("x-csrf-token", csrf)).await;
        assert_eq!(out.status, 204);
        assert_eq!(send(with(Method::GET, "/me")).await.status, 401);
    }

    async fn no_other_site_signs_anybody_in(app: TestApp) {
        user(&app, "hanna@example.org", InstanceRole::User).await;
        let form = json!({ "email": "hanna@example.org", "password": PASSWORD });
        let request = Program::nobody(&app).request(Method::POST, "/auth/login").json(&form);
        let refused = send(request.header("origin", "https://evil.example")).await;
        assert_eq!((refused.status, refused.code()), (403, "FOREIGN_ORIGIN"));
        assert_eq!(app.database.number("SELECT COUNT(*) FROM sessions").await, 0);
    }

    async fn an_unknown_address_is_refused_in_the_same_words(app: TestApp) {
        user(&app, "hanna@example.org", InstanceRole::User).await;
        let nobody = Program::nobody(&app);
        let mut answers = Vec::new();
        for email in ["hanna@example.org", "nobody@example.org", "no address"] {
            let form = json!({ "email": email, "password": "wrong horse" });
            let mut answer = nobody.post("/auth/login", form).await;
            answer.body["request_id"] = json!(null);
            answers.push((answer.status, answer.body));
        }
        assert_eq!(answers[0].0, 401);
        assert_eq!(answers[0], answers[1]);
        assert_eq!(answers[0], answers[2]);
    }

    async fn nobody_ends_the_sessions_of_others(app: TestApp) {
        user(&app, "hanna@example.org", InstanceRole::User).await;
        user(&app, "otto@example.org", InstanceRole::User).await;
        caller(&app, "otto@example.org").await;
        let foreign = Program::of(&app, "otto@example.org", &["users:read", "submissions:read"], None).await;
        let id = foreign.get("/me/sessions").await.body["items"][0]["id"].clone();
        let login = signed_in(&app).await;
        let request = Program::nobody(&app)
            .request(Method::DELETE, &format!("/me/sessions/{}", id.as_str().expect("an id")))
            .header("cookie", cookie(&login))
            .header("sec-fetch-site", "same-origin");
        assert_eq!(send(request).await.status, 404);
        assert_eq!(app.database.number("SELECT COUNT(*) FROM sessions").await, 3);
    }
}
