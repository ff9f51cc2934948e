//! The pages of signing in, as a browser and as an attacker use them.

use formhold_domain::access::InstanceRole;
use formhold_service::{first_run, users};
use formhold_testkit::{Stack, TestApp, on_both_stacks};

use super::{
    PASSWORD,
    browser::{Browser, Seen},
    operator, user,
};

on_both_stacks! {
    async fn a_new_instance_is_set_up_by_its_link_in_a_browser(app: TestApp) {
        let link = first_run::open(&app.app);
        let path = &link[link.find("/setup").expect("a path")..];
        let token = path.split_once('=').expect("a token").1;
        let mut browser = Browser::new(&app);
        let fields = |password| [
            ("token", token), ("name", "Ada"), ("email", "ada@example.org"),
            ("password", password), ("workspace_name", "Garden <club>"),
        ];
        let wrong = browser.post(path, "/setup", &fields("password")).await;
        assert_eq!(wrong.status, 422);
        assert!(wrong.html.contains("is one that many people use") && wrong.html.contains("value=\"Ada\""));
        assert!(wrong.html.contains("Garden &#60;club&#62;"), "input is kept, and escaped");
        assert!(!wrong.html.contains("value=\"password\""), "passwords are not sent back");
        let done = browser.post(path, "/setup", &fields(PASSWORD)).await;
        assert_eq!((done.status.as_u16(), done.location()), (303, "/account"));
        let account = browser.get("/account").await;
        assert!(account.html.contains("<h1>Profile</h1>") && account.html.contains("value=\"Ada\""), "{}", account.html);
        let policy = account.headers["content-security-policy"].to_str().expect("text");
        assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
        assert_eq!(account.headers["cache-control"], "no-store");
        assert_eq!(browser.get(path).await.status, 410, "the link is dead");
    }

    async fn somebody_signs_in_looks_at_the_sessions_and_out_again(app: TestApp) {
        user(&app, "hanna@example.org", InstanceRole::User).await;
        let (mut here, mut there) = (Browser::new(&app), Browser::new(&app));
        assert_eq!(here.get("/account").await.location(), "/login?next=%2Faccount");
        let wrong = here.sign_in("hanna@example.org", "wrong horse").await;
        assert_eq!(wrong.status, 401);
        assert!(wrong.html.contains("The address or the password is wrong"));
        let unknown = Browser::new(&app).sign_in("nobody@example.org", "wrong horse").await;
        let same = |seen: &Seen| seen.html.replace(&seen.csrf(), "").replace("nobody", "hanna");
        assert_eq!((unknown.status, same(&unknown)), (wrong.status, same(&wrong)));

        let fixed = "A".repeat(43);
        here.cookies.insert("__Host-formhold_session".to_owned(), fixed.clone());
        assert_eq!(here.sign_in("hanna@example.org", PASSWORD).await.status, 303);
        assert_ne!(here.session(), Some(&fixed), "a sign-in begins a session of its own");
        assert_eq!(there.sign_in("hanna@example.org", PASSWORD).await.status, 303);
        let page = here.get("/account/sessions").await;
        let forms = page.html.matches("<form method=\"post\" action=\"/account/sessions/").count();
        assert_eq!(forms, 2, "one ends the other session, one all others: {}", page.html);
        let ended = here.post("/account/sessions", "/account/sessions/end-others", &[]).await;
        assert_eq!(ended.status, 303);
        let ended = here.get(ended.location()).await;
        assert!(ended.html.contains("All other sessions have ended."), "{}", ended.html);
        assert_eq!(there.get("/account").await.location(), "/login?next=%2Faccount");
        let session = here.session().cloned().expect("a session");
        assert_eq!(here.post("/account", "/logout", &[]).await.status, 303);
        here.cookies.insert("__Host-formhold_session".to_owned(), session);
        assert_eq!(here.get("/account").await.location(), "/login?next=%2Faccount", "what opened it opens nothing any more");
    }

    async fn forms_that_were_not_sent_from_our_own_page_change_nothing(app: TestApp) {
        user(&app, "hanna@example.org", InstanceRole::User).await;
        let own = format!("http://{}", app.address);
        let same = || ("sec-fetch-site", "same-origin".to_owned());
        let origin = |origin: &str| ("origin", origin.to_owned());
        let refused = [
            vec![origin("https://evil.example"), ("sec-fetch-site", "cross-site".to_owned())],
            vec![origin("https://evil.example")],
            vec![origin("null")],
            vec![origin("null"), same()],
            vec![origin(&own.replace("http:", "https:"))],
            vec![origin(&format!("{own}.evil.example"))],
            vec![origin(&own), ("sec-fetch-site", "same-site".to_owned())],
            vec![("sec-fetch-site", "cross-site".to_owned())],
            vec![("sec-fetch-site", "none".to_owned())],
        ];
        let fields = [("email", "hanna@example.org"), ("password", PASSWORD)];
        for headers in refused {
            let mut browser = Browser { headers: headers.clone(), ..Browser::new(&app) };
            let seen = browser.post("/login", "/login", &fields).await;
            assert_eq!((seen.status.as_u16(), browser.session()), (403, None), "{headers:?}");
        }
        let mut browser = Browser::new(&app);
        let foreign = Browser::new(&app).get("/login").await.csrf();
        browser.get("/login").await;
        for token in ["", "x", foreign.as_str()] {
            let seen = browser.post_with(token, "/login", &fields).await;
            assert_eq!((seen.status.as_u16(), browser.session()), (403, None), "{token}");
        }
        assert_eq!(app.database.number("SELECT COUNT(*) FROM sessions").await, 0);
        // Without both headers, as old browsers send it, the form's token decides.
        let mut old = Browser { headers: Vec::new(), ..Browser::new(&app) };
        assert_eq!(old.post("/login", "/login", &fields).await.status, 303);
        let seen = old.post_with("", "/logout", &[]).await;
        assert_eq!((seen.status.as_u16(), old.get("/account").await.status.as_u16()), (403, 200));
    }

    async fn a_password_is_set_by_a_link_that_only_looking_does_not_use_up(app: TestApp) {
        let id = user(&app, "hanna@example.org", InstanceRole::User).await;
        let link = users::password_link(&app.app, &operator(), id).await.expect("a link");
        let path = &link[link.find("/reset").expect("a path")..];
        let token = path.split_once('=').expect("a token").1;
        let mut browser = Browser::new(&app);
        for _ in 0..3 {
            assert_eq!(browser.get(path).await.status, 200);
        }
        let new = [("token", token), ("new_password", "another horse, battery")];
        assert_eq!(browser.post(path, "/reset", &new).await.status, 200);
        assert_eq!(browser.post(path, "/reset", &new).await.status, 410, "once");
        assert_eq!(browser.sign_in("hanna@example.org", "another horse, battery").await.status, 303);
    }

    async fn after_a_sign_in_nobody_is_led_to_another_site(app: TestApp) {
        user(&app, "hanna@example.org", InstanceRole::User).await;
        for (next, leads_to) in [
            ("/account/sessions", "/account/sessions"),
            ("", "/account"),
            ("//evil.example", "/account"),
            ("/\\evil.example", "/account"),
            ("https://evil.example/account", "/account"),
            ("/account//evil.example", "/account"),
            ("/accounting", "/account"),
            ("/account\r\nset-cookie: a=b", "/account"),
            ("javascript:alert(1)", "/account"),
        ] {
            let mut browser = Browser::new(&app);
            let fields = [("email", "hanna@example.org"), ("password", PASSWORD), ("next", next)];
            let seen = browser.post("/login", "/login", &fields).await;
            assert_eq!((seen.status.as_u16(), seen.location()), (303, leads_to), "{next}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_address_is_set_no_other_host_is_answered_and_links_never_name_one() {
    let app = TestApp::start_with(Stack::Sqlite, |settings| {
        settings.server.public_url = "https://forms.example.org".to_owned();
    })
    .await;
    let id = user(&app, "hanna@example.org", InstanceRole::User).await;
    for (host, status) in [
        ("forms.example.org", 200),
        ("FORMS.example.org:443", 200),
        ("evil.example", 421),
        ("forms.example.org.evil.example", 421),
        ("forms.example.org:8443", 421),
    ] {
        let request = app.client.get(app.url("/login")).header("host", host);
        let response = request.header("x-forwarded-host", "forms.example.org").send().await;
        assert_eq!(response.expect("a reply").status(), status, "{host}");
    }
    let link = users::password_link(&app.app, &operator(), id).await.expect("a link");
    assert!(link.starts_with("https://forms.example.org/reset?token="), "{link}");
}
