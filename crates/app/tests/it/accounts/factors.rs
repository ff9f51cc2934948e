//! Codes of an app and recovery codes: setting up, turning off, and what an administrator takes away.

use formhold_domain::access::{Caller, InstanceRole};
use formhold_service::{
    ServiceError,
    factors::{self, Proof},
    sessions,
    sign_in::{self, Refused, Step, Ticket},
    users,
};
use formhold_testkit::{TestApp, on_both_stacks};
use futures_util::future::join_all;

use super::{
    PASSWORD,
    app_codes::code_at,
    browser::{Browser, Seen},
    letters::letter,
    operator, signed_in, try_password, user, visitor,
};

const PATH: &str = "/account/factors";
const TOTP: &str = "/account/factors/totp";
const HANNA: &str = "hanna@example.org";
const MINUTE_MS: i64 = 60_000;

/// The key as the page shows it.
fn shown_key(page: &Seen) -> String {
    let (_, rest) = page.html.split_once("id=\"secret\" value=\"").expect("a key");
    rest.split('"').next().expect("its end").to_owned()
}

fn shown_codes(page: &Seen) -> Vec<String> {
    let codes = page.html.split("<li><code>").skip(1);
    codes.map(|rest| rest.split('<').next().expect("its end").to_owned()).collect()
}

/// Somebody who is signed in, for the service.
async fn caller_of(app: &TestApp, email: &str) -> Caller {
    let opened = signed_in(app, email).await;
    let actor = sessions::actor_of_session(&app.app, &opened.secret).await.expect("an actor");
    Caller { actor, ..visitor() }
}

/// Turns codes on; gives the key and the recovery codes.
pub(super) async fn turn_on(app: &TestApp, caller: &Caller) -> (String, Vec<String>) {
    let set_up = factors::begin_totp(&app.app, caller, None).await.expect("a set-up");
    let code = code_at(&set_up.typed, app.app.clock.now_ms());
    let ticket = Some(set_up.ticket.as_str());
    let codes = factors::finish_totp(&app.app, caller, ticket, &code).await.expect("on");
    (set_up.typed, codes)
}

async fn ticket(app: &TestApp, email: &str) -> Ticket {
    match try_password(app, email, PASSWORD).await.expect("the password is right") {
        Step::Factor(ticket) => ticket,
        Step::Done(_) => panic!("a second factor is set"),
    }
}

