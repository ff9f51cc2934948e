//! The table of rights, for the API: every operation for everybody, in the own workspace and in another
//! one. What is refused has changed nothing in any table.

use std::collections::BTreeSet;

use formhold_domain::{
    WorkspaceId,
    access::{Action, Actor, Caller, InstanceRole, Ruling, WorkspaceRole},
};
use formhold_testkit::{TestApp, on_both_stacks};
use http::Method;
use serde_json::{Value, json};

use super::{Program, send, user};
use crate::{
    accounts::{caller_of, member, signed_in, workspace},
    deliveries::scene,
    inbox::{form_in, submitted},
};

/// Who may use an operation.
#[derive(Debug, Clone, Copy)]
enum Rights {
    /// Whom the table of rights lets do this; in the workspace that is asked for, where it takes
    /// place in one.
    May(Action),
    /// Nobody: what is asked for is somebody else's.
    Nobody,
    /// Who may rests on a secret in the request, or on more than the table: tests of its own.
    Elsewhere,
}

use Action::{
    ChangeForms, ChangeJobs, ChangeMembers, ChangeOwnAccount, ChangeSubmissions, ChangeUsers,
    ChangeWorkspace, CreateWorkspaces, ExportSubmissions, SeeAudit, SeeForms, SeeJobs, SeeMembers,
    SeeOwnAccount, SeeOwnSubmissions, SeeStats, SeeSubmissions, SeeSystem, SeeUsers, SeeWorkspace,
    SeeWorkspaceAudit,
};
use Rights::{Elsewhere, May, Nobody};

