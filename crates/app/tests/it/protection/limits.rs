//! Rate limits, through the door.

use formhold_testkit::{Stack, TestApp, on_both_stacks};
use futures_util::future::join_all;
use serde_json::json;

use super::{post, post_to};

const FIVE: &str = "5/min";

on_both_stacks! {
    async fn of_200_submissions_at_once_on_two_nodes_a_limit_of_five_takes_five(app: TestApp) {
        let form = app.form(json!({ "protection": { "limit": FIVE } })).await;
        let limited_in_common = app.database.redis_url.is_some();
        let second = if limited_in_common { app.second_address().await } else { app.address };
        let nodes = [app.address, second];
        let texts: Vec<String> = (0..200).map(|number| number.to_string()).collect();
        let pairs: Vec<_> = texts.iter().map(|text| [("a", text.as_str())]).collect();
        let all = (0..200).map(|number| post_to(&app, nodes[number % 2], "/f/test", &pairs[number]));
        let statuses: Vec<u16> = join_all(all).await.into_iter().map(|reply| reply.0).collect();
        let accepted = statuses.iter().filter(|status| **status == 200).count();
        let refused = statuses.iter().filter(|status| **status == 429).count();
        assert_eq!((accepted, refused), (5, 195));
        assert_eq!(app.submissions(&form).await.len(), 5);
    }

    async fn who_had_enough_is_told_how_long_to_wait(app: TestApp) {
        app.form(json!({ "protection": { "limit": "2/min" } })).await;
        for _ in 0..2 {
            assert_eq!(post(&app, "/f/test", &[("a", "1")]).await.0, 200);
        }
        let request = app.client.post(app.url("/f/test")).header("accept", "application/json");
        let response = request.form(&[("a", "1")]).send().await.expect("a reply");
        assert_eq!(response.status(), 429);
        let head = |name: &str| response.headers()[name].to_str().expect("text").to_owned();
        let wait: u64 = head("retry-after").parse().expect("seconds");
        assert!((1..=30).contains(&wait), "{wait}");
        assert_eq!(head("ratelimit-policy"), "\"submissions\";q=2;w=60");
        assert!(head("ratelimit").starts_with("\"submissions\";r=0;t="), "{}", head("ratelimit"));
        let body: serde_json::Value = response.json().await.expect("JSON");
        assert_eq!(body["errors"][0]["code"], "TOO_MANY_REQUESTS");
    }

    async fn what_is_invalid_or_from_a_robot_costs_as_much_as_what_is_stored(app: TestApp) {
        let fields = json!([{ "name": "n", "type": "integer", "required": true }]);
        app.form(json!({ "fields": fields, "protection": { "limit": FIVE } })).await;
        assert_eq!(post(&app, "/f/test", &[("n", "x")]).await.0, 422);
        assert_eq!(post(&app, "/f/test", &[("n", "1"), ("_gotcha", "x")]).await.0, 200);
        for _ in 0..3 {
            assert_eq!(post(&app, "/f/test", &[("n", "1")]).await.0, 200);
        }
        assert_eq!(post(&app, "/f/test", &[("n", "1")]).await.0, 429);
    }

    async fn a_form_has_a_limit_for_all_addresses_together_and_another_form_its_own(app: TestApp) {
        app.form(json!({ "protection": { "total_limit": "3/hour" } })).await;
        app.form(json!({ "slug": "other" })).await;
        for _ in 0..3 {
            assert_eq!(post(&app, "/f/test", &[("a", "1")]).await.0, 200);
        }
        let (status, _, body) = post(&app, "/f/test", &[("a", "1")]).await;
        assert_eq!(status, 429, "{body}");
        assert_eq!(post(&app, "/f/other", &[("a", "1")]).await.0, 200);
    }
}

/// A form that the body names, before its file or after it.
fn with_file(named_first: bool, name: &str) -> reqwest::multipart::Form {
    use reqwest::multipart::{Form, Part};
    let file = Part::bytes(b"some bytes".to_vec()).file_name("a.txt");
    let name = name.to_owned();
    if named_first {
        Form::new().text("access_key", name).part("file", file)
    } else {
        Form::new().part("file", file).text("access_key", name)
    }
}

async fn send_file(app: &TestApp, named_first: bool, name: &str) -> (u16, String) {
    let request = app.client.post(app.url("/submit")).header("accept", "application/json");
    let response = request.multipart(with_file(named_first, name)).send().await.expect("a reply");
    let status = response.status().as_u16();
    let body: serde_json::Value = response.json().await.expect("JSON");
    (status, body["errors"][0]["code"].as_str().unwrap_or_default().to_owned())
}

/// From now on whoever stores a file is told that this is not possible.
fn refuse_files(app: &TestApp) {
    let folder = app.database.folder.path().join("files");
    std::fs::rename(&folder, folder.with_extension("away")).expect("it is there");
    std::fs::write(&folder, "no folder").expect("its place is free");
}

#[tokio::test]
async fn who_had_enough_stores_no_file_where_the_body_names_the_form_first() {
    let app = TestApp::start(Stack::Sqlite).await;
    let form = app.form(json!({ "protection": { "limit": "2/min" } })).await;
    app.form(json!({ "slug": "free" })).await;
    app.form(json!({ "slug": "none", "fields": [{ "name": "a", "type": "text" }] })).await;
    for _ in 0..2 {
        assert_eq!(send_file(&app, true, "test").await.0, 200, "it is counted once");
    }
    assert_eq!(app.submissions(&form).await.len(), 2);
    refuse_files(&app);
    assert!(send_file(&app, true, "free").await.0 >= 500, "files cannot be stored");
    for (name, told) in [
        ("test", (429, "TOO_MANY_REQUESTS")),
        ("nothing", (404, "FORM_NOT_FOUND")),
        ("none", (422, "NO_FILE_UPLOADS")),
    ] {
        let (status, code) = send_file(&app, true, name).await;
        assert_eq!((status, code.as_str()), told, "{name}");
    }
}

