//! What somebody sent to forms while signed in.

use formhold_domain::access::InstanceRole;
use formhold_service::own::submissions::list_own_submissions;
use formhold_testkit::{TestApp, on_both_stacks};
use futures_util::future::join_all;
use serde_json::json;

use super::{PASSWORD, browser::Browser, caller_of, signed_in, user};

const OWNED: &str = "SELECT COUNT(*) FROM submission_owners";

async fn hanna(app: &TestApp) -> Browser<'_> {
    user(app, "hanna@example.org", InstanceRole::User).await;
    let mut browser = Browser::new(app);
    assert_eq!(browser.sign_in("hanna@example.org", PASSWORD).await.status, 303);
    browser
}

async fn send(browser: &mut Browser<'_>, path: &str, fields: &[(&str, &str)]) -> u16 {
    let mut request = browser.app.client.post(browser.app.url(path)).form(fields);
    for (name, value) in &browser.headers {
        request = request.header(*name, value);
    }
    browser.send(request).await.status.as_u16()
}

on_both_stacks! {
    async fn answers_are_listed_in_the_forms_order_newest_first(app: TestApp) {
        let form = app.form(json!({ "name": "Party <of> Ada", "fields": [
            { "name": "who", "type": "text", "label": "Your name" },
            { "name": "meal", "type": "select", "label": "What do you eat?", "options": [{ "value": "v", "label": "Vegetables" }, "Fish"] },
            { "name": "days", "type": "checkboxes", "label": "Days", "options": ["Friday", "Saturday"] },
        ] })).await;
        let mut browser = hanna(&app).await;
        assert!(browser.get("/account/submissions").await.html.contains("Nothing here yet"));
        let path = format!("/f/{}", form.identity.key);
        let fields = [("days", "Friday"), ("meal", "v"), ("days", "Saturday"), ("who", "Hanna & <b>co</b>"), ("more", "undeclared")];
        assert_eq!(send(&mut browser, &path, &fields).await, 303);
        assert_eq!(send(&mut browser, &path, &[("who", "Hanna again")]).await, 303);
        let page = browser.get("/account/submissions").await.html;
        assert!(page.contains("Party &#60;of&#62; Ada") && page.contains("Hanna &#38; &#60;b&#62;co&#60;/b&#62;"), "{page}");
        let places: Vec<_> = ["Hanna again", "Your name</bdi></dt><dd dir=\"auto\">Hanna &#38;", "Vegetables", "Friday\nSaturday", "undeclared"]
            .iter().map(|text| page.find(text).unwrap_or_else(|| panic!("{text} is not in {page}"))).collect();
        assert!(places.is_sorted(), "{places:?}");
    }

    async fn pages_go_on_where_the_last_one_ended(app: TestApp) {
        let form = app.form(json!({})).await;
        let mut browser = hanna(&app).await;
        let path = format!("/f/{}", form.identity.key);
        for number in 0..45 {
            assert_eq!(send(&mut browser, &path, &[("number", &format!("no. {number:02}"))]).await, 303);
        }
        let (mut at, mut seen) = ("/account/submissions".to_owned(), Vec::new());
        loop {
            let page = browser.get(&at).await.html;
            let numbers: Vec<String> = page.split("no. ").skip(1).map(|rest| rest[..2].to_owned()).collect();
            assert!(numbers.len() <= 20);
            seen.extend(numbers);
            let Some((_, rest)) = page.split_once("rel=\"next\" href=\"") else { break };
            at = rest.split('"').next().expect("its end").to_owned();
        }
        let expected: Vec<String> = (0..45).rev().map(|number| format!("{number:02}")).collect();
        assert_eq!(seen, expected);
        // What is gone from the form is gone here, and does not end the list early.
        app.database.execute("DELETE FROM submissions WHERE answers LIKE '%no. 4%' OR answers LIKE '%no. 3%'").await;
        let page = browser.get("/account/submissions").await.html;
        assert_eq!(page.matches("no. ").count(), 20);
    }

    async fn only_what_was_sent_from_our_own_page_while_signed_in_is_somebodys(app: TestApp) {
        let form = app.form(json!({})).await;
        let path = format!("/f/{}", form.identity.key);
        let mut browser = hanna(&app).await;
        let own = format!("http://{}", app.address);
        let mut sent = 0;
        for (headers, owned) in [
            (vec![("origin", own.clone()), ("sec-fetch-site", "same-origin".to_owned())], 1),
            (vec![("origin", own.clone())], 1),
            (vec![("origin", "https://evil.example".to_owned()), ("sec-fetch-site", "cross-site".to_owned())], 0),
            (vec![("origin", "https://evil.example".to_owned())], 0),
            (vec![("origin", own.clone()), ("sec-fetch-site", "cross-site".to_owned())], 0),
            (vec![("origin", "null".to_owned())], 0),
            (vec![], 0),
        ] {
            let before = app.database.number(OWNED).await;
            browser.headers.clone_from(&headers);
            assert_eq!(send(&mut browser, &path, &[("message", "hello")]).await, 303);
            sent += 1;
            assert_eq!(app.database.number(OWNED).await - before, owned, "{headers:?}");
        }
        let headers = Browser::new(&app).headers;
        let before = app.database.number(OWNED).await;
        let forged = "A".repeat(43);
        for cookie in [None, Some(forged)] {
            let mut nobody = Browser { headers: headers.clone(), ..Browser::new(&app) };
            nobody.cookies.extend(cookie.map(|cookie| ("__Host-formhold_session".to_owned(), cookie)));
            assert_eq!(send(&mut nobody, &path, &[("message", "hello")]).await, 303);
            sent += 1;
        }
        let session = browser.session().cloned().expect("a session");
        browser.headers.clone_from(&headers);
        browser.post("/account", "/logout", &[]).await;
        browser.cookies.insert("__Host-formhold_session".to_owned(), session);
        assert_eq!(send(&mut browser, &path, &[("message", "hello")]).await, 303);
        assert_eq!(app.database.number(OWNED).await, before);
        assert_eq!(app.submissions(&form).await.len(), sent + 1, "all of them were stored");
    }

    async fn of_many_at_once_each_belongs_to_its_sender_in_both_ways_of_writing(app: TestApp) {
        let plain = app.form(json!({ "slug": "plain" })).await;
        let counted = app.form(json!({ "slug": "counted", "max_submissions": 1000 })).await;
        let mut first = hanna(&app).await;
        user(&app, "second@example.org", InstanceRole::User).await;
        let mut second = Browser::new(&app);
        second.sign_in("second@example.org", PASSWORD).await;
        let cookie = |browser: &Browser<'_>| format!("__Host-formhold_session={}", browser.session().expect("a session"));
        let cookies = [cookie(&first), cookie(&second), String::new()];
        let origin = format!("http://{}", app.address);
        let sent = join_all((0..60).map(|number: usize| {
            let form = if number.is_multiple_of(2) { &plain } else { &counted };
            let request = app.client.post(app.url(&format!("/f/{}", form.identity.key)));
            let request = request.header("origin", &origin).header("cookie", &cookies[number % 3]);
            async move {
                let sender = number % 3;
                request.form(&[("from", format!("sender {sender}"))]).send().await.expect("a reply").status().as_u16()
            }
        })).await;
        assert!(sent.iter().all(|status| *status == 303), "{sent:?}");
        for (browser, own, other) in [(&mut first, "sender 0", "sender 1"), (&mut second, "sender 1", "sender 0")] {
            let page = browser.get("/account/submissions").await.html;
            assert!(page.matches(own).count() == 20 && !page.contains(other) && !page.contains("sender 2"), "{page}");
        }
        assert_eq!(app.database.number(OWNED).await, 40);
    }

    async fn a_submission_that_is_sent_again_is_listed_once(app: TestApp) {
        let form = app.form(json!({})).await;
        let path = format!("/f/{}", form.identity.key);
        let mut browser = hanna(&app).await;
        browser.headers.push(("idempotency-key", "once".to_owned()));
        for _ in 0..3 {
            assert_eq!(send(&mut browser, &path, &[("message", "hello")]).await, 303);
        }
        let opened = signed_in(&app, "hanna@example.org").await;
        let caller = caller_of(&app, &opened).await;
        assert_eq!(list_own_submissions(&app.app, &caller, None, 10).await.expect("a list").len(), 1);
        assert_eq!(app.database.number(OWNED).await, 1);
    }
}
