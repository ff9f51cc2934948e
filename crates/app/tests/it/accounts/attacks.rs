//! Attacks on accounts from outside: requests from other sites, planted cookies, forged hosts, and
//! many at once where once is allowed.

use formhold_domain::{
    Bearer,
    access::{Actor, InstanceRole},
};
use formhold_service::{first_run, forgotten, sessions};
use formhold_testkit::{Stack, TestApp, on_both_stacks};
use futures_util::future::join_all;
use reqwest::RequestBuilder;

use super::{PASSWORD, browser::Browser, operator, routes::ROUTES, user};

const ID: &str = "01900000-0000-7000-8000-0000000000aa";

/// The routes of people who sign in that change something, asked for with ids that look right.
fn changing() -> Vec<String> {
    let ours = |path: &str| {
        [
            "/login",
            "/logout",
            "/setup",
            "/reset",
            "/account",
            "/admin",
            "/workspace",
            "/invitation",
            "/register",
            "/forgot",
            "/confirm",
        ]
        .iter()
        .any(|start| path.starts_with(start))
    };
    let posts = ROUTES.iter().filter(|route| route.method == "POST" && ours(route.path));
    let mut paths: Vec<String> = posts
        .map(|route| {
            let parts = route.path.split('/');
            let parts: Vec<&str> =
                parts.map(|part| if part.starts_with('{') { ID } else { part }).collect();
            parts.join("/")
        })
        .collect();
    paths.sort();
    paths.dedup();
    paths
}

const FIELDS: [(&str, &str); 8] = [
    ("name", "Script"),
    ("scopes", "users:read"),
    ("format", "csv"),
    ("email", "ada@example.org"),
    ("password", PASSWORD),
    ("new_password", PASSWORD),
    ("token", "x"),
    ("code", "123456"),
];

