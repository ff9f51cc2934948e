//! The first start: no default password, and a link that works once.

use formhold_domain::{Bearer, access::Actor};
use formhold_service::{
    ServiceError, demo,
    first_run::{self, FirstAdmin},
    sessions,
    sign_in::{self, Step},
};
use formhold_testkit::on_both_stacks;
use futures_util::future::join_all;

use super::{operator, user, visitor};

const ADMIN: FirstAdmin<'static> = FirstAdmin {
    name: "Ada",
    email: "ada@example.org",
    password: "correct horse, battery",
    workspace: Some("Garden club"),
};

fn secret_of(link: &str) -> Bearer {
    let (_, token) = link.split_once("/setup?token=").expect("a link");
    Bearer::parse(token).expect("a secret")
}

on_both_stacks! {
    async fn a_demonstration_shows_a_sign_in_once_and_only_where_nothing_is_in_use(app: TestApp) {
        let shown = demo::admin(&app.app).await.expect("an answer").expect("an administrator");
        let step = sign_in::by_password(&app.app, &visitor(), shown.email, &shown.password).await;
        assert!(matches!(step, Ok(Step::Done(_))), "{step:?}");
        assert!(demo::admin(&app.app).await.expect("an answer").is_none(), "once");
        assert!(first_run::is_done(&app.app).await.expect("an answer"), "no link opens it a second time");
        app.database.execute("DELETE FROM users").await;
        assert!(demo::admin(&app.app).await.expect("an answer").is_none(), "not by deleting users either");
    }

    async fn a_demonstration_makes_nobody_an_administrator_of_forms_that_are_there(app: TestApp) {
        app.form(serde_json::json!({})).await;
        assert!(demo::admin(&app.app).await.expect("an answer").is_none());
        assert_eq!(app.database.number("SELECT COUNT(*) FROM users").await, 0);
    }

    async fn of_twenty_who_use_the_link_at_once_exactly_one_gets_in(app: TestApp) {
        assert!(!first_run::is_done(&app.app).await.expect("an answer"));
        let secret = secret_of(&first_run::open(&app.app));
        let caller = visitor();
        let tries = join_all((0..20).map(|_| first_run::set_up(&app.app, &caller, &secret, &ADMIN))).await;
        let (good, bad): (Vec<_>, Vec<_>) = tries.into_iter().partition(Result::is_ok);
        assert_eq!((good.len(), bad.len()), (1, 19));
        assert_eq!(app.app.store.count_users().await.expect("a count"), 1);
        let opened = good.into_iter().next().expect("one").expect("a session");
        let actor = sessions::actor_of_session(&app.app, &opened.secret).await.expect("an actor");
        let Actor::Person(person) = actor else { panic!("{actor:?} is nobody") };
        assert!(person.is_admin());
        assert!(!first_run::is_open(&app.app, &secret), "the link died");
        let again = first_run::set_up(&app.app, &caller, &secret, &ADMIN).await;
        assert!(matches!(again, Err(ServiceError::DeadLink)), "{again:?}");
    }

    async fn two_nodes_with_a_link_each_make_one_administrator(app: TestApp) {
        let other = app.second_node().await;
        let (here, there) = (first_run::open(&app.app), first_run::open(&other));
        assert!(!first_run::is_open(&other, &secret_of(&here)), "each node knows its own link only");
        let caller = visitor();
        let (here, there) = (secret_of(&here), secret_of(&there));
        let (one, two) = tokio::join!(
            first_run::set_up(&app.app, &caller, &here, &ADMIN),
            first_run::set_up(&other, &caller, &there, &ADMIN),
        );
        assert_eq!([one.is_ok(), two.is_ok()].iter().filter(|ok| **ok).count(), 1);
        assert_eq!(app.app.store.count_users().await.expect("a count"), 1);
    }

    async fn an_instance_without_users_stays_set_up(app: TestApp) {
        let link = secret_of(&first_run::open(&app.app));
        user(&app, "first@example.org", formhold_domain::access::InstanceRole::User).await;
        assert!(first_run::is_done(&app.app).await.expect("an answer"), "a user was made otherwise");
        app.database.execute("DELETE FROM users").await;
        assert!(first_run::is_done(&app.app).await.expect("an answer"), "also when all are gone");
        let tried = first_run::set_up(&app.app, &visitor(), &link, &ADMIN).await;
        assert!(matches!(tried, Err(ServiceError::DeadLink)), "{tried:?}");
        let tried = first_run::create_admin(&app.app, &operator(), &ADMIN).await;
        assert!(matches!(tried, Err(ServiceError::DeadLink)), "{tried:?}");
    }

    async fn a_link_outlives_a_mistake_in_the_form(app: TestApp) {
        let secret = secret_of(&first_run::open(&app.app));
        let wrong = FirstAdmin { email: "ada", password: "password", name: " ", workspace: None };
        let Err(ServiceError::Invalid(problems)) =
            first_run::set_up(&app.app, &visitor(), &secret, &wrong).await
        else {
            panic!("three mistakes are refused");
        };
        let found: Vec<_> = problems.iter().map(|it| (it.field, it.code)).collect();
        assert_eq!(found, [("name", "WRONG_NAME"), ("email", "NOT_EMAIL"), ("password", "TOO_COMMON")]);
        first_run::set_up(&app.app, &visitor(), &secret, &ADMIN).await.expect("the link still works");
        let first = app.app.store.list_workspaces(None, None, 10).await.expect("a list");
        assert_eq!((first.len(), first[0].workspace.name.as_str(), first[0].members), (1, "Garden club", 1));
    }
}
