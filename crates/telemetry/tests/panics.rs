//! A panic is one line of the log, with the request, and counted.

mod support;

use formhold_telemetry::{
    Format, panics,
    request::{Request, RequestId},
};
use serde_json::Value;
use support::Scene;

#[test]
fn a_panic_is_logged_on_one_line_with_its_request_and_without_what_was_sent() {
    let scene = Scene::new(Format::Json, "info");
    tracing::dispatcher::set_global_default(scene.dispatch.clone()).expect("the first one");
    panics::watch(scene.logs.clone());
    let request = Request::new(RequestId::of(5), "POST", "/f/{form}".into());
    let secret = "anna@example.org\n";
    let work = move || request.within(|| panic!("cannot read `{secret}`"));
    assert!(
        std::thread::Builder::new()
            .name("worker".to_owned())
            .spawn(work)
            .expect("a thread")
            .join()
            .is_err()
    );
    assert_eq!(panics::count(), 1);
    scene.logs.flush();
    let lines = scene.written.lines();
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(!lines[0].contains("anna"), "{lines:?}");
    let line: Value = serde_json::from_str(&lines[0]).expect("JSON");
    assert_eq!((&line["level"], &line["target"]), (&"ERROR".into(), &"panic".into()), "{line}");
    assert_eq!(line["request_id"], format!("{:032x}", 5));
    assert_eq!((&line["cause"], &line["thread"]), (&"cannot read `…`".into(), &"worker".into()));
    assert!(line["location"].as_str().is_some_and(|place| place.contains("panics.rs:")), "{line}");
}
