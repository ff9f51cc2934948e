//! The form's own pages, as a browser without JavaScript gets them.

use formhold_testkit::{TestApp, on_both_stacks};
use serde_json::json;

async fn get(app: &TestApp, path: &str) -> (u16, String) {
    let response = app.client.get(app.url(path)).send().await.expect("a page");
    let policy = response.headers()["content-security-policy"].to_str().expect("text").to_owned();
    assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    assert_eq!(response.headers()["x-content-type-options"], "nosniff");
    (response.status().as_u16(), response.text().await.expect("text"))
}

on_both_stacks! {
    async fn a_wrong_answer_comes_back_with_its_message_and_the_input(app: TestApp) {
        app.form(json!({ "redirect_hosts": ["site.example"], "fields": [
            { "name": "email", "type": "email", "label": "E-mail", "required": true },
            { "name": "message", "type": "textarea" }
        ] })).await;
        let pairs = [("email", "no address"), ("message", "</textarea><script>alert(1)</script>"), ("_next", "https://site.example/done")];
        let response = app.client.post(app.url("/f/test")).header("accept", "text/html").form(&pairs).send().await.expect("a page");
        assert_eq!(response.status().as_u16(), 422);
        let html = response.text().await.expect("text");
        assert!(html.contains("value=\"no address\"") && html.contains("aria-invalid=\"true\"") && html.contains("role=\"alert\""), "{html}");
        assert!(html.contains("&#60;/textarea&#62;&#60;script&#62;") && !html.contains("<script>alert"), "{html}");
        assert!(html.contains("https://site.example/done"), "controls are kept: {html}");
    }

    async fn pages_say_what_is_the_matter(app: TestApp) {
        app.form(json!({ "fields": [{ "name": "a", "type": "text" }], "success_message": "Got <it>." })).await;
        app.form(json!({ "slug": "shut", "state": "closed", "language": "de" })).await;
        app.form(json!({ "slug": "free" })).await;
        let (status, html) = get(&app, "/f/test").await;
        assert!(status == 200 && html.contains("<form"), "{html}");
        let (status, html) = get(&app, "/f/test/thanks").await;
        assert!(status == 200 && html.contains("Got &#60;it&#62;."), "{html}");
        let (status, html) = get(&app, "/f/shut").await;
        assert!(status == 403 && html.contains("Dieses Formular ist geschlossen.") && html.contains("lang=\"de\""), "{html}");
        let (status, html) = get(&app, "/f/free").await;
        assert!(status == 200 && html.contains(&format!("http://{}/f/", app.address)), "{html}");
        assert_eq!(get(&app, "/f/nothing").await.0, 404);
        assert_eq!(get(&app, "/nowhere").await.0, 404);
        let (_, html) = get(&app, "/f/test?language=de").await;
        assert!(html.contains("lang=\"de\""), "{html}");
    }

    async fn what_pages_load_may_be_cached_for_ever(app: TestApp) {
        app.form(json!({ "fields": [{ "name": "a", "type": "text" }] })).await;
        let (_, html) = get(&app, "/f/test").await;
        let start = html.find("/static/page.css").expect("a stylesheet");
        let path = &html[start..start + html[start..].find('"').expect("its end")];
        let response = app.client.get(app.url(path)).send().await.expect("a stylesheet");
        assert_eq!(response.status().as_u16(), 200);
        assert!(response.headers()["cache-control"].to_str().expect("text").contains("immutable"));
        assert_eq!(app.client.get(app.url("/static/../Cargo.toml")).send().await.expect("a reply").status().as_u16(), 404);
    }
}
