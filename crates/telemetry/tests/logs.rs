//! Lines, their formats, the ring of the latest ones, and levels that change for a while.

mod support;

use std::time::Duration;

use formhold_domain::FormId;
use formhold_telemetry::{
    Format,
    logs::{Filter, Followed, to_json},
    request::{Request, RequestId, note_form},
};
use serde_json::Value;
use support::Scene;
use tracing::{Level, level_filters::LevelFilter};

const HOSTILE: &str = "a\nERROR forged\r\x1b[2J\u{9b}31m\u{202e}\u{2028}\" x=1 \\ \u{7f}ü";

#[test]
fn whatever_is_logged_stays_one_line_without_control_characters() {
    for format in [Format::Text, Format::Json, Format::Ecs] {
        let scene = Scene::new(format, "info");
        let lines = scene.log(|| tracing::info!(value = HOSTILE, "message {HOSTILE}"));
        assert_eq!(lines.len(), 1, "{lines:?}");
        let harmful = |sign: char| sign.is_control() || ('\u{2028}'..='\u{202e}').contains(&sign);
        assert!(!lines[0].contains(harmful), "{lines:?}");
        assert!(lines[0].contains("\\u001b[2J") && lines[0].contains('ü'), "{lines:?}");
        if format != Format::Text {
            let value: Value = serde_json::from_str(&lines[0]).expect("JSON");
            assert_eq!(value["message"], format!("message {HOSTILE}"));
        }
    }
}

#[test]
fn a_field_cannot_pass_for_two() {
    let scene = Scene::new(Format::Text, "info");
    let lines = scene.log(|| tracing::info!(cause = "x user_id=1", empty = "", n = 5, "said"));
    assert!(
        lines[0].ends_with(" INFO logs: said cause=\"x user_id=1\" empty=\"\" n=5"),
        "{lines:?}"
    );
    assert!(lines[0].starts_with("2026-06-01T12:00:00.000Z "), "{lines:?}");
}

#[test]
fn long_texts_are_cut() {
    let scene = Scene::new(Format::Json, "info");
    let long = "ä".repeat(1 << 20);
    let lines = scene.log(|| tracing::info!(value = long, "{long}"));
    assert!(lines[0].len() < 20_000, "{}", lines[0].len());
    assert!(
        serde_json::from_str::<Value>(&lines[0]).expect("JSON")["value"]
            .as_str()
            .is_some_and(|text| text.ends_with("ä…"))
    );
}

#[test]
fn fields_of_spans_and_of_the_request_are_on_every_line() {
    let scene = Scene::new(Format::Json, "info");
    let form = FormId(uuid());
    let request = Request::new(RequestId::of(7), "GET", "/f/{form}".into());
    let lines = scene.log(|| {
        request.within(|| {
            tracing::info!("early");
            note_form(form);
            let span = tracing::info_span!("job", job = "deliver", attempt = 1);
            let _entered = span.enter();
            span.record("attempt", 2);
            tracing::warn!(attempt = 3, "late");
        });
    });
    let lines: Vec<Value> =
        lines.iter().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!((&lines[0]["method"], &lines[0]["route"]), (&"GET".into(), &"/f/{form}".into()));
    assert_eq!(lines[1]["form_id"], form.to_string());
    assert_eq!(lines[1]["request_id"], format!("{:032x}", 7));
    assert_eq!((&lines[1]["job"], &lines[1]["attempt"]), (&"deliver".into(), &3.into()));
}

fn uuid() -> uuid::Uuid {
    uuid::Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0042)
}