#[tokio::test]
async fn files_that_come_before_the_name_of_their_form_are_held_to_the_servers_limit() {
    let app = TestApp::start_with(Stack::Sqlite, |settings| {
        settings.limits.submissions = formhold_domain::Limit::At("3/min".parse().expect("a quota"));
    })
    .await;
    let form = app.form(json!({ "protection": { "limit": "9/min" } })).await;
    for _ in 0..3 {
        assert_eq!(send_file(&app, false, "test").await.0, 200);
    }
    refuse_files(&app);
    assert_eq!(send_file(&app, false, "test").await, (429, "TOO_MANY_REQUESTS".to_owned()));
    assert_eq!(post(&app, "/submit", &[("access_key", "test"), ("a", "1")]).await.0, 200);
    assert_eq!(app.submissions(&form).await.len(), 4);
}

#[tokio::test]
async fn an_allowance_comes_back_evenly() {
    let app = TestApp::start(Stack::Sqlite).await;
    app.form(json!({ "protection": { "limit": FIVE } })).await;
    for _ in 0..5 {
        assert_eq!(post(&app, "/f/test", &[("a", "1")]).await.0, 200);
    }
    for _ in 0..3 {
        assert_eq!(post(&app, "/f/test", &[("a", "1")]).await.0, 429);
        app.clock.advance_ms(12_000);
        assert_eq!(post(&app, "/f/test", &[("a", "1")]).await.0, 200);
    }
}

#[tokio::test]
async fn forged_addresses_do_not_escape_a_limit_and_real_ones_behind_a_proxy_have_their_own() {
    let untrusting = TestApp::start(Stack::Sqlite).await;
    let trusting = TestApp::start_with(Stack::Sqlite, |settings| {
        settings.server.trusted_proxies = vec!["127.0.0.0/8".parse().expect("a network")];
    })
    .await;
    let post_as = async |app: &TestApp, header: &str, value: &str| {
        let request = app.client.post(app.url("/f/test")).header("accept", "application/json");
        let request = request.header(header, value).form(&[("a", "1")]);
        request.send().await.expect("a reply").status().as_u16()
    };
    for app in [&untrusting, &trusting] {
        app.form(json!({ "protection": { "limit": "3/min" } })).await;
    }
    for (number, header) in
        ["x-forwarded-for", "forwarded", "x-real-ip", "formhold-client-ip"].iter().enumerate()
    {
        let value = if *header == "forwarded" {
            format!("for=6.6.6.{number}")
        } else {
            format!("6.6.6.{number}")
        };
        let expected = if number < 3 { 200 } else { 429 };
        assert_eq!(post_as(&untrusting, header, &value).await, expected, "{header}");
    }
    // Each client behind the proxy has its own allowance, also if it forges what the proxy hands on.
    for client in ["198.51.100.1", "198.51.100.2"] {
        for (number, expected) in [200, 200, 200, 429].into_iter().enumerate() {
            let way = format!("6.6.6.{number}, {client}");
            assert_eq!(post_as(&trusting, "x-forwarded-for", &way).await, expected, "{way}");
        }
    }
    // All addresses of an IPv6 network of /64 are one client.
    for (host, expected) in [(1, 200), (2, 200), (3, 200), (4, 429)] {
        let address = format!("2001:db8:1:2::{host}");
        assert_eq!(post_as(&trusting, "x-forwarded-for", &address).await, expected, "{address}");
    }
    assert_eq!(post_as(&trusting, "x-forwarded-for", "2001:db8:1:3::1").await, 200);
}

#[tokio::test]
async fn the_way_of_a_request_is_told_without_believing_it() {
    let hops = async |app: &TestApp, way: Option<&str>| {
        let mut request = app.client.get(app.url("/hops"));
        if let Some(way) = way {
            request = request.header("x-forwarded-for", way);
        }
        let body: serde_json::Value =
            request.send().await.expect("a reply").json().await.expect("JSON");
        let client = body["client"].as_str().expect("an address").to_owned();
        (client, body["forwarded"].as_u64(), body["trusted"].as_u64())
    };
    let untrusting = TestApp::start(Stack::Sqlite).await;
    let trusting = TestApp::start_with(Stack::Sqlite, |settings| {
        settings.server.trusted_proxies =
            ["127.0.0.0/8", "10.0.0.0/8"].map(|text| text.parse().expect("a network")).into();
    })
    .await;
    let local = "127.0.0.1".to_owned();
    assert_eq!(hops(&untrusting, None).await, (local.clone(), Some(0), Some(0)));
    assert_eq!(hops(&untrusting, Some("6.6.6.6")).await, (local.clone(), Some(1), Some(0)));
    assert_eq!(hops(&trusting, None).await, (local, Some(0), Some(1)));
    let behind_two = hops(&trusting, Some("6.6.6.6, 198.51.100.7, 10.1.1.1")).await;
    assert_eq!(behind_two, ("198.51.100.7".to_owned(), Some(3), Some(2)));
}
