//! Workspaces and their members: who may do what, and when it counts.

use formhold_domain::{
    WorkspaceId,
    access::{Actor, InstanceRole, WorkspaceRole},
};
use formhold_service::{ServiceError, members, users, workspaces};
use formhold_testkit::on_both_stacks;
use futures_util::future::join_all;
use serde_json::json;

use super::{
    operator,
    people::{Somebody, is_forbidden, is_hidden, workspace},
};

on_both_stacks! {
    async fn whoever_makes_a_workspace_owns_it_and_others_do_not_know_of_it(app: TestApp) {
        let admin = Somebody::new(&app, "admin@example.org", InstanceRole::Admin).await;
        let user = Somebody::new(&app, "hanna@example.org", InstanceRole::User).await;
        let node = &app.app;
        let refused = workspaces::create_workspace(node, &user.caller(&app).await, "Garden").await;
        assert!(is_forbidden(&refused), "{refused:?}");
        for name in ["", "  ", "a\nb", &"x".repeat(101)] {
            let refused = workspaces::create_workspace(node, &admin.caller(&app).await, name).await;
            assert!(matches!(refused, Err(ServiceError::Invalid(_))), "{name}: {refused:?}");
        }
        let made = workspaces::create_workspace(node, &admin.caller(&app).await, " Garden ").await.expect("made");
        assert_eq!((made.name.as_str(), made.version), ("Garden", 1));
        let members = members::list_members(node, &admin.caller(&app).await, made.id, None, 10).await.expect("members");
        assert_eq!(members.iter().map(|it| (it.user_id, it.role)).collect::<Vec<_>>(), [(admin.id, WorkspaceRole::Owner)]);

        let other = Somebody::member(&app, "owner@example.org", workspace(&app, "Other").await, WorkspaceRole::Owner).await;
        for stranger in [&user, &other] {
            let caller = stranger.caller(&app).await;
            assert!(is_hidden(&workspaces::get_workspace(node, &caller, made.id).await));
            assert!(is_hidden(&workspaces::rename_workspace(node, &caller, made.id, None, "Mine").await));
            assert!(is_hidden(&workspaces::delete_workspace(node, &caller, made.id, None).await));
            assert!(is_hidden(&members::list_members(node, &caller, made.id, None, 10).await));
            assert!(is_hidden(&members::change_member(node, &caller, made.id, admin.id, WorkspaceRole::Viewer).await));
            assert!(is_hidden(&members::remove_member(node, &caller, made.id, admin.id).await));
        }
        // A member of this one is none of that one, and what is not there looks the same.
        let caller = other.caller(&app).await;
        let own = workspaces::list_workspaces(node, &caller, None, 10).await.expect("a list");
        assert_eq!(own.iter().map(|it| it.workspace.name.as_str()).collect::<Vec<_>>(), ["Other"]);
        let own = own[0].workspace.id;
        assert!(is_hidden(&members::change_member(node, &caller, own, admin.id, WorkspaceRole::Viewer).await));
        assert!(is_hidden(&members::remove_member(node, &caller, own, admin.id).await));
        let nowhere = WorkspaceId(node.ids.uuid());
        assert!(is_hidden(&workspaces::get_workspace(node, &admin.caller(&app).await, nowhere).await));
        assert!(is_hidden(&members::list_members(node, &admin.caller(&app).await, nowhere, None, 10).await));
        let all = workspaces::list_workspaces(node, &admin.caller(&app).await, None, 2).await.expect("a list");
        let rest = workspaces::list_workspaces(node, &admin.caller(&app).await, Some(all[1].workspace.id), 2).await.expect("a list");
        let names: Vec<_> = all.iter().chain(&rest).map(|it| it.workspace.name.as_str()).collect();
        assert_eq!(names, ["Main", "Garden", "Other"]);
    }

    async fn a_workspace_is_renamed_by_owners_who_saw_what_it_is_called_now(app: TestApp) {
        let id = workspace(&app, "Garden").await;
        let owner = Somebody::member(&app, "owner@example.org", id, WorkspaceRole::Owner).await;
        for (email, role) in [("editor@example.org", WorkspaceRole::Editor), ("viewer@example.org", WorkspaceRole::Viewer)] {
            let caller = Somebody::member(&app, email, id, role).await.caller(&app).await;
            assert!(is_forbidden(&workspaces::rename_workspace(&app.app, &caller, id, None, "Mine").await));
            assert!(is_forbidden(&workspaces::delete_workspace(&app.app, &caller, id, None).await));
            assert!(is_forbidden(&members::remove_member(&app.app, &caller, id, owner.id).await));
            assert!(workspaces::get_workspace(&app.app, &caller, id).await.is_ok());
        }
        let caller = owner.caller(&app).await;
        let tries = (0..20).map(|number| {
            let (node, caller) = (app.app.clone(), caller.clone());
            async move { workspaces::rename_workspace(&node, &caller, id, Some(1), &format!("Garden {number}")).await }
        });
        let outcomes = join_all(tries).await;
        assert_eq!(outcomes.iter().filter(|it| it.is_ok()).count(), 1);
        assert!(outcomes.iter().all(|it| matches!(it, Ok(_) | Err(ServiceError::Stale(_)))), "{outcomes:?}");
        assert_eq!(app.database.number("SELECT COUNT(*) FROM audit_entries WHERE action = 'workspace.change' AND workspace_id IS NOT NULL").await, 1);
    }

    async fn the_forms_of_a_deleted_workspace_take_nothing_any_more(app: TestApp) {
        let other = app.second_address().await;
        let form = app.form(json!({ "fields": [{ "name": "text", "type": "text" }] })).await;
        let first = WorkspaceId::FIRST;
        let owner = Somebody::member(&app, "owner@example.org", first, WorkspaceRole::Owner).await;
        let path = format!("/f/{}", form.identity.key);
        assert_eq!(app.post(&path, &[("text", "before")]).await.0, 200);
        let caller = owner.caller(&app).await;
        let last = workspaces::delete_workspace(&app.app, &caller, first, None).await;
        assert!(matches!(last, Err(ServiceError::Conflict(_))), "the last one stays: {last:?}");
        let garden = workspace(&app, "Garden").await;
        let stale = workspaces::delete_workspace(&app.app, &caller, first, Some(7)).await;
        assert!(matches!(stale, Err(ServiceError::Stale(_))), "{stale:?}");
        workspaces::delete_workspace(&app.app, &caller, first, Some(1)).await.expect("deleted");
        let (status, _) = app.post(&path, &[("text", "after")]).await;
        assert_eq!(status, 410);
        assert_eq!(app.database.number("SELECT COUNT(*) FROM submissions").await, 1, "what was submitted stays");
        assert_eq!(app.database.number("SELECT COUNT(*) FROM workspace_members").await, 0);
        assert!(is_hidden(&workspaces::get_workspace(&app.app, &owner.caller(&app).await, first).await));
        // Forms that are made without saying where go to the oldest that is left.
        let form = app.form(json!({ "slug": "next", "fields": [{ "name": "text", "type": "text" }] })).await;
        assert_eq!(app.app.store.workspace_of_form(form.identity.id).await.expect("a row"), Some(garden));
        let url = format!("http://{other}/f/{}", form.identity.key);
        let reply = app.client.post(url).form(&[("text", "here")]).send().await.expect("a reply");
        assert!(reply.status().is_success() || reply.status().is_redirection(), "{}", reply.status());
    }

    async fn of_two_workspaces_that_are_deleted_at_once_one_stays(app: TestApp) {
        for _ in 0..5 {
            let all = workspaces::list_workspaces(&app.app, &operator(), None, 10).await.expect("a list");
            let mut ids: Vec<_> = all.iter().map(|it| it.workspace.id).collect();
            while ids.len() < 2 {
                ids.push(workspace(&app, "Another").await);
            }
            let other = app.second_node().await;
            let (caller, nodes) = (operator(), [&app.app, &other]);
            let tries = ids.iter().zip(nodes).map(|(id, node)| workspaces::delete_workspace(node, &caller, *id, None));
            let gone = join_all(tries).await.iter().filter(|it| it.is_ok()).count();
            assert!(gone <= 1, "both are gone");
            assert!(app.database.number("SELECT COUNT(*) FROM workspaces").await >= 1);
        }
    }

    async fn what_a_member_may_changes_on_every_node_at_the_next_request(app: TestApp) {
        let other = app.second_node().await;
        other.kv.connected(std::time::Duration::from_secs(2)).await;
        let id = workspace(&app, "Garden").await;
        let owner = Somebody::member(&app, "owner@example.org", id, WorkspaceRole::Owner).await;
        let hanna = Somebody::member(&app, "hanna@example.org", id, WorkspaceRole::Viewer).await;
        let role = async |node| match hanna.on(node).await.actor {
            Actor::Person(person) => person.role_in(id),
            _ => panic!("nobody ended the session"),
        };
        assert_eq!((role(&app.app).await, role(&other).await), (Some(WorkspaceRole::Viewer), Some(WorkspaceRole::Viewer)));
        let caller = owner.caller(&app).await;
        let changed = members::change_member(&app.app, &caller, id, hanna.id, WorkspaceRole::Editor).await.expect("changed");
        assert_eq!(changed.role, WorkspaceRole::Editor);
        assert_eq!((role(&app.app).await, role(&other).await), (Some(WorkspaceRole::Editor), Some(WorkspaceRole::Editor)));
        members::remove_member(&app.app, &caller, id, hanna.id).await.expect("removed");
        assert_eq!((role(&app.app).await, role(&other).await), (None, None));
        assert!(is_hidden(&members::remove_member(&app.app, &caller, id, hanna.id).await));
    }

    async fn a_workspace_keeps_an_owner_unless_an_admin_acts(app: TestApp) {
        let admin = Somebody::new(&app, "admin@example.org", InstanceRole::Admin).await;
        let id = workspace(&app, "Garden").await;
        let (one, two) = (
            Somebody::member(&app, "one@example.org", id, WorkspaceRole::Owner).await,
            Somebody::member(&app, "two@example.org", id, WorkspaceRole::Owner).await,
        );
        // Both lay down what is theirs at once, or take it from each other.
        let callers = [one.caller(&app).await, two.caller(&app).await];
        let other = app.second_node().await;
        let tries = [
            members::change_member(&app.app, &callers[0], id, one.id, WorkspaceRole::Viewer),
            members::change_member(&other, &callers[1], id, two.id, WorkspaceRole::Viewer),
        ];
        let outcomes = join_all(tries).await;
        assert_eq!(outcomes.iter().filter(|it| it.is_ok()).count(), 1, "{outcomes:?}");
        assert_eq!(app.database.number("SELECT COUNT(*) FROM workspace_members WHERE role = 'owner'").await, 1);
        let (last, caller) = if outcomes[0].is_ok() { (two.id, &callers[1]) } else { (one.id, &callers[0]) };
        let refused = members::remove_member(&app.app, caller, id, last).await;
        assert!(matches!(refused, Err(ServiceError::Conflict(_))), "{refused:?}");
        let caller = admin.caller(&app).await;
        members::remove_member(&app.app, &caller, id, last).await.expect("an admin owns all");
        assert!(workspaces::rename_workspace(&app.app, &caller, id, None, "Orphan").await.is_ok());
    }

    async fn nobody_changes_the_own_role_or_shuts_out_the_own_account_as_an_admin(app: TestApp) {
        use formhold_domain::accounts::UserState;
        use formhold_service::users::UserPatch;
        let admin = Somebody::new(&app, "admin@example.org", InstanceRole::Admin).await;
        let other = Somebody::new(&app, "other@example.org", InstanceRole::Admin).await;
        let (node, caller) = (&app.app, admin.caller(&app).await);
        let down = || UserPatch { role: Some(InstanceRole::User), ..UserPatch::default() };
        let refused = users::change_user(node, &caller, admin.id, None, down()).await;
        assert!(matches!(refused, Err(ServiceError::Conflict(_))), "{refused:?}");
        let refused = users::set_user_state(node, &caller, admin.id, UserState::Disabled).await;
        assert!(matches!(refused, Err(ServiceError::Conflict(_))), "{refused:?}");
        let refused = users::delete_user(node, &caller, admin.id, None).await;
        assert!(matches!(refused, Err(ServiceError::Conflict(_))), "{refused:?}");
        let renamed = UserPatch { name: Some("Ada".to_owned()), role: Some(InstanceRole::Admin), language: None };
        let renamed = users::change_user(node, &caller, admin.id, None, renamed).await.expect("the same role is no change");
        assert_eq!((renamed.name.as_str(), renamed.role), ("Ada", InstanceRole::Admin));
        users::change_user(node, &caller, other.id, None, down()).await.expect("another's role");
        let detail = users::user_detail(node, &caller, admin.id).await.expect("a user");
        assert_eq!((detail.sessions, detail.passkeys, detail.memberships.len()), (1, 0, 0));
        assert_eq!(users::end_sessions(node, &caller, admin.id).await.expect("ended"), 1);
        assert!(matches!(admin.caller(&app).await.actor, Actor::Visitor));
    }
}
