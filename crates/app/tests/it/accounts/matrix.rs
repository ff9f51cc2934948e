//! The table of rights, by HTTP: every route for everybody, in the own workspace and in another one.
//! What is refused has changed nothing in any table.

use formhold_domain::{
    SessionId, TokenId, UserId, WorkspaceId,
    access::{Actor, Caller, InstanceRole, Ruling, WorkspaceRole},
};
use formhold_service::sessions;
use formhold_testkit::{TestApp, on_both_stacks};

use super::{
    PASSWORD,
    browser::{Browser, Seen},
    caller_of, member,
    routes::{ROUTES, Rights, Route},
    signed_in, token, user, visitor, workspace,
};

/// Somebody, and what they have.
struct Somebody<'a> {
    name: &'static str,
    email: String,
    browser: Browser<'a>,
    caller: Caller,
}

async fn somebody<'a>(
    app: &'a TestApp,
    name: &'static str,
    role: InstanceRole,
    membership: Option<(WorkspaceId, WorkspaceRole)>,
) -> Somebody<'a> {
    let email = format!("{name}@example.org");
    let id: UserId = user(app, &email, role).await;
    if let Some((workspace, role)) = membership {
        member(app, workspace, id, role).await;
    }
    let mut browser = Browser::new(app);
    assert_eq!(browser.sign_in(&email, PASSWORD).await.status, 303);
    let opened = signed_in(app, &email).await;
    let caller = caller_of(app, &opened).await;
    Somebody { name, email, browser, caller }
}

impl Somebody<'_> {
    fn is_visitor(&self) -> bool {
        self.caller.actor == Actor::Visitor
    }

    /// A session of theirs that is not the one in use.
    async fn session(&self, app: &TestApp) -> SessionId {
        signed_in(app, &self.email).await.session.id
    }

    async fn token(&self, app: &TestApp) -> TokenId {
        token(app, &self.caller, "users:read", None).await.0
    }

    async fn form_token(&mut self) -> String {
        let page = if self.is_visitor() { "/login" } else { "/account" };
        self.browser.get(page).await.csrf()
    }
}

/// What the table of rights says.
fn expected(route: &Route, actor: &Actor, workspace: WorkspaceId) -> Ruling {
    match (route.rights, actor) {
        (Rights::Everybody | Rights::Elsewhere, _) => Ruling::Allowed,
        (Rights::Nobody, Actor::Visitor) => Ruling::SignIn,
        (Rights::Nobody, _) => Ruling::Hidden,
        (Rights::May(action), _) => actor.may(action, Some(workspace)),
    }
}

/// What an answer says.
fn told(seen: &Seen) -> Result<Ruling, u16> {
    Ok(match seen.status.as_u16() {
        303 if seen.location().starts_with("/login") => Ruling::SignIn,
        // A form that makes no sense is no matter of rights.
        200 | 303 | 409 | 422 => Ruling::Allowed,
        403 => Ruling::Forbidden,
        404 => Ruling::Hidden,
        other => return Err(other),
    })
}

async fn ask(
    who: &mut Somebody<'_>,
    route: &Route,
    asked: &str,
    workspace: WorkspaceId,
    csrf: &str,
) -> Seen {
    if route.method == "GET" {
        return who.browser.get(asked).await;
    }
    let workspace = workspace.to_string();
    let fields: Vec<(&str, &str)> = route
        .fields
        .iter()
        .map(|(name, value)| {
            (*name, if *value == "{workspace}" { workspace.as_str() } else { value })
        })
        .collect();
    who.browser.post_with(csrf, asked, &fields).await
}

on_both_stacks! {
    async fn every_route_lets_in_whom_the_table_of_rights_lets_and_the_others_change_nothing(app: TestApp) {
        use InstanceRole::{Admin, User};
        use WorkspaceRole::{Editor, Owner, Viewer};
        // What changes is compared, and jobs would change by themselves.
        app.stop_worker().await;
        let (here, there) = (workspace(&app, "Here").await, workspace(&app, "There").await);
        let stranger = somebody(&app, "stranger", User, None).await;
        let foreign_token = stranger.token(&app).await.to_string();
        let target = user(&app, "member@example.org", User).await;
        let mut people = vec![
            Somebody { name: "visitor", email: String::new(), browser: Browser::new(&app), caller: visitor() },
            somebody(&app, "user", User, None).await,
            somebody(&app, "viewer", User, Some((here, Viewer))).await,
            somebody(&app, "editor", User, Some((here, Editor))).await,
            somebody(&app, "owner", User, Some((here, Owner))).await,
            somebody(&app, "foreign-owner", User, Some((there, Owner))).await,
            somebody(&app, "admin", Admin, None).await,
        ];
        let queries = app.database.dump_queries().await;
        let (mut allowed, mut refused, mut wrong) = (0, 0, Vec::new());
        for who in &mut people {
            for route in ROUTES.iter().filter(|route| matches!(route.rights, Rights::May(_) | Rights::Nobody)) {
                let is_in_one = route.asked.contains("{workspace}") || route.fields.iter().any(|(_, value)| *value == "{workspace}");
                for workspace in if is_in_one { vec![here, there] } else { vec![here] } {
                    // An earlier line may have removed the membership.
                    member(&app, workspace, target, Viewer).await;
                    let asked = route.asked
                        .replace("{member}", &target.to_string())
                        .replace("{workspace}", &workspace.to_string())
                        .replace("{foreign token}", &foreign_token);
                    let asked = match who.is_visitor() {
                        true => asked.replace("{token}", &foreign_token).replace("{session}", &foreign_token),
                        false if asked.contains("{token}") => asked.replace("{token}", &who.token(&app).await.to_string()),
                        false if asked.contains("{session}") => asked.replace("{session}", &who.session(&app).await.to_string()),
                        false => asked,
                    };
                    let csrf = who.form_token().await;
                    let expected = expected(route, &who.caller.actor, workspace);
                    let before = match expected {
                        Ruling::Allowed => Vec::new(),
                        _ => app.database.dump(&queries).await,
                    };
                    let seen = ask(who, route, &asked, workspace, &csrf).await;
                    let case = format!("{} {} {asked}", who.name, route.method);
                    if told(&seen) != Ok(expected) {
                        wrong.push(format!("{case}: {:?}, not {expected:?}", told(&seen)));
                    }
                    if expected == Ruling::Allowed {
                        allowed += 1;
                        continue;
                    }
                    refused += 1;
                    if app.database.dump(&queries).await != before {
                        wrong.push(format!("{case} was refused, and changed something"));
                    }
                }
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        assert!(allowed > 50 && refused > 50, "{allowed} allowed, {refused} refused");
        // The dump is no dead letter: it sees what a change leaves behind.
        let before = app.database.dump(&queries).await;
        sessions::end_other_sessions(&app.app, &people[1].caller).await.expect("ended");
        assert_ne!(app.database.dump(&queries).await, before);
    }
}
