//! Letters about accounts: stored with the change, carried once, and then forgotten.

use formhold_domain::{access::InstanceRole, job::JobState};
use formhold_service::{
    jobs,
    users::{self, UserIn},
};
use formhold_testkit::{files_below, on_both_stacks};

use super::{node, operator, until, worker};

fn somebody(email: &str) -> UserIn {
    UserIn {
        name: "Hanna".to_owned(),
        email: email.to_owned(),
        role: InstanceRole::User,
        language: None,
        password: None,
    }
}

on_both_stacks! {
    async fn a_letter_is_carried_and_its_link_is_nowhere_afterwards(app: TestApp) {
        users::create_user(&app.app, &operator(), somebody("hanna@example.org")).await.expect("a user");
        let folder = app.database.folder.path().join("mail");
        until("the letter is there", async || folder.exists() && files_below(&folder).len() == 1).await;
        let text = std::fs::read_to_string(&files_below(&folder)[0]).expect("a letter");
        let secret = text.split_once("token=").expect("a link").1.split_whitespace().next().expect("a secret").to_owned();
        until("it is done", async || app.database.number("SELECT COUNT(*) FROM jobs WHERE state = 'done'").await == 1).await;
        let leaks = format!("SELECT (SELECT COUNT(*) FROM jobs WHERE payload <> '' OR last_error LIKE '%{secret}%') + (SELECT COUNT(*) FROM job_tries WHERE excerpt LIKE '%{secret}%') + (SELECT COUNT(*) FROM audit_entries WHERE details LIKE '%{secret}%')");
        assert_eq!(app.database.number(&leaks).await, 0);
    }

    async fn a_change_that_fails_leaves_no_letter_and_one_that_lasts_loses_none_at_a_crash(app: TestApp) {
        let (node, carrier) = node(&app).await;
        users::create_user(&node, &operator(), somebody("hanna@example.org")).await.expect("a user");
        let again = users::create_user(&node, &operator(), somebody("hanna@example.org")).await;
        assert!(again.is_err(), "the address has an account");
        assert_eq!(app.database.number("SELECT COUNT(*) FROM jobs").await, 1);
        // Nobody was there to do it, as after a kill right behind the commit.
        assert_eq!(carrier.begun(), 0);
        let worker = worker(&node);
        until("it is carried", async || carrier.count("Hanna") == 1).await;
        worker.stop().await;
        let all = jobs::list_jobs(&node, &operator(), &jobs::JobFilter::default(), None, 9).await.expect("a list");
        assert_eq!((all.len(), all[0].state, all[0].can_run), (1, JobState::Done, false));
    }
}
