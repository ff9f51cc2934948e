//! Moving an account to another address, which both must agree to.

use formhold_domain::{Bearer, UserId, access::InstanceRole};
use formhold_service::{
    ServiceError, forgotten,
    own::email::{self, Agreed},
};
use formhold_testkit::{TestApp, on_both_stacks};
use futures_util::future::join_all;

use super::{
    PASSWORD,
    browser::Browser,
    caller_of,
    letters::{Letter, all, letter_to},
    signed_in, try_password, user, visitor,
};

const OLD: &str = "hanna@example.org";
const NEW: &str = "hanna@example.net";
const HOUR_MS: i64 = 60 * 60 * 1000;

fn secret(letter: &Letter) -> Bearer {
    Bearer::parse(letter.token()).expect("a secret")
}

async fn address_of(app: &TestApp, id: UserId) -> String {
    let user = app.app.store.find_user(id).await.expect("an answer").expect("a user");
    user.email.to_string()
}

async fn ask(app: &TestApp, email: &str) {
    let caller = caller_of(app, &signed_in(app, OLD).await).await;
    email::ask(&app.app, &caller, email, PASSWORD).await.expect("asked");
}

on_both_stacks! {
    async fn the_address_changes_when_both_agreed_and_other_sessions_end(app: TestApp) {
        let id = user(&app, OLD, InstanceRole::User).await;
        let (mut here, mut there) = (Browser::new(&app), Browser::new(&app));
        here.sign_in(OLD, PASSWORD).await;
        there.sign_in(OLD, PASSWORD).await;
        let page = "/account/email";
        for (email, password, problem) in [
            (NEW, "wrong horse", "Your password is wrong."),
            ("no address", PASSWORD, "must be a mail address"),
            ("HANNA@example.org", PASSWORD, "is that of your account already"),
        ] {
            let seen = here.post(page, page, &[("email", email), ("current_password", password)]).await;
            assert_eq!(seen.status, 422, "{email}");
            assert!(seen.html.contains(problem) && seen.html.contains(email), "{}", seen.html);
        }
        assert!(all(&app).is_empty());
        let asked = here.post(page, page, &[("email", NEW), ("current_password", PASSWORD)]).await;
        assert_eq!((asked.status.as_u16(), asked.location()), (303, "/account/email?done=email-asked"));
        let waiting = here.get(page).await;
        assert!(waiting.html.contains("Waiting for confirmation") && waiting.html.contains(NEW), "{}", waiting.html);
        let (leave, reach) = (letter_to(&app, OLD, 1).await, letter_to(&app, NEW, 1).await);
        assert_eq!(leave.subject, "Shall your account move to another address?");
        // Read in a browser where nobody is signed in.
        let mut elsewhere = Browser::new(&app);
        for _ in 0..2 {
            assert!(elsewhere.get(leave.path()).await.html.contains(NEW));
        }
        let agreed = elsewhere.post(leave.path(), "/account/email/agree", &[("token", leave.token())]).await;
        assert_eq!(agreed.location(), "/login?done=email-agreed");
        assert_eq!(address_of(&app, id).await, OLD, "the other address did not agree yet");
        let agreed = here.post(reach.path(), "/account/email/agree", &[("token", reach.token())]).await;
        assert_eq!(agreed.location(), "/account/email?done=email-changed");
        assert_eq!(address_of(&app, id).await, NEW);
        assert_eq!(here.get("/account").await.status, 200, "this session stays");
        assert_eq!(there.get("/account").await.status, 303, "the others ended");
        assert_eq!(letter_to(&app, OLD, 2).await.subject, "Your account has another address now");
        assert!(try_password(&app, OLD, PASSWORD).await.is_err());
        assert!(try_password(&app, NEW, PASSWORD).await.is_ok());
        assert!(!here.get(page).await.html.contains("Waiting for confirmation"));
    }

    async fn of_twenty_who_agree_at_once_one_does_for_each_address(app: TestApp) {
        let id = user(&app, OLD, InstanceRole::User).await;
        ask(&app, NEW).await;
        let (leave, reach) = (secret(&letter_to(&app, OLD, 1).await), secret(&letter_to(&app, NEW, 1).await));
        let caller = visitor();
        let tries = join_all((0..20).map(|index| {
            let link = if index % 2 == 0 { &leave } else { &reach };
            email::agree(&app.app, &caller, link)
        })).await;
        let good: Vec<Agreed> = tries.iter().filter_map(|outcome| outcome.as_ref().ok().copied()).collect();
        // Two transactions that met may have been refused without changing anything: the links work on.
        let busy = tries.iter().any(|outcome| matches!(outcome, Err(ServiceError::Unavailable(_))));
        if good.len() < 2 {
            assert!(busy, "{tries:?}");
            for link in [&leave, &reach] {
                let _ = email::agree(&app.app, &caller, link).await;
            }
        } else {
            let both = good.iter().filter(|agreed| **agreed == Agreed::Both).count();
            assert_eq!((good.len(), both), (2, 1), "{tries:?}");
        }
        assert_eq!(address_of(&app, id).await, NEW);
        let changes = "SELECT COUNT(*) FROM audit_entries WHERE action = 'user.email.change'";
        assert_eq!(app.database.number(changes).await, 1);
    }

    async fn an_address_with_an_account_is_refused_and_only_its_owner_hears_of_it(app: TestApp) {
        let id = user(&app, OLD, InstanceRole::User).await;
        user(&app, "taken@example.org", InstanceRole::User).await;
        let mut browser = Browser::new(&app);
        browser.sign_in(OLD, PASSWORD).await;
        let mut seen = Vec::new();
        for email in ["taken@example.org", "other@example.org"] {
            let fields = [("email", email), ("current_password", PASSWORD)];
            let asked = browser.post("/account/email", "/account/email", &fields).await;
            let page = browser.get("/account/email").await;
            seen.push((asked.status, asked.location().to_owned(), page.html.replace(email, "")));
        }
        assert_eq!(seen[0], seen[1]);
        assert_eq!(letter_to(&app, "taken@example.org", 1).await.subject, "This address has an account already");
        assert_eq!(letter_to(&app, "other@example.org", 1).await.subject, "Confirm your new address");
        assert_eq!(address_of(&app, id).await, OLD);
    }

    async fn an_address_that_got_an_account_meanwhile_stays_its_owners(app: TestApp) {
        let id = user(&app, OLD, InstanceRole::User).await;
        ask(&app, NEW).await;
        let (leave, reach) = (secret(&letter_to(&app, OLD, 1).await), secret(&letter_to(&app, NEW, 1).await));
        let other = user(&app, NEW, InstanceRole::User).await;
        assert_eq!(email::agree(&app.app, &visitor(), &leave).await.expect("agreed"), Agreed::One);
        let refused = email::agree(&app.app, &visitor(), &reach).await;
        assert!(matches!(refused, Err(ServiceError::DeadLink)), "{refused:?}");
        assert_eq!((address_of(&app, id).await.as_str(), address_of(&app, other).await.as_str()), (OLD, NEW));
        assert_eq!(letter_to(&app, NEW, 2).await.subject, "This address has an account already");
        assert_eq!(app.database.number("SELECT COUNT(*) FROM email_changes").await, 0);
        assert!(try_password(&app, OLD, PASSWORD).await.is_ok());
    }

    async fn a_change_that_was_given_up_or_replaced_or_is_too_old_does_nothing(app: TestApp) {
        let id = user(&app, OLD, InstanceRole::User).await;
        let mut browser = Browser::new(&app);
        browser.sign_in(OLD, PASSWORD).await;
        ask(&app, NEW).await;
        let first = (secret(&letter_to(&app, OLD, 1).await), secret(&letter_to(&app, NEW, 1).await));
        let gone = browser.post("/account/email", "/account/email/cancel", &[]).await;
        assert_eq!(gone.location(), "/account/email?done=email-cancelled");
        ask(&app, NEW).await;
        let second = (secret(&letter_to(&app, OLD, 2).await), secret(&letter_to(&app, NEW, 2).await));
        ask(&app, "else@example.net").await;
        let third = (secret(&letter_to(&app, OLD, 3).await), secret(&letter_to(&app, "else@example.net", 1).await));
        app.clock.advance_ms(24 * HOUR_MS);
        for (leave, reach) in [first, second, third] {
            for link in [leave, reach] {
                let dead = email::agree(&app.app, &visitor(), &link).await;
                assert!(matches!(dead, Err(ServiceError::DeadLink)), "{dead:?}");
            }
        }
        assert!(!browser.get("/account/email").await.html.contains("Waiting for confirmation"));
        assert_eq!(address_of(&app, id).await, OLD);
    }

    async fn links_that_went_to_the_old_address_open_nothing_afterwards(app: TestApp) {
        user(&app, OLD, InstanceRole::User).await;
        ask(&app, NEW).await;
        let leave = secret(&letter_to(&app, OLD, 1).await);
        forgotten::send_link(&app.app, &visitor(), OLD).await.expect("sent");
        let reset = letter_to(&app, OLD, 2).await;
        for link in [&leave, &secret(&letter_to(&app, NEW, 1).await)] {
            email::agree(&app.app, &visitor(), link).await.expect("agreed");
        }
        let mut browser = Browser::new(&app);
        let fields = [("token", reset.token()), ("new_password", "a password of the thief")];
        assert_eq!(browser.post("/forgot", "/reset", &fields).await.status, 410);
    }
}
