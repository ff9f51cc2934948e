//! API tokens: who makes which, what they open, and what ends them.

use formhold_domain::{
    Bearer, WorkspaceId,
    access::{Actor, Caller, InstanceRole, Via, WorkspaceRole},
    accounts::UserState,
};
use formhold_service::{
    ServiceError, sessions,
    tokens::{self, TokenIn},
    users,
};
use formhold_testkit::{TestApp, on_both_stacks};
use futures_util::future::join_all;

use super::{
    PASSWORD, browser::Browser, caller_of, member, operator, signed_in, token, user, workspace,
};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

fn wanted(scopes: &[&str]) -> TokenIn {
    let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
    TokenIn { name: "Script".to_owned(), scopes, ..TokenIn::default() }
}

async fn opens(app: &TestApp, text: &str) -> bool {
    holder(app, text).await.is_some()
}

async fn holder(app: &TestApp, text: &str) -> Option<Actor> {
    let secret = Bearer::parse_token(text).expect("a token");
    sessions::actor_of_token(&app.app, &secret).await.expect("an answer")
}

on_both_stacks! {
    async fn a_token_is_made_on_its_page_shown_once_and_revoked(app: TestApp) {
        let id = user(&app, "hanna@example.org", InstanceRole::User).await;
        member(&app, WorkspaceId::FIRST, id, WorkspaceRole::Editor).await;
        let mut browser = Browser::new(&app);
        browser.sign_in("hanna@example.org", PASSWORD).await;
        let empty = browser.get("/account/tokens").await;
        assert!(empty.html.contains("No tokens yet"), "{}", empty.html);
        let new = browser.get("/account/tokens/new").await;
        for (scope, offered) in [
            ("forms:read", true), ("submissions:forward", true), ("exports:read", true), ("users:read", true),
            ("users:write", false), ("system:read", false),
        ] {
            assert_eq!(new.html.contains(&format!("value=\"{scope}\"")), offered, "{scope}");
        }
        let path = "/account/tokens/new";
        let wrong = browser.post(path, path, &[("name", " "), ("expires_in_days", "0")]).await;
        assert_eq!(wrong.status, 422);
        for sentence in ["The name must not be empty.", "What it allows must not be empty.", "The time must be 1 to 3650 days"] {
            assert!(wrong.html.contains(sentence), "{sentence}: {}", wrong.html);
        }
        let first = WorkspaceId::FIRST.to_string();
        let fields = [
            ("name", "Nightly <export>"), ("scopes", "forms:read"), ("scopes", "exports:read"),
            ("workspace_id", &first), ("expires_in_days", "30"),
        ];
        let made = browser.post(path, path, &fields).await;
        assert_eq!(made.status, 200, "{}", made.html);
        assert_eq!(made.headers["cache-control"], "no-store");
        assert!(made.html.contains("Nightly &#60;export&#62;"), "{}", made.html);
        let start = made.html.find("value=\"fh_").expect("the token") + 7;
        let secret = made.html[start..start + 46].to_owned();
        assert!(opens(&app, &secret).await);
        let list = browser.get("/account/tokens").await;
        assert!(list.html.contains("Nightly") && list.html.contains("<code class=\"tag\">exports:read</code>"));
        assert!(!list.html.contains(&secret), "shown once");
        let at = list.html.find("/revoke\"").expect("a button");
        let revoke = format!("/account/tokens/{}/revoke", &list.html[at - 36..at]);
        assert!(browser.get(&revoke).await.html.contains("Revoke the token Nightly &#60;export&#62;?"));
        let other = user(&app, "other@example.org", InstanceRole::Admin).await;
        let mut foreign = Browser::new(&app);
        foreign.sign_in("other@example.org", PASSWORD).await;
        assert_eq!(foreign.get(&revoke).await.status, 404, "{other}");
        assert_eq!(foreign.post("/account", &revoke, &[]).await.status, 404);
        assert!(opens(&app, &secret).await, "it is still there");
        let done = browser.post(&revoke, &revoke, &[]).await;
        assert_eq!((done.status.as_u16(), done.location()), (303, "/account/tokens?done=token-revoked"));
        assert!(!opens(&app, &secret).await);
        assert_eq!(browser.post("/account", &revoke, &[]).await.status, 404, "once");
        assert_eq!(browser.get("/account/tokens?cursor=nonsense").await.status, 200);
        let trail = app.app.store.list_audit(&Default::default(), None, 100).await.expect("rows");
        let of_tokens: Vec<_> = trail.iter().filter(|row| row.action.starts_with("token.")).collect();
        let seen: Vec<_> = of_tokens.iter().map(|row| (&*row.action, row.workspace_id)).collect();
        assert_eq!(seen, [("token.revoke", Some(WorkspaceId::FIRST)), ("token.create", Some(WorkspaceId::FIRST))]);
        assert!(!format!("{trail:?}").contains(&secret[3..]), "no secrets");
    }

    async fn nobody_makes_a_token_that_is_of_no_use_or_reaches_elsewhere(app: TestApp) {
        let id = user(&app, "hanna@example.org", InstanceRole::User).await;
        let elsewhere = workspace(&app, "Elsewhere").await;
        let opened = signed_in(&app, "hanna@example.org").await;
        let caller = caller_of(&app, &opened).await;
        let made = |wanted| tokens::create_token(&app.app, &caller, wanted);
        for scope in ["forms:read", "submissions:forward", "users:write", "system:read", "everything", ""] {
            let refused = made(wanted(&[scope])).await;
            assert!(matches!(&refused, Err(ServiceError::Invalid(problems)) if problems[0].field == "scopes"), "{scope}: {refused:?}");
        }
        for workspace_id in [elsewhere, WorkspaceId(app.app.ids.uuid())] {
            let refused = made(TokenIn { workspace_id: Some(workspace_id), ..wanted(&["submissions:read"]) }).await;
            assert!(matches!(refused, Err(ServiceError::NotFound(_))), "{refused:?}");
        }
        // What belongs to the own account needs no workspace; a token makes no token.
        let (_, own) = token(&app, &caller, "submissions:read users:read", None).await;
        let by_token = Caller { actor: holder(&app, &own).await.expect("a holder"), ..caller.clone() };
        let refused = tokens::create_token(&app.app, &by_token, wanted(&["users:read"])).await;
        assert!(matches!(refused, Err(ServiceError::Forbidden(_))), "{refused:?}");
        // An admin sees every workspace, but none that is not there.
        user(&app, "ada@example.org", InstanceRole::Admin).await;
        let opened = signed_in(&app, "ada@example.org").await;
        let admin = caller_of(&app, &opened).await;
        let (_, bound) = token(&app, &admin, "forms:read users:read", Some(elsewhere)).await;
        assert!(matches!(holder(&app, &bound).await, Some(Actor::Person(person)) if matches!(person.via, Via::Token { workspace: Some(it), .. } if it == elsewhere)));
        let nowhere = Some(WorkspaceId(app.app.ids.uuid()));
        let refused = tokens::create_token(&app.app, &admin, TokenIn { workspace_id: nowhere, ..wanted(&["forms:read"]) }).await;
        assert!(matches!(refused, Err(ServiceError::NotFound(_))), "{refused:?}");
        // Administrators see and revoke the tokens of others; nobody else does.
        let list = tokens::list_tokens(&app.app, &admin, Some(id), None, 10).await.expect("a list");
        assert_eq!(list.len(), 1);
        let foreign = tokens::list_tokens(&app.app, &caller, Some(list[0].user_id), None, 10).await;
        assert!(matches!(foreign, Err(ServiceError::Forbidden(_))), "{foreign:?}");
        let refused = tokens::revoke_token(&app.app, &caller, Some(id), list[0].id).await;
        assert!(matches!(refused, Err(ServiceError::Forbidden(_))), "{refused:?}");
        tokens::revoke_token(&app.app, &admin, Some(id), list[0].id).await.expect("revoked");
        assert!(!opens(&app, &own).await);
    }

    async fn a_token_ends_with_its_time_its_owner_and_itself(app: TestApp) {
        let id = user(&app, "hanna@example.org", InstanceRole::User).await;
        let opened = signed_in(&app, "hanna@example.org").await;
        let caller = caller_of(&app, &opened).await;
        let made = tokens::create_token(&app.app, &caller, TokenIn { expires_in_days: Some(30), ..wanted(&["users:read"]) }).await;
        let short = made.expect("a token").secret.expose_token();
        let (own, long) = token(&app, &caller, "users:read", None).await;
        app.clock.advance_ms(30 * DAY_MS - 1);
        assert!(opens(&app, &short).await && opens(&app, &long).await);
        app.clock.advance_ms(1);
        assert_eq!((opens(&app, &short).await, opens(&app, &long).await), (false, true));
        users::set_user_state(&app.app, &operator(), id, UserState::Disabled).await.expect("disabled");
        assert!(!opens(&app, &long).await);
        let refused = tokens::create_token(&app.app, &caller, wanted(&["users:read"])).await;
        assert!(matches!(refused, Err(ServiceError::SignInRequired)), "{refused:?}");
        users::set_user_state(&app.app, &operator(), id, UserState::Active).await.expect("enabled");
        // A token may revoke itself, and no other.
        let by_token = Caller { actor: holder(&app, &long).await.expect("a holder"), ..caller.clone() };
        let (other, text) = token(&app, &caller, "users:read", None).await;
        let refused = tokens::revoke_token(&app.app, &by_token, None, other).await;
        assert!(matches!(refused, Err(ServiceError::Forbidden(_))), "{refused:?}");
        tokens::revoke_token(&app.app, &by_token, None, own).await.expect("revoked");
        assert!(!opens(&app, &long).await && opens(&app, &text).await);
        users::delete_user(&app.app, &operator(), id, None).await.expect("deleted");
        assert!(!opens(&app, &text).await);
        assert_eq!(app.database.number("SELECT COUNT(*) FROM api_tokens").await, 0);
    }

    async fn twenty_at_once_make_no_more_tokens_than_one_may_have(app: TestApp) {
        user(&app, "hanna@example.org", InstanceRole::User).await;
        let opened = signed_in(&app, "hanna@example.org").await;
        let caller = caller_of(&app, &opened).await;
        for _ in 0..tokens::MAX_TOKENS - 3 {
            token(&app, &caller, "users:read", None).await;
        }
        let node = app.second_node().await;
        let all = (0..20).map(|number| {
            let app = if number % 2 == 0 { &app.app } else { &node };
            tokens::create_token(app, &caller, wanted(&["users:read"]))
        });
        let made = join_all(all).await;
        assert_eq!(made.iter().filter(|made| made.is_ok()).count(), 3, "{made:?}");
        assert!(made.iter().all(|made| matches!(made, Ok(_) | Err(ServiceError::Conflict(_)))));
        // One page after the other, each token once.
        let mut seen = Vec::new();
        let mut before = None;
        loop {
            let page = tokens::list_tokens(&app.app, &caller, None, before, 30).await.expect("a page");
            let Some(last) = page.last() else { break };
            before = Some(last.id);
            seen.extend(page.iter().map(|token| token.id));
        }
        let count = seen.len();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!((count, seen.len()), (100, 100));
        let all = (0..20).map(|_| tokens::revoke_token(&app.app, &caller, None, seen[0]));
        let revoked = join_all(all).await;
        assert_eq!(revoked.iter().filter(|revoked| revoked.is_ok()).count(), 1, "{revoked:?}");
    }
}
