//! Control fields steer a submission and are never stored as answers.

use formhold_domain::SubmissionState;
use formhold_testkit::{TestApp, on_both_stacks};
use serde_json::json;

async fn location(app: &TestApp, pairs: &[(&str, &str)], referer: &str) -> String {
    let request = app
        .client
        .post(app.url("/f/test"))
        .header("accept", "text/html")
        .header("referer", referer)
        .form(pairs);
    let response = request.send().await.expect("a reply");
    assert_eq!(response.status().as_u16(), 303);
    response.headers()["location"].to_str().expect("text").to_owned()
}

on_both_stacks! {
    async fn controls_are_kept_out_of_the_answers_and_beside_them(app: TestApp) {
        let form = app.form(json!({ "allowed_copies": ["Boss@site.example"] })).await;
        let controls = [
            ("_next", "/x"), ("_error_url", "/y"), ("_subject", "Hello"), ("_replyto", "me@site.example"), ("from_name", "Ada"),
            ("_cc", "boss@site.example, other@site.example"), ("_language", "de"), ("access_key", "k"), ("form-name", "n"),
            ("g-recaptcha-response", "t"), ("h-captcha-response", "t"), ("cf-turnstile-response", "t"), ("altcha", "t"), ("_gotcha", ""), ("botcheck", ""),
        ];
        let pairs: Vec<_> = [("message", "hi")].into_iter().chain(controls).collect();
        let (status, body) = app.post("/f/test", &pairs).await;
        assert_eq!(status, 200);
        assert_eq!(body["message"], "Vielen Dank. Ihre Angaben sind angekommen.");
        let submission = &app.submissions(&form).await[0];
        assert_eq!(submission.answers.iter().collect::<Vec<_>>(), [("message", "hi")]);
        let context = &submission.context;
        assert_eq!(context.subject.as_deref(), Some("Hello"));
        assert_eq!(context.reply_to.as_deref(), Some("me@site.example"));
        assert_eq!(context.from_name.as_deref(), Some("Ada"));
        assert_eq!(context.copies, ["boss@site.example"]);
        assert_eq!(context.language.as_deref(), Some("de"));
    }

    async fn a_declared_field_is_an_answer_whatever_its_name(app: TestApp) {
        let field = |name: &str| json!({ "name": name, "type": "text" });
        let form = app.form(json!({ "fields": [field("subject"), field("redirect"), field("botcheck"), field("message")] })).await;
        let (status, _) = app.post("/f/test", &[("subject", "S"), ("redirect", "R"), ("botcheck", "B"), ("message", "M")]).await;
        assert_eq!(status, 200);
        let submission = &app.submissions(&form).await[0];
        assert_eq!(submission.state, SubmissionState::Inbox);
        assert_eq!(submission.answers.iter().collect::<Vec<_>>(), [("subject", "S"), ("redirect", "R"), ("botcheck", "B"), ("message", "M")]);
    }

    async fn the_reply_address_is_found_where_people_put_it(app: TestApp) {
        let form = app.form(json!({ "fields": [{ "name": "contact_mail", "type": "email" }, { "name": "email", "type": "text" }] })).await;
        app.post("/f/test", &[("email", "b@site.example"), ("contact_mail", "a@site.example")]).await;
        let free = app.form(json!({ "slug": "free" })).await;
        app.post("/f/free", &[("email", "b@site.example")]).await;
        assert_eq!(app.submissions(&form).await[0].context.reply_to.as_deref(), Some("a@site.example"));
        assert_eq!(app.submissions(&free).await[0].context.reply_to.as_deref(), Some("b@site.example"));
    }

    async fn a_robot_is_told_success_and_kept_as_spam(app: TestApp) {
        let form = app.form(json!({ "honeypot": "website2", "fields": [{ "name": "email", "type": "email", "required": true }] })).await;
        for trap in ["_gotcha", "botcheck", "_honey", "bot-field", "website2"] {
            let (status, body) = app.post("/f/test", &[(trap, "x"), ("email", "not an address")]).await;
            assert_eq!((status, &body["ok"]), (200, &json!(true)), "{trap}");
        }
        let submissions = app.submissions(&form).await;
        assert_eq!(submissions.len(), 5);
        for submission in submissions {
            assert_eq!(submission.state, SubmissionState::Spam);
            assert_eq!(submission.context.spam_reasons.len(), 1);
        }
        assert_eq!(formhold_service::forms::list_forms(&app.app, None, 10).await.expect("a list")[0].accepted, 0);
    }

    async fn people_are_only_sent_to_places_that_the_owner_named(app: TestApp) {
        let form = app.form(json!({ "redirect_hosts": ["site.example"] })).await;
        let thanks = format!("/f/{}/thanks", form.identity.key);
        let page = "https://site.example/contact/";
        for (name, target, expected) in [
            ("_next", "https://site.example/done", "https://site.example/done"),
            ("_next", "done", "https://site.example/contact/done"),
            ("redirect", "/done", "https://site.example/done"),
            ("redirectTo", "https://site.example/done", "https://site.example/done"),
            ("_success_url", "https://site.example/done", "https://site.example/done"),
            ("_redirect", "https://evil.example/", &thanks),
            ("_next", "//evil.example", &thanks),
            ("_next", "https://site.example@evil.example/", &thanks),
            ("_next", "javascript:alert(1)", &thanks),
            ("_next", "https://site.example/\r\nSet-Cookie: a=b", &thanks),
        ] {
            assert_eq!(location(&app, &[("a", "1"), (name, target)], page).await, expected, "{name} {target}");
        }
        // Relative to a page of a host that is not on the list: no.
        assert_eq!(location(&app, &[("a", "1"), ("_next", "/done")], "https://evil.example/").await, thanks);
    }

    async fn the_owner_may_name_a_place_for_everyone_and_a_place_for_errors_counts(app: TestApp) {
        app.form(json!({ "success_url": "https://site.example/done", "redirect_hosts": ["site.example"], "fields": [{ "name": "n", "type": "number" }] })).await;
        assert_eq!(location(&app, &[("n", "1")], "https://site.example/").await, "https://site.example/done");
        assert_eq!(location(&app, &[("n", "1"), ("_next", "/mine")], "https://site.example/").await, "https://site.example/mine");
        assert_eq!(location(&app, &[("n", "x"), ("_error_url", "/oops")], "https://site.example/").await, "https://site.example/oops");
        let (_, body) = app.post("/f/test", &[("n", "1")]).await;
        assert_eq!(body["next"], "https://site.example/done");
    }
}
