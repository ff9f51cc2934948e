//! The own profile and password, and the end of an account.

use formhold_domain::{
    Bearer, TokenId, UserId, WorkspaceId,
    access::{InstanceRole, Scope, Scopes, WorkspaceRole},
    accounts::{ApiToken, WorkspaceName},
};
use formhold_service::{
    ServiceError,
    own::{
        deletion::{self, Proof},
        email, password,
    },
    sessions,
};
use formhold_testkit::{TestApp, on_both_stacks};
use futures_util::future::join_all;

use super::{
    PASSWORD,
    browser::Browser,
    caller_of,
    letters::{letter_to, letters_to},
    signed_in, try_password, user, visitor,
};

const EMAIL: &str = "hanna@example.org";
const OTHER: &str = "another horse, battery";
const MINUTE_MS: i64 = 60 * 1000;

async fn token_of(app: &TestApp, user_id: UserId) -> Bearer {
    let secret = Bearer::new(&*app.app.ids);
    let change = app.app.store.begin(app.app.clock.now_ms()).await.expect("a change");
    let token = ApiToken {
        id: TokenId(app.app.ids.uuid()),
        user_id,
        name: "a program".to_owned(),
        scopes: Scopes::new(vec![Scope::UsersRead]),
        workspace_id: None,
        created_at_ms: change.now_ms(),
        expires_at_ms: None,
        used_at_ms: None,
    };
    change.insert_token(&token, &secret.hash()).await.expect("a token");
    change.commit().await.expect("a commit");
    secret
}

async fn owner_of_new_workspace(app: &TestApp, name: &str, owners: &[UserId]) -> WorkspaceId {
    let id = WorkspaceId(app.app.ids.uuid());
    let change = app.app.store.begin(app.app.clock.now_ms()).await.expect("a change");
    let name = WorkspaceName::parse(name).expect("a name");
    change.insert_workspace(id, &name).await.expect("a workspace");
    for owner in owners {
        change.put_member(id, *owner, WorkspaceRole::Owner).await.expect("an owner");
    }
    change.commit().await.expect("a commit");
    id
}

async fn without_password(app: &TestApp) {
    app.database.execute("UPDATE users SET password_hash = NULL").await;
}

