//! The worker: fair, calm about what fails, and gone without a trace when it must go.

use std::time::{Duration, Instant};

use formhold_domain::job::{JobState, TryOutcome};
use formhold_jobs::{Settings, Worker};
use formhold_testkit::on_both_stacks;

use super::{enqueue, job, node, settings, until, until_state, worker};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

on_both_stacks! {
    async fn fifty_receivers_that_hang_do_not_delay_a_healthy_one(app: TestApp) {
        let (node, carrier) = node(&app).await;
        for lane in 0..50 {
            for number in 0..6 {
                enqueue(&node, &format!("hangs{lane}"), &format!("hang {number}")).await;
            }
        }
        let worker = worker(&node);
        until("all lanes have begun", async || carrier.begun() >= 98).await;
        let began = Instant::now();
        for number in 0..20 {
            enqueue(&node, "healthy", &format!("ok {number}")).await;
        }
        until("the healthy one is served", async || carrier.carried.lock().expect("no panic").len() == 20).await;
        assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
        worker.stop().await;
        assert_eq!(app.database.number("SELECT COUNT(*) FROM jobs WHERE state = 'ready' AND attempts = 0").await, 300);
        assert_eq!(app.database.number("SELECT COUNT(*) FROM jobs WHERE state = 'done'").await, 20);
    }

    async fn a_panic_is_a_failed_try_and_nothing_else(app: TestApp) {
        let (node, carrier) = node(&app).await;
        let worker = worker(&node);
        let bad = enqueue(&node, "a", "panic 1").await;
        let good = enqueue(&node, "a", "ok 1").await;
        until_state(&node, good, JobState::Done).await;
        until_state(&node, bad, JobState::Later).await;
        assert_eq!((carrier.count("ok 1"), job(&node, bad).await.attempts), (1, 1));
        let error = job(&node, bad).await.last_error.expect("a reason");
        assert!(error.contains("fault in the program"), "{error}");
        worker.stop().await;
    }

    async fn what_fails_is_tried_again_at_its_times_and_then_fails_for_good(app: TestApp) {
        let (node, carrier) = node(&app).await;
        let worker = worker(&node);
        let id = enqueue(&node, "a", "fail 1").await;
        for attempt in 1..7 {
            until_state(&node, id, JobState::Later).await;
            let waits = job(&node, id).await;
            assert_eq!(waits.attempts, attempt);
            assert!(waits.run_at_ms > node.clock.now_ms());
            assert_eq!(carrier.begun(), usize::try_from(attempt).expect("small"), "not before its time");
            app.clock.advance_ms(waits.run_at_ms - node.clock.now_ms());
            until("it was tried", async || carrier.begun() > usize::try_from(attempt).expect("small")).await;
        }
        until_state(&node, id, JobState::Dead).await;
        assert_eq!((carrier.begun(), job(&node, id).await.attempts), (7, 7));
        let tries = node.store.job_tries(id).await.expect("read");
        assert_eq!((tries.len(), tries[6].outcome, tries[6].excerpt.as_str()), (7, TryOutcome::Dead, "no"));
        assert_eq!(app.database.number("SELECT COUNT(*) FROM jobs WHERE payload LIKE '%s3cret%'").await, 0);
        worker.stop().await;
    }

    async fn a_stop_lets_jobs_finish_and_gives_back_the_rest(app: TestApp) {
        let (node, carrier) = node(&app).await;
        let first = worker(&node);
        let id = enqueue(&node, "a", "hang 1").await;
        until("it has begun", async || carrier.begun() == 1).await;
        first.stop().await;
        let given_back = job(&node, id).await;
        assert_eq!((given_back.state, given_back.attempts), (JobState::Ready, 0));
        let second = worker(&node);
        until("another began", async || carrier.begun() == 2).await;
        second.stop().await;
        let outcomes: Vec<_> = node.store.job_tries(id).await.expect("read").iter().map(|it| it.outcome).collect();
        assert_eq!(outcomes, [TryOutcome::HandedBack, TryOutcome::HandedBack]);
    }

    async fn two_workers_do_500_jobs_once_each(app: TestApp) {
        let (one, first) = node(&app).await;
        let (two, second) = node(&app).await;
        let workers = [worker(&one), worker(&two)];
        for number in 0..500 {
            let on = if number % 2 == 0 { &one } else { &two };
            enqueue(on, &format!("l{}", number % 9), &format!("ok {number}")).await;
        }
        let done = "SELECT COUNT(*) FROM jobs WHERE state = 'done' AND attempts = 1";
        until("all are done", async || app.database.number(done).await == 500).await;
        assert_eq!(first.begun() + second.begun(), 500);
        for worker in workers {
            worker.stop().await;
        }
    }

    async fn a_job_of_a_node_that_died_is_done_by_another_but_no_clock_takes_it_away(app: TestApp) {
        let (one, first) = node(&app).await;
        let (two, second) = node(&app).await;
        let dying = worker(&one);
        let id = enqueue(&one, "a", "hang 1").await;
        until("it has begun", async || first.begun() == 1).await;
        let other = worker(&two);
        // A day forward and back again, while both look at it.
        for jump in [DAY_MS, -2 * DAY_MS, DAY_MS] {
            app.clock.jump_ms(jump);
            tokio::time::sleep(Duration::from_millis(2_600)).await;
        }
        assert_eq!((first.begun(), second.begun(), job(&one, id).await.attempts), (1, 0, 1));
        drop(dying);
        until("the other began", async || {
            app.clock.advance_ms(10_000);
            tokio::time::sleep(Duration::from_millis(500)).await;
            second.begun() == 1
        }).await;
        assert_eq!(job(&two, id).await.attempts, 2);
        other.stop().await;
    }

    async fn a_database_that_is_gone_for_a_while_loses_and_repeats_nothing(app: TestApp) {
        let (node, carrier) = node(&app).await;
        let worker = worker(&node);
        for round in 0..5 {
            for number in 0..20 {
                enqueue(&node, &format!("l{number}"), &format!("ok {round} {number}")).await;
            }
            app.database.close_connections().await;
            let held = app.database.hold_writes().await;
            tokio::time::sleep(Duration::from_millis(100)).await;
            held.release().await;
        }
        let done = "SELECT COUNT(*) FROM jobs WHERE state = 'done'";
        until("all are done", async || app.database.number(done).await == 100 || {
            // What was claimed when the connection broke is found again by its silence.
            app.clock.advance_ms(5_000);
            false
        }).await;
        let carried = carrier.carried.lock().expect("no panic").len();
        assert_eq!(carried, 100, "the worker lived on: nothing had to be repeated");
        worker.stop().await;
    }

    async fn a_job_begins_at_once_on_another_node(app: TestApp) {
        let (one, first) = node(&app).await;
        let asleep = Settings { poll_ms: 60_000, ..settings() };
        let worker = Worker::start_without_schedules(one.clone(), asleep);
        let warm = enqueue(&one, "a", "ok warm").await;
        until_state(&one, warm, JobState::Done).await;
        // Without Redis nodes cannot speak to each other: there, this node itself.
        let (two, _) = node(&app).await;
        let here = if app.database.redis_url.is_some() { &two } else { &one };
        let began = Instant::now();
        let id = enqueue(here, "a", "ok 1").await;
        until_state(&one, id, JobState::Done).await;
        assert_eq!(first.count("ok 1"), 1);
        assert!(began.elapsed() < Duration::from_secs(30), "it was told, and did not only look by itself: {:?}", began.elapsed());
        worker.stop().await;
    }
}