/// The name of each operation, how to ask for it, and who may. What an allowed request would destroy
/// is asked for with a version that is none.
const OPERATIONS: &[(&str, &str, &str, Rights)] = &[
    ("login", "", "", Elsewhere),
    ("login_factor", "", "", Elsewhere),
    ("logout", "", "", Elsewhere),
    ("register", "", "", Elsewhere),
    ("verify_email", "", "", Elsewhere),
    ("forgot_password", "", "", Elsewhere),
    ("reset_password", "", "", Elsewhere),
    ("get_me", "GET", "/me", May(SeeOwnAccount)),
    ("change_me", "PATCH", "/me", May(ChangeOwnAccount)),
    ("list_sessions", "GET", "/me/sessions", May(SeeOwnAccount)),
    ("end_session", "DELETE", "/me/sessions/{session}", Nobody),
    ("list_submissions", "GET", "/me/submissions", May(SeeOwnSubmissions)),
    ("get_totp", "GET", "/me/totp", May(SeeOwnAccount)),
    ("begin_totp", "POST", "/me/totp", May(ChangeOwnAccount)),
    ("confirm_totp", "POST", "/me/totp/confirm", May(ChangeOwnAccount)),
    ("disable_totp", "POST", "/me/totp/disable", May(ChangeOwnAccount)),
    ("create_recovery_codes", "POST", "/me/totp/recovery-codes", May(ChangeOwnAccount)),
    ("list_tokens", "GET", "/tokens", May(SeeOwnAccount)),
    ("create_token", "POST", "/tokens", May(ChangeOwnAccount)),
    ("get_token", "", "", Elsewhere),
    ("revoke_token", "", "", Elsewhere),
    ("list_users", "GET", "/users", May(SeeUsers)),
    ("create_user", "POST", "/users", May(ChangeUsers)),
    ("get_user", "GET", "/users/{user}", May(SeeUsers)),
    ("change_user", "PATCH", "/users/{user}", May(ChangeUsers)),
    ("delete_user", "DELETE", "/users/{user}", May(ChangeUsers)),
    ("disable_user", "POST", "/users/{user}/disable", May(ChangeUsers)),
    ("enable_user", "POST", "/users/{user}/enable", May(ChangeUsers)),
    ("export_users", "GET", "/users/export?format=csv", May(SeeUsers)),
    ("list_workspaces", "", "", Elsewhere),
    ("create_workspace", "POST", "/workspaces", May(CreateWorkspaces)),
    ("get_workspace", "GET", "/workspaces/{workspace}", May(SeeWorkspace)),
    ("rename_workspace", "PATCH", "/workspaces/{workspace}", May(ChangeWorkspace)),
    ("delete_workspace", "DELETE", "/workspaces/{workspace}", May(ChangeWorkspace)),
    ("list_members", "GET", "/workspaces/{workspace}/members", May(SeeMembers)),
    ("get_member", "GET", "/workspaces/{workspace}/members/{user}", May(SeeMembers)),
    ("change_member", "PATCH", "/workspaces/{workspace}/members/{user}", May(ChangeMembers)),
    ("remove_member", "DELETE", "/workspaces/{workspace}/members/{user}", May(ChangeMembers)),
    ("list_invitations", "GET", "/workspaces/{workspace}/invitations", May(SeeMembers)),
    ("create_invitation", "POST", "/workspaces/{workspace}/invitations", May(ChangeMembers)),
    ("revoke_invitation", "", "", Elsewhere),
    ("list_form_submissions", "GET", "/forms/{form}/submissions", May(SeeSubmissions)),
    ("act_on_submissions", "POST", "/forms/{form}/submissions/bulk", May(ChangeSubmissions)),
    ("export_submissions", "GET", "/forms/{form}/export?format=csv", May(ExportSubmissions)),
    ("list_form_tags", "GET", "/forms/{form}/tags", May(SeeSubmissions)),
    ("get_submission", "GET", "/submissions/{submission}", May(SeeSubmissions)),
    ("change_submission", "PATCH", "/submissions/{submission}", May(ChangeSubmissions)),
    ("delete_submission", "DELETE", "/submissions/{submission}", May(ChangeSubmissions)),
    (
        "delete_submission",
        "DELETE",
        "/submissions/{submission}?for_good=true",
        May(ChangeSubmissions),
    ),
    ("restore_submission", "POST", "/submissions/{submission}/restore", May(ChangeSubmissions)),
    ("list_submission_notes", "GET", "/submissions/{submission}/notes", May(SeeSubmissions)),
    ("add_submission_note", "POST", "/submissions/{submission}/notes", May(ChangeSubmissions)),
    ("delete_submission_note", "", "", Elsewhere),
    ("list_submission_history", "GET", "/submissions/{submission}/history", May(SeeSubmissions)),
    ("list_forms", "GET", "/forms?workspace_id={workspace}", May(SeeForms)),
    ("create_form", "POST", "/forms?workspace_id={workspace}", May(ChangeForms)),
    ("get_form", "GET", "/forms/{form}", May(SeeForms)),
    ("change_form", "PATCH", "/forms/{form}", May(ChangeForms)),
    ("delete_form", "DELETE", "/forms/{form}", May(ChangeForms)),
    ("duplicate_form", "POST", "/forms/{form}/duplicate", May(ChangeForms)),
    // Of a form that is not in the trash there is none to take out.
    ("restore_form", "", "", Elsewhere),
    ("get_definition", "GET", "/forms/{form}/definition", May(SeeForms)),
    ("put_definition", "PUT", "/forms/{form}/definition", May(ChangeForms)),
    ("list_form_versions", "GET", "/forms/{form}/versions", May(SeeForms)),
    ("get_form_version", "GET", "/forms/{form}/versions/1", May(SeeForms)),
    ("restore_form_version", "POST", "/forms/{form}/versions/1/restore", May(ChangeForms)),
    ("list_channels", "GET", "/forms/{told form}/channels", May(ChangeForms)),
    ("create_channel", "POST", "/forms/{told form}/channels", May(ChangeForms)),
    ("get_channel", "GET", "/channels/{channel}", May(ChangeForms)),
    ("change_channel", "PATCH", "/channels/{channel}", May(ChangeForms)),
    ("delete_channel", "DELETE", "/channels/{channel}", May(ChangeForms)),
    ("test_channel", "POST", "/channels/{channel}/test", May(ChangeForms)),
    ("create_channel_secret", "POST", "/channels/{channel}/secret", May(ChangeForms)),
    ("list_channel_deliveries", "GET", "/channels/{channel}/deliveries", May(ChangeSubmissions)),
    (
        "retry_channel_deliveries",
        "POST",
        "/channels/{channel}/deliveries/retry",
        May(ChangeSubmissions),
    ),
    (
        "list_submission_deliveries",
        "GET",
        "/submissions/{told submission}/deliveries",
        May(ChangeSubmissions),
    ),
    ("get_delivery", "GET", "/deliveries/{delivery}", May(ChangeSubmissions)),
    ("retry_delivery", "POST", "/deliveries/{delivery}/retry", May(ChangeSubmissions)),
    ("list_jobs", "GET", "/system/jobs", May(SeeJobs)),
    ("list_jobs", "GET", "/system/jobs?workspace_id={workspace}", May(ChangeSubmissions)),
    ("get_job", "GET", "/system/jobs/{delivery}", May(ChangeSubmissions)),
    ("retry_job", "POST", "/system/jobs/{delivery}/retry", May(ChangeSubmissions)),
    ("cancel_job", "POST", "/system/jobs/{delivery}/cancel", May(ChangeSubmissions)),
    ("list_schedules", "GET", "/system/schedules", May(SeeJobs)),
    ("run_schedule", "POST", "/system/schedules/trim-audit/run", May(ChangeJobs)),
    ("list_audit", "GET", "/audit", May(SeeAudit)),
    ("get_overview", "GET", "/stats/overview?workspace_id={workspace}", May(SeeStats)),
    ("get_trend", "GET", "/stats/trend?bucket=week&workspace_id={workspace}", May(SeeStats)),
    ("get_form_stats", "", "", Elsewhere),
    ("get_cache_stats", "GET", "/stats/cache", May(SeeSystem)),
    ("list_audit", "GET", "/audit?workspace_id={workspace}", May(SeeWorkspaceAudit)),
];

