//! Who may what by token: scopes, one workspace, foreign ids.

use formhold_domain::access::InstanceRole;
use formhold_service::workspaces;
use formhold_testkit::on_both_stacks;
use serde_json::json;

use super::{ADMIN, Program, caller, user};

on_both_stacks! {
    async fn a_token_may_what_its_scopes_say_and_never_more_than_its_owner(app: TestApp) {
        let admin = Program::of_admin(&app).await;
        let reader = Program::of(&app, ADMIN, &["users:read"], None).await;
        assert_eq!(reader.get("/users").await.status, 200);
        let new = json!({ "name": "Otto", "email": "otto@example.org" });
        let refused = reader.post("/users", new.clone()).await;
        assert_eq!((refused.status, refused.code()), (403, "FORBIDDEN"));
        assert!(refused.body["detail"].as_str().expect("text").contains("users:write"), "{}", refused.body);
        assert_eq!(reader.get("/audit").await.status, 403);
        assert_eq!(admin.get("/audit").await.status, 200);
        // No token makes another one.
        let token = json!({ "name": "More", "scopes": ["users:write"] });
        assert_eq!(admin.post("/tokens", token).await.status, 403);
        let id = admin.post("/users", new).await.body["id"].as_str().expect("an id").to_owned();
        assert_eq!(admin.patch(&format!("/users/{id}"), json!({ "role": "admin" })).await.status, 200);
        let me = admin.get("/me").await;
        assert_eq!(me.body["token"]["scopes"], json!(["users:read", "users:write", "system:read"]));
    }

    async fn what_is_ended_for_its_owner_is_ended_for_the_token(app: TestApp) {
        let admin = Program::of_admin(&app).await;
        let id = user(&app, "otto@example.org", InstanceRole::User).await;
        let otto = Program::of(&app, "otto@example.org", &["users:read", "submissions:read"], None).await;
        assert_eq!(otto.get("/me").await.status, 200);
        assert_eq!(otto.get("/users").await.status, 403, "its owner is no admin");
        assert_eq!(admin.post(&format!("/users/{id}/disable"), json!(null)).await.status, 200);
        assert_eq!(otto.get("/me").await.code(), "WRONG_TOKEN");
        assert_eq!(admin.post(&format!("/users/{id}/enable"), json!(null)).await.status, 200);
        assert_eq!(otto.get("/me").await.status, 200);
        assert_eq!(admin.delete(&format!("/users/{id}")).await.status, 204);
        assert_eq!(otto.get("/me").await.code(), "WRONG_TOKEN");
    }

    async fn other_workspaces_do_not_exist_for_a_token_of_one(app: TestApp) {
        let admin = Program::of_admin(&app).await;
        let caller = caller(&app, ADMIN).await;
        let own = workspaces::create_workspace(&app.app, &caller, "Own").await.expect("one").id;
        let other = workspaces::create_workspace(&app.app, &caller, "Other").await.expect("one").id;
        let bound = Program::of(&app, ADMIN, &["users:read", "users:write"], Some(own)).await;
        assert_eq!(bound.get(&format!("/workspaces/{own}")).await.status, 200);
        for path in [
            format!("/workspaces/{other}"),
            format!("/workspaces/{other}/members"),
            format!("/workspaces/{other}/invitations"),
        ] {
            assert_eq!(bound.get(&path).await.status, 404, "{path}");
        }
        let path = format!("/workspaces/{other}");
        assert_eq!(bound.patch(&path, json!({ "name": "Mine" })).await.status, 404);
        assert_eq!(bound.delete(&path).await.status, 404);
        let wanted = json!({ "email": "otto@example.org", "role": "owner" });
        assert_eq!(bound.post(&format!("{path}/invitations"), wanted).await.status, 404);
        let listed = bound.get("/workspaces").await;
        assert_eq!(listed.body["items"].as_array().map(Vec::len), Some(1), "{}", listed.body);
        assert_eq!(admin.get(&path).await.body["name"], "Other", "nothing was changed");
        assert_eq!(app.database.number("SELECT COUNT(*) FROM invitations").await, 0);
    }

    async fn who_is_no_member_sees_no_workspace(app: TestApp) {
        let admin = Program::of_admin(&app).await;
        let made = admin.post("/workspaces", json!({ "name": "Garden club" })).await;
        assert_eq!(made.status, 201);
        let path = format!("/workspaces/{}", made.body["id"].as_str().expect("an id"));
        user(&app, "otto@example.org", InstanceRole::User).await;
        let otto = Program::of(&app, "otto@example.org", &["users:read", "submissions:read"], None).await;
        assert_eq!(otto.get(&path).await.status, 404);
        assert_eq!(otto.get(&format!("{path}/members")).await.status, 404);
        assert_eq!(otto.get("/workspaces").await.body["items"], json!([]));
    }
}
