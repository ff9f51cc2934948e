//! Metrics: right numbers, bounded labels, names as Prometheus wants them, and a page that lists all.

use std::{
    collections::BTreeSet,
    io::Write as _,
    process::{Command, Stdio},
};

use formhold_telemetry::metrics::catalogue;
use formhold_testkit::{Running, Stack, client};
use reqwest::Method;

use super::{Scene, number};

async fn post(running: &Running, path: &str, email: &str) -> u16 {
    let request = client().post(format!("http://{}{path}", running.address));
    request.form(&[("email", email)]).send().await.expect("a reply").status().as_u16()
}

async fn tells_what_happened(stack: Stack) {
    let scene = Scene::new(stack).await.setting("FORMHOLD_TELEMETRY__METRICS_FORMS", "1");
    let running = scene.serve();
    for _ in 0..3 {
        assert_eq!(post(&running, "/f/test", "a@example.org").await, 303);
    }
    assert_eq!(post(&running, "/f/other", "no address").await, 422);
    assert_eq!(post(&running, "/f/other", "a@example.org").await, 303);
    let text = scene.scrape().await;
    let key = scene.form.identity.key.as_str();
    let other_key = scene.other.identity.key.as_str();
    for (series, expected) in [
        (&*format!("formhold_submissions_total{{form=\"{key}\",result=\"accepted\"}}"), 3.0),
        ("formhold_submissions_total{form=\"other\",result=\"accepted\"}", 1.0),
        ("formhold_submissions_total{form=\"other\",result=\"invalid\"}", 1.0),
        ("formhold_submission_problems_total{code=\"TYPE_EMAIL\"}", 1.0),
        (
            "formhold_http_request_duration_seconds_count{route=\"/f/{form}\",method=\"POST\",status=\"3xx\"}",
            4.0,
        ),
        (
            "formhold_http_request_duration_seconds_count{route=\"/f/{form}\",method=\"POST\",status=\"4xx\"}",
            1.0,
        ),
        ("formhold_writer_batch_submissions_sum", 4.0),
        ("formhold_writer_batch_duration_seconds_count", 4.0),
        ("formhold_writer_queue_submissions", 0.0),
        ("formhold_writer_failed_total", 0.0),
        ("formhold_http_requests_in_flight", 0.0),
        ("formhold_log_lines_dropped_total", 0.0),
        ("formhold_panics_total", 0.0),
        ("formhold_kv_misses_total{name=\"forms\"}", 2.0),
        (&*format!("formhold_build_info{{version=\"{}\"}}", env!("CARGO_PKG_VERSION")), 1.0),
    ] {
        assert_eq!(number(&text, series), Some(expected), "{series} in\n{text}");
    }
    assert!(!text.contains(other_key), "a form beyond the bound has no series\n{text}");
    for series in [
        "process_resident_memory_bytes",
        "process_open_fds",
        "process_start_time_seconds",
        "formhold_database_connections_max{pool=\"read\"}",
    ] {
        assert!(number(&text, series).is_some_and(|value| value > 0.0), "{series} in\n{text}");
    }
    let wal = number(&text, "formhold_sqlite_wal_bytes");
    assert_eq!(wal.is_some_and(|bytes| bytes > 0.0), stack == Stack::Sqlite, "{text}");
    let redis_up = number(&text, "formhold_redis_up");
    assert_eq!(redis_up, scene.database.redis_url.as_ref().map(|_| 1.0), "{text}");
    check_with_promtool(&text);
    drop(running);
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_tell_what_happened_on_sqlite() {
    tells_what_happened(Stack::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_tell_what_happened_on_mariadb() {
    if Stack::MariaDb.is_there() {
        tells_what_happened(Stack::MariaDb).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_client_can_make_a_series() {
    let scene = Scene::new(Stack::Sqlite).await;
    let running = scene.serve();
    let series = |text: &str| {
        let of_requests = text.lines().filter(|line| line.starts_with("formhold_http_request_d"));
        let heads = of_requests.filter_map(|line| line.split(",le=").next()?.split(' ').next());
        heads.map(str::to_owned).collect::<BTreeSet<_>>()
    };
    let (client, mut counts) = (client(), Vec::new());
    for round in 0..2 {
        for at in 0..20 {
            for path in ["/f/x", "/static/x", "/uploads/x", "/wp-admin/x", "/n/a/x"] {
                let method = format!("BREW{round}X{at}");
                for method in ["GET", "POST", method.as_str()] {
                    let method = Method::from_bytes(method.as_bytes()).expect("a method");
                    let url = format!("http://{}{path}{round}-{at}", running.address);
                    client.request(method, url).send().await.expect("a reply");
                }
            }
        }
        let text = scene.scrape().await;
        assert!(!text.contains("BREW") && !text.contains("wp-admin"), "{text}");
        counts.push(series(&text));
    }
    assert!(!counts[0].is_empty());
    assert_eq!(counts[0], counts[1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_listener_for_metrics_shows_nothing_else_and_the_public_one_no_metrics() {
    let scene = Scene::new(Stack::Sqlite).await;
    let running = scene.serve();
    let status = |url: String| async move {
        client().get(url).send().await.expect("a reply").status().as_u16()
    };
    assert_eq!(status(format!("http://{}/metrics", running.address)).await, 404);
    let base = scene.metrics.trim_end_matches("/metrics");
    for path in ["/", "/f/test", "/livez", "/login"] {
        assert_eq!(status(format!("{base}{path}")).await, 404, "{path}");
    }
    drop(running);
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address").to_string();
    let scene = scene.setting("FORMHOLD_SERVER__METRICS_LISTEN", &address);
    let Err(log) = scene.program.serve() else { panic!("it must not start") };
    assert!(log.contains("for metrics"), "{log}");
}

/// Judges the text as Prometheus' own tool does, where that is installed.
fn check_with_promtool(text: &str) {
    let promtool = Command::new("promtool")
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let Ok(mut promtool) = promtool else { return };
    let mut input = promtool.stdin.take().expect("standard input");
    input.write_all(text.as_bytes()).expect("written");
    drop(input);
    let output = promtool.wait_with_output().expect("promtool ends");
    let told = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(output.status.success() && told.is_empty(), "{told}\n{text}");
}

#[test]
fn the_document_lists_the_metrics_that_there_are() {
    let document = include_str!("../../../../../docs/METRICS.md");
    let table =
        document.split("<!-- metrics -->\n").nth(1).expect("the table stands between marks");
    assert_eq!(table, catalogue::table(), "put this into docs/METRICS.md:\n{}", catalogue::table());
    let names: BTreeSet<_> = catalogue::ALL.iter().map(|metric| metric.name).collect();
    assert_eq!(names.len(), catalogue::ALL.len(), "each name once");
}