fn body(operation: &str) -> Option<Value> {
    Some(match operation {
        "change_me" | "change_user" | "create_workspace" | "rename_workspace" => {
            json!({ "name": "Another name" })
        }
        "create_form" | "put_definition" => json!({ "name": "Another", "slug": "another" }),
        "change_form" => json!({ "name": "Another name" }),
        "duplicate_form" => json!({}),
        "confirm_totp" => json!({ "ticket": "x", "code": "123456" }),
        "disable_totp" | "create_recovery_codes" => json!({ "code": "123456" }),
        "create_token" => json!({ "name": "Script", "scopes": ["users:read"] }),
        "create_user" => json!({ "name": "Otto", "email": "otto@example.org" }),
        "change_member" => json!({ "role": "editor" }),
        "create_channel" => json!({ "kind": "ntfy", "config": { "topic": "forms" } }),
        "change_channel" => json!({ "name": "Another name" }),
        "retry_channel_deliveries" => json!({}),
        "act_on_submissions" => json!({ "act": "star", "filter": {} }),
        "change_submission" => json!({ "state": "archive", "tags": ["seen"] }),
        "add_submission_note" => json!({ "text": "called back" }),
        "create_invitation" => json!({ "email": "new@example.org", "role": "viewer" }),
        _ => return None,
    })
}

/// Somebody with the cookie of a session, or nobody.
struct Somebody {
    name: &'static str,
    caller: Caller,
    cookie: Option<String>,
}

async fn somebody(
    app: &TestApp,
    name: &'static str,
    role: InstanceRole,
    membership: Option<(WorkspaceId, WorkspaceRole)>,
) -> Somebody {
    let email = format!("{name}@example.org");
    let id = user(app, &email, role).await;
    if let Some((workspace, role)) = membership {
        member(app, workspace, id, role).await;
    }
    let opened = signed_in(app, &email).await;
    let cookie = format!("__Host-formhold_session={}", opened.secret.expose());
    Somebody { name, caller: caller_of(app, &opened).await, cookie: Some(cookie) }
}

fn told(status: u16) -> Result<Ruling, u16> {
    Ok(match status {
        401 => Ruling::SignIn,
        403 => Ruling::Forbidden,
        404 => Ruling::Hidden,
        // What makes no sense, or comes too late, is no matter of rights.
        200..300 | 409 | 412 | 422 => Ruling::Allowed,
        other => return Err(other),
    })
}

#[test]
fn the_table_names_every_operation_that_is_described_and_no_other() {
    let document: Value =
        serde_json::from_str(include_str!("../../../../../docs/openapi.json")).expect("JSON");
    let paths = document["paths"].as_object().expect("paths").values();
    let methods = paths.flat_map(|path| path.as_object().expect("methods").values());
    let described: BTreeSet<&str> =
        methods.map(|method| method["operationId"].as_str().expect("a name")).collect();
    let known: BTreeSet<&str> = OPERATIONS.iter().map(|(name, ..)| *name).collect();
    assert_eq!(known, described, "add a line to OPERATIONS");
}

