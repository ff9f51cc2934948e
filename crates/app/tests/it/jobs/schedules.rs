//! Schedules: each tick once, whoever looks and whatever the clock does.

use formhold_domain::{
    access::InstanceRole,
    job::{JobKind, JobState},
};
use formhold_jobs::Worker;
use formhold_service::{
    ServiceError, audit,
    jobs::{self, schedules},
    users::{self, UserIn},
};
use formhold_testkit::on_both_stacks;

use super::{node, operator, schedule_count, settings, until, until_state};

const MINUTE_MS: i64 = 60 * 1000;
const DAY_MS: i64 = 24 * 60 * MINUTE_MS;
const KIND: JobKind = JobKind::TrimAudit;

fn next_minute(after_ms: i64) -> i64 {
    (after_ms / MINUTE_MS + 1) * MINUTE_MS
}

on_both_stacks! {
    async fn of_two_nodes_one_has_each_tick_and_no_clock_repeats_one(app: TestApp) {
        let (one, _) = node(&app).await;
        let two = app.second_node().await;
        let both = async || {
            let (a, b) = tokio::join!(schedules::tick(&one, KIND, next_minute), schedules::tick(&two, KIND, next_minute));
            usize::from(a.expect("an answer")) + usize::from(b.expect("an answer"))
        };
        assert_eq!(both().await, 0, "the first look only writes down when it is time");
        let ticks = 150;
        for _ in 0..ticks {
            app.clock.advance_ms(MINUTE_MS);
            assert_eq!(both().await, 1);
            app.database.execute("UPDATE jobs SET state = 'done'").await;
        }
        app.clock.jump_ms(-DAY_MS);
        assert_eq!(both().await, 0, "a clock that is set back repeats nothing");
        app.clock.jump_ms(DAY_MS);
        assert_eq!(both().await, 0);
        app.clock.advance_ms(DAY_MS);
        assert_eq!(both().await, 1, "what passed while nobody looked is one tick");
        app.clock.advance_ms(MINUTE_MS);
        assert_eq!(both().await, 0, "the last one has not ended");
        assert_eq!(app.database.number("SELECT COUNT(*) FROM jobs").await, ticks + 1);
        // A clock that stood years ahead, and was put right.
        app.database.execute("UPDATE jobs SET state = 'done'").await;
        app.clock.jump_ms(3650 * DAY_MS);
        assert_eq!(both().await, 1);
        app.database.execute("UPDATE jobs SET state = 'done'").await;
        app.clock.jump_ms(-3650 * DAY_MS);
        assert_eq!(both().await, 0);
        app.clock.advance_ms(MINUTE_MS);
        assert_eq!(both().await, 1, "goes on in the right time");
    }

    async fn a_worker_does_what_is_scheduled_and_says_what_it_did(app: TestApp) {
        let (mut node, _) = node(&app).await;
        node.auth.audit_days = 1;
        let user = UserIn { name: "Ada".to_owned(), email: "ada@example.org".to_owned(), role: InstanceRole::User, language: None, password: Some("correct horse, battery".to_owned()) };
        users::create_user(&node, &operator(), user).await.expect("a user");
        let worker = Worker::start(node.clone(), settings());
        until("schedules are known", async || node.store.schedules().await.expect("read").len() == schedule_count()).await;
        app.clock.advance_ms(2 * DAY_MS);
        until("all have run", async || {
            let all = schedules::list_schedules(&node, &operator()).await.expect("a list");
            all.len() == schedule_count() && all.iter().all(|it| it.last_job.as_ref().is_some_and(|job| job.state == JobState::Done))
        }).await;
        let all = schedules::list_schedules(&node, &operator()).await.expect("a list");
        let trim = all.iter().find(|it| it.kind == KIND).expect("there");
        assert_eq!(trim.last_try.as_ref().expect("a try").excerpt, "removed 1 entries");
        assert!(trim.schedule.as_ref().expect("known").next_at_ms > node.clock.now_ms());

        let id = schedules::run_schedule(&node, &operator(), "forget-keys").await.expect("begun");
        until_state(&node, id, JobState::Done).await;
        let unknown = schedules::run_schedule(&node, &operator(), "letter").await;
        assert!(matches!(unknown, Err(ServiceError::NotFound(_))), "{unknown:?}");
        worker.stop().await;
        schedules::run_schedule(&node, &operator(), "forget-keys").await.expect("enqueued");
        let again = schedules::run_schedule(&node, &operator(), "forget-keys").await;
        assert!(matches!(again, Err(ServiceError::Conflict(_))), "{again:?}");
    }

    async fn a_worker_that_was_frozen_removes_nothing(app: TestApp) {
        let (mut node, _) = node(&app).await;
        node.auth.audit_days = 1;
        schedules::run_schedule(&node, &operator(), "trim-audit").await.expect("enqueued");
        let lanes = [("self".to_owned(), 1)];
        let round = jobs::Round { node: "frozen", now_ms: node.clock.now_ms(), ended: &[], lanes: &lanes, most: 1, kinds: &[KIND], look_for_due: false };
        let (claimed, _) = node.store.work_round(round).await.expect("claimed");
        let claim = claimed[0].claim;
        app.clock.advance_ms(2 * DAY_MS);
        let beats = node.store.beats().await.expect("read");
        node.store.let_go(&beats, node.clock.now_ms()).await.expect("let go");
        let frozen = audit::trim_while(&node, Some(claim)).await;
        assert!(matches!(frozen, Err(ServiceError::Conflict(_))), "{frozen:?}");
        assert_eq!(app.database.number("SELECT COUNT(*) FROM audit_entries").await, 1);
        let (claimed, _) = node.store.work_round(round).await.expect("claimed");
        assert_eq!(audit::trim_while(&node, Some(claimed[0].claim)).await.expect("trimmed"), 1);
    }

    async fn old_keys_and_old_jobs_are_forgotten(app: TestApp) {
        let (node, _) = node(&app).await;
        app.form(serde_json::json!({})).await;
        for number in 0..3 {
            let key = format!("k{number}");
            let request = app.client.post(app.url("/f/test")).header("idempotency-key", key);
            let reply = request.form(&[("name", "Ada")]).send().await.expect("a reply");
            assert!(reply.status().is_redirection() || reply.status().is_success());
        }
        let keys = "SELECT COUNT(*) FROM idempotency_keys";
        assert_eq!(app.database.number(keys).await, 3);
        app.clock.advance_ms(2 * DAY_MS);
        assert_eq!(formhold_service::submissions::forget_keys(&node).await.expect("done"), 0);
        app.clock.advance_ms(2 * DAY_MS);
        assert_eq!(formhold_service::submissions::forget_keys(&node).await.expect("done"), 3);
        assert_eq!(app.database.number(keys).await, 0);
    }
}
