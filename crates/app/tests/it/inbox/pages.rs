//! The pages of the inbox, as a browser and as an attacker use them.

use std::time::Duration;

use formhold_domain::{
    WorkspaceId,
    access::{InstanceRole, WorkspaceRole},
};
use formhold_testkit::{TestApp, on_both_stacks};
use http::StatusCode;

use super::{form_in, submitted};
use crate::accounts::{
    PASSWORD,
    browser::{Browser, Seen},
    member, user,
};

const HOSTILE: &str = "\"><script>alert(1)</script>";

async fn signed_in<'a>(app: &'a TestApp, name: &str, role: WorkspaceRole) -> Browser<'a> {
    let email = format!("{name}@example.org");
    let id = user(app, &email, InstanceRole::User).await;
    member(app, WorkspaceId::FIRST, id, role).await;
    let mut browser = Browser::new(app);
    assert_eq!(browser.sign_in(&email, PASSWORD).await.status, 303);
    browser
}

/// The inbox's path, and the ids of so many submissions, the oldest first.
async fn filled(app: &TestApp, count: usize) -> (String, Vec<String>) {
    let form_id = form_in(app, WorkspaceId::FIRST, "contact").await;
    let mut ids = Vec::new();
    for index in 0..count {
        let name = format!("Ada no. {index:02}");
        ids.push(submitted(app, "contact", &[("name", &name), ("about", "looms")]).await);
    }
    (format!("/admin/forms/{form_id}/submissions"), ids)
}

fn shown(page: &Seen) -> Vec<&str> {
    page.html.split("<tr data-id=\"").skip(1).map(|rest| &rest[..36]).collect()
}

/// The value of a hidden field.
fn value<'a>(page: &'a Seen, name: &str) -> &'a str {
    let (_, rest) = page.html.split_once(&format!("name=\"{name}\" value=\"")).expect("a field");
    rest.split('"').next().expect("its end")
}

