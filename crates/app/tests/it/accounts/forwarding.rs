//! A server of the form's owner hands submissions on and names whose they are.

use formhold_domain::{
    Limit, WorkspaceId,
    access::{InstanceRole, WorkspaceRole},
    accounts::UserState,
};
use formhold_service::users;
use formhold_testkit::{Stack, TestApp, on_both_stacks};
use serde_json::json;

use super::{caller_of, member, operator, signed_in, token, user, workspace};

/// Posts with these headers; gives the status, and the address that was stored last.
async fn sent(app: &TestApp, path: &str, headers: &[(&str, &str)]) -> (u16, String) {
    let mut request = app.client.post(app.url(path)).header("accept", "application/json");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let fields = [("a", "1"), ("access_key", "test")];
    let status = request.form(&fields).send().await.expect("a reply").status();
    let form = formhold_service::forms::get_form(&app.app, "test").await.expect("the form");
    let last = app.submissions(&form).await.pop();
    let address = last.and_then(|last| last.context.client_address);
    (status.as_u16(), address.map_or_else(String::new, |address| address.to_string()))
}

on_both_stacks! {
    async fn the_right_token_names_the_visitor_and_no_other_does(app: TestApp) {
        app.form(json!({})).await;
        let id = user(&app, "hanna@example.org", InstanceRole::User).await;
        let elsewhere = workspace(&app, "Elsewhere").await;
        member(&app, WorkspaceId::FIRST, id, WorkspaceRole::Editor).await;
        member(&app, elsewhere, id, WorkspaceRole::Owner).await;
        let opened = signed_in(&app, "hanna@example.org").await;
        let caller = caller_of(&app, &opened).await;
        let (_, right) = token(&app, &caller, "submissions:forward", Some(WorkspaceId::FIRST)).await;
        let (_, all) = token(&app, &caller, "submissions:forward", None).await;
        let (_, foreign) = token(&app, &caller, "submissions:forward", Some(elsewhere)).await;
        let (_, scopeless) = token(&app, &caller, "submissions:write forms:write", None).await;
        let bearer = |token: &str| format!("Bearer {token}");
        let ip = ("formhold-client-ip", "2001:db8::7");
        for path in ["/f/test", "/submit"] {
            for token in [&right, &all] {
                let authorization = bearer(token);
                let headers = [ip, ("authorization", authorization.as_str())];
                assert_eq!(sent(&app, path, &headers).await, (200, "2001:db8::7".to_owned()), "{path}");
            }
            let session = opened.secret.expose();
            let no_token = [
                bearer(&foreign), bearer(&scopeless), bearer("fh_nonsense"), bearer(&session),
                right.clone(), format!("Basic {right}"), String::new(),
            ];
            for authorization in no_token {
                let headers = [ip, ("authorization", authorization.as_str())];
                assert_eq!(sent(&app, path, &headers).await, (200, "127.0.0.1".to_owned()), "{authorization}");
            }
        }
        let authorization = bearer(&right);
        let with = |address| [("authorization", authorization.as_str()), ("formhold-client-ip", address)];
        for (named, stored) in [("::ffff:192.0.2.9", "192.0.2.9"), (" 192.0.2.8 ", "192.0.2.8")] {
            assert_eq!(sent(&app, "/f/test", &with(named)).await, (200, stored.to_owned()));
        }
        // Who may name an address but names none is told, and nothing is stored.
        let count = "SELECT COUNT(*) FROM submissions";
        let before = app.database.number(count).await;
        for nonsense in ["", "unknown", "192.0.2.9, 192.0.2.10", "192.0.2.9:80", "192.0.2.0/24", "1.2.3"] {
            assert_eq!(sent(&app, "/f/test", &with(nonsense)).await.0, 400, "{nonsense}");
        }
        let twice = [with("192.0.2.9")[0], ip, ("formhold-client-ip", "192.0.2.9")];
        assert_eq!(sent(&app, "/f/test", &twice).await.0, 400);
        assert_eq!(app.database.number(count).await, before);
        // Rights are asked for at each request.
        member(&app, WorkspaceId::FIRST, id, WorkspaceRole::Viewer).await;
        assert_eq!(sent(&app, "/f/test", &with("192.0.2.9")).await, (200, "127.0.0.1".to_owned()));
        member(&app, WorkspaceId::FIRST, id, WorkspaceRole::Editor).await;
        assert_eq!(sent(&app, "/f/test", &with("192.0.2.9")).await.1, "192.0.2.9");
        users::set_user_state(&app.app, &operator(), id, UserState::Disabled).await.expect("disabled");
        assert_eq!(sent(&app, "/f/test", &with("192.0.2.9")).await, (200, "127.0.0.1".to_owned()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_and_challenges_count_the_visitor_that_is_named() {
    let few: Limit = serde_json::from_value(json!("2/min")).expect("a limit");
    let app = TestApp::start_with(Stack::Sqlite, |settings| {
        settings.limits.submissions = few;
        settings.limits.challenges = few;
    })
    .await;
    app.form(
        json!({ "protection": { "captcha": { "provider": "altcha", "when": "suspicious" } } }),
    )
    .await;
    let id = user(&app, "hanna@example.org", InstanceRole::User).await;
    member(&app, WorkspaceId::FIRST, id, WorkspaceRole::Editor).await;
    let opened = signed_in(&app, "hanna@example.org").await;
    let caller = caller_of(&app, &opened).await;
    let (_, text) = token(&app, &caller, "submissions:forward", None).await;
    let authorization = format!("Bearer {text}");
    for visitor in ["192.0.2.1", "192.0.2.2"] {
        let headers = [("authorization", authorization.as_str()), ("formhold-client-ip", visitor)];
        for status in [200, 200, 429] {
            assert_eq!(sent(&app, "/f/test", &headers).await.0, status, "{visitor}");
        }
        for status in [200, 200, 429] {
            let mut request = app.client.get(app.url("/f/test/challenge"));
            for (name, value) in headers {
                request = request.header(name, value);
            }
            assert_eq!(request.send().await.expect("a reply").status(), status, "{visitor}");
        }
    }
    for visitor in ["192.0.2.3", "192.0.2.4", "192.0.2.5"] {
        let status = if visitor == "192.0.2.5" { 429 } else { 200 };
        let headers = [("formhold-client-ip", visitor)];
        assert_eq!(
            sent(&app, "/f/test", &headers).await.0,
            status,
            "without a token it is one client"
        );
    }
}