on_both_stacks! {
    async fn every_operation_lets_in_whom_the_table_of_rights_lets_and_the_others_change_nothing(app: TestApp) {
        use InstanceRole::{Admin, User};
        use WorkspaceRole::{Editor, Owner, Viewer};
        // What changes is compared, and jobs would change by themselves.
        app.stop_worker().await;
        let (here, there) = (workspace(&app, "Here").await, workspace(&app, "There").await);
        let target = user(&app, "member@example.org", User).await;
        let foreign_session = signed_in(&app, "member@example.org").await.session.id;
        let visitor = Caller { actor: Actor::Visitor, address: None, user_agent: None };
        let people = [
            Somebody { name: "visitor", caller: visitor, cookie: None },
            somebody(&app, "user", User, None).await,
            somebody(&app, "viewer", User, Some((here, Viewer))).await,
            somebody(&app, "editor", User, Some((here, Editor))).await,
            somebody(&app, "owner", User, Some((here, Owner))).await,
            somebody(&app, "foreign-owner", User, Some((there, Owner))).await,
            somebody(&app, "admin", Admin, None).await,
        ];
        let told_of = [scene(&app, here, "told-here").await, scene(&app, there, "told-there").await];
        let mut inboxes = Vec::new();
        for (workspace, slug) in [(here, "inbox-here"), (there, "inbox-there")] {
            let form_id = form_in(&app, workspace, slug).await;
            inboxes.push((form_id.to_string(), submitted(&app, slug, &[("name", "Ada")]).await));
        }
        let queries = app.database.dump_queries().await;
        let (mut allowed, mut refused, mut wrong) = (0, 0, Vec::new());
        for who in &people {
            for (operation, method, path, rights) in OPERATIONS {
                let of_workspace =
                    ["{workspace}", "{form}", "{submission}", "{told ", "{channel}", "{delivery}"];
                let is_in_one = of_workspace.iter().any(|name| path.contains(name));
                let workspaces = if is_in_one { vec![here, there] } else { vec![here] };
                for workspace in workspaces {
                    let expected = match (rights, &who.caller.actor) {
                        (Elsewhere, _) => continue,
                        (Nobody, Actor::Visitor) => Ruling::SignIn,
                        (Nobody, _) => Ruling::Hidden,
                        (May(action), actor) => actor.may(*action, Some(workspace)),
                    };
                    // An earlier line may have removed the membership.
                    member(&app, workspace, target, Viewer).await;
                    let told_of = &told_of[usize::from(workspace == there)];
                    let asked = path
                        .replace("{workspace}", &workspace.to_string())
                        .replace("{told form}", &told_of.form_id)
                        .replace("{told submission}", &told_of.submission_id)
                        .replace("{channel}", &told_of.channel_id)
                        .replace("{delivery}", &told_of.delivery_id)
                        .replace("{user}", &target.to_string())
                        .replace("{form}", &inboxes[usize::from(workspace == there)].0)
                        .replace("{submission}", &inboxes[usize::from(workspace == there)].1)
                        .replace("{session}", &foreign_session.to_string());
                    let before = match expected {
                        Ruling::Allowed => Vec::new(),
                        _ => app.database.dump(&queries).await,
                    };
                    let method: Method = method.parse().expect("a method");
                    let mut request = Program::nobody(&app).request(method.clone(), &asked)
                        .header("origin", format!("http://{}", app.address))
                        .header("sec-fetch-site", "same-origin");
                    if let Some(cookie) = &who.cookie {
                        request = request.header("cookie", cookie);
                    }
                    if matches!(*operation, "delete_user" | "delete_workspace" | "delete_submission" | "delete_form" | "delete_channel") {
                        request = request.header("if-match", "\"999\"");
                    }
                    if let Some(body) = body(operation) {
                        request = request.json(&body);
                    }
                    let seen = send(request).await;
                    let case = format!("{} {method} {asked}", who.name);
                    if told(seen.status) != Ok(expected) {
                        wrong.push(format!("{case}: {:?}, not {expected:?}: {}", told(seen.status), seen.body));
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
        assert!(allowed > 80 && refused > 80, "{allowed} allowed, {refused} refused");
    }
}
