//! Invitations: who gets in by one, how often, and what nobody learns from them.

use std::time::Instant;

use formhold_domain::{
    Language, WorkspaceId,
    access::{InstanceRole, WorkspaceRole},
    accounts::Invitation,
};
use formhold_service::{
    ServiceError,
    invitations::{self, InvitationIn},
    members, workspaces,
};
use formhold_testkit::{Stack, TestApp, on_both_stacks};
use futures_util::future::join_all;

use super::{
    letters::letter_to,
    operator,
    people::{Somebody, invited, is_forbidden, is_hidden, workspace},
    user,
};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

fn of(email: &str, role: WorkspaceRole) -> InvitationIn {
    InvitationIn { email: email.to_owned(), role, language: None }
}

async fn invite(app: &TestApp, id: WorkspaceId, email: &str) -> Result<Invitation, ServiceError> {
    invitations::invite(&app.app, &operator(), id, of(email, WorkspaceRole::Editor)).await
}

on_both_stacks! {
    async fn an_invitation_lets_the_owner_of_its_address_in_once_of_twenty_times_at_once(app: TestApp) {
        let id = workspace(&app, "Garden").await;
        let owner = Somebody::member(&app, "owner@example.org", id, WorkspaceRole::Owner).await;
        let wanted = of(" Hanna@Example.org ", WorkspaceRole::Editor);
        let made = invitations::invite(&app.app, &owner.caller(&app).await, id, wanted).await.expect("invited");
        assert_eq!(made.expires_at_ms - made.created_at_ms, 7 * DAY_MS);
        let letter = letter_to(&app, "Hanna@Example.org", 1).await.text;
        assert!(letter.contains("Hanna Meier invites you to work in the workspace \"Garden\""), "{letter}");
        assert!(letter.contains(&format!("{}/invitation?token=", app.app.public_url)), "{letter}");
        let secret = invited(&app, "Hanna@Example.org", 1).await;

        let seen = invitations::look_at(&app.app, &secret).await.expect("open");
        assert_eq!((seen.workspace.as_str(), seen.invited_by.as_ref().map(|name| name.as_str())), ("Garden", Some("Hanna Meier")));
        let thief = Somebody::new(&app, "thief@example.org", InstanceRole::User).await;
        let refused = invitations::accept_invitation(&app.app, &thief.caller(&app).await, &secret).await;
        assert!(is_forbidden(&refused), "{refused:?}");
        for nobody in [crate::accounts::visitor(), operator()] {
            let refused = invitations::accept_invitation(&app.app, &nobody, &secret).await;
            assert!(matches!(refused, Err(ServiceError::SignInRequired)), "{refused:?}");
        }
        let hanna = Somebody::new(&app, "hanna@example.org", InstanceRole::User).await;
        let (caller, other) = (hanna.caller(&app).await, app.second_node().await);
        let tries = (0..20).map(|number| {
            let node = if number % 2 == 0 { &app.app } else { &other };
            invitations::accept_invitation(node, &caller, &secret)
        });
        let outcomes = join_all(tries).await;
        assert_eq!(outcomes.iter().filter(|it| it.is_ok()).count(), 1, "{outcomes:?}");
        let caller = hanna.caller(&app).await;
        assert_eq!(caller.person().and_then(|it| it.role_in(id)), Some(WorkspaceRole::Editor), "at the next request");
        assert_eq!(app.database.number("SELECT COUNT(*) FROM invitations").await, 0);
        assert_eq!(app.database.number("SELECT COUNT(*) FROM audit_entries WHERE action = 'member.add'").await, 1);
        assert!(matches!(invitations::look_at(&app.app, &secret).await, Err(ServiceError::DeadLink)));
    }

    async fn nobody_gets_in_by_an_old_a_revoked_or_a_replaced_invitation(app: TestApp) {
        let id = workspace(&app, "Garden").await;
        let hanna = Somebody::new(&app, "hanna@example.org", InstanceRole::User).await;
        let accept = async |secret| {
            let caller = hanna.caller(&app).await;
            invitations::accept_invitation(&app.app, &caller, secret).await
        };
        invite(&app, id, &hanna.email).await.expect("invited");
        let replaced = invited(&app, &hanna.email, 1).await;
        let second = invite(&app, id, "HANNA@example.org").await.expect("invited again");
        let revoked = invited(&app, "HANNA@example.org", 1).await;
        let open = invitations::list_invitations(&app.app, &operator(), id, None, 10).await.expect("a list");
        assert_eq!(open.iter().map(|it| it.id).collect::<Vec<_>>(), [second.id]);
        let elsewhere = workspace(&app, "Other").await;
        let stranger = Somebody::member(&app, "owner@example.org", elsewhere, WorkspaceRole::Owner).await;
        let caller = stranger.caller(&app).await;
        for place in [id, elsewhere] {
            assert!(is_hidden(&invitations::revoke_invitation(&app.app, &caller, place, second.id).await));
        }
        assert!(is_hidden(&invitations::list_invitations(&app.app, &caller, id, None, 10).await));
        assert!(is_hidden(&invitations::invite(&app.app, &caller, id, of("x@example.org", WorkspaceRole::Owner)).await));
        assert!(matches!(accept(&replaced).await, Err(ServiceError::DeadLink)));
        invitations::revoke_invitation(&app.app, &operator(), id, second.id).await.expect("revoked");
        assert!(matches!(accept(&revoked).await, Err(ServiceError::DeadLink)));
        invite(&app, id, &hanna.email).await.expect("invited");
        let old = invited(&app, &hanna.email, 2).await;
        app.clock.advance_ms(2 * DAY_MS);
        hanna.caller(&app).await;
        app.clock.advance_ms(3 * DAY_MS - 1);
        hanna.caller(&app).await;
        app.clock.advance_ms(2 * DAY_MS);
        assert!(invitations::look_at(&app.app, &old).await.is_ok(), "a moment before it ends");
        app.clock.advance_ms(1);
        assert!(matches!(invitations::look_at(&app.app, &old).await, Err(ServiceError::DeadLink)));
        assert!(matches!(accept(&old).await, Err(ServiceError::DeadLink)));
        let none = invitations::list_invitations(&app.app, &operator(), id, None, 10).await.expect("a list");
        assert_eq!(none, []);
        assert_eq!(invitations::forget_expired(&app.app).await.expect("forgotten"), 1);
        let gone = workspace(&app, "Gone").await;
        invite(&app, gone, &hanna.email).await.expect("invited");
        let lost = invited(&app, &hanna.email, 3).await;
        workspaces::delete_workspace(&app.app, &operator(), gone, None).await.expect("deleted");
        assert!(matches!(accept(&lost).await, Err(ServiceError::DeadLink)));
        assert_eq!(app.database.number("SELECT COUNT(*) FROM workspace_members").await, 1, "the stranger");
    }

    async fn an_invitation_tells_nobody_whether_its_address_has_an_account(app: TestApp) {
        user(&app, "known@example.org", InstanceRole::User).await;
        let id = workspace(&app, "Garden").await;
        let mut times = [Vec::new(), Vec::new()];
        for round in 0..30 {
            // Whichever comes first warms caches up.
            for which in if round % 2 == 0 { [0, 1] } else { [1, 0] } {
                let email = ["known@example.org", "never@example.org"][which];
                let start = Instant::now();
                let made = invite(&app, id, email).await.expect("invited");
                times[which].push(start.elapsed());
                assert_eq!((made.email.as_str(), made.role), (email, WorkspaceRole::Editor));
            }
        }
        let [known, unknown] = times.map(|mut times| {
            times.sort();
            times[times.len() / 2].as_secs_f64()
        });
        assert!(known < unknown * 2.0 && unknown < known * 2.0, "{known} s known, {unknown} s unknown");
        let of_known = letter_to(&app, "known@example.org", 30).await.text;
        let of_unknown = letter_to(&app, "never@example.org", 30).await.text;
        let same = |text: &str| {
            let (before, rest) = text.split_once("token=").expect("a link");
            format!("{before}{}", &rest[43..]).replace("never@", "known@")
        };
        assert_eq!(same(&of_known), same(&of_unknown));
        // Only who is in the workspace, and so is seen by whoever invites, is told of.
        let member = Somebody::member(&app, "member@example.org", id, WorkspaceRole::Viewer).await;
        let refused = invite(&app, id, "Member@example.org").await;
        assert!(matches!(refused, Err(ServiceError::Conflict(_))), "{refused:?}");
        let caller = member.caller(&app).await;
        let refused = invitations::invite(&app.app, &caller, id, of("x@example.org", WorkspaceRole::Viewer)).await;
        assert!(is_forbidden(&refused), "{refused:?}");
        for wrong in ["", "hanna", "a@b@c", "a@example.org\r\nBcc: x@example.org", &format!("{}@example.org", "İ".repeat(31))] {
            let refused = invite(&app, id, wrong).await;
            assert!(matches!(refused, Err(ServiceError::Invalid(_))), "{wrong}: {refused:?}");
        }
    }

    async fn who_is_a_member_already_loses_nothing_by_an_invitation(app: TestApp) {
        let id = workspace(&app, "Garden").await;
        let wanted = InvitationIn { language: Some(Language::parse("de").expect("German")), ..of("hanna@example.org", WorkspaceRole::Viewer) };
        invitations::invite(&app.app, &operator(), id, wanted).await.expect("invited");
        let letter = letter_to(&app, "hanna@example.org", 1).await.text;
        assert!(letter.contains("Formhold lädt Sie ein, im Arbeitsbereich „Garden“"), "{letter}");
        let secret = invited(&app, "hanna@example.org", 1).await;
        // Made an owner in another way before the mail was read.
        let hanna = Somebody::member(&app, "hanna@example.org", id, WorkspaceRole::Owner).await;
        invitations::accept_invitation(&app.app, &hanna.caller(&app).await, &secret).await.expect("joined");
        let role = hanna.caller(&app).await.person().and_then(|it| it.role_in(id));
        assert_eq!(role, Some(WorkspaceRole::Owner));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_user_sends_only_so_many_invitations() {
    let app = TestApp::start_with(Stack::Sqlite, |settings| {
        settings.limits.invitations =
            formhold_domain::Limit::At("2/hour".parse().expect("a quota"));
    })
    .await;
    let id = workspace(&app, "Garden").await;
    let owner = Somebody::member(&app, "owner@example.org", id, WorkspaceRole::Owner).await;
    let caller = owner.caller(&app).await;
    for number in 0..3 {
        let wanted = of(&format!("guest{number}@example.org"), WorkspaceRole::Viewer);
        let outcome = invitations::invite(&app.app, &caller, id, wanted).await;
        match number {
            0 | 1 => assert!(outcome.is_ok(), "{outcome:?}"),
            _ => assert!(matches!(outcome, Err(ServiceError::TooMany(_))), "{outcome:?}"),
        }
    }
    let members = members::list_members(&app.app, &caller, id, None, 10).await.expect("members");
    assert_eq!(members.len(), 1, "an invitation alone makes nobody a member");
}
