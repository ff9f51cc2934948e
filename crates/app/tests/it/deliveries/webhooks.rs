//! Webhooks: what arrives, what is tried again, and what is given up.

use formhold_domain::{
    InboxAct, SubmissionState,
    job::{JobState, TryOutcome},
    spam::Lesson,
};
use formhold_jobs::Worker;
use formhold_service::{
    channels, jobs,
    submissions::{self, deeds::Deed, inbox},
};
use formhold_testkit::on_both_stacks;
use serde_json::{Value, json};

use super::{channel, jobs_of, operator, receiver::Receiver, until};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

on_both_stacks! {
    async fn a_submission_is_told_with_a_signature_and_its_outcome_is_kept(app: TestApp) {
        let receiver = Receiver::start([]).await;
        let form = app.form(json!({ "fields": [{ "name": "name", "type": "text", "label": "Your name" }] })).await;
        channel(&app.app, &form, "webhook", json!({ "url": receiver.url() })).await;
        let (status, reply) = app.post("/f/test", &[("name", "Ada \u{1f980}")]).await;
        assert_eq!(status, 200, "{reply}");
        until("it arrived", async || receiver.arrived().len() == 1).await;
        let arrived = &receiver.arrived()[0];
        let told: Value = serde_json::from_str(&arrived.body).expect("JSON");
        assert_eq!(told["type"], "submission.created");
        assert_eq!(told["data"]["fields"]["name"], "Ada \u{1f980}");
        assert_eq!(told["data"]["answers"][0]["label"], "Your name");
        let job = &jobs_of(&app.app).await[0];
        assert_eq!(arrived.header("webhook-id"), format!("msg_{}", job.id.0.simple()));
        assert!(arrived.header("webhook-signature").starts_with("v1,"));
        until("it is done", async || jobs_of(&app.app).await[0].state == JobState::Done).await;
        let tries = jobs::show_job(&app.app, &operator(), job.id).await.expect("a job").tries;
        assert_eq!((tries.len(), tries[0].outcome, tries[0].status, tries[0].excerpt.as_str()), (1, TryOutcome::Done, Some(200), "busy"));
        let submission = &app.submissions(&form).await[0];
        assert_eq!(job.about.submission_id, Some(submission.id));
    }

    async fn what_fails_is_tried_again_with_the_same_id_and_content(app: TestApp) {
        let receiver = Receiver::start(["500 Oops", "302 Elsewhere\r\nlocation: http://127.0.0.1:1/", "503 Later\r\nretry-after: 3600"]).await;
        let form = app.form(json!({})).await;
        let hook = channel(&app.app, &form, "webhook", json!({ "url": receiver.url() })).await;
        assert_eq!(app.post("/f/test", &[("name", "Ada")]).await.0, 200);
        for number in 1..=3 {
            until("it waits for another try", async || {
                let job = &jobs_of(&app.app).await[0];
                (job.state, job.attempts) == (JobState::Later, number)
            }).await;
            let job = &jobs_of(&app.app).await[0];
            let waits_ms = job.run_at_ms - app.app.clock.now_ms();
            let least = [5_000, 300_000, 3_600_000][number as usize - 1];
            assert!((least..=least * 6 / 5 + 1_000).contains(&waits_ms), "after try {number}: {waits_ms} ms");
            assert!(channels::get_channel(&app.app, &operator(), hook.id).await.expect("there").failing_since_ms.is_some());
            app.clock.advance_ms(waits_ms);
        }
        until("it is done", async || jobs_of(&app.app).await[0].state == JobState::Done).await;
        let arrived = receiver.arrived();
        assert_eq!(arrived.len(), 4);
        for one in &arrived {
            assert_eq!(one.header("webhook-id"), arrived[0].header("webhook-id"));
            assert_eq!(one.body, arrived[0].body);
        }
        until("it is well", async || channels::get_channel(&app.app, &operator(), hook.id).await.expect("there").failing_since_ms.is_none()).await;
    }

    async fn a_receiver_that_is_gone_switches_its_channel_off_and_the_others_stay(app: TestApp) {
        let gone = Receiver::start(["410 Gone"]).await;
        let well = Receiver::start([]).await;
        let form = app.form(json!({})).await;
        let off = channel(&app.app, &form, "webhook", json!({ "url": gone.url() })).await;
        channel(&app.app, &form, "webhook", json!({ "url": well.url() })).await;
        assert_eq!(app.post("/f/test", &[("name", "Ada")]).await.0, 200);
        until("both were tried", async || jobs_of(&app.app).await.iter().all(|job| matches!(job.state, JobState::Done | JobState::Dead))).await;
        let view = channels::get_channel(&app.app, &operator(), off.id).await.expect("there");
        assert!(!view.is_on && view.off_reason.as_deref().is_some_and(|why| why.contains("410")), "{view:?}");
        assert_eq!(app.database.number("SELECT COUNT(*) FROM audit_entries WHERE action = 'channel.off'").await, 1);
        assert_eq!(app.post("/f/test", &[("name", "Bob")]).await.0, 200);
        until("the other arrived", async || well.arrived().len() == 2).await;
        assert_eq!((gone.arrived().len(), jobs_of(&app.app).await.len()), (1, 3), "nothing more is made for it");
    }

    async fn five_days_of_failures_switch_a_channel_off(app: TestApp) {
        let receiver = Receiver::start(std::iter::repeat_n("500 Oops", 50)).await;
        let form = app.form(json!({})).await;
        let hook = channel(&app.app, &form, "webhook", json!({ "url": receiver.url() })).await;
        let is_on = async || channels::get_channel(&app.app, &operator(), hook.id).await.expect("there").is_on;
        assert_eq!(app.post("/f/test", &[("name", "Ada")]).await.0, 200);
        until("it failed once", async || jobs_of(&app.app).await[0].attempts == 1).await;
        until("that is noted", async || channels::get_channel(&app.app, &operator(), hook.id).await.expect("there").failing_since_ms.is_some()).await;
        assert!(is_on().await);
        app.clock.advance_ms(5 * DAY_MS);
        until("it is off", async || !is_on().await).await;
        let view = channels::get_channel(&app.app, &operator(), hook.id).await.expect("there");
        assert!(view.off_reason.as_deref().is_some_and(|why| why.contains("five days")), "{view:?}");
    }

    async fn spam_is_told_of_when_somebody_says_that_it_is_none_and_only_once(app: TestApp) {
        let receiver = Receiver::start([]).await;
        let form = app.form(json!({ "honeypot": "website" })).await;
        channel(&app.app, &form, "webhook", json!({ "url": receiver.url() })).await;
        app.post("/f/test", &[("name", "Ada"), ("website", "http://x")]).await;
        let submission = app.submissions(&form).await.remove(0);
        assert_eq!(submission.state, SubmissionState::Spam);
        assert!(jobs_of(&app.app).await.is_empty(), "nobody is told of spam");
        for lesson in [Lesson::Ham, Lesson::Spam, Lesson::Ham] {
            submissions::review::mark_submission(&app.app, &operator(), submission.id, lesson).await.expect("marked");
            if lesson == Lesson::Ham {
                until("it arrived", async || receiver.arrived().len() == 1).await;
            }
        }
        assert_eq!(jobs_of(&app.app).await.len(), 1);
    }

    async fn what_is_moved_out_of_the_spam_folder_in_bulk_is_told_of(app: TestApp) {
        let receiver = Receiver::start([]).await;
        let form = app.form(json!({ "honeypot": "website" })).await;
        channel(&app.app, &form, "webhook", json!({ "url": receiver.url() })).await;
        for number in 0..3 {
            app.post("/f/test", &[("n", &number.to_string()), ("website", "http://x")]).await;
        }
        let ids: Vec<_> = app.submissions(&form).await.iter().map(|it| it.id).collect();
        let move_to = |state| Deed::Act(InboxAct::MoveTo(state));
        for state in [SubmissionState::Inbox, SubmissionState::Spam, SubmissionState::Archive] {
            inbox::act(&app.app, &operator(), form.identity.id, &ids, &move_to(state)).await.expect("moved");
            until("all arrived", async || receiver.arrived().len() == 3).await;
        }
        until("all are done", async || jobs_of(&app.app).await.iter().all(|job| job.state == JobState::Done)).await;
        assert_eq!((jobs_of(&app.app).await.len(), receiver.arrived().len()), (3, 3));
    }

    async fn a_channel_that_is_deleted_or_off_gets_nothing_more(app: TestApp) {
        let receiver = Receiver::start([]).await;
        let form = app.form(json!({})).await;
        let one = channel(&app.app, &form, "webhook", json!({ "url": receiver.url() })).await;
        app.stop_worker().await;
        assert_eq!(app.post("/f/test", &[("name", "Ada")]).await.0, 200);
        channels::delete_channel(&app.app, &operator(), one.id, Some(1)).await.expect("deleted");
        let worker = Worker::start_without_schedules(app.app.clone(), app.settings().jobs.clone());
        until("it was given up", async || jobs_of(&app.app).await[0].state == JobState::Dead).await;
        let why = jobs_of(&app.app).await[0].last_error.clone();
        assert_eq!(why.as_deref(), Some("the channel was deleted"));
        assert_eq!(app.post("/f/test", &[("name", "Bob")]).await.0, 200);
        assert_eq!((jobs_of(&app.app).await.len(), receiver.arrived().len()), (1, 0));
        worker.stop().await;
    }

    async fn secrets_of_a_channel_are_never_shown_and_go_when_its_address_changes(app: TestApp) {
        let form = app.form(json!({})).await;
        let hook = channel(&app.app, &form, "webhook", json!({ "url": "https://example.org/a" })).await;
        let stored = "SELECT COUNT(*) FROM channels WHERE config LIKE '%whsec_%'";
        assert_eq!(app.database.number(stored).await, 1);
        assert!(!format!("{hook:?}").contains("whsec_"), "{hook:?}");
        let before = app.app.store.find_channel(hook.id).await.expect("read").expect("there").config;
        let patch = |url: &str| channels::ChannelIn { config: json!({ "url": url }).as_object().cloned(), ..channels::ChannelIn::default() };
        let same = channels::change_channel(&app.app, &operator(), hook.id, Some(1), patch("https://example.org/a")).await.expect("unchanged");
        assert_eq!(same.version, 1);
        let moved = channels::change_channel(&app.app, &operator(), hook.id, Some(1), patch("https://example.org/b")).await.expect("changed");
        assert_eq!(moved.version, 2);
        let after = app.app.store.find_channel(hook.id).await.expect("read").expect("there").config;
        let secret = |config: &str| serde_json::from_str::<Value>(config).expect("JSON")["secret"].as_str().expect("a secret").to_owned();
        assert_ne!(secret(&before), secret(&after), "the old receiver cannot sign for the new one");
        let stale = channels::change_channel(&app.app, &operator(), hook.id, Some(1), patch("https://example.org/c")).await;
        assert!(stale.is_err(), "{stale:?}");
        let leaks = format!("SELECT COUNT(*) FROM audit_entries WHERE details LIKE '%{}%'", secret(&after));
        assert_eq!(app.database.number(&leaks).await, 0);
    }
}
