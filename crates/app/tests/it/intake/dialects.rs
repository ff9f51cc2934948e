//! Every dialect stores the submission and answers as its clients expect.

use formhold_domain::access::Caller;
use formhold_testkit::on_both_stacks;
use serde_json::{Value, json};

async fn reply(request: reqwest::RequestBuilder) -> (u16, Option<String>, Value) {
    let response = request.send().await.expect("a reply");
    let location =
        response.headers().get("location").map(|value| value.to_str().expect("text").to_owned());
    let status = response.status().as_u16();
    (status, location, response.json().await.unwrap_or(Value::Null))
}

on_both_stacks! {
    async fn every_path_takes_every_body(app: TestApp) {
        let form = app.form(json!({})).await;
        let key = form.identity.key.to_string();
        let in_path = [format!("/f/{key}"), "/f/test".to_owned(), format!("/f/{key}.json"), format!("/p/1234/f/{key}"), format!("/s/{key}"), format!("/ajax/{key}")];
        let named = [("/submit", "access_key"), ("/submit", "apiKey"), ("/submit", "accessKey"), ("/n", "form-name"), ("/n/contact/index.html", "form-name")];
        let paths = in_path.iter().map(|path| (path.as_str(), "unused")).chain(named);
        let mut stored = 0;
        for (path, name) in paths {
            let post = || app.client.post(app.url(path)).header("accept", "application/json");
            let pairs = [(name, key.as_str()), ("a", "1"), ("a", "ü")];
            let multipart = pairs.iter().fold(reqwest::multipart::Form::new(), |form, (name, value)| form.text((*name).to_owned(), (*value).to_owned()));
            let json = json!({ name: key, "a": ["1", "ü"] });
            for request in [post().form(&pairs), post().multipart(multipart), post().json(&json)] {
                let (status, _, body) = reply(request).await;
                assert_eq!(status, 200, "{path} {body}");
                assert_eq!(body["ok"], true, "{path}");
                assert!(body["next"].is_string() && body.get("error").is_none() && body.get("errors").is_none(), "{path} {body}");
                stored += 1;
            }
        }
        let submissions = app.submissions(&form).await;
        assert_eq!(submissions.len(), stored);
        for submission in submissions {
            assert_eq!(submission.answers.values("a").collect::<Vec<_>>(), ["1", "ü"]);
        }
    }

    async fn replies_have_the_shape_of_their_dialect(app: TestApp) {
        app.form(json!({ "slug": "good", "success_message": "Got it." })).await;
        app.form(json!({ "slug": "strict", "fields": [{ "name": "email", "type": "email" }] })).await;
        let (_, body) = app.post("/s/good", &[("a", "1")]).await;
        assert_eq!((&body["code"], &body["status"], &body["message"]), (&json!(200), &json!("success"), &json!("Got it.")));
        assert!(body["title"].is_string());
        let (status, body) = app.post("/s/strict", &[("email", "x")]).await;
        assert_eq!((status, &body["code"], &body["status"]), (422, &json!(422), &json!("error")));
        let (_, body) = app.post("/ajax/good", &[("a", "1")]).await;
        assert_eq!(body["success"], "true");
        let (_, body) = app.post("/ajax/strict", &[("email", "x")]).await;
        assert_eq!(body["success"], "false");
        let (status, body) = app.post("/f/strict", &[("email", "x")]).await;
        assert_eq!((status, &body["ok"], &body["success"]), (422, &json!(false), &json!(false)));
        assert_eq!(body["error"], body["message"]);
        assert_eq!(body["errors"][0]["field"], "email");
        assert_eq!(body["errors"][0]["code"], "TYPE_EMAIL");
    }

    async fn a_browser_is_redirected_and_a_script_gets_json(app: TestApp) {
        let form = app.form(json!({})).await;
        let url = app.url("/f/test");
        let thanks = format!("/f/{}/thanks", form.identity.key);
        let page = app.client.post(&url).header("accept", "text/html,*/*;q=0.8").form(&[("a", "1")]);
        assert_eq!(reply(page).await.1, Some(thanks));
        let script = app.client.post(&url).header("accept", "*/*").header("sec-fetch-mode", "cors").form(&[("a", "1")]);
        assert_eq!(reply(script).await.0, 200);
        let path = app.client.post(app.url("/f/test.json")).header("accept", "text/html").form(&[("a", "1")]);
        assert_eq!(reply(path).await.0, 200);
    }

    async fn an_unknown_or_deleted_form_is_told_and_readable_from_any_site(app: TestApp) {
        app.form(json!({})).await;
        formhold_service::forms::delete_form(&app.app, &Caller::system("test"), "test").await.expect("deleted");
        let cases = [("/f/nothing", 404), ("/f/test", 410), ("/s/nothing", 404), ("/ajax/nothing", 404), ("/submit", 404), ("/f/%00", 404), ("/f/a b", 404)];
        for (path, expected) in cases {
            let response = app.client.post(app.url(path)).header("accept", "application/json").form(&[("a", "1")]).send().await.expect("a reply");
            assert_eq!(response.status().as_u16(), expected, "{path}");
            assert_eq!(response.headers()["access-control-allow-origin"], "*", "{path}");
            let body: Value = response.json().await.expect("JSON");
            assert_eq!(body["errors"][0]["code"], "FORM_NOT_FOUND", "{path}");
        }
        let page = app.client.get(app.url("/f/test")).send().await.expect("a page");
        assert_eq!(page.status().as_u16(), 410);
    }

    async fn a_browser_may_ask_before_it_posts(app: TestApp) {
        for path in ["/f/unknown", "/f/unknown.json", "/p/1/f/x", "/s/x", "/submit", "/ajax/x", "/n", "/n/any/path", "/f/x/schema"] {
            let request = app.client.request(reqwest::Method::OPTIONS, app.url(path)).header("origin", "https://site.example");
            let response = request.send().await.expect("a reply");
            assert_eq!(response.status().as_u16(), 204, "{path}");
            assert_eq!(response.headers()["access-control-allow-origin"], "*");
            assert!(response.headers().get("access-control-allow-credentials").is_none());
            let allowed = response.headers()["access-control-allow-headers"].to_str().expect("text").to_owned();
            for header in ["content-type", "accept", "x-requested-with", "idempotency-key", "authorization", "formspree-client", "formspree-session-data"] {
                assert!(allowed.contains(header), "{path}: {header}");
            }
        }
    }

    async fn only_pages_of_allowed_origins_may_post(app: TestApp) {
        let form = app.form(json!({ "allowed_origins": ["https://site.example"] })).await;
        let own = format!("http://{}", app.address);
        let cases = [
            (Some(("origin", "https://site.example")), 200),
            (Some(("origin", own.as_str())), 200),
            (Some(("referer", "https://site.example/contact")), 200),
            (Some(("origin", "https://site.example.evil.example")), 403),
            (Some(("origin", "http://site.example")), 403),
            (Some(("origin", "https://site.example:444")), 403),
            (Some(("origin", "null")), 403),
            (Some(("referer", "https://evil.example/?https://site.example")), 403),
            (None, 403),
        ];
        for (header, expected) in cases {
            let mut request = app.client.post(app.url("/f/test")).header("accept", "application/json").form(&[("a", "1")]);
            if let Some((name, value)) = header {
                request = request.header(name, value);
            }
            let (status, _, body) = reply(request).await;
            assert_eq!(status, expected, "{header:?}");
            assert!(status == 200 || body["errors"][0]["code"] == "BLOCKED");
        }
        assert_eq!(app.submissions(&form).await.len(), 3);
    }

    async fn the_public_definition_holds_no_secret(app: TestApp) {
        app.form(json!({
            "allowed_copies": ["boss@site.example"], "honeypot": "website2", "allowed_origins": ["https://site.example"],
            "fields": [{ "name": "email", "type": "email", "required": true }]
        })).await;
        let text = app.client.get(app.url("/f/test/schema")).send().await.expect("a reply").text().await.expect("text");
        let schema: Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(schema["fields"][0]["name"], "email");
        assert_eq!(schema["limits"]["max_files"], 0);
        for secret in ["boss@", "website2", "site.example"] {
            assert!(!text.contains(secret), "{secret}");
        }
    }
}
