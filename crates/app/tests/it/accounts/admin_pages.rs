//! The pages for users and workspaces, as a browser and as people without the right use them.

use formhold_domain::{
    WorkspaceId,
    access::{InstanceRole, WorkspaceRole},
};
use formhold_service::{users, workspaces};
use formhold_testkit::{TestApp, on_both_stacks};

use super::{
    PASSWORD,
    browser::{Browser, Seen},
    operator,
    people::{Somebody, invited, workspace},
    user,
};

async fn signed_in<'a>(app: &'a TestApp, email: &str, role: InstanceRole) -> Browser<'a> {
    user(app, email, role).await;
    let mut browser = Browser::new(app);
    assert_eq!(browser.sign_in(email, PASSWORD).await.status, 303);
    browser
}

/// The ids in addresses that start so.
fn ids<'a>(seen: &'a Seen, start: &str) -> Vec<&'a str> {
    let start = format!("href=\"{start}");
    let rests = seen.html.split(&start).skip(1);
    let ids = rests.filter_map(|rest| rest.split(['"', '/', '?']).next());
    ids.filter(|id| id.len() == 36).collect()
}

fn version(seen: &Seen) -> String {
    let (_, rest) = seen.html.split_once("name=\"version\" value=\"").expect("a version");
    rest.split('"').next().expect("its end").to_owned()
}

