//! Registering, confirming, and forgotten passwords: without telling anybody who has an account.

use std::time::{Duration, Instant};

use formhold_domain::{
    Bearer, EmailAddress, InvitationId, UserId, WorkspaceId,
    access::{InstanceRole, WorkspaceRole},
    accounts::{Invitation, Registration, UserState},
};
use formhold_service::{
    ServiceError,
    registration::{self, RegistrationIn},
    sign_in::{Refused, Step},
    users,
};
use formhold_store::NewInvitation;
use formhold_testkit::{TestApp, on_both_stacks};
use futures_util::future::join_all;

use super::{
    PASSWORD,
    browser::{Browser, Seen},
    letters::{Letter, all, letter_to, letters_to},
    operator, try_password, user, visitor, with_registration,
};

const HOUR_MS: i64 = 60 * 60 * 1000;
const OTHER: &str = "another horse, battery";

fn registration_of<'a>(email: &'a str, password: &'a str) -> RegistrationIn<'a> {
    RegistrationIn { name: "Hanna Meier", email, password, language: None }
}

async fn register(app: &TestApp, email: &str, password: &str) {
    let wanted = registration_of(email, password);
    registration::register(&app.app, &visitor(), wanted).await.expect("an answer");
}

/// An instance that was set up, where everybody may register.
async fn open(app: TestApp) -> TestApp {
    user(&app, "ada@example.org", InstanceRole::Admin).await;
    with_registration(app, Registration::Open).await
}

async fn invite(app: &TestApp, email: &str) -> Bearer {
    let secret = Bearer::new(&*app.app.ids);
    let change = app.app.store.begin(app.app.clock.now_ms()).await.expect("a change");
    let invitation = Invitation {
        id: InvitationId(app.app.ids.uuid()),
        workspace_id: WorkspaceId::FIRST,
        email: EmailAddress::parse(email).expect("an address"),
        role: WorkspaceRole::Editor,
        invited_by: None,
        created_at_ms: change.now_ms(),
        expires_at_ms: change.now_ms() + HOUR_MS,
    };
    let new = NewInvitation { invitation, hash: secret.hash() };
    change.put_invitation(&new).await.expect("an invitation");
    change.commit().await.expect("a commit");
    secret
}

async fn id_of(app: &TestApp, email: &str) -> UserId {
    let email = EmailAddress::parse(email).expect("an address");
    let found = app.app.store.find_user_by_email(&email).await.expect("an answer");
    found.expect("a user").id
}

