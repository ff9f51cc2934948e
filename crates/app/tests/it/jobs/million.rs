//! A million jobs that wait: claims stay quick, and what is new begins at once.

use std::time::{Duration, Instant};

use formhold_domain::job::{JobKind, JobState};
use formhold_service::jobs::Round;
use formhold_testkit::{TestApp, on_both_stacks};

use super::{enqueue, node, until_state, worker};

const LANES: usize = 1_000;

/// Multiplies one job to about a million, in a thousand lanes and in one of half a million.
async fn fill(app: &TestApp) {
    let columns = "kind, priority, state, payload, run_at_ms, attempts, max_attempts, fence, beats, created_at_ms";
    let (random, number) = if app.database.url.starts_with("sqlite") {
        ("randomblob(16)", "'host/l' || (abs(random()) % 2000)")
    } else {
        ("RANDOM_BYTES(16)", "CONCAT('host/l', FLOOR(RAND() * 2000))")
    };
    for _ in 0..20 {
        let sql = format!(
            "INSERT INTO jobs (id, lane, {columns}) SELECT {random}, CASE WHEN {number} > 'host/l19' THEN 'host/large' ELSE {number} END, {columns} FROM jobs LIMIT 600000"
        );
        app.database.execute(&sql).await;
    }
}

on_both_stacks! {
    #[ignore = "takes minutes: cargo test -p formhold --test it million -- --ignored --nocapture"]
    async fn claims_stay_quick_and_a_new_job_begins_within_two_seconds(app: TestApp) {
        let (node, carrier) = node(&app).await;
        enqueue(&node, "large", "ok 0").await;
        fill(&app).await;
        let count = app.database.number("SELECT COUNT(*) FROM jobs WHERE state = 'ready'").await;
        assert!(count > 1_000_000, "{count}");
        let (mut took, mut cursor) = (Vec::new(), String::new());
        for _ in 0..300 {
            let began = Instant::now();
            let turns = node.store.next_turns(&cursor, |_| 1, 8, 64).await.expect("turns");
            cursor = turns.cursor;
            let round = Round { node: "n", now_ms: node.clock.now_ms(), ended: &[], lanes: &turns.lanes, most: 8, kinds: &JobKind::ALL, look_for_due: true };
            let (claimed, _) = node.store.work_round(round).await.expect("a round");
            assert_eq!(claimed.len(), 8);
            took.push(began.elapsed());
        }
        took.sort_unstable();
        let (half, most) = (took[took.len() / 2], took[took.len() * 95 / 100]);
        eprintln!("{count} jobs wait: claiming 8 of {LANES} lanes takes {half:?}, p95 {most:?}");
        assert!(most < Duration::from_millis(100), "{most:?}");
        let worker = worker(&node);
        for lane in ["new", "large"] {
            let began = Instant::now();
            let id = enqueue(&node, lane, "ok 1").await;
            if lane == "new" {
                until_state(&node, id, JobState::Done).await;
                eprintln!("a job in a new lane was done after {:?}", began.elapsed());
                assert!(began.elapsed() < Duration::from_secs(2));
            }
        }
        eprintln!("meanwhile {} others were done", carrier.begun());
        worker.stop().await;
    }
}