on_both_stacks! {
    async fn an_admin_makes_finds_changes_and_deletes_a_user(app: TestApp) {
        let mut admin = signed_in(&app, "admin@example.org", InstanceRole::Admin).await;
        let new = |email, role| [("name", "=Grace <Hopper>"), ("email", email), ("role", role), ("language", "de")];
        for (email, role, status) in [("grace@", "user", 422), ("grace@example.org", "boss", 422), ("ADMIN@example.org", "user", 409)] {
            let seen = admin.post("/admin/users/new", "/admin/users/new", &new(email, role)).await;
            assert_eq!(seen.status, status, "{email} {role}");
            assert!(seen.html.contains("=Grace &#60;Hopper&#62;") && seen.html.contains("role=\"alert\""), "{}", seen.html);
        }
        let made = admin.post("/admin/users/new", "/admin/users/new", &new("grace@example.org", "user")).await;
        assert_eq!(made.status, 303);
        let path = made.location().split('?').next().expect("a path").to_owned();
        let page = admin.get(made.location()).await;
        assert!(page.html.contains("The user was made") && page.html.contains("None. You can hand out"), "{}", page.html);

        let found = admin.get("/admin/users?q=HOPPER&role=user&state=active").await;
        assert_eq!(ids(&found, "/admin/users/"), [&path[13..]]);
        assert!(found.html.contains("/admin/users/export?format=csv&#38;q=HOPPER&#38;role=user&#38;state=active"), "{}", found.html);
        for none in ["q=100%25", "q=_race", "role=admin&q=grace", "state=disabled", "state=unconfirmed"] {
            let found = admin.get(&format!("/admin/users?{none}")).await;
            assert!(found.html.contains("Nobody matches"), "{none}: {}", found.html);
        }

        // Two look at the same, both change it: the second is told.
        let (version, csrf) = (version(&page), page.csrf());
        let fields = |name, version| [("name", name), ("role", "admin"), ("language", "en"), ("version", version)];
        let saved = admin.post_with(&csrf, &path, &fields("Grace", &version)).await;
        assert_eq!(saved.status, 303);
        let lost = admin.post_with(&csrf, &path, &fields("Gracia", &version)).await;
        assert_eq!(lost.status, 409);
        assert!(lost.html.contains("Somebody changed this meanwhile") && !lost.html.contains("Gracia"), "{}", lost.html);
        assert_eq!(admin.post_with(&csrf, &path, &fields("Grace", "")).await.status, 403);

        let link = admin.post(&path, &format!("{path}/password-link"), &[]).await;
        assert_eq!((link.status.as_u16(), link.headers["cache-control"].to_str().expect("text")), (200, "no-store"));
        let (_, token) = link.html.split_once("/reset?token=").expect("a link");
        let token = &token[..43];
        let set = [("token", token), ("new_password", "another horse, battery")];
        let mut grace = Browser::new(&app);
        let reset = format!("/reset?token={token}");
        assert_eq!(grace.post(&reset, "/reset", &set).await.status, 200);
        assert_eq!(grace.sign_in("grace@example.org", "another horse, battery").await.status, 303);
        assert_eq!(grace.get("/admin/users").await.status, 200, "an admin now");

        assert!(admin.get(&path).await.html.contains("1 open."));
        assert_eq!(admin.post(&path, &format!("{path}/sessions/end"), &[]).await.status, 303);
        assert_eq!(grace.get("/account").await.status, 303);
        grace.sign_in("grace@example.org", "another horse, battery").await;
        let disable = format!("{path}/disable");
        assert!(admin.get(&disable).await.html.contains("Disable Grace?"));
        assert_eq!(admin.post(&disable, &disable, &[]).await.status, 303);
        assert_eq!(grace.get("/account").await.status, 303);
        assert_eq!(admin.get("/admin/users?state=disabled").await.html.matches("/admin/users/0").count(), 1);
        assert_eq!(admin.post(&path, &format!("{path}/enable"), &[]).await.status, 303);

        let secret = formhold_identity::totp::TotpSecret::generate(&*app.app.ids);
        let id = path[13..].parse().expect("an id");
        let change = app.app.store.begin(app.app.clock.now_ms()).await.expect("a change");
        change.set_totp(id, Some(secret.as_bytes().to_vec()), None).await.expect("set");
        change.commit().await.expect("committed");
        let reset = format!("{path}/factors/reset");
        assert!(admin.get(&path).await.html.contains(&format!("href=\"{reset}\"")));
        assert!(admin.get(&reset).await.html.contains("Reset the second step of Grace?"));
        assert_eq!(admin.post(&reset, &reset, &[]).await.status, 303);
        assert!(admin.get(&path).await.html.contains("No codes from an app"));

        let delete = format!("{path}/delete");
        let wrong = admin.post(&delete, &delete, &[("confirm", "grace@example.com")]).await;
        assert_eq!(wrong.status, 422);
        assert!(wrong.html.contains("This is not the user&#39;s address."), "{}", wrong.html);
        let done = admin.post(&delete, &delete, &[("confirm", " Grace@example.org")]).await;
        assert_eq!((done.status.as_u16(), done.location()), (303, "/admin/users?done=user-deleted"));
        for gone in [&path, &disable, &delete] {
            assert_eq!(admin.get(gone).await.status, 404);
        }
    }

    async fn an_admin_cannot_touch_the_own_rights_on_the_own_page(app: TestApp) {
        let mut admin = signed_in(&app, "admin@example.org", InstanceRole::Admin).await;
        user(&app, "other@example.org", InstanceRole::Admin).await;
        let path = format!("/admin/users/{}", ids(&admin.get("/admin/users?q=admin@").await, "/admin/users/")[0]);
        let page = admin.get(&path).await;
        assert!(page.html.contains("<input type=\"hidden\" name=\"role\" value=\"admin\">"), "{}", page.html);
        assert!(!page.html.contains("/disable\"") && !page.html.contains("/delete\""), "{}", page.html);
        let csrf = page.csrf();
        let fields = |role| [("name", "Ada"), ("role", role), ("language", "en"), ("version", "1")];
        let refused = admin.post_with(&csrf, &path, &fields("user")).await;
        assert_eq!(refused.status, 409);
        assert!(refused.html.contains("only another administrator can change your role"), "{}", refused.html);
        let verbs = [("disable", vec![]), ("factors/reset", vec![]), ("password-link", vec![]), ("delete", vec![("confirm", "admin@example.org")])];
        for (verb, fields) in verbs {
            let refused = admin.post_with(&csrf, &format!("{path}/{verb}"), &fields).await;
            assert_eq!(refused.status, 409, "{verb}");
        }
        assert_eq!(admin.post_with(&csrf, &format!("{path}/enable"), &[]).await.status, 303, "is so already");
        assert_eq!(admin.post_with(&csrf, &path, &fields("admin")).await.status, 303);
        assert_eq!(admin.get("/admin/users").await.status, 200);
    }

    async fn users_are_listed_page_by_page_and_exported_whole(app: TestApp) {
        let mut admin = signed_in(&app, "admin@example.org", InstanceRole::Admin).await;
        let change = app.app.store.begin(app.app.clock.now_ms()).await.expect("a change");
        let name = formhold_domain::accounts::PersonName::parse("=1+1").expect("a name");
        for number in 0..1_100 {
            let new = formhold_store::NewUser {
                id: formhold_domain::UserId(app.app.ids.uuid()),
                email: format!("user{number}@many.example").parse().expect("an address"),
                email_confirmed: number % 2 == 0,
                name: name.clone(),
                role: InstanceRole::User,
                language: formhold_domain::Language::default(),
                password_hash: None,
            };
            change.insert_user(&new).await.expect("a user");
        }
        change.commit().await.expect("committed");
        let mut seen = std::collections::HashSet::new();
        let mut next = Some("/admin/users?q=many.example".to_owned());
        while let Some(path) = next {
            let page = admin.get(&path).await;
            let new = ids(&page, "/admin/users/");
            assert!(new.iter().all(|id| seen.insert((*id).to_owned())), "twice");
            let (_, rest) = page.html.split_once("rel=\"next\" href=\"").unzip();
            next = rest.map(|rest| rest.split('"').next().expect("its end").replace("&#38;", "&"));
            assert!(next.is_none() || new.len() == 50, "{}", new.len());
        }
        assert_eq!(seen.len(), 1_100);

        let csv = admin.get("/admin/users/export?format=csv&q=many.example").await;
        assert_eq!(csv.headers["content-type"], "text/csv; charset=utf-8");
        assert_eq!(csv.headers["content-disposition"], "attachment; filename=\"users.csv\"");
        assert_eq!(csv.html.lines().count(), 1_101);
        assert!(csv.html.contains(",'=1+1,user7@many.example,") && !csv.html.contains(",=1+1"), "defused");
        let half = admin.get("/admin/users/export?format=csv&q=many.example&state=unconfirmed").await;
        assert_eq!(half.html.lines().count(), 551);
        let xlsx = app.client.get(app.url("/admin/users/export?format=xlsx"));
        let session = admin.session().expect("a session");
        let xlsx = xlsx.header("cookie", format!("__Host-formhold_session={session}")).send().await.expect("a reply");
        let bytes = xlsx.bytes().await.expect("whole");
        assert!(bytes.starts_with(b"PK") && bytes.len() > 20_000, "{}", bytes.len());
        assert_eq!(admin.get("/admin/users/export?format=exe").await.status, 404);
        assert_eq!(app.database.number("SELECT COUNT(*) FROM audit_entries WHERE action = 'user.export'").await, 3);
        let mut hanna = signed_in(&app, "hanna@example.org", InstanceRole::User).await;
        assert_eq!(hanna.get("/admin/users/export?format=csv").await.status, 403);
    }

    async fn somebody_is_invited_joins_gets_another_role_and_leaves(app: TestApp) {
        let mut admin = signed_in(&app, "admin@example.org", InstanceRole::Admin).await;
        let made = admin.post("/admin/workspaces/new", "/admin/workspaces/new", &[("name", "Garden <club>")]).await;
        assert_eq!(made.status, 303);
        let path = made.location().split('?').next().expect("a path").to_owned();
        let page = admin.get(made.location()).await;
        assert!(page.html.contains("<bdi>Garden &#60;club&#62;</bdi>") && page.html.contains("You are its owner"), "{}", page.html);
        let invite = format!("{path}/invitations");
        let wrong = admin.post(&path, &invite, &[("email", "hanna@"), ("role", "viewer")]).await;
        assert_eq!(wrong.status, 422);
        assert!(wrong.html.contains("value=\"hanna@\"") && wrong.html.contains("href=\"#invite-email\""), "{}", wrong.html);
        let twice = admin.post(&path, &invite, &[("email", "admin@example.org"), ("role", "viewer")]).await;
        assert_eq!(twice.status, 409);
        assert_eq!(admin.post(&path, &invite, &[("email", "hanna@example.org"), ("role", "editor")]).await.status, 303);
        let page = admin.get(&path).await;
        assert!(page.html.contains("<h3><bdi>hanna@example.org</bdi></h3>") && !page.html.contains("token="), "the link is in the mail alone: {}", page.html);

        let token = invited(&app, "hanna@example.org", 1).await.expose();
        let link = format!("/invitation?token={token}");
        let mut hanna = Browser::new(&app);
        let seen = hanna.get(&link).await;
        assert!(seen.html.contains("Sign in") && !seen.html.contains("/register"), "registration is closed: {}", seen.html);
        let thief = signed_in(&app, "thief@example.org", InstanceRole::User).await.get(&link).await;
        assert!(thief.html.contains("which is another address than the invited one"), "{}", thief.html);
        user(&app, "hanna@example.org", InstanceRole::User).await;
        let next = ("next", link.as_str());
        let seen = hanna.post("/login", "/login", &[("email", "hanna@example.org"), ("password", PASSWORD), next]).await;
        assert_eq!(seen.location(), link, "the sign-in leads back");
        assert_eq!(hanna.get(&path).await.status, 404);
        let joined = hanna.post(&link, "/invitation", &[("token", &token)]).await;
        assert_eq!((joined.status.as_u16(), joined.location()), (303, format!("{path}?done=joined").as_str()));
        let csrf = hanna.get(&path).await.csrf();
        assert_eq!(hanna.get(&link).await.status, 410);
        assert_eq!(hanna.post_with(&csrf, "/invitation", &[("token", &token)]).await.status, 410);

        let seen = hanna.get(&path).await;
        assert!(seen.html.contains("Garden") && !seen.html.contains("Invite somebody"), "an editor manages nobody: {}", seen.html);
        let member = {
            let page = admin.get(&path).await;
            let (_, rest) = page.html.rsplit_once(&format!("{path}/members/")).expect("a member");
            rest[..36].to_owned()
        };
        let member = format!("{path}/members/{member}");
        assert_eq!(hanna.post_with(&csrf, &member, &[("role", "owner")]).await.status, 403);
        assert_eq!(admin.post(&path, &member, &[("role", "owner")]).await.status, 303);
        assert!(hanna.get(&path).await.html.contains("Invite somebody"), "at the next request");
        let renamed = hanna.post(&path, &path, &[("name", "Orchard"), ("version", "1")]).await;
        assert_eq!(renamed.status, 303);
        let lost = hanna.post(&path, &path, &[("name", "Grove"), ("version", "1")]).await;
        assert_eq!(lost.status, 409);
        assert!(lost.html.contains("value=\"Orchard\"") && !lost.html.contains("Grove"), "{}", lost.html);
        let remove = format!("{member}/remove");
        assert!(admin.get(&remove).await.html.contains("from Orchard?"));
        assert_eq!(admin.post(&remove, &remove, &[]).await.status, 303);
        assert_eq!(hanna.get(&path).await.status, 404);

        let delete = format!("{path}/delete");
        assert_eq!(admin.post(&delete, &delete, &[("confirm", "Garden")]).await.status, 422);
        assert_eq!(admin.post(&delete, &delete, &[("confirm", "orchard")]).await.status, 303);
        assert_eq!(admin.get(&path).await.status, 404);
        let main = format!("/admin/workspaces/{}/delete", WorkspaceId::FIRST);
        let last = admin.post(&main, &main, &[("confirm", "Main")]).await;
        assert_eq!(last.status, 409);
        assert!(last.html.contains("this is the last workspace"), "{}", last.html);
    }

    async fn nothing_of_another_workspace_is_shown_or_changed(app: TestApp) {
        let (own, foreign) = (workspace(&app, "Own").await, workspace(&app, "Foreign").await);
        let admin = Somebody::member(&app, "admin@example.org", foreign, WorkspaceRole::Owner).await;
        let member = Somebody::member(&app, "member@example.org", foreign, WorkspaceRole::Viewer).await;
        let wanted = formhold_service::invitations::InvitationIn { email: "guest@example.org".to_owned(), role: WorkspaceRole::Viewer, language: None };
        let open = formhold_service::invitations::invite(&app.app, &operator(), foreign, wanted).await.expect("invited");
        Somebody::member(&app, "owner@example.org", own, WorkspaceRole::Owner).await;
        let mut owner = Browser::new(&app);
        owner.sign_in("owner@example.org", PASSWORD).await;
        let list = owner.get("/admin/workspaces").await;
        assert_eq!(ids(&list, "/admin/workspaces/"), [own.to_string()]);
        let csrf = list.csrf();
        let entries = app.database.number("SELECT COUNT(*) FROM audit_entries").await;
        let fields = [("name", "Mine"), ("version", "1"), ("role", "owner"), ("email", "x@example.org"), ("confirm", "Foreign")];
        let (user, id) = (member.id, open.id);
        for workspace in [foreign, own, WorkspaceId(app.app.ids.uuid())] {
            for rest in ["", "/delete", "/invitations", &format!("/members/{user}"), &format!("/members/{user}/remove"), &format!("/invitations/{id}/revoke"), "/members/x", "/invitations/x/revoke"] {
                if workspace == own && ["", "/delete", "/invitations"].contains(&rest) {
                    continue;
                }
                let path = format!("/admin/workspaces/{workspace}{rest}");
                assert_eq!(owner.post_with(&csrf, &path, &fields).await.status, 404, "{path}");
            }
        }
        for path in [format!("/admin/workspaces/{foreign}"), format!("/admin/workspaces/{foreign}/delete"), format!("/admin/workspaces/{own}/members/{user}/remove"), "/admin/workspaces/x".to_owned()] {
            assert_eq!(owner.get(&path).await.status, 404, "{path}");
            assert_eq!(Browser::new(&app).get(&path).await.status.as_u16(), if path.ends_with("/x") { 404 } else { 303 }, "{path}");
        }
        let seen = owner.post_with(&csrf, "/workspace", &[("workspace_id", &foreign.to_string())]).await;
        assert_eq!(seen.status, 404);
        for path in ["/admin/users", "/admin/users/new", "/admin/workspaces/new"] {
            assert_eq!(owner.get(path).await.status, 403, "{path}");
        }
        let someone = format!("/admin/users/{}", admin.id);
        for rest in ["", "/enable", "/disable", "/delete", "/password-link", "/factors/reset", "/sessions/end"] {
            let path = format!("{someone}{rest}");
            let fields = [("name", "Mine"), ("version", "1"), ("role", "admin"), ("language", "en"), ("confirm", "admin@example.org")];
            assert_eq!(owner.post_with(&csrf, &path, &fields).await.status, 403, "{path}");
        }
        assert_eq!(owner.post_with(&csrf, "/admin/users/new", &[("name", "X"), ("email", "x@example.org"), ("role", "admin"), ("language", "en")]).await.status, 403);
        assert_eq!(app.database.number("SELECT COUNT(*) FROM audit_entries").await, entries, "nothing was changed");
        let there = workspaces::get_workspace(&app.app, &operator(), foreign).await.expect("there");
        assert_eq!((there.workspace.name.as_str(), there.members), ("Foreign", 2));
        assert!(users::get_user(&app.app, &operator(), admin.id).await.is_ok());
    }

    async fn the_overview_shows_what_came_with_a_table_beside_the_chart(app: TestApp) {
        let mut admin = signed_in(&app, "ada@example.org", InstanceRole::Admin).await;
        let page = admin.get("/admin").await;
        assert!(page.html.contains("Nothing was submitted yet") && !page.html.contains("<svg width"), "{}", page.html);
        app.form(serde_json::json!({ "slug": "contact", "name": "<b>Con</b>tact" })).await;
        for _ in 0..3 {
            assert_eq!(app.post("/f/contact", &[("a", "1")]).await.0, 200);
        }
        let page = admin.get("/admin").await;
        for part in [
            "<span class=\"figure\">3</span> <span class=\"hint\">none in yesterday until this hour</span>",
            "3 accepted, 0 held as spam, 0 refused.",
            "<time datetime=\"2026-06-01\">Monday, 1 June 2026</time></th><td data-label=\"Accepted\">3</td>",
            "Caches of this node",
        ] {
            assert!(page.html.contains(part), "{part}: {}", page.html);
        }
        assert!(!page.html.contains("<b>Con") && page.html.contains("Con&#60;/b&#62;tact"), "{}", page.html);
        assert!(!page.html.contains("style="), "{}", page.html);
        let mut otto = signed_in(&app, "otto@example.org", InstanceRole::User).await;
        let page = otto.get("/admin").await;
        assert!(!page.html.contains("Caches of this node") && !page.html.contains("Con&#60;"), "{}", page.html);
    }

    async fn whoever_has_several_workspaces_switches_between_them(app: TestApp) {
        let (one, two) = (workspace(&app, "Garden").await, workspace(&app, "Orchard").await);
        let hanna = Somebody::member(&app, "hanna@example.org", one, WorkspaceRole::Viewer).await;
        let mut browser = Browser::new(&app);
        browser.sign_in("hanna@example.org", PASSWORD).await;
        let page = browser.get("/admin").await;
        assert!(page.html.contains("class=\"workspace\"") && !page.html.contains("action=\"/workspace\""), "one is no choice: {}", page.html);
        let change = app.app.store.begin(app.app.clock.now_ms()).await.expect("a change");
        change.put_member(two, hanna.id, WorkspaceRole::Owner).await.expect("a member");
        let known = change.session_hashes(hanna.id).await.expect("sessions");
        change.commit().await.expect("committed");
        assert_eq!(known.len(), 2);
        // Past the time for which Redis keeps what a session means.
        browser.cookies.clear();
        browser.sign_in("hanna@example.org", PASSWORD).await;
        let page = browser.get("/admin").await;
        assert!(page.html.contains(&format!("<option value=\"{one}\" selected>Garden")), "{}", page.html);
        let switched = browser.post("/admin", "/workspace", &[("workspace_id", &two.to_string())]).await;
        assert_eq!((switched.status.as_u16(), switched.location()), (303, format!("/admin/workspaces/{two}?done=workspace-switched").as_str()));
        let page = browser.get("/account").await;
        assert!(page.html.contains(&format!("<option value=\"{two}\" selected>Orchard")), "{}", page.html);
        // What the cookie names gives no rights, and what it cannot mean is passed over.
        let hidden = workspace(&app, "Hidden").await.to_string();
        for odd in [hidden.as_str(), "x", "\"><script>", ""] {
            browser.cookies.insert("__Host-formhold_workspace".to_owned(), odd.to_owned());
            let page = browser.get("/admin").await;
            assert_eq!(page.status, 200);
            assert!(page.html.contains("selected>Garden") && !page.html.contains("Hidden"), "{odd}: {}", page.html);
        }
    }
}