#[test]
fn the_ring_keeps_the_latest_ten_thousand_lines_and_finds_them() {
    let scene = Scene::new(Format::Text, "info");
    let request = Request::new(RequestId::of(9), "GET", "/".into());
    for part in 0..11 {
        scene.log(|| {
            for at in 0..1_000 {
                tracing::info!(at = part * 1_000 + at, "line");
            }
        });
    }
    scene.log(|| {
        tracing::error!(target: "formhold_store::writer", "It BROKE");
        tracing::info!(target: "formhold_storefront", "near");
        request.within(|| tracing::info!("asked"));
    });
    assert_eq!(scene.logs.dropped(), 0);
    let count = |filter: &Filter| scene.logs.recent(filter, usize::MAX).len();
    assert_eq!(count(&Filter::default()), 10_000);
    assert_eq!(scene.logs.recent(&Filter::default(), 2)[0].message, "near");
    let broke = [
        Filter { level: Some(Level::ERROR), ..Filter::default() },
        Filter { target: Some("formhold_store".to_owned()), ..Filter::default() },
        Filter { text: Some("it broke".to_owned()), ..Filter::default() },
    ];
    for filter in broke {
        let found = scene.logs.recent(&filter, 10);
        assert_eq!(found.len(), 1, "{filter:?}");
        assert!(to_json(&found[0]).contains("\"message\":\"It BROKE\""));
    }
    let of_request = Filter { request_id: Some(format!("{:032x}", 9)), ..Filter::default() };
    assert_eq!(count(&of_request), 1);
    // The first 1,003 of 11,003 are gone.
    assert_eq!(count(&Filter { text: Some("10999".to_owned()), ..Filter::default() }), 1);
    let first = &scene.logs.recent(&Filter::default(), usize::MAX)[0];
    assert_eq!((first.number, first.fields[0].1.to_string()), (1_004, "1003".to_owned()));
}

#[test]
fn the_ring_is_bounded_by_bytes_too() {
    let scene = Scene::new(Format::Text, "info");
    let long = "x".repeat(8_000);
    for _ in 0..10 {
        scene.log(|| (0..400).for_each(|_| tracing::info!("{long}")));
    }
    let kept = scene.logs.recent(&Filter::default(), usize::MAX);
    let bytes: usize = kept.iter().map(|line| line.size_bytes()).sum();
    assert!((15 << 20..=16 << 20).contains(&bytes), "{bytes}");
    assert_eq!(kept.last().expect("a line").number, 4_000);
}

#[tokio::test]
async fn who_follows_gets_each_line_once_and_is_told_how_many_were_missed() {
    let scene = Scene::new(Format::Text, "info");
    scene.log(|| tracing::info!("before"));
    let (recent, mut follow) = scene.logs.follow(Filter::default(), 100);
    assert_eq!(recent.len(), 1);
    scene.log(|| tracing::info!("after"));
    let Some(Followed::Line(line)) = follow.next().await else { panic!("a line") };
    assert_eq!(line.message, "after");
    for _ in 0..3 {
        scene.log(|| (0..1_000).for_each(|_| tracing::info!("many")));
    }
    let Some(Followed::Missed(missed)) = follow.next().await else { panic!("some were missed") };
    let mut came = 0;
    while came + missed < 3_000 {
        let Some(Followed::Line(_)) = follow.next().await else { panic!("a line") };
        came += 1;
    }
    assert!(missed > 0 && came > 0, "{missed} {came}");
    assert!(tokio::time::timeout(Duration::ZERO, follow.next()).await.is_err(), "no more");
}

#[test]
fn a_level_is_changed_for_a_while_and_then_falls_back() {
    let scene = Scene::new(Format::Text, "info");
    let debug = || scene.log(|| tracing::debug!(target: "formhold_store::writer", "detail")).len();
    assert_eq!(debug(), 0);
    let minute = Duration::from_secs(60);
    let change = |target: &str| scene.logs.change_level(Some(target), LevelFilter::DEBUG, minute);
    change("formhold_store").expect("a change");
    assert!(change("no target").is_err());
    assert_eq!(debug(), 1);
    assert_eq!(scene.logs.level_changes().len(), 1);
    scene.clock.advance(59);
    assert_eq!(debug(), 2);
    scene.clock.advance(1);
    // The end is noticed by the next thing that happens, without anybody asking for it.
    scene.log(|| tracing::info!("something"));
    assert_eq!(debug(), 3);
    assert!(scene.logs.level_changes().is_empty());
    change("formhold_store").expect("a change");
    assert!(scene.logs.restore_level(Some("formhold_store")));
    assert_eq!(debug(), 3);
}