on_both_stacks! {
    async fn an_editor_finds_moves_and_takes_back_what_was_moved(app: TestApp) {
        let mut browser = signed_in(&app, "editor", WorkspaceRole::Editor).await;
        let (path, ids) = filled(&app, 3).await;
        let page = browser.get(&path).await;
        assert_eq!(shown(&page), [ids[2].as_str(), &ids[1], &ids[0]]);
        assert!(page.html.contains("Ada no. 02") && page.html.contains("looms"), "{}", page.html);
        let bulk = format!("{path}/bulk");
        let moved = browser.post(&path, &bulk, &[("act", "archive"), ("ids", &ids[0]), ("ids", &ids[2]), ("back", &path)]).await;
        assert_eq!(moved.status, 303, "{}", moved.html);
        let after = browser.get(moved.location()).await;
        assert_eq!(shown(&after), [ids[1].as_str()]);
        assert!(after.html.contains("2 submissions are in the archive now."), "{}", after.html);
        let (payload, signature) = (value(&after, "payload").to_owned(), value(&after, "signature").to_owned());
        let undo = format!("{path}/undo");
        for (payload, signature) in [
            (payload.replace("archive.inbox", "archive.trash"), signature.clone()),
            (payload.clone(), String::new()),
            (payload.clone(), "x".to_owned()),
        ] {
            let refused = browser.post(&path, &undo, &[("payload", &payload), ("signature", &signature)]).await;
            assert_eq!(refused.status, 403, "a move that was not offered to this browser");
        }
        let undone = browser.post(&path, &undo, &[("payload", &payload), ("signature", &signature)]).await;
        assert_eq!(undone.status, 303);
        let back = browser.get(undone.location()).await;
        assert!(back.html.contains("They are back where they were."));
        assert_eq!(shown(&back).len(), 3);
        // Another person cannot use what this browser was offered.
        let mut other = signed_in(&app, "other", WorkspaceRole::Editor).await;
        let stolen = other.post(&path, &undo, &[("payload", &payload), ("signature", &signature)]).await;
        assert_eq!(stolen.status, 403);
        assert_eq!(other.post(&path, &bulk, &[("act", "archive")]).await.status, 422, "nothing was chosen");
        let gone = other.post(&path, &bulk, &[("act", "trash"), ("ids", &ids[0]), ("ids", "0190f000-0000-7000-8000-000000000000")]).await;
        assert_eq!(gone.status, 422);
        assert!(gone.html.contains("nothing was changed") && shown(&gone).len() == 3, "{}", gone.html);
    }

    async fn all_that_match_are_asked_about_before_they_move(app: TestApp) {
        let mut browser = signed_in(&app, "editor", WorkspaceRole::Editor).await;
        let (path, ids) = filled(&app, 3).await;
        let bulk = format!("{path}/bulk");
        let tagged = browser.post(&path, &bulk, &[("act", "add_tag"), ("tag", ""), ("tag", "late"), ("ids", &ids[0]), ("ids", &ids[1])]).await;
        assert_eq!(tagged.status, 303, "{}", tagged.html);
        let found = browser.get(&format!("{path}?tag=late")).await;
        assert_eq!(shown(&found), [ids[1].as_str(), &ids[0]]);
        let all = [("act", "trash"), ("all", "yes"), ("state", "inbox"), ("tag", "late")];
        let asked = browser.post(&path, &bulk, &all).await;
        assert_eq!(asked.status, 200);
        assert!(asked.html.contains("Put all submissions that match into the trash?"), "{}", asked.html);
        assert_eq!(shown(&browser.get(&path).await).len(), 3, "only asked");
        let mut confirmed = all.to_vec();
        confirmed.push(("confirmed", "yes"));
        assert_eq!(browser.post(&path, &bulk, &confirmed).await.status, 303);
        assert_eq!(shown(&browser.get(&path).await), [ids[2].as_str()]);
        let trash = format!("{path}?state=trash");
        assert_eq!(shown(&browser.get(&trash).await).len(), 2);
        let one = [("act", "delete_for_good"), ("state", "trash"), ("ids", ids[0].as_str())];
        let asked = browser.post(&path, &bulk, &one).await;
        assert!(asked.html.contains("Delete one submission for good?"), "{}", asked.html);
        let mut confirmed = one.to_vec();
        confirmed.push(("confirmed", "yes"));
        assert_eq!(browser.post(&path, &bulk, &confirmed).await.status, 303);
        assert_eq!(shown(&browser.get(&trash).await), [ids[1].as_str()]);
    }

    async fn pages_go_on_and_wrong_filters_are_told(app: TestApp) {
        let mut browser = signed_in(&app, "viewer", WorkspaceRole::Viewer).await;
        let (path, ids) = filled(&app, 53).await;
        let first = browser.get(&path).await;
        assert_eq!(shown(&first).len(), 50);
        assert!(!first.html.contains("id=\"bulk\""), "who looks on changes nothing");
        let (_, rest) = first.html.split_once("rel=\"next\" href=\"").expect("a next page");
        let next = rest.split('"').next().expect("its end").replace("&#38;", "&");
        let second = browser.get(&next).await;
        assert_eq!(shown(&second), [ids[2].as_str(), &ids[1], &ids[0]]);
        assert!(!second.html.contains("data-events"), "what is new comes to the first page only");
        let wrong = browser.get(&format!("{path}?from=yesterday&to=2026-01-01")).await;
        assert_eq!(wrong.status, 422);
        assert!(wrong.html.contains("The first day must be a day"), "{}", wrong.html);
        for odd in ["?state=x", "?before=x", "?undo=x~y", "?tag=%00", "?state=%27%20OR%201=1--", "?read=%3Cscript%3E"] {
            let page = browser.get(&format!("{path}{odd}")).await;
            assert!(matches!(page.status, StatusCode::OK | StatusCode::UNPROCESSABLE_ENTITY), "{odd}: {}", page.status);
            assert!(!page.html.contains("<script>"), "{odd}");
        }
        let none = browser.get(&format!("{path}?starred=yes")).await;
        assert!(none.html.contains("Nothing matches"));
    }

    async fn a_submission_is_read_noted_edited_and_two_editors_lose_nothing(app: TestApp) {
        let mut browser = signed_in(&app, "editor", WorkspaceRole::Editor).await;
        let mut viewer = signed_in(&app, "viewer", WorkspaceRole::Viewer).await;
        let (path, ids) = filled(&app, 3).await;
        let one = format!("/admin/submissions/{}", ids[1]);
        viewer.get(&one).await;
        assert!(viewer.get(&path).await.html.contains("class=\"unread\""));
        assert_eq!(app.database.number("SELECT COUNT(*) FROM submission_handlings").await, 0, "a viewer changes nothing by looking");
        let page = browser.get(&one).await;
        assert!(page.html.contains(&format!("rel=\"prev\" href=\"/admin/submissions/{}\"", ids[2])), "{}", page.html);
        assert!(page.html.contains(&format!("rel=\"next\" href=\"/admin/submissions/{}\"", ids[0])));
        assert_eq!(app.database.number("SELECT COUNT(*) FROM submission_handlings WHERE is_read = 1").await, 1);
        let note = format!("{one}/notes");
        assert_eq!(browser.post(&one, &note, &[("text", HOSTILE)]).await.status, 303);
        assert_eq!(browser.post(&one, &note, &[("text", " ")]).await.status, 422);
        let edit = format!("{one}/edit");
        let form = browser.get(&edit).await;
        let version = value(&form, "version").to_owned();
        let fields = |name| [("version", version.as_str()), ("field", "name"), ("value", name), ("field", "about"), ("value", "looms")];
        assert_eq!(browser.post_with(&form.csrf(), &edit, &fields("Ada\r\nLovelace")).await.status, 303);
        let lost = browser.post_with(&form.csrf(), &edit, &fields("Eve")).await;
        assert_eq!(lost.status, 409);
        assert!(lost.html.contains("Somebody changed this meanwhile") && lost.html.contains("\nEve</textarea>"), "{}", lost.html);
        let page = browser.get(&one).await;
        assert!(page.html.contains("edited the answers") && page.html.contains("Hanna Meier"), "{}", page.html);
        assert!(!page.html.contains("<script>alert") && page.html.contains("&#60;script&#62;alert(1)"));
        let deleted = browser.post(&one, &format!("{one}/act"), &[("act", "trash")]).await;
        assert!(deleted.location().starts_with(&format!("{path}?state=inbox&undo=")), "{}", deleted.location());
        assert!(browser.get(&format!("{one}/delete")).await.html.contains("for good?"));
        assert_eq!(browser.post(&one, &format!("{one}/delete"), &[]).await.status, 303);
        assert_eq!(browser.get(&one).await.status, 404);
        let kept = format!("/admin/submissions/{}", ids[0]);
        assert_eq!(browser.post(&kept, &format!("{kept}/delete"), &[]).await.status, 409, "not from the inbox");
    }

    async fn what_is_submitted_runs_nowhere(app: TestApp) {
        let mut browser = signed_in(&app, "editor", WorkspaceRole::Editor).await;
        let form_id = form_in(&app, WorkspaceId::FIRST, "contact").await;
        let path = format!("/admin/forms/{form_id}/submissions");
        let id = submitted(&app, "contact", &[(HOSTILE, HOSTILE), ("_subject", HOSTILE), ("_replyto", HOSTILE), ("url", "javascript:alert(1)")]).await;
        let one = format!("/admin/submissions/{id}");
        browser.post(&one, &format!("{path}/bulk"), &[("act", "add_tag"), ("tag", ""), ("tag", HOSTILE), ("ids", &id)]).await;
        for page in [path.clone(), format!("{path}?tag=%3Cscript%3E"), one.clone(), format!("{one}/edit"), format!("{one}/delete")] {
            let seen = browser.get(&page).await;
            assert_eq!(seen.status, 200, "{page}");
            assert!(!seen.html.contains("<script>") && !seen.html.contains("href=\"javascript:"), "{page}: {}", seen.html);
            let policy = seen.headers["content-security-policy"].to_str().expect("text");
            assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
        }
        let saved = browser.post(&path, &format!("{path}/columns"), &[("column", HOSTILE), ("column", "0123abcd"), ("back", "https://evil.example/")]).await;
        assert_eq!(saved.location(), format!("{path}?done=columns-saved"), "nobody is led away");
        assert_eq!(browser.cookies.get("__Host-formhold_columns").map(|it| it.matches('.').count()), Some(1));
        for back in ["//evil.example", "/admin/formsx", &format!("{path}/../../users"), &format!("{path}x"), &format!("{path}?a\r\nb: c")] {
            let starred = browser.post(&path, &format!("{one}/act"), &[("act", "star"), ("back", back)]).await;
            assert_eq!(starred.location().split('?').next(), Some(path.as_str()), "{back}");
        }
    }

    async fn an_open_page_is_told_what_comes_until_the_session_ends(app: TestApp) {
        let mut browser = signed_in(&app, "viewer", WorkspaceRole::Viewer).await;
        let (path, _) = filled(&app, 0).await;
        let other_node = app.second_address().await;
        let cookie = format!("__Host-formhold_session={}", browser.session().expect("a session"));
        let request = app.client.get(format!("http://{other_node}{path}/events")).header("cookie", &cookie);
        let mut stream = request.send().await.expect("a stream");
        assert_eq!(stream.headers()["content-type"], "text/event-stream");
        let next = async |stream: &mut reqwest::Response| {
            tokio::time::timeout(Duration::from_secs(10), stream.chunk()).await.expect("in time").expect("no error")
        };
        assert_eq!(next(&mut stream).await.expect("a beginning"), "retry: 5000\n\n");
        let other_form = form_in(&app, WorkspaceId::FIRST, "other").await;
        submitted(&app, "other", &[("name", "Eve")]).await;
        submitted(&app, "contact", &[("name", "Ada")]).await;
        // Without Redis a node hears only of what it took in itself.
        if app.app.kv.redis_state() == formhold_kv::RedisState::Memory {
            let request = app.client.get(app.url(&format!("{path}/events"))).header("cookie", &cookie);
            stream = request.send().await.expect("a stream");
            next(&mut stream).await;
            submitted(&app, "contact", &[("name", "Ada")]).await;
        }
        assert_eq!(next(&mut stream).await.expect("an event"), "event: arrived\ndata: \n\n");
        browser.post("/account", "/logout", &[]).await;
        submitted(&app, "contact", &[("name", "Ada")]).await;
        assert_eq!(next(&mut stream).await, None, "who is signed out hears nothing more");
        let visitor = Browser::new(&app).get(&format!("/admin/forms/{other_form}/submissions/events")).await;
        assert!(visitor.location().starts_with("/login"), "{}", visitor.status);
    }

    async fn exports_of_the_page_hold_what_it_shows(app: TestApp) {
        let mut browser = signed_in(&app, "viewer", WorkspaceRole::Viewer).await;
        let (path, ids) = filled(&app, 3).await;
        let export = format!("{path}/export");
        let lines = async |browser: &mut Browser<'_>, fields: &[(&str, &str)]| {
            let seen = browser.post(&path, &export, fields).await;
            assert_eq!(seen.status, 200, "{fields:?}");
            seen.html.lines().count() - 1
        };
        assert_eq!(lines(&mut browser, &[("format", "csv")]).await, 3);
        assert_eq!(lines(&mut browser, &[("format", "csv"), ("ids", &ids[0])]).await, 1);
        assert_eq!(lines(&mut browser, &[("format", "csv"), ("ids", &ids[0]), ("all", "yes")]).await, 3);
        assert_eq!(lines(&mut browser, &[("format", "csv"), ("state", "spam")]).await, 0);
        assert_eq!(lines(&mut browser, &[("format", "csv"), ("state", "spam"), ("which", "form")]).await, 3);
        form_in(&app, WorkspaceId::FIRST, "other").await;
        let foreign = submitted(&app, "other", &[("name", "Eve")]).await;
        let refused = browser.post(&path, &export, &[("format", "csv"), ("ids", &ids[0]), ("ids", &foreign)]).await;
        assert_eq!(refused.status, 404);
        assert_eq!(browser.post(&path, &export, &[("format", "pdf")]).await.status, 404);
    }
}
