//! Signing in, and what ends it.

use formhold_domain::{
    Bearer, EmailAddress, UserId,
    access::{Actor, InstanceRole},
    accounts::UserState,
};
use formhold_identity::{recovery_codes::RecoveryCode, totp::TotpSecret};
use formhold_service::{
    App, ServiceError, forgotten,
    sessions::{self, Opened},
    sign_in::{self, Refused, Step, Ticket},
    users::{self, UserPatch},
};
use formhold_testkit::{TestApp, on_both_stacks};
use futures_util::future::join_all;

use super::{PASSWORD, operator, signed_in, try_password, user, visitor};

const HOUR_MS: i64 = 60 * 60 * 1000;

async fn is_signed_in(node: &App, opened: &Opened) -> bool {
    let actor = sessions::actor_of_session(node, &opened.secret).await.expect("an actor");
    matches!(actor, Actor::Person(_))
}

async fn link_token(app: &TestApp, id: UserId) -> Bearer {
    let link = forgotten::password_link(&app.app, &operator(), id).await.expect("a link");
    let (_, token) = link.split_once("/reset?token=").expect("a link");
    Bearer::parse(token).expect("a secret")
}

async fn ticket(app: &TestApp, email: &str) -> Ticket {
    match try_password(app, email, PASSWORD).await.expect("the password is right") {
        Step::Factor(ticket) => ticket,
        Step::Done(_) => panic!("a second factor is set"),
    }
}

