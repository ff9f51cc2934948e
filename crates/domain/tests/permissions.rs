//! The permission table: who may do what, cell by cell.

use formhold_domain::{
    Ids as _, RandomIds, SessionId, TokenId, UserId, WorkspaceId,
    access::{
        Action, Actor, InstanceRole, Membership, Person, Place, RULES, Ruling, Scope, Scopes, Via,
        WorkspaceRole,
    },
};

const OWN: WorkspaceId = WorkspaceId::FIRST;

fn person(role: InstanceRole, member: Option<WorkspaceRole>, via: Via) -> Actor {
    let memberships = member.map(|role| Membership { workspace_id: OWN, role });
    Actor::Person(Person {
        user_id: UserId(RandomIds.uuid()),
        role,
        memberships: memberships.into_iter().collect(),
        via,
    })
}

fn signed_in(role: InstanceRole, member: Option<WorkspaceRole>) -> Actor {
    person(role, member, Via::Session(SessionId(RandomIds.uuid())))
}

fn by_token(scopes: Vec<Scope>, workspace: Option<WorkspaceId>) -> Actor {
    let via = Via::Token { id: TokenId(RandomIds.uuid()), scopes: Scopes::new(scopes), workspace };
    person(InstanceRole::Admin, None, via)
}

fn cell(ruling: Ruling) -> &'static str {
    match ruling {
        Ruling::Allowed => "yes",
        Ruling::SignIn => "sign in",
        Ruling::Forbidden => "no",
        Ruling::Hidden => "hidden",
        Ruling::MissingScope(_) => "scope",
        Ruling::SessionOnly => "session",
    }
}

/// The table as the documents show it.
fn table() -> String {
    let actors = [
        Actor::Visitor,
        signed_in(InstanceRole::User, None),
        signed_in(InstanceRole::User, Some(WorkspaceRole::Viewer)),
        signed_in(InstanceRole::User, Some(WorkspaceRole::Editor)),
        signed_in(InstanceRole::User, Some(WorkspaceRole::Owner)),
        signed_in(InstanceRole::Admin, None),
    ];
    let mut table = "| to | visitor | user | viewer | editor | owner | admin | a token needs |\n\
                     | --- | --- | --- | --- | --- | --- | --- | --- |\n"
        .to_owned();
    for rule in RULES {
        let cells: Vec<&str> =
            actors.iter().map(|actor| cell(actor.may(rule.action, Some(OWN)))).collect();
        let scope = rule
            .scope
            .map_or("(none is enough)".to_owned(), |scope| format!("`{}`", scope.as_str()));
        table += &format!("| {} | {} | {scope} |\n", rule.action.sentence(), cells.join(" | "));
    }
    table
}

#[test]
fn the_documents_show_the_table_that_is_in_force() {
    let documents = include_str!("../../../docs/ACCOUNTS.md");
    assert!(documents.contains(&table()), "docs/ACCOUNTS.md should hold:\n\n{}", table());
}

#[test]
fn each_action_has_exactly_one_row() {
    for rule in RULES {
        let same = RULES.iter().filter(|other| other.action == rule.action).count();
        assert_eq!(same, 1, "{:?}", rule.action);
    }
}

#[test]
fn whoever_is_no_member_may_not_even_know_of_a_workspace() {
    let foreign = WorkspaceId(RandomIds.uuid());
    for role in WorkspaceRole::ALL {
        let actor = signed_in(InstanceRole::User, Some(role));
        for rule in RULES.iter().filter(|rule| matches!(rule.place, Place::Workspace(_))) {
            assert_eq!(actor.may(rule.action, Some(foreign)), Ruling::Hidden, "{:?}", rule.action);
            assert_eq!(actor.may(rule.action, None), Ruling::Hidden, "{:?}", rule.action);
        }
    }
}

#[test]
fn a_token_allows_only_what_its_scopes_say_and_never_more_than_its_owner() {
    for rule in RULES {
        let with_all = by_token(Scope::ALL.to_vec(), None).may(rule.action, Some(OWN));
        let with_none = by_token(Vec::new(), None).may(rule.action, Some(OWN));
        match rule.scope {
            Some(scope) => {
                assert_eq!(with_all, Ruling::Allowed, "{:?}", rule.action);
                assert_eq!(with_none, Ruling::MissingScope(scope), "{:?}", rule.action);
                let others = Scope::ALL.into_iter().filter(|other| *other != scope).collect();
                let ruling = by_token(others, None).may(rule.action, Some(OWN));
                assert_eq!(ruling, Ruling::MissingScope(scope), "{:?}", rule.action);
            }
            None => assert_eq!(with_all, Ruling::SessionOnly, "{:?}", rule.action),
        }
    }
    let stranger = Actor::Person(Person {
        user_id: UserId(RandomIds.uuid()),
        role: InstanceRole::User,
        memberships: Vec::new(),
        via: Via::Token {
            id: TokenId(RandomIds.uuid()),
            scopes: Scopes::new(Scope::ALL.to_vec()),
            workspace: None,
        },
    });
    assert_eq!(stranger.may(Action::SeeUsers, None), Ruling::Forbidden);
    assert_eq!(stranger.may(Action::SeeForms, Some(OWN)), Ruling::Hidden);
}

#[test]
fn a_token_of_one_workspace_reaches_no_other_and_nothing_of_the_instance() {
    let other = WorkspaceId(RandomIds.uuid());
    let actor = by_token(Scope::ALL.to_vec(), Some(OWN));
    assert_eq!(actor.may(Action::SeeForms, Some(OWN)), Ruling::Allowed);
    assert_eq!(actor.may(Action::SeeForms, Some(other)), Ruling::Hidden);
    assert_eq!(actor.may(Action::SeeUsers, None), Ruling::Forbidden);
    assert_eq!(actor.may(Action::CreateWorkspaces, None), Ruling::Forbidden);
}