/// Ways in which another site makes a browser send something, or forges what proves that it is ours.
fn from_elsewhere(
    request: RequestBuilder,
    in_address: RequestBuilder,
    own: &str,
    csrf: &str,
) -> Vec<(&'static str, RequestBuilder)> {
    let again = || request.try_clone().expect("a request");
    let with = |csrf: &str| {
        let mut fields: Vec<_> =
            FIELDS.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        fields.push(("csrf".to_owned(), csrf.to_owned()));
        fields
    };
    let form = |csrf: &str| again().form(&with(csrf));
    let encoded = format!("csrf={csrf}&name=Script&scopes=users%3Aread&format=csv");
    let json: serde_json::Map<_, _> =
        with(csrf).into_iter().map(|(name, value)| (name, value.into())).collect();
    // In one piece with its head, so that it is sent before it is refused.
    let part = |(name, value): (String, String)| {
        format!("--x\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let parts: String = with(csrf).into_iter().map(part).collect();
    let multipart = again().header("content-type", "multipart/form-data; boundary=x");
    let multipart = multipart.body(format!("{parts}--x--\r\n"));
    vec![
        ("another origin", form(csrf).header("origin", "https://evil.example")),
        ("no origin that is told", form(csrf).header("origin", "null")),
        ("another site", form(csrf).header("sec-fetch-site", "cross-site")),
        ("a neighbour", form(csrf).header("origin", own).header("sec-fetch-site", "same-site")),
        ("no site", form(csrf).header("sec-fetch-site", "none")),
        ("another port", form(csrf).header("origin", "http://127.0.0.1:1")),
        ("no token", form("")),
        ("another's token", form("AAAA")),
        ("JSON", again().header("origin", own).json(&json)),
        ("plain text", again().header("content-type", "text/plain").body(encoded.clone())),
        ("multipart", multipart.header("origin", own)),
        ("no type", again().body(encoded.clone())),
        ("the token in the address only", in_address.form(&FIELDS)),
        (
            "two tokens",
            again()
                .header("content-type", "application/x-www-form-urlencoded")
                .body(format!("csrf=AAAA&{encoded}")),
        ),
    ]
}

on_both_stacks! {
    async fn no_other_site_changes_anything_for_somebody_who_is_signed_in(app: TestApp) {
        user(&app, "ada@example.org", InstanceRole::Admin).await;
        let mut browser = Browser::new(&app);
        browser.sign_in("ada@example.org", PASSWORD).await;
        let csrf = browser.get("/account").await.csrf();
        let own = format!("http://{}", app.address);
        let paths = changing();
        assert!(paths.len() >= 8, "{paths:?}");
        let queries = app.database.dump_queries().await;
        let before = app.database.dump(&queries).await;
        for path in &paths {
            let request = app.client.post(app.url(path));
            let in_address = app.client.post(app.url(&format!("{path}?csrf={csrf}")));
            for (how, request) in from_elsewhere(request, in_address, &own, &csrf) {
                // What scripts and pictures of ours come in, with the right token.
                if (how == "JSON" && path.contains("passkey")) || (how == "multipart" && path == "/account/picture") {
                    continue;
                }
                let seen = browser.send(request).await;
                assert_eq!(seen.status, 403, "{path}, {how}: {}", seen.html);
            }
            // Methods that are not ours, and an address that says what the method should be.
            for method in ["PUT", "PATCH", "DELETE"] {
                let method = method.parse().expect("a method");
                let seen = browser.send(app.client.request(method, app.url(path)).form(&[("csrf", &csrf)])).await;
                assert_eq!(seen.status, 405, "{path}");
            }
            let forged = [("x-http-method-override", "POST"), ("x-method-override", "POST"), ("x-http-method", "POST")];
            for (name, value) in forged {
                let request = app.client.get(app.url(&format!("{path}?_method=POST&name=Script&scopes=users%3Aread&format=csv&csrf={csrf}")));
                let seen = browser.send(request.header(name, value).header("sec-fetch-site", "cross-site")).await;
                assert!([200, 303, 403, 404, 405, 410].contains(&seen.status.as_u16()), "{path}: {}", seen.status);
            }
        }
        assert_eq!(app.database.dump(&queries).await, before);
        assert_eq!(browser.get("/account").await.status, 200, "still signed in");
        // The same request from our own page works: it is the way that is refused.
        let made = browser.post_with(&csrf, "/account/tokens/new", &FIELDS[..2]).await;
        assert_eq!(made.status, 200, "{}", made.html);
        assert_ne!(app.database.dump(&queries).await, before);
    }

    async fn a_cookie_that_somebody_planted_opens_nothing_after_the_sign_in(app: TestApp) {
        user(&app, "ada@example.org", InstanceRole::Admin).await;
        user(&app, "mallory@example.org", InstanceRole::User).await;
        let mut attacker = Browser::new(&app);
        attacker.get("/login").await;
        attacker.sign_in("mallory@example.org", PASSWORD).await;
        // The victim's browser was made to hold the attacker's cookies, of both kinds.
        let mut victim = Browser::new(&app);
        victim.cookies = attacker.cookies.clone();
        let planted = attacker.session().cloned().expect("a session");
        let page = Browser::new(&app).get("/login").await;
        let csrf = page.csrf();
        let foreign = victim.post_with(&csrf, "/login", &[("email", "ada@example.org"), ("password", PASSWORD)]).await;
        assert_eq!(foreign.status, 403, "a form of another browser");
        victim.cookies.remove("__Host-formhold_session");
        assert_eq!(victim.sign_in("ada@example.org", PASSWORD).await.status, 303);
        let own = victim.session().cloned().expect("a session");
        assert_ne!(own, planted);
        for (text, email) in [(&planted, "mallory@example.org"), (&own, "ada@example.org")] {
            let secret = Bearer::parse(text).expect("a secret");
            let actor = sessions::actor_of_session(&app.app, &secret).await.expect("an actor");
            let Actor::Person(person) = actor else { panic!("{email} is signed in") };
            let user = app.app.store.find_user(person.user_id).await.expect("a query").expect("a user");
            assert_eq!(user.email.as_str(), email);
        }
        // What forms were bound to before the sign-in is worth nothing after it.
        let seen = victim.post_with(&csrf, "/account/tokens/new", &FIELDS[..2]).await;
        assert_eq!(seen.status, 403);
    }

    async fn a_link_is_used_by_one_of_twenty_who_come_at_once(app: TestApp) {
        let other = app.second_address().await;
        let link = first_run::open(&app.app);
        let token = link.split_once("token=").expect("a token").1;
        let fields = [("token", token), ("name", "Ada"), ("email", "ada@example.org"), ("password", PASSWORD), ("workspace_name", "")];
        // The set-up's secret is in one process alone; the reset's on all nodes.
        let made = twenty(&app, &[app.address], "/setup", &fields).await;
        assert_eq!(made.iter().filter(|status| **status == 303).count(), 1, "{made:?}");
        assert!(made.iter().all(|status| [303, 410].contains(status)), "{made:?}");
        assert_eq!(app.database.number("SELECT COUNT(*) FROM users").await, 1);
        let id = user(&app, "hanna@example.org", InstanceRole::User).await;
        let link = forgotten::password_link(&app.app, &operator(), id).await.expect("a link");
        let token = link.split_once("token=").expect("a token").1;
        let fields = [("token", token), ("new_password", "another horse, battery")];
        let set = twenty(&app, &[app.address, other], "/reset", &fields).await;
        assert_eq!(set.iter().filter(|status| **status == 200).count(), 1, "{set:?}");
        assert!(set.iter().all(|status| [200, 410, 503].contains(status)), "{set:?}");
        let changed = "SELECT COUNT(*) FROM audit_entries WHERE action = 'user.password.change'";
        assert_eq!(app.database.number(changed).await, 1);
    }
}

/// Sends a form twenty times at once, each from a browser of its own; gives the statuses.
async fn twenty(
    app: &TestApp,
    nodes: &[std::net::SocketAddr],
    path: &str,
    fields: &[(&str, &str)],
) -> Vec<u16> {
    let mut browsers = Vec::new();
    for _ in 0..20 {
        let mut browser = Browser::new(app);
        let csrf = browser.get("/login").await.csrf();
        browsers.push((browser, csrf));
    }
    let all = browsers.iter_mut().zip(nodes.iter().cycle()).map(async |((browser, csrf), node)| {
        let mut fields = fields.to_vec();
        fields.push(("csrf", csrf));
        let request = app.client.post(format!("http://{node}{path}")).form(&fields);
        browser.send(request).await.status.as_u16()
    });
    join_all(all).await
}

#[tokio::test(flavor = "multi_thread")]
async fn no_header_puts_another_host_into_a_page_a_redirect_or_a_letter() {
    for public_url in ["https://forms.example.org", ""] {
        let app = TestApp::start_with(Stack::Sqlite, |settings| {
            settings.server.public_url = public_url.to_owned();
        })
        .await;
        let id = user(&app, "hanna@example.org", InstanceRole::User).await;
        let host = if public_url.is_empty() {
            app.address.to_string()
        } else {
            "forms.example.org".to_owned()
        };
        let link = forgotten::password_link(&app.app, &operator(), id).await.expect("a link");
        let path = link[link.find("/reset").expect("a path")..].to_owned();
        let forged = [
            ("x-forwarded-host", "evil.example"),
            ("x-forwarded-server", "evil.example"),
            ("forwarded", "host=evil.example;proto=https"),
            ("x-host", "evil.example"),
            ("x-http-host-override", "evil.example"),
            ("x-original-host", "evil.example"),
            ("x-original-url", "/evil.example"),
            ("x-rewrite-url", "/evil.example"),
            ("x-forwarded-prefix", "/evil.example"),
            ("x-forwarded-proto", "evil.example"),
            ("x-forwarded-port", "666"),
            ("referer", "https://evil.example/"),
        ];
        for (name, value) in forged {
            for path in ["/login", "/account", path.as_str(), "/nothing-here"] {
                let request =
                    app.client.get(app.url(path)).header("host", &host).header(name, value);
                let reply = request.send().await.expect("a reply");
                let headers = format!("{:?}", reply.headers());
                let text = reply.text().await.expect("a body");
                assert!(
                    !headers.contains("evil") && !text.contains("evil"),
                    "{name} {path}: {headers} {text}"
                );
                assert!(
                    !headers.contains(":666") && !text.contains(":666"),
                    "{name} {path}: {headers}"
                );
            }
        }
        // The host of the request itself is no better where another one is set.
        let request = app.client.get(app.url("/login")).header("host", "evil.example");
        let reply = request.send().await.expect("a reply");
        let expected = if public_url.is_empty() { 200 } else { 421 };
        assert_eq!(reply.status(), expected);
        assert!(!reply.text().await.expect("a body").contains("evil"));
        assert!(
            !link.contains("evil") && (public_url.is_empty() || link.starts_with(public_url)),
            "{link}"
        );
    }
}