on_both_stacks! {
    async fn codes_of_an_app_are_set_up_on_the_page_and_asked_for_from_then_on(app: TestApp) {
        user(&app, HANNA, InstanceRole::User).await;
        let (mut here, mut there) = (Browser::new(&app), Browser::new(&app));
        assert_eq!(here.get(TOTP).await.location(), "/login?next=%2Faccount%2Ffactors%2Ftotp");
        here.sign_in(HANNA, PASSWORD).await;
        there.sign_in(HANNA, PASSWORD).await;
        assert!(here.get(PATH).await.html.contains("href=\"/account/factors/totp\""));
        let page = here.get(TOTP).await;
        let key = shown_key(&page);
        assert!(page.html.contains("otpauth://totp/") && page.html.contains("<path d=\"M"));
        assert_eq!(shown_key(&here.get(TOTP).await), key, "a page that is loaded again shows the same key");
        assert_ne!(shown_key(&there.get(TOTP).await), key, "another browser another one");

        let code = code_at(&key, app.app.clock.now_ms());
        let wrong = if code == "123456" { "654321" } else { "123456" };
        let refused = here.post(TOTP, TOTP, &[("code", wrong)]).await;
        assert_eq!((refused.status.as_u16(), shown_key(&refused)), (422, key.clone()));
        assert!(refused.html.contains("The code is wrong, or was used already."), "{}", refused.html);
        assert!(there.get("/account").await.status.is_success(), "nothing changed yet");

        let done = here.post(TOTP, TOTP, &[("code", code.as_str())]).await;
        let codes = shown_codes(&done);
        assert_eq!((done.status.as_u16(), codes.len()), (200, 10), "{}", done.html);
        assert_eq!(done.headers["cache-control"], "no-store");
        assert_eq!(there.get("/account").await.status, 303, "the other browser is signed out");
        assert_eq!(here.get(TOTP).await.location(), PATH, "nothing is shown again");
        let again = here.post(PATH, TOTP, &[("code", code.as_str())]).await;
        assert_eq!(again.location(), PATH);
        let page = here.get(PATH).await;
        assert!(page.html.contains("You have 10 recovery codes left."), "{}", page.html);
        letter(&app, HANNA, "now takes a code from an app").await;

        let mut new = Browser::new(&app);
        assert_eq!(new.sign_in(HANNA, PASSWORD).await.location(), "/login/factor?next=");
        assert_eq!(new.get("/account").await.status, 303, "the password alone is not enough");
        let used = new.post("/login/factor", "/login/factor", &[("code", code.as_str())]).await;
        assert_eq!(used.status, 401, "the code that turned it on is used up");
        app.clock.advance_ms(MINUTE_MS);
        let code = code_at(&key, app.app.clock.now_ms());
        assert_eq!(new.post("/login/factor", "/login/factor", &[("code", code.as_str())]).await.location(), "/account");
        let mut other = Browser::new(&app);
        other.sign_in(HANNA, PASSWORD).await;
        let fields = [("recovery_code", codes[0].as_str())];
        assert_eq!(other.post("/login/factor", "/login/factor", &fields).await.location(), "/account");
    }

    async fn turning_off_and_new_recovery_codes_ask_for_the_password(app: TestApp) {
        user(&app, HANNA, InstanceRole::User).await;
        let mut here = Browser::new(&app);
        here.sign_in(HANNA, PASSWORD).await;
        let key = shown_key(&here.get(TOTP).await);
        let code = code_at(&key, app.app.clock.now_ms());
        let old = shown_codes(&here.post(TOTP, TOTP, &[("code", code.as_str())]).await);
        for path in ["/account/factors/recovery", "/account/factors/totp/off"] {
            for password in ["", "wrong horse"] {
                let refused = here.post(PATH, path, &[("current_password", password)]).await;
                assert_eq!(refused.status, 422, "{path}");
                assert!(refused.html.contains("Your password is wrong."), "{}", refused.html);
                assert!(refused.html.contains("<details open>"), "the form is open");
            }
        }
        let new = here.post(PATH, "/account/factors/recovery", &[("current_password", PASSWORD)]).await;
        let new = shown_codes(&new);
        assert_eq!(new.len(), 10);
        let ticket = ticket(&app, HANNA).await;
        let caller = visitor();
        let refused = sign_in::by_recovery_code(&app.app, &caller, &ticket, &old[0]).await;
        assert!(matches!(refused, Err(Refused::WrongCode)), "old codes are dead: {refused:?}");
        letter(&app, HANNA, "new recovery codes were made").await;

        let off = here.post(PATH, "/account/factors/totp/off", &[("current_password", PASSWORD)]).await;
        assert_eq!(off.location(), "/account/factors?done=totp-off");
        let refused = sign_in::by_recovery_code(&app.app, &caller, &ticket, &new[0]).await;
        assert!(matches!(refused, Err(Refused::TooLate)), "the ticket was for an account with codes: {refused:?}");
        signed_in(&app, HANNA).await;
        assert_eq!(app.database.number("SELECT COUNT(*) FROM recovery_codes").await, 0);
        letter(&app, HANNA, "no longer takes a code").await;
    }

    async fn where_there_is_no_password_a_code_is_the_proof_and_works_once_of_twenty_times(app: TestApp) {
        user(&app, HANNA, InstanceRole::User).await;
        let caller = caller_of(&app, HANNA).await;
        let (key, _) = turn_on(&app, &caller).await;
        app.database.execute("UPDATE users SET password_hash = NULL").await;
        app.clock.advance_ms(MINUTE_MS);
        let code = code_at(&key, app.app.clock.now_ms());
        let proof = Proof { password: PASSWORD, code: &code };
        let wrong = factors::turn_off_totp(&app.app, &caller, Proof { code: "", ..proof }).await;
        assert!(matches!(wrong, Err(ServiceError::Invalid(_))), "{wrong:?}");
        let tries = (0..20).map(|_| factors::new_recovery_codes(&app.app, &caller, proof));
        let good = join_all(tries).await.into_iter().filter(Result::is_ok).count();
        assert_eq!(good, 1);
    }

    async fn of_twenty_first_codes_at_once_one_turns_them_on_and_shows_recovery_codes(app: TestApp) {
        user(&app, HANNA, InstanceRole::User).await;
        let caller = caller_of(&app, HANNA).await;
        let other = app.second_node().await;
        let set_up = factors::begin_totp(&app.app, &caller, None).await.expect("a set-up");
        let code = code_at(&set_up.typed, app.app.clock.now_ms());
        let ticket = Some(set_up.ticket.as_str());
        let nodes = [&app.app, &other];
        let tries = (0..20).map(|at| factors::finish_totp(nodes[at % 2], &caller, ticket, &code));
        let mut good: Vec<_> = join_all(tries).await.into_iter().filter_map(Result::ok).collect();
        assert_eq!(good.len(), 1);
        let code = good.remove(0).remove(9);
        let ticket = self::ticket(&app, HANNA).await;
        sign_in::by_recovery_code(&other, &visitor(), &ticket, &code).await.expect("these codes are the ones that count");
    }

    async fn a_set_up_is_of_one_session_and_not_for_long(app: TestApp) {
        user(&app, HANNA, InstanceRole::User).await;
        user(&app, "mallory@example.org", InstanceRole::User).await;
        let (hanna, elsewhere) = (caller_of(&app, HANNA).await, caller_of(&app, HANNA).await);
        let mallory = caller_of(&app, "mallory@example.org").await;
        let set_up = factors::begin_totp(&app.app, &mallory, None).await.expect("a set-up");
        let own = factors::begin_totp(&app.app, &elsewhere, None).await.expect("a set-up");
        let code = |typed: &str| code_at(typed, app.app.clock.now_ms());
        for (foreign, why) in [(&set_up, "another person's"), (&own, "another session's")] {
            let shown = factors::begin_totp(&app.app, &hanna, Some(&foreign.ticket)).await.expect("a set-up");
            assert_ne!(shown.typed, foreign.typed, "{why}");
            let tried = factors::finish_totp(&app.app, &hanna, Some(&foreign.ticket), &code(&foreign.typed)).await;
            assert!(matches!(tried, Err(ServiceError::Invalid(_))), "{why}: {tried:?}");
        }
        let none = factors::finish_totp(&app.app, &hanna, None, "123456").await;
        assert!(matches!(none, Err(ServiceError::Invalid(_))), "{none:?}");
        app.clock.advance_ms(21 * MINUTE_MS);
        let late = factors::finish_totp(&app.app, &elsewhere, Some(&own.ticket), &code(&own.typed)).await;
        assert!(matches!(late, Err(ServiceError::Invalid(_))), "{late:?}");
        assert_eq!(app.database.number("SELECT COUNT(*) FROM users WHERE totp_secret IS NOT NULL").await, 0);
    }

    async fn an_administrator_takes_away_all_factors_and_ends_all_sessions_on_every_node(app: TestApp) {
        let other = app.second_node().await;
        other.kv.connected(std::time::Duration::from_secs(2)).await;
        let id = user(&app, HANNA, InstanceRole::User).await;
        let opened = signed_in(&app, HANNA).await;
        let actor = sessions::actor_of_session(&other, &opened.secret).await.expect("an actor");
        let hanna = Caller { actor, ..visitor() };
        turn_on(&app, &hanna).await;
        let ticket = ticket(&app, HANNA).await;
        let change = app.app.store.begin(app.app.clock.now_ms()).await.expect("a change");
        change.insert_identity("example", "hanna-1", id).await.expect("linked");
        change.commit().await.expect("committed");

        let refused = users::reset_factors(&app.app, &hanna, id).await;
        assert!(matches!(refused, Err(ServiceError::Forbidden(_))), "{refused:?}");
        let visitor_too = users::reset_factors(&app.app, &visitor(), id).await;
        assert!(matches!(visitor_too, Err(ServiceError::SignInRequired)), "{visitor_too:?}");
        users::reset_factors(&app.app, &operator(), id).await.expect("reset");
        for node in [&other, &app.app] {
            let actor = sessions::actor_of_session(node, &opened.secret).await.expect("an actor");
            assert!(matches!(actor, formhold_domain::access::Actor::Visitor));
        }
        let late = sign_in::by_totp(&app.app, &visitor(), &ticket, "123456").await;
        assert!(matches!(late, Err(Refused::TooLate)), "{late:?}");
        for table in ["recovery_codes", "passkeys", "oidc_identities"] {
            assert_eq!(app.database.number(&format!("SELECT COUNT(*) FROM {table}")).await, 0, "{table}");
        }
        signed_in(&app, HANNA).await;
        letter(&app, HANNA, "an administrator took away").await;
        let gone = users::reset_factors(&app.app, &operator(), formhold_domain::UserId(app.app.ids.uuid())).await;
        assert!(matches!(gone, Err(ServiceError::NotFound(_))), "{gone:?}");
    }

    async fn the_trail_tells_of_factors_without_their_secrets(app: TestApp) {
        let id = user(&app, HANNA, InstanceRole::User).await;
        let caller = caller_of(&app, HANNA).await;
        let (key, codes) = turn_on(&app, &caller).await;
        let proof = Proof { password: PASSWORD, code: "" };
        let more = factors::new_recovery_codes(&app.app, &caller, proof).await.expect("new codes");
        factors::turn_off_totp(&app.app, &caller, proof).await.expect("off");
        users::reset_factors(&app.app, &operator(), id).await.expect("reset");
        let rows = app.app.store.list_audit(&Default::default(), None, 4).await.expect("rows");
        let seen: Vec<_> = rows.iter().map(|row| &*row.action).collect();
        assert_eq!(seen, ["user.factors.reset", "user.totp.off", "user.recovery_codes.create", "user.totp.on"]);
        let everything = format!("{rows:?}");
        for secret in codes.iter().chain(&more).chain([&key, &PASSWORD.to_owned()]) {
            assert!(!everything.contains(secret.as_str()));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn guessing_codes_to_turn_them_on_or_off_is_slowed_down() {
    let app = TestApp::start_with(formhold_testkit::Stack::Sqlite, |settings| {
        settings.limits.login_account =
            formhold_domain::Limit::At("3/hour".parse().expect("a quota"));
    })
    .await;
    user(&app, HANNA, InstanceRole::User).await;
    let caller = caller_of(&app, HANNA).await;
    for _ in 0..3 {
        let tried = factors::finish_totp(&app.app, &caller, None, "123456").await;
        assert!(matches!(tried, Err(ServiceError::Invalid(_))), "{tried:?}");
    }
    let tried = factors::finish_totp(&app.app, &caller, None, "123456").await;
    assert!(matches!(tried, Err(ServiceError::TooMany(_))), "{tried:?}");
    let proof = Proof { password: PASSWORD, code: "" };
    let tried = factors::turn_off_totp(&app.app, &caller, proof).await;
    assert!(matches!(tried, Err(ServiceError::TooMany(_))), "{tried:?}");
}
