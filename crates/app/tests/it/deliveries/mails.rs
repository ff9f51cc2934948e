//! Mails to owners and submitters, and letters about accounts.

use formhold_domain::{Limit, access::InstanceRole, job::JobState};
use formhold_service::users::{self, UserIn};
use formhold_testkit::{Stack, TestApp};
use serde_json::json;

use super::{channel, jobs_of, mail_server::MailServer, operator, until};

async fn app(stack: Stack, server: &MailServer, per_recipient: &str) -> TestApp {
    let url = format!("smtp://{}", server.address);
    let limit = Limit::At(per_recipient.parse().expect("a quota"));
    TestApp::start_with(stack, |settings| {
        settings.mail.smtp_url = url.into();
        settings.mail.from = "Forms <forms@example.org>".to_owned();
        settings.limits.mails_recipient = limit;
    })
    .await
}

macro_rules! on_both_stacks_with_mail {
    ($(async fn $name:ident($app:ident, $server:ident) $body:block)+) => {$(
        mod $name {
            use super::*;

            async fn on(stack: Stack) {
                let $server = MailServer::start().await;
                let $app = app(stack, &$server, "3/hour").await;
                $body
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn on_sqlite() {
                on(Stack::Sqlite).await;
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn on_mariadb() {
                if Stack::MariaDb.is_there() {
                    on(Stack::MariaDb).await;
                }
            }
        }
    )+};
}

on_both_stacks_with_mail! {
    async fn owner_and_submitter_get_a_mail_each(app, server) {
        let form = app.form(json!({})).await;
        channel(&app.app, &form, "email", json!({ "to": ["owner@example.org", "second@example.org"] })).await;
        channel(&app.app, &form, "confirmation", json!({})).await;
        let fields = [("email", "ada@example.org"), ("message", "Hello"), ("_subject", "Tour\r\nBcc: evil@example.org")];
        assert_eq!(app.post("/f/test", &fields).await.0, 200);
        until("all arrived", async || server.arrived().len() == 3).await;
        let mut recipients: Vec<_> = server.arrived().into_iter().flat_map(|mail| mail.recipients).collect();
        recipients.sort();
        assert_eq!(recipients, ["ada@example.org", "owner@example.org", "second@example.org"]);
        for mail in server.arrived() {
            assert_eq!(mail.headers("to").len(), 1, "{}", mail.content);
            assert!(mail.headers("bcc").is_empty(), "{}", mail.content);
            assert_eq!(mail.headers("message-id").len(), 1);
        }
        let of_owner = server.arrived().into_iter().find(|mail| mail.recipients == ["owner@example.org"]).expect("a mail");
        assert_eq!(of_owner.headers("reply-to"), ["ada@example.org"]);
    }

    async fn a_server_that_wants_us_back_later_gets_the_same_mail_then(app, server) {
        server.refuse_next("451 4.7.1 try again later");
        let form = app.form(json!({})).await;
        channel(&app.app, &form, "email", json!({ "to": ["owner@example.org"] })).await;
        assert_eq!(app.post("/f/test", &[("name", "Ada")]).await.0, 200);
        until("it waits", async || jobs_of(&app.app).await[0].state == JobState::Later).await;
        assert!(server.arrived().is_empty());
        app.clock.advance_ms(60_000);
        until("it is done", async || jobs_of(&app.app).await[0].state == JobState::Done).await;
        assert_eq!(server.arrived().len(), 1);
    }

    async fn nobody_is_flooded_through_a_form(app, server) {
        let form = app.form(json!({})).await;
        channel(&app.app, &form, "confirmation", json!({})).await;
        for number in 0..10 {
            let address = if number % 2 == 0 { "victim@example.org" } else { "Victim@Example.org" };
            assert_eq!(app.post("/f/test", &[("email", address), ("n", &number.to_string())]).await.0, 200);
        }
        until("all were tried", async || jobs_of(&app.app).await.iter().all(|job| matches!(job.state, JobState::Done | JobState::Dead))).await;
        assert_eq!(server.arrived().len(), 3);
        app.clock.advance_ms(3_600_000);
        let sent = jobs_of(&app.app).await.iter().filter(|job| job.state == JobState::Done).count();
        assert_eq!(sent, 3, "what was too much is not sent later");
    }

    async fn letters_about_accounts_go_by_mail(app, server) {
        let new = UserIn {
            name: "Hanna".to_owned(),
            email: "hanna@example.org".to_owned(),
            role: InstanceRole::User,
            language: None,
            password: None,
        };
        users::create_user(&app.app, &operator(), new).await.expect("a user");
        until("it arrived", async || server.arrived().len() == 1).await;
        let mail = &server.arrived()[0];
        assert_eq!(mail.recipients, ["hanna@example.org"]);
        assert!(mail.content.contains("token="), "{}", mail.content);
        until("its link is gone", async || app.database.number("SELECT COUNT(*) FROM jobs WHERE payload <> ''").await == 0).await;
    }
}