on_both_stacks! {
    async fn name_and_language_change_and_mistakes_are_told(app: TestApp) {
        user(&app, EMAIL, InstanceRole::User).await;
        let mut browser = Browser::new(&app);
        browser.sign_in(EMAIL, PASSWORD).await;
        let fields = [("name", "Hanna \"H\" <Meier>"), ("language", "de")];
        let saved = browser.post("/account", "/account", &fields).await;
        assert_eq!((saved.status.as_u16(), saved.location()), (303, "/account?done=profile-saved"));
        let page = browser.get("/account?done=profile-saved").await;
        assert!(page.html.contains("Your profile was saved."), "{}", page.html);
        assert!(page.html.contains("Hanna &#34;H&#34; &#60;Meier&#62;") && page.html.contains("value=\"de\" selected"), "{}", page.html);
        let long = "x".repeat(101);
        for (name, language, problem) in [
            (" ", "de", "The name must not be empty."),
            (long.as_str(), "de", "The name must not have more than 100 characters."),
            ("Hanna", "xx", "The language is none that we write in."),
        ] {
            let wrong = browser.post("/account", "/account", &[("name", name), ("language", language)]).await;
            assert!(wrong.status == 422 && wrong.html.contains(problem), "{}", wrong.html);
        }
        // Nothing else of the account can be set this way.
        let more = [("name", "Hanna"), ("language", "en"), ("role", "admin"), ("email", "thief@example.org")];
        browser.post("/account", "/account", &more).await;
        let kept = "SELECT COUNT(*) FROM users WHERE name = 'Hanna' AND role = 'user' AND email = 'hanna@example.org'";
        assert_eq!(app.database.number(kept).await, 1);
        let entries = "SELECT COUNT(*) FROM audit_entries WHERE action = 'user.change'";
        assert_eq!(app.database.number(entries).await, 2, "mistakes changed nothing");
    }

    async fn a_new_password_ends_all_but_the_session_in_use(app: TestApp) {
        let id = user(&app, EMAIL, InstanceRole::User).await;
        let (mut here, mut there) = (Browser::new(&app), Browser::new(&app));
        here.sign_in(EMAIL, PASSWORD).await;
        there.sign_in(EMAIL, PASSWORD).await;
        let token = token_of(&app, id).await;
        let caller = caller_of(&app, &signed_in(&app, EMAIL).await).await;
        email::ask(&app.app, &caller, "hanna@example.net", PASSWORD).await.expect("asked");
        let page = "/account/password";
        for (current, new, problem) in [
            ("wrong horse", OTHER, "Your password is wrong."),
            ("", OTHER, "Your password is wrong."),
            (PASSWORD, "password", "is one that many people use"),
            (PASSWORD, EMAIL, "must not be your name or address"),
        ] {
            let seen = here.post(page, page, &[("current_password", current), ("new_password", new)]).await;
            assert!(seen.status == 422 && seen.html.contains(problem), "{}", seen.html);
            assert!(!seen.html.contains(&format!("value=\"{PASSWORD}")), "passwords are not sent back");
        }
        assert_eq!(there.get("/account").await.status, 200);
        let done = here.post(page, page, &[("current_password", PASSWORD), ("new_password", OTHER)]).await;
        assert_eq!((done.status.as_u16(), done.location()), (303, "/account/password?done=password-changed"));
        assert_eq!((here.get("/account").await.status.as_u16(), there.get("/account").await.status.as_u16()), (200, 303));
        assert!(sessions::actor_of_token(&app.app, &token).await.expect("an answer").is_none());
        assert_eq!(app.database.number("SELECT COUNT(*) FROM email_changes").await, 0);
        assert_eq!(app.database.number("SELECT COUNT(*) FROM one_time_links").await, 0);
        assert_eq!(letter_to(&app, EMAIL, 2).await.subject, "Your password was changed");
        assert!(try_password(&app, EMAIL, PASSWORD).await.is_err());
        assert!(try_password(&app, EMAIL, OTHER).await.is_ok());
    }

    async fn a_first_password_is_set_soon_after_a_sign_in_only(app: TestApp) {
        user(&app, EMAIL, InstanceRole::User).await;
        let caller = caller_of(&app, &signed_in(&app, EMAIL).await).await;
        without_password(&app).await;
        app.clock.advance_ms(16 * MINUTE_MS);
        for outcome in [
            password::change_password(&app.app, &caller, "", OTHER).await,
            email::ask(&app.app, &caller, "hanna@example.net", "").await,
            deletion::delete_account(&app.app, &caller, Proof { current_password: "", email: EMAIL }).await,
        ] {
            assert!(matches!(outcome, Err(ServiceError::Conflict(_))), "{outcome:?}");
        }
        app.clock.jump_ms(-2 * MINUTE_MS);
        password::change_password(&app.app, &caller, "", OTHER).await.expect("set");
        assert!(try_password(&app, EMAIL, OTHER).await.is_ok());
    }

    async fn of_twenty_changes_at_once_one_sets_the_password(app: TestApp) {
        user(&app, EMAIL, InstanceRole::User).await;
        let caller = caller_of(&app, &signed_in(&app, EMAIL).await).await;
        let passwords: Vec<String> = (0..20).map(|index| format!("horse number {index}")).collect();
        let tries = join_all(passwords.iter().map(|new| password::change_password(&app.app, &caller, PASSWORD, new))).await;
        let good: Vec<usize> = (0..20).filter(|index| tries[*index].is_ok()).collect();
        assert_eq!(good.len(), 1, "{tries:?}");
        assert!(try_password(&app, EMAIL, &passwords[good[0]]).await.is_ok());
    }

    async fn an_account_is_deleted_with_all_that_opens_it(app: TestApp) {
        user(&app, "ada@example.org", InstanceRole::Admin).await;
        let id = user(&app, EMAIL, InstanceRole::User).await;
        owner_of_new_workspace(&app, "Shared", &[id, user(&app, "second@example.org", InstanceRole::User).await]).await;
        let token = token_of(&app, id).await;
        let (mut here, mut there) = (Browser::new(&app), Browser::new(&app));
        here.sign_in(EMAIL, PASSWORD).await;
        there.sign_in(EMAIL, PASSWORD).await;
        let page = "/account/delete";
        let wrong = here.post(page, page, &[("current_password", "wrong horse"), ("email", EMAIL)]).await;
        assert!(wrong.status == 422 && wrong.html.contains("Your password is wrong."), "{}", wrong.html);
        let done = here.post(page, page, &[("current_password", PASSWORD)]).await;
        assert_eq!((done.status.as_u16(), done.location()), (303, "/login?done=account-deleted"));
        assert_eq!(here.session(), None);
        assert_eq!(there.get("/account").await.status, 303);
        assert!(sessions::actor_of_token(&app.app, &token).await.expect("an answer").is_none());
        assert!(try_password(&app, EMAIL, PASSWORD).await.is_err());
        assert_eq!(letters_to(&app, EMAIL, 1).await[0].subject, "Your account was deleted");
    }

    async fn the_last_owner_of_a_workspace_stays_and_is_told_of_which(app: TestApp) {
        user(&app, "ada@example.org", InstanceRole::Admin).await;
        let id = user(&app, EMAIL, InstanceRole::User).await;
        let second = user(&app, "second@example.org", InstanceRole::User).await;
        owner_of_new_workspace(&app, "Garden <club>", &[id]).await;
        let shared = owner_of_new_workspace(&app, "Shared", &[id, second]).await;
        let mut browser = Browser::new(&app);
        browser.sign_in(EMAIL, PASSWORD).await;
        let page = browser.get("/account/delete").await;
        let (_, panel) = page.html.split_once("aria-label=\"Delete your account\"").expect("the panel");
        assert!(panel.contains("Garden &#60;club&#62;") && !panel.contains("Shared"), "{panel}");
        let refused = browser.post("/account", "/account/delete", &[("current_password", PASSWORD)]).await;
        assert_eq!(refused.status, 422);
        assert!(browser.get("/account").await.status == 200);
        // Of two last owners who leave at once one stays.
        app.database.execute("DELETE FROM workspace_members WHERE workspace_id NOT IN (SELECT id FROM workspaces WHERE name = 'Shared')").await;
        let callers = [caller_of(&app, &signed_in(&app, EMAIL).await).await, caller_of(&app, &signed_in(&app, "second@example.org").await).await];
        let proof = Proof { current_password: PASSWORD, email: "" };
        let both = join_all(callers.iter().map(|caller| deletion::delete_account(&app.app, caller, proof))).await;
        assert_eq!(both.iter().filter(|outcome| outcome.is_ok()).count(), 1, "{both:?}");
        assert_eq!(app.app.store.list_members(shared, None, 10).await.expect("members").len(), 1);
    }

    async fn the_last_administrator_stays(app: TestApp) {
        user(&app, "ada@example.org", InstanceRole::Admin).await;
        let caller = caller_of(&app, &signed_in(&app, "ada@example.org").await).await;
        let proof = Proof { current_password: PASSWORD, email: "" };
        let refused = deletion::delete_account(&app.app, &caller, proof).await;
        let Err(ServiceError::Conflict(message)) = refused else { panic!("{refused:?}") };
        assert!(message.contains("last administrator"), "{message}");
        user(&app, "second@example.org", InstanceRole::Admin).await;
        deletion::delete_account(&app.app, &caller, proof).await.expect("another one is left");
    }

    async fn who_has_no_password_types_the_address_to_delete_the_account(app: TestApp) {
        user(&app, "ada@example.org", InstanceRole::Admin).await;
        user(&app, EMAIL, InstanceRole::User).await;
        let caller = caller_of(&app, &signed_in(&app, EMAIL).await).await;
        without_password(&app).await;
        for email in ["", "ada@example.org"] {
            let refused = deletion::delete_account(&app.app, &caller, Proof { current_password: "", email }).await;
            assert!(matches!(refused, Err(ServiceError::Invalid(_))), "{refused:?}");
        }
        let proof = Proof { current_password: "", email: " Hanna@example.org" };
        deletion::delete_account(&app.app, &caller, proof).await.expect("deleted");
    }

    async fn no_token_is_enough_to_change_the_own_account(app: TestApp) {
        let id = user(&app, EMAIL, InstanceRole::User).await;
        let secret = token_of(&app, id).await;
        let actor = sessions::actor_of_token(&app.app, &secret).await.expect("an answer").expect("somebody");
        let caller = formhold_domain::access::Caller { actor, ..visitor() };
        let refused = [
            password::change_password(&app.app, &caller, PASSWORD, OTHER).await,
            email::ask(&app.app, &caller, "hanna@example.net", PASSWORD).await,
            email::cancel(&app.app, &caller).await,
            formhold_service::own::profile::change_profile(&app.app, &caller, "Hanna", "en").await,
            formhold_service::own::picture::remove_picture(&app.app, &caller).await,
            deletion::delete_account(&app.app, &caller, Proof { current_password: PASSWORD, email: EMAIL }).await,
        ];
        assert!(refused.iter().all(|it| matches!(it, Err(ServiceError::Forbidden(_)))), "{refused:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_took_over_a_session_cannot_try_passwords_without_end() {
    let app = TestApp::start_with(formhold_testkit::Stack::Sqlite, |settings| {
        settings.limits.login_account =
            formhold_domain::Limit::At("3/min".parse().expect("a quota"));
    })
    .await;
    user(&app, EMAIL, InstanceRole::User).await;
    let caller = caller_of(&app, &signed_in(&app, EMAIL).await).await;
    for _ in 0..3 {
        let wrong = password::change_password(&app.app, &caller, "wrong horse", OTHER).await;
        assert!(matches!(wrong, Err(ServiceError::Invalid(_))), "{wrong:?}");
    }
    let proof = Proof { current_password: PASSWORD, email: "" };
    let refused = deletion::delete_account(&app.app, &caller, proof).await;
    assert!(matches!(refused, Err(ServiceError::TooMany(_))), "{refused:?}");
}
