//! What was kept as long as it should be goes, with all that hangs on it, and nothing else.

use formhold_domain::{InboxAct, SubmissionState};
use formhold_service::{
    jobs::schedules,
    retention,
    submissions::{deeds::Deed, inbox},
};
use formhold_testkit::on_both_stacks;
use serde_json::json;

use super::{job, operator, until};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

on_both_stacks! {
    async fn each_state_is_kept_as_long_as_the_form_or_the_settings_say(app: TestApp) {
        let short = app.form(json!({ "slug": "short", "retention": { "submissions_days": 10, "trash_days": 2 } })).await;
        let usual = app.form(json!({ "slug": "usual" })).await;
        for slug in ["short", "usual"] {
            for number in 0..3 {
                assert_eq!(app.post(&format!("/f/{slug}"), &[("n", &number.to_string())]).await.0, 200);
            }
        }
        for form in [&short, &usual] {
            let id = app.submissions(form).await[0].id;
            let trash = Deed::Act(InboxAct::MoveTo(SubmissionState::Trash));
            inbox::act(&app.app, &operator(), form.identity.id, &[id], &trash).await.expect("moved");
        }
        let due = async || {
            let due = retention::plan(&app.app).await.expect("a plan");
            due.into_iter().map(|due| (due.slug, due.state, due.submissions)).collect::<Vec<_>>()
        };
        let run = async || {
            let id = schedules::run_schedule(&app.app, &operator(), "delete-due").await.expect("enqueued");
            until("it is done", async || job(&app.app, id).await.finished_at_ms.is_some()).await;
        };
        let left = async |form| app.submissions(form).await.len();
        assert_eq!(due().await, []);
        app.clock.advance_ms(3 * DAY_MS);
        assert_eq!(due().await, [("short".to_owned(), SubmissionState::Trash, 1)]);
        run().await;
        assert_eq!((left(&short).await, left(&usual).await, due().await), (2, 3, vec![]));
        app.clock.advance_ms(8 * DAY_MS);
        assert_eq!(due().await, [("short".to_owned(), SubmissionState::Inbox, 2)]);
        run().await;
        assert_eq!((left(&short).await, left(&usual).await), (0, 3));
        app.clock.advance_ms(20 * DAY_MS);
        assert_eq!(due().await, [("usual".to_owned(), SubmissionState::Trash, 1)]);
        run().await;
        assert_eq!(left(&usual).await, 2, "the inbox is kept for ever");
        assert_eq!(app.database.number("SELECT COUNT(*) FROM submission_handlings").await, 0);
        assert_eq!(app.database.number("SELECT COUNT(*) FROM audit_entries WHERE action = 'submission.delete' AND details LIKE '%retention%'").await, 3);
    }
}
