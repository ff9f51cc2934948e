//! Log lines: one an event, in each format, with the request, and without what was sent.

use formhold_testkit::{Running, Stack, client};
use reqwest::Response;
use serde_json::Value;

use super::Scene;

const SECRETS: [&str; 5] = ["anna@example.org", "hunter2", "sesame", "127.0.0.1", "Mozilla"];

async fn post(running: &Running, id: Option<&str>) -> Response {
    let mut request = client()
        .post(format!("http://{}/f/test?token=sesame", running.address))
        .header("user-agent", "Mozilla/5.0")
        .form(&[("email", "anna@example.org"), ("password\nERROR forged", "hunter2\u{1b}[2J")]);
    if let Some(id) = id {
        request = request.header("x-request-id", id);
    }
    request.send().await.expect("a reply")
}

fn id_of(reply: &Response) -> String {
    reply.headers()["x-request-id"].to_str().expect("text").to_owned()
}

/// Stops the program and gives back what it logged after it listened.
fn log_of(running: Running) -> Vec<String> {
    running.signal("TERM");
    let (status, log) = running.wait();
    assert_eq!(status, Some(0), "{log}");
    log.lines().map(str::to_owned).collect()
}

fn access_lines<'a>(lines: &'a [String], mark: &str) -> Vec<&'a String> {
    let found: Vec<_> = lines.iter().filter(|line| line.contains(mark)).collect();
    for line in &found {
        for secret in SECRETS {
            assert!(!line.contains(secret), "`{secret}` must not be in: {line}");
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn json_lines_tell_of_a_request_what_is_known_and_nothing_that_was_sent() {
    let scene = Scene::new(Stack::Sqlite).await.setting("FORMHOLD_TELEMETRY__LOG_FORMAT", "json");
    let running = scene.serve();
    let reply = post(&running, None).await;
    assert_eq!(reply.status().as_u16(), 303);
    let id = id_of(&reply);
    assert_eq!(id.len(), 32, "{id}");
    client()
        .get(format!("http://{}/nowhere/secret", running.address))
        .send()
        .await
        .expect("a reply");
    let lines = log_of(running);
    let values: Vec<Value> =
        lines.iter().map(|line| serde_json::from_str(line).expect(line)).collect();
    assert_eq!(access_lines(&lines, "\"access\"").len(), 2, "{lines:?}");
    let of_request: Vec<_> = values.iter().filter(|line| line["request_id"] == *id).collect();
    let access = of_request.last().expect("an access line");
    for (name, expected) in [
        ("level", "INFO"),
        ("target", "access"),
        ("method", "POST"),
        ("route", "/f/{form}"),
        ("client", "127.0.0.0"),
        ("form_id", &scene.form.identity.id.to_string()),
    ] {
        assert_eq!(access[name], *expected, "{access}");
    }
    assert_eq!((&access["status"], &access["bytes"]), (&303.into(), &0.into()), "{access}");
    assert!(access["duration_ms"].as_f64().is_some_and(|ms| ms > 0.0), "{access}");
    let unmatched = values.iter().find(|line| line["route"] == "unmatched").expect("a line");
    assert_eq!(unmatched["status"], 404);
    assert!(!lines.join("\n").contains("/nowhere"), "{lines:?}");
    let numbers: Vec<_> = values.iter().filter_map(|line| line["number"].as_u64()).collect();
    assert!(numbers.is_sorted() && numbers.len() == lines.len(), "{numbers:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn elastic_gets_the_names_of_its_schema() {
    let scene = Scene::new(Stack::Sqlite).await.setting("FORMHOLD_TELEMETRY__LOG_FORMAT", "ecs");
    let running = scene.serve();
    let id = id_of(&post(&running, None).await);
    let lines = log_of(running);
    let line = *access_lines(&lines, &id).last().expect("an access line");
    let access: Value = serde_json::from_str(line).expect("JSON");
    for (name, expected) in [
        ("log.level", "info"),
        ("log.logger", "access"),
        ("service.name", "formhold"),
        ("http.request.id", &id),
        ("http.request.method", "POST"),
        ("client.ip", "127.0.0.0"),
        ("labels.route", "/f/{form}"),
    ] {
        assert_eq!(access[name], *expected, "{access}");
    }
    assert!(access["@timestamp"].as_str().is_some_and(|time| time.ends_with('Z')), "{access}");
    assert!(access["event.duration"].as_u64().is_some_and(|ns| ns > 1_000), "{access}");
    assert_eq!(access["http.response.status_code"], 303, "{access}");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_trusted_proxy_names_requests() {
    let scene = Scene::new(Stack::Sqlite).await;
    let running = scene.serve();
    assert_ne!(id_of(&post(&running, Some("chosen-1")).await), "chosen-1");
    drop(running);
    let scene = scene.setting("FORMHOLD_SERVER__TRUSTED_PROXIES", "127.0.0.0/8");
    let running = scene.serve();
    assert_eq!(id_of(&post(&running, Some("chosen-1")).await), "chosen-1");
    for bad in ["a b", "<script>", "\"", &"x".repeat(65)] {
        assert_eq!(id_of(&post(&running, Some(bad)).await).len(), 32, "{bad}");
    }
    let refused = client()
        .post(format!("http://{}/f/nowhere", running.address))
        .header("accept", "application/json")
        .header("x-request-id", "chosen-2")
        .form(&[("a", "b")]);
    let body: Value = refused.send().await.expect("a reply").json().await.expect("JSON");
    assert_eq!(body["request_id"], "chosen-2", "{body}");
    let lines = log_of(running);
    let text = access_lines(&lines, "request_id=chosen-1");
    assert!(
        text.last().expect("a line").contains(" INFO access: answered status=303 "),
        "{text:?}"
    );
    assert!(
        !lines.iter().any(|line| line.contains('\u{1b}') || line.contains("forged")),
        "{lines:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_access_log_can_be_switched_off_alone() {
    let scene = Scene::new(Stack::Sqlite).await;
    let scene = scene.setting("FORMHOLD_TELEMETRY__LOG_LEVEL", "info,access=off");
    let running = scene.serve();
    post(&running, None).await;
    let lines = log_of(running);
    assert!(lines.iter().any(|line| line.contains("stopped")), "{lines:?}");
    assert!(!lines.iter().any(|line| line.contains("answered")), "{lines:?}");
    let bad = scene.setting("FORMHOLD_TELEMETRY__LOG_LEVEL", "info,formhold=loud");
    let output = bad.program.run(&["config", "check"]);
    assert_eq!(output.status.code(), Some(78));
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(told.contains("telemetry.log_level") && told.contains("formhold=loud"), "{told}");
}
