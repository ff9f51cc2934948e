//! Users, tokens, workspaces, members and invitations: made, seen, changed and deleted.

use formhold_domain::access::InstanceRole;
use formhold_testkit::on_both_stacks;
use http::Method;
use serde_json::json;

use super::{ADMIN, Program, send, user};

on_both_stacks! {
    async fn a_lost_update_is_noticed(app: TestApp) {
        let admin = Program::of_admin(&app).await;
        let made = admin.post("/users", json!({ "name": "Otto", "email": "otto@example.org", "role": "user", "language": "de" })).await;
        assert_eq!((made.status, made.header("etag")), (201, "\"1\""), "{}", made.body);
        let path = made.header("location").strip_prefix("/api/v1").expect("a path").to_owned();
        let patch = |version: &str, name: &str| {
            let request = admin.request(Method::PATCH, &path).json(&json!({ "name": name }));
            send(if version.is_empty() { request } else { request.header("if-match", version) })
        };
        assert_eq!(patch("\"1\"", "Emil").await.header("etag"), "\"2\"");
        for stale in ["\"1\"", "W/\"2\"", "\"x\"", "2"] {
            let answer = patch(stale, "Ida").await;
            assert_eq!((answer.status, answer.code()), (412, "STALE"), "{stale}");
        }
        assert_eq!(patch("\"1\", \"2\"", "Ida").await.status, 400);
        assert_eq!(admin.get(&path).await.body["name"], "Emil");
        assert_eq!(patch("*", "Ida").await.status, 200);
        assert_eq!(patch("", "Jan").await.header("etag"), "\"4\"", "without a version whichever there is");
        let delete = |version: &str| send(admin.request(Method::DELETE, &path).header("if-match", version));
        assert_eq!(delete("\"1\"").await.status, 412);
        assert_eq!(delete("\"4\"").await.status, 204);
        assert_eq!(delete("\"4\"").await.status, 404);
    }

    async fn the_last_administrator_and_a_taken_address_are_conflicts(app: TestApp) {
        let admin = Program::of_admin(&app).await;
        let id = admin.get("/me").await.body["user"]["id"].as_str().expect("an id").to_owned();
        for answer in [
            admin.patch(&format!("/users/{id}"), json!({ "role": "user" })).await,
            admin.post("/users", json!({ "name": "Ada", "email": "ADA@example.org" })).await,
        ] {
            assert_eq!((answer.status, answer.code()), (409, "CONFLICT"), "{}", answer.body);
        }
    }

    async fn users_are_exported_in_each_format(app: TestApp) {
        let admin = Program::of_admin(&app).await;
        user(&app, "otto@example.org", InstanceRole::User).await;
        for (format, kind) in [("csv", "text/csv"), ("ndjson", "application/x-ndjson"), ("json", "application/json"), ("xlsx", "application/vnd.")] {
            let request = admin.request(Method::GET, &format!("/users/export?format={format}&q=otto"));
            let response = request.send().await.expect("a reply");
            assert!(response.headers()["content-type"].to_str().expect("text").starts_with(kind), "{format}");
            let content = response.bytes().await.expect("a file");
            assert!(content.len() > 20, "{format}");
            if format == "csv" {
                let text = String::from_utf8_lossy(&content).into_owned();
                assert!(text.contains("otto@example.org") && !text.contains(ADMIN), "{text}");
            }
        }
        assert_eq!(admin.get("/users/export?format=pdf").await.status, 400);
        assert_eq!(admin.get("/users/export").await.status, 400);
        assert_eq!(admin.get("/audit?action=user.export").await.body["items"].as_array().map(Vec::len), Some(4));
    }

    async fn a_token_sees_and_revokes_itself(app: TestApp) {
        let admin = Program::of_admin(&app).await;
        let other = Program::of(&app, ADMIN, &["users:read"], None).await;
        let listed = admin.get("/tokens").await;
        let items = listed.body["items"].as_array().expect("items");
        assert_eq!(items.len(), 2, "{}", listed.body);
        assert!(!listed.body.to_string().contains("fh_"));
        let own = other.get("/me").await.body["token"]["id"].as_str().expect("an id").to_owned();
        assert_eq!(other.get(&format!("/tokens/{own}")).await.body["name"], "Test");
        assert_eq!(admin.delete(&format!("/tokens/{own}")).await.status, 403, "that takes a session");
        assert_eq!(other.delete(&format!("/tokens/{own}")).await.status, 204);
        assert_eq!(other.get("/me").await.status, 401);
        user(&app, "otto@example.org", InstanceRole::User).await;
        let otto = Program::of(&app, "otto@example.org", &["users:read", "submissions:read"], None).await;
        let foreign = items[1]["id"].as_str().expect("an id");
        assert_eq!(otto.get(&format!("/tokens/{foreign}")).await.status, 404);
    }

    async fn a_workspace_lives_with_its_members_and_invitations(app: TestApp) {
        let admin = Program::of_admin(&app).await;
        let made = admin.post("/workspaces", json!({ "name": "Garden club" })).await;
        assert_eq!((made.status, made.header("etag")), (201, "\"1\""), "{}", made.body);
        let path = made.header("location").strip_prefix("/api/v1").expect("a path").to_owned();
        let renamed = send(admin.request(Method::PATCH, &path).header("if-match", "\"1\"").json(&json!({ "name": "Garden" }))).await;
        assert_eq!((renamed.status, &renamed.body["name"]), (200, &json!("Garden")));
        let stale = send(admin.request(Method::PATCH, &path).header("if-match", "\"1\"").json(&json!({ "name": "G" }))).await;
        assert_eq!(stale.status, 412);
        let members = admin.get(&format!("{path}/members")).await;
        assert_eq!(members.body["items"][0]["role"], "owner", "{}", members.body);
        let invited = admin.post(&format!("{path}/invitations"), json!({ "email": "otto@example.org", "role": "viewer" })).await;
        assert_eq!(invited.status, 201, "{}", invited.body);
        let listed = admin.get(&format!("{path}/invitations")).await;
        assert_eq!(listed.body["items"][0]["email"], "otto@example.org");
        let id = invited.body["id"].as_str().expect("an id");
        assert_eq!(admin.delete(&format!("{path}/invitations/{id}")).await.status, 204);
        assert_eq!(admin.delete(&format!("{path}/invitations/{id}")).await.status, 404);
        assert_eq!(admin.delete(&path).await.status, 204);
        assert_eq!(admin.get(&path).await.status, 404);
    }
}