on_both_stacks! {
    async fn somebody_registers_confirms_the_address_and_signs_in(app: TestApp) {
        let app = open(app).await;
        let mut browser = Browser::new(&app);
        assert!(browser.get("/login").await.html.contains("href=\"/register\""));
        let fields = |password| [("name", "Hanna <b>"), ("email", "hanna@example.org"), ("password", password)];
        let wrong = browser.post("/register", "/register", &fields("password")).await;
        assert_eq!(wrong.status, 422);
        assert!(wrong.html.contains("is one that many people use") && wrong.html.contains("Hanna &#60;b&#62;"), "{}", wrong.html);
        browser.headers.push(("accept-language", "fr, de-AT;q=0.8, en;q=0.5".to_owned()));
        let done = browser.post("/register", "/register", &fields(PASSWORD)).await;
        assert_eq!((done.status.as_u16(), done.location()), (303, "/login?done=registered"));
        assert!(browser.get("/login?done=registered").await.html.contains("Look into your mailbox"));
        let letter = letter_to(&app, "hanna@example.org", 1).await;
        assert_eq!(letter.subject, "Bestätigen Sie Ihre Adresse", "in the browser's language");

        let locked = browser.sign_in("hanna@example.org", PASSWORD).await;
        assert_eq!((locked.status.as_u16(), browser.session()), (403, None));
        let second = letter_to(&app, "hanna@example.org", 2).await;
        assert_eq!(browser.get(letter.path()).await.status, 410, "a newer link replaced it");
        for _ in 0..3 {
            let page = browser.get(second.path()).await;
            assert!(page.status == 200 && page.html.contains("hanna@example.org"), "{}", page.html);
        }
        let token = [("token", second.token())];
        let confirmed = browser.post(second.path(), "/confirm", &token).await;
        assert_eq!((confirmed.status.as_u16(), confirmed.location()), (303, "/login?done=confirmed"));
        assert_eq!(browser.session(), None, "a link in a mail signs nobody in");
        assert_eq!(browser.get(second.path()).await.status, 410);
        assert_eq!(browser.sign_in("hanna@example.org", PASSWORD).await.status, 303);
    }

    async fn a_known_and_an_unknown_address_are_answered_alike(app: TestApp) {
        let app = open(app).await;
        user(&app, "hanna@example.org", InstanceRole::User).await;
        let disabled = user(&app, "gone@example.org", InstanceRole::User).await;
        users::set_user_state(&app.app, &operator(), disabled, UserState::Disabled).await.expect("disabled");
        register(&app, "waiting@example.org", OTHER).await;
        let addresses = ["hanna@example.org", "nobody@example.org", "gone@example.org", "waiting@example.org"];
        let mut answers = Vec::new();
        for path in ["/register", "/forgot"] {
            for email in addresses {
                let mut browser = Browser::new(&app);
                let fields = [("name", "Hanna"), ("email", email), ("password", PASSWORD)];
                let csrf = browser.get(path).await.csrf();
                let began = Instant::now();
                let seen: Seen = browser.post_with(&csrf, path, &fields).await;
                assert!(began.elapsed() >= Duration::from_millis(250), "{path} of {email} waits for the beat");
                let headers: Vec<_> = seen.headers.iter().filter(|(name, _)| *name != "date" && *name != "x-request-id").map(|(name, value)| (name.clone(), value.clone())).collect();
                answers.push((path, seen.status, headers, seen.html));
            }
        }
        for same in answers.chunks(addresses.len()) {
            assert!(same.iter().all(|answer| *answer == same[0]), "{same:?}");
            assert_eq!(same[0].1, 303);
        }
        let subjects = |letters: Vec<Letter>| letters.into_iter().map(|it| it.subject).collect::<Vec<_>>();
        assert_eq!(subjects(letters_to(&app, "hanna@example.org", 2).await), ["You have an account already", "Set a new password"]);
        assert_eq!(subjects(letters_to(&app, "nobody@example.org", 2).await), ["Confirm your address", "Set a new password"]);
        let waiting = ["Confirm your address", "Set the password of your account", "Set a new password"];
        assert_eq!(subjects(letters_to(&app, "waiting@example.org", 3).await), waiting);
        assert!(all(&app).iter().all(|letter| letter.to != "gone@example.org"));
        for (path, email) in [("/forgot", "no address"), ("/register", "no address")] {
            let mut browser = Browser::new(&app);
            let fields = [("name", "Hanna"), ("email", email), ("password", PASSWORD)];
            assert_eq!(browser.post(path, path, &fields).await.status, 422);
        }
    }

    async fn twenty_registrations_of_one_address_make_one_account(app: TestApp) {
        let app = open(app).await;
        let caller = visitor();
        let wanted = registration_of("hanna@example.org", PASSWORD);
        let tries = join_all((0..20).map(|_| registration::register(&app.app, &caller, wanted))).await;
        let refused: Vec<_> = tries.into_iter().filter_map(Result::err).collect();
        assert!(refused.iter().all(|it| matches!(it, ServiceError::Unavailable(_))), "{refused:?}");
        assert_eq!(app.database.number("SELECT COUNT(*) FROM users").await, 2);
        assert_eq!(app.database.number("SELECT COUNT(*) FROM one_time_links").await, 1);
    }

    async fn of_twenty_who_confirm_at_once_one_does(app: TestApp) {
        let app = open(app).await;
        register(&app, "hanna@example.org", PASSWORD).await;
        let letter = letter_to(&app, "hanna@example.org", 1).await;
        let secret = Bearer::parse(letter.token()).expect("a secret");
        let caller = visitor();
        let tries = join_all((0..20).map(|_| registration::confirm(&app.app, &caller, &secret))).await;
        assert_eq!(tries.iter().filter(|outcome| outcome.is_ok()).count(), 1, "{tries:?}");
        let entries = "SELECT COUNT(*) FROM audit_entries WHERE action = 'user.email.confirm'";
        assert_eq!(app.database.number(entries).await, 1);
        let opened = try_password(&app, "hanna@example.org", PASSWORD).await;
        assert!(matches!(opened, Ok(Step::Done(_))), "{opened:?}");
    }

    async fn who_kept_an_address_that_is_not_theirs_gets_no_account_by_it(app: TestApp) {
        let app = open(app).await;
        register(&app, "hanna@example.org", "a password of the thief").await;
        let first = letter_to(&app, "hanna@example.org", 1).await;
        register(&app, "hanna@example.org", PASSWORD).await;
        let second = letter_to(&app, "hanna@example.org", 2).await;
        let secret = Bearer::parse(first.token()).expect("a secret");
        let dead = registration::confirm(&app.app, &visitor(), &secret).await;
        assert!(matches!(dead, Err(ServiceError::DeadLink)), "{dead:?}");
        for password in ["a password of the thief", PASSWORD] {
            let refused = try_password(&app, "hanna@example.org", password).await;
            assert!(matches!(refused, Err(Refused::Wrong)), "{refused:?}");
        }
        let secret = Bearer::parse(second.token()).expect("a secret");
        users::reset_password(&app.app, &visitor(), &secret, OTHER).await.expect("who reads the mail sets it");
        assert!(matches!(try_password(&app, "hanna@example.org", OTHER).await, Ok(Step::Done(_))));
    }

    async fn a_link_that_is_too_old_confirms_nothing(app: TestApp) {
        let app = open(app).await;
        register(&app, "hanna@example.org", PASSWORD).await;
        let letter = letter_to(&app, "hanna@example.org", 1).await;
        let secret = Bearer::parse(letter.token()).expect("a secret");
        app.clock.advance_ms(24 * HOUR_MS);
        let dead = registration::confirm(&app.app, &visitor(), &secret).await;
        assert!(matches!(dead, Err(ServiceError::DeadLink)), "{dead:?}");
        register(&app, "hanna@example.org", PASSWORD).await;
        let again = letter_to(&app, "hanna@example.org", 2).await;
        let secret = Bearer::parse(again.token()).expect("a secret");
        registration::confirm(&app.app, &visitor(), &secret).await.expect("the new link works");
    }

    async fn where_it_is_closed_nobody_registers(app: TestApp) {
        user(&app, "ada@example.org", InstanceRole::Admin).await;
        let secret = invite(&app, "hanna@example.org").await;
        let wanted = registration_of("hanna@example.org", PASSWORD);
        let mut browser = Browser::new(&app);
        assert_eq!(browser.get("/register").await.status, 403);
        assert!(!browser.get("/login").await.html.contains("/register"));
        let fields = [("name", "Hanna"), ("email", "hanna@example.org"), ("password", PASSWORD)];
        assert_eq!(browser.post("/login", "/register", &fields).await.status, 403);
        assert_eq!(browser.get(&format!("/register?token={}", secret.expose())).await.status, 403);
        let refused = registration::register_invited(&app.app, &visitor(), &secret, wanted).await;
        assert!(matches!(refused, Err(ServiceError::Forbidden(_))), "{refused:?}");
        let app = with_registration(app, Registration::Invite).await;
        let refused = registration::register(&app.app, &visitor(), wanted).await;
        assert!(matches!(refused, Err(ServiceError::Forbidden(_))), "{refused:?}");
        assert_eq!(app.database.number("SELECT COUNT(*) FROM users").await, 1);
    }

    async fn before_the_set_up_nobody_registers(app: TestApp) {
        let app = with_registration(app, Registration::Open).await;
        let wanted = registration_of("hanna@example.org", PASSWORD);
        let refused = registration::register(&app.app, &visitor(), wanted).await;
        assert!(matches!(refused, Err(ServiceError::Forbidden(_))), "{refused:?}");
        assert!(!formhold_service::first_run::is_done(&app.app).await.expect("an answer"));
    }

    async fn who_is_invited_registers_with_the_invited_address_into_the_workspace(app: TestApp) {
        user(&app, "ada@example.org", InstanceRole::Admin).await;
        let app = with_registration(app, Registration::Invite).await;
        let secret = invite(&app, "hanna@example.org").await;
        let path = format!("/register?token={}", secret.expose());
        let mut browser = Browser::new(&app);
        let page = browser.get(&path).await;
        assert!(page.html.contains("<strong><bdi>Main</bdi></strong>") && page.html.contains("readonly"), "{}", page.html);
        let token = secret.expose();
        let fields = |password| [("token", token.as_str()), ("name", "Hanna"), ("email", "thief@example.org"), ("password", password)];
        let wrong = browser.post(&path, "/register", &fields("short")).await;
        assert!(wrong.status == 422 && wrong.html.contains("<bdi>Main</bdi>"), "{}", wrong.html);
        let done = browser.post(&path, "/register", &fields(PASSWORD)).await;
        assert_eq!((done.status.as_u16(), done.location()), (303, "/login?done=invited-registered"));
        assert_eq!(browser.get(&path).await.status, 410);
        let id = id_of(&app, "hanna@example.org").await;
        let member = app.app.store.find_member(WorkspaceId::FIRST, id).await.expect("an answer");
        assert_eq!(member.expect("a member").role, WorkspaceRole::Editor);
        assert_eq!(browser.sign_in("hanna@example.org", PASSWORD).await.status, 303);
        assert_eq!(app.database.number("SELECT COUNT(*) FROM users").await, 2);
    }

    async fn of_twenty_who_use_an_invitation_at_once_one_registers(app: TestApp) {
        user(&app, "ada@example.org", InstanceRole::Admin).await;
        let app = with_registration(app, Registration::Invite).await;
        let secret = invite(&app, "hanna@example.org").await;
        let (caller, wanted) = (visitor(), registration_of("", PASSWORD));
        let tries = join_all((0..20).map(|_| registration::register_invited(&app.app, &caller, &secret, wanted))).await;
        assert_eq!(tries.iter().filter(|outcome| outcome.is_ok()).count(), 1, "{tries:?}");
        assert_eq!(app.database.number("SELECT COUNT(*) FROM users").await, 2);
        assert_eq!(app.database.number("SELECT COUNT(*) FROM workspace_members").await, 1);
    }

    async fn an_invitation_goes_before_an_account_that_nobody_confirmed_and_not_before_another(app: TestApp) {
        let app = open(app).await;
        register(&app, "hanna@example.org", "a password of the thief").await;
        let secret = invite(&app, "hanna@example.org").await;
        let wanted = registration_of("", PASSWORD);
        registration::register_invited(&app.app, &visitor(), &secret, wanted).await.expect("an account");
        assert!(matches!(try_password(&app, "hanna@example.org", PASSWORD).await, Ok(Step::Done(_))));
        let again = invite(&app, "hanna@example.org").await;
        let refused = registration::register_invited(&app.app, &visitor(), &again, wanted).await;
        assert!(matches!(refused, Err(ServiceError::Conflict(_))), "{refused:?}");
        assert!(registration::find_invited(&app.app, &again).await.is_ok(), "the invitation still works");
    }

    async fn a_forgotten_password_is_set_by_the_link_of_a_mail(app: TestApp) {
        user(&app, "hanna@example.org", InstanceRole::User).await;
        let mut browser = Browser::new(&app);
        assert!(browser.get("/login").await.html.contains("href=\"/forgot\""));
        let asked = browser.post("/forgot", "/forgot", &[("email", " Hanna@example.org ")]).await;
        assert_eq!((asked.status.as_u16(), asked.location()), (303, "/login?done=password-link-sent"));
        assert!(try_password(&app, "hanna@example.org", PASSWORD).await.is_ok(), "the old one still works");
        let letter = letter_to(&app, "hanna@example.org", 1).await;
        let fields = [("token", letter.token()), ("new_password", OTHER)];
        assert_eq!(browser.post(letter.path(), "/reset", &fields).await.status, 200);
        assert!(try_password(&app, "hanna@example.org", PASSWORD).await.is_err());
        assert_eq!(browser.sign_in("hanna@example.org", OTHER).await.status, 303);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_makes_us_send_an_address_more_mails_than_the_limits_allow() {
    let app = TestApp::start_with(formhold_testkit::Stack::Sqlite, |settings| {
        settings.limits.login_account =
            formhold_domain::Limit::At("3/min".parse().expect("a quota"));
        settings.auth.registration = Registration::Open;
    })
    .await;
    user(&app, "ada@example.org", InstanceRole::Admin).await;
    let mut statuses = Vec::new();
    for (path, email) in [
        ("/forgot", "ada@example.org"),
        ("/register", "ada@example.org"),
        ("/forgot", "ADA@example.org"),
        ("/forgot", "ada@example.org"),
        ("/register", "ada@example.org"),
    ] {
        let fields = [("name", "Ada"), ("email", email), ("password", PASSWORD)];
        statuses.push(Browser::new(&app).post(path, path, &fields).await.status.as_u16());
    }
    assert_eq!(statuses, [303, 303, 303, 429, 429]);
    assert!(
        try_password(&app, "ada@example.org", PASSWORD).await.is_ok(),
        "the owner still gets in"
    );
}
