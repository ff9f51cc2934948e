//! Every limit has an error of its own, and nothing of a refused request stays.

use formhold_testkit::on_both_stacks;
use serde_json::json;

on_both_stacks! {
    async fn each_limit_is_named_by_status_and_code(app: TestApp) {
        let form = app.form(json!({})).await;
        let url = app.url("/f/test");
        let post = || app.client.post(&url).header("accept", "application/json");
        let typed = |kind: &str, body: String| post().header("content-type", kind).body(body);
        let urlencoded = "application/x-www-form-urlencoded";
        let many_fields = (0..201).map(|index| format!("f{index}=x")).collect::<Vec<_>>().join("&");
        let parts = (0..257).fold(reqwest::multipart::Form::new(), |form, index| form.text(format!("f{}", index % 100), "x"));
        let cases = [
            ("a body that is too large", typed(urlencoded, format!("a={}", "x".repeat(1 << 20))), 413, "BODY_TOO_LARGE"),
            ("JSON that is too large", typed("application/json", format!("{{\"a\":\"{}\"}}", "x".repeat(1 << 20))), 413, "BODY_TOO_LARGE"),
            ("too many fields", typed(urlencoded, many_fields), 413, "TOO_MANY_FIELDS"),
            ("a name that is too long", typed(urlencoded, format!("{}=1", "n".repeat(257))), 413, "FIELD_NAME_TOO_LONG"),
            ("JSON that is too deep", typed("application/json", format!("{{\"a\":{}{}}}", "[".repeat(40), "]".repeat(40))), 400, "JSON_TOO_DEEP"),
            ("JSON that is none", typed("application/json", "{".to_owned()), 400, "MALFORMED"),
            ("text that is no UTF-8", typed(urlencoded, "a=%ff".to_owned()), 400, "MALFORMED"),
            ("a type that is not read", typed("text/plain", "a=1".to_owned()), 415, "UNSUPPORTED_TYPE"),
            ("no type at all", post().body("a=1"), 415, "UNSUPPORTED_TYPE"),
            ("an encoding that is not read", typed(urlencoded, "a=1".to_owned()).header("content-encoding", "br"), 415, "UNSUPPORTED_ENCODING"),
            ("gzip that is none", typed(urlencoded, "a=1".to_owned()).header("content-encoding", "gzip"), 400, "MALFORMED"),
            ("multipart without a boundary", typed("multipart/form-data", "x".to_owned()), 415, "UNSUPPORTED_TYPE"),
            ("multipart that is none", typed("multipart/form-data; boundary=x", "x".to_owned()), 400, "MALFORMED"),
            ("too many parts", post().multipart(parts), 413, "TOO_MANY_FIELDS"),
            ("an idempotency key that is too long", typed(urlencoded, "a=1".to_owned()).header("idempotency-key", "k".repeat(256)), 400, "IDEMPOTENCY_KEY_LENGTH"),
        ];
        for (what, request, status, code) in cases {
            let response = request.send().await.unwrap_or_else(|error| panic!("{what}: {error}"));
            assert_eq!(response.status().as_u16(), status, "{what}");
            let body: serde_json::Value = response.json().await.expect("JSON");
            assert_eq!(body["errors"][0]["code"], code, "{what}: {body}");
            assert_eq!(body["ok"], false);
            assert!(!body["message"].as_str().unwrap_or_default().is_empty(), "{what}");
        }
        assert!(app.submissions(&form).await.is_empty());
        assert!(app.files_on_disk().is_empty());
    }

    async fn a_form_may_be_stricter_than_the_server(app: TestApp) {
        app.form(json!({ "limits": { "max_fields": 2, "max_text_bytes": 10 } })).await;
        let cases: [(&[(&str, &str)], &str); 2] = [(&[("a", "1"), ("b", "2"), ("c", "3")], "TOO_MANY_FIELDS"), (&[("a", "0123456789")], "BODY_TOO_LARGE")];
        for (pairs, code) in cases {
            let (status, body) = app.post("/f/test", pairs).await;
            assert_eq!((status, body["errors"][0]["code"].as_str()), (413, Some(code)));
        }
        assert_eq!(app.post("/f/test", &[("a", "1"), ("b", "2")]).await.0, 200);
    }

    async fn compressed_bodies_are_read(app: TestApp) {
        // `a=1` compressed by gzip(1).
        const GZIPPED: &[u8] = &[31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 75, 180, 53, 4, 0, 129, 48, 98, 141, 3, 0, 0, 0];
        let form = app.form(json!({})).await;
        let request = app.client.post(app.url("/f/test")).header("content-type", "application/x-www-form-urlencoded");
        let response = request.header("accept", "application/json").header("content-encoding", "gzip").body(GZIPPED).send().await.expect("a reply");
        assert_eq!(response.status().as_u16(), 200, "{}", response.text().await.unwrap_or_default());
        assert_eq!(app.submissions(&form).await[0].answers.first("a"), Some("1"));
    }
}
