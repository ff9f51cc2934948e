//! A handler that panics takes nothing else with it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use formhold::compose;
use formhold_domain::{Clock, RandomIds, SystemClock, access::Caller};
use formhold_service::forms;
use formhold_testkit::{Stack, TestDatabase, client, form_of, settings_for};
use formhold_web::{Listener, Stop};
use serde_json::{Value, json};

/// A clock that breaks.
#[derive(Default)]
struct BreakingClock(AtomicBool);

impl Clock for BreakingClock {
    fn now_ms(&self) -> i64 {
        assert!(!self.0.load(Ordering::SeqCst), "the clock is broken");
        SystemClock.now_ms()
    }

    fn monotonic(&self) -> Duration {
        SystemClock.monotonic()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_in_a_handler_is_answered_500_and_the_next_request_is_served() {
    let database = TestDatabase::new(Stack::Sqlite).await;
    let settings = settings_for(&database);
    let clock = Arc::new(BreakingClock::default());
    let app =
        compose::app_with(&settings, clock.clone(), Arc::new(RandomIds)).await.expect("an app");
    forms::import_form(&app, &Caller::system("test"), None, form_of(json!({})))
        .await
        .expect("a form");
    let listener = Listener::bind(&settings.server).await.expect("a port");
    let url = format!("http://{}/f/test", listener.local_addr().expect("an address"));
    let (stop, web) = (Stop::new(), compose::web(app.clone(), &settings));
    tokio::spawn(listener.serve(formhold_web::router(web), stop.clone()));
    // One client, so that the connection is the same where it lives.
    let client = client();
    let post = || client.post(&url).header("accept", "application/json").form(&[("a", "b")]).send();
    assert_eq!(post().await.expect("a reply").status().as_u16(), 200);

    clock.0.store(true, Ordering::SeqCst);
    for _ in 0..20 {
        let reply = post().await.expect("a reply, not a broken connection");
        assert_eq!(reply.status().as_u16(), 500);
        let id = reply.headers()["x-request-id"].to_str().expect("text").to_owned();
        let body: Value = reply.json().await.expect("JSON");
        assert_eq!(
            (&body["errors"][0]["code"], &body["request_id"]),
            (&"INTERNAL".into(), &id.into())
        );
        assert!(!body.to_string().contains("clock"), "the cause is not told: {body}");
    }
    let page = client.get(&url).header("accept", "text/html").send().await.expect("a reply");
    assert_eq!(page.status().as_u16(), 500);
    let id = page.headers()["x-request-id"].to_str().expect("text").to_owned();
    let html = page.text().await.expect("text");
    assert!(html.contains("<h1") && html.contains(&id), "{html}");

    clock.0.store(false, Ordering::SeqCst);
    assert_eq!(post().await.expect("a reply").status().as_u16(), 200);
    stop.cancel();
}