on_both_stacks! {
    async fn only_the_right_password_of_an_account_in_use_opens_it(app: TestApp) {
        let id = user(&app, "Hanna@Example.org", InstanceRole::User).await;
        assert!(is_signed_in(&app.app, &signed_in(&app, " hanna@example.ORG ").await).await);
        let too_long = "x".repeat(1025);
        for (email, password) in [
            ("hanna@example.org", "correct horse, batterY"),
            ("hanna@example.org", ""),
            ("hanna@example.org", too_long.as_str()),
            ("nobody@example.org", PASSWORD),
            ("no address", PASSWORD),
        ] {
            let refused = try_password(&app, email, password).await;
            assert!(matches!(refused, Err(Refused::Wrong)), "{email}: {refused:?}");
        }
        users::set_user_state(&app.app, &operator(), id, UserState::Disabled).await.expect("disabled");
        let refused = try_password(&app, "hanna@example.org", PASSWORD).await;
        assert!(matches!(refused, Err(Refused::Wrong)), "{refused:?}");
    }

    async fn a_session_ends_on_every_node_at_the_next_request(app: TestApp) {
        let other = app.second_node().await;
        other.kv.connected(std::time::Duration::from_secs(2)).await;
        user(&app, "admin@example.org", InstanceRole::Admin).await;
        let id = user(&app, "hanna@example.org", InstanceRole::User).await;
        for what in ["role", "password", "disable", "end", "delete"] {
            let opened = match what {
                "disable" => {
                    let step = try_password(&app, "hanna@example.org", "another horse, battery").await;
                    let Ok(Step::Done(opened)) = step else { panic!("{step:?}") };
                    opened
                }
                "end" | "delete" => {
                    users::set_user_state(&app.app, &operator(), id, UserState::Active).await.expect("enabled");
                    let step = try_password(&app, "hanna@example.org", "another horse, battery").await;
                    let Ok(Step::Done(opened)) = step else { panic!("{step:?}") };
                    opened
                }
                _ => signed_in(&app, "hanna@example.org").await,
            };
            // Both nodes know it, and keep what they know.
            assert!(is_signed_in(&app.app, &opened).await && is_signed_in(&other, &opened).await);
            match what {
                "role" => {
                    let patch = UserPatch { role: Some(InstanceRole::Admin), ..UserPatch::default() };
                    users::change_user(&app.app, &operator(), id, None, patch).await.expect("changed");
                }
                "password" => {
                    let secret = link_token(&app, id).await;
                    forgotten::reset_password(&app.app, &visitor(), &secret, "another horse, battery")
                        .await
                        .expect("a new password");
                }
                "disable" => {
                    users::set_user_state(&app.app, &operator(), id, UserState::Disabled).await.expect("disabled");
                }
                "end" => {
                    let actor = sessions::actor_of_session(&app.app, &opened.secret).await.expect("an actor");
                    let caller = formhold_domain::access::Caller { actor, ..visitor() };
                    sessions::end_session(&app.app, &caller, opened.session.id).await.expect("ended");
                }
                _ => users::delete_user(&app.app, &operator(), id, None).await.expect("deleted"),
            }
            assert!(!is_signed_in(&other, &opened).await, "after {what} on the other node");
            assert!(!is_signed_in(&app.app, &opened).await, "after {what}");
        }
    }

    async fn sessions_end_when_they_are_not_used_and_in_the_end_anyway(app: TestApp) {
        user(&app, "hanna@example.org", InstanceRole::User).await;
        let (used, unused) = (signed_in(&app, "hanna@example.org").await, signed_in(&app, "hanna@example.org").await);
        for _ in 0..10 {
            app.clock.advance_ms(71 * HOUR_MS);
            assert!(is_signed_in(&app.app, &used).await);
        }
        assert!(!is_signed_in(&app.app, &unused).await, "72 hours without a request");
        app.clock.advance_ms(11 * HOUR_MS);
        assert!(!is_signed_in(&app.app, &used).await, "30 days after the sign-in");
        assert_eq!(sessions::forget_ended(&app.app).await.expect("forgotten"), 2);
        assert_eq!(app.database.number("SELECT COUNT(*) FROM sessions").await, 0);
    }

    async fn a_link_that_sets_a_password_works_once_of_twenty_times_at_once(app: TestApp) {
        let id = user(&app, "hanna@example.org", InstanceRole::User).await;
        let opened = signed_in(&app, "hanna@example.org").await;
        let secret = link_token(&app, id).await;
        let caller = visitor();
        let weak = forgotten::reset_password(&app.app, &caller, &secret, "password").await;
        assert!(matches!(weak, Err(ServiceError::Invalid(_))), "and a weak one does not use it up: {weak:?}");
        let tries = (0..20).map(|_| forgotten::reset_password(&app.app, &caller, &secret, "another horse, battery"));
        let good = join_all(tries).await.into_iter().filter(Result::is_ok).count();
        assert_eq!(good, 1);
        assert!(!is_signed_in(&app.app, &opened).await);
        let old = try_password(&app, "hanna@example.org", PASSWORD).await;
        assert!(matches!(old, Err(Refused::Wrong)), "{old:?}");
        let late = link_token(&app, id).await;
        app.clock.advance_ms(HOUR_MS);
        let late = forgotten::reset_password(&app.app, &caller, &late, "third horse, battery").await;
        assert!(matches!(late, Err(ServiceError::DeadLink)), "{late:?}");
    }

    async fn a_code_and_a_recovery_code_open_an_account_once_of_twenty_times_at_once(app: TestApp) {
        let id = user(&app, "hanna@example.org", InstanceRole::User).await;
        let secret = TotpSecret::generate(&*app.app.ids);
        let codes = RecoveryCode::generate(&*app.app.ids);
        let change = app.app.store.begin(app.app.clock.now_ms()).await.expect("a change");
        change.set_totp(id, Some(secret.as_bytes().to_vec()), None).await.expect("set");
        let hashes: Vec<_> = codes.iter().map(RecoveryCode::hash).collect();
        change.put_recovery_codes(id, &hashes).await.expect("set");
        change.commit().await.expect("committed");

        let ticket = ticket(&app, "hanna@example.org").await;
        let ticket = Ticket::parse(&app.app, &ticket.to_text(&app.app)).expect("the same ticket");
        assert!(Ticket::parse(&app.app, &format!("B{}", &ticket.to_text(&app.app)[1..])).is_none());
        let caller = visitor();
        let wrong = sign_in::by_totp(&app.app, &caller, &ticket, "000000").await;
        assert!(matches!(wrong, Err(Refused::WrongCode)), "{wrong:?}");

        let code = code_of(&secret, app.app.clock.now_ms());
        let tries = (0..20).map(|_| sign_in::by_totp(&app.app, &caller, &ticket, &code));
        let good = join_all(tries).await.into_iter().filter(Result::is_ok).count();
        assert_eq!(good, 1, "the same code of an app");

        let code = codes[3].to_shown();
        let tries = (0..20).map(|_| sign_in::by_recovery_code(&app.app, &caller, &ticket, &code));
        let good = join_all(tries).await.into_iter().filter(Result::is_ok).count();
        assert_eq!(good, 1, "the same recovery code");
        assert_eq!(app.app.store.count_recovery_codes(id).await.expect("a count"), 9);

        app.clock.advance_ms(HOUR_MS);
        let late = sign_in::by_recovery_code(&app.app, &caller, &ticket, &codes[4].to_shown()).await;
        assert!(matches!(late, Err(Refused::TooLate)), "{late:?}");
    }

    async fn somebody_is_always_left_to_administer(app: TestApp) {
        let one = user(&app, "one@example.org", InstanceRole::Admin).await;
        let two = user(&app, "two@example.org", InstanceRole::Admin).await;
        let (caller, other) = (operator(), app.second_node().await);
        let patch = UserPatch { role: Some(InstanceRole::User), ..UserPatch::default() };
        let (first, second) = tokio::join!(
            users::set_user_state(&app.app, &caller, one, UserState::Disabled),
            users::change_user(&other, &caller, two, None, patch),
        );
        assert_eq!([first.is_ok(), second.is_ok()].iter().filter(|ok| **ok).count(), 1);
        let left = if first.is_ok() { two } else { one };
        let deleted = users::delete_user(&app.app, &caller, left, None).await;
        assert!(matches!(deleted, Err(ServiceError::Conflict(_))), "{deleted:?}");
    }

    async fn an_address_has_one_account_in_whatever_case_it_is_written(app: TestApp) {
        user(&app, "hanna@example.org", InstanceRole::User).await;
        let again = users::UserIn {
            name: "Hanna".to_owned(),
            email: "HANNA@example.org".to_owned(),
            role: InstanceRole::User,
            language: None,
            password: Some(PASSWORD.to_owned()),
        };
        let again = users::create_user(&app.app, &operator(), again).await;
        assert!(matches!(again, Err(ServiceError::Conflict(_))), "{again:?}");
        let email = EmailAddress::parse("Hanna@Example.Org").expect("an address");
        assert!(app.app.store.find_user_by_email(&email).await.expect("an answer").is_some());
    }
}

/// The code that an app shows.
fn code_of(secret: &TotpSecret, now_ms: i64) -> String {
    (0..1_000_000)
        .map(|number| format!("{number:06}"))
        .find(|code| secret.verify(code, now_ms, None) == Some(now_ms / 30_000))
        .expect("one of them is right")
}
