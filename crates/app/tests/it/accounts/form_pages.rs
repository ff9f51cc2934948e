//! The pages of forms: making one, editing its fields, settings, versions, the trash.

use formhold_domain::{
    FormId, WorkspaceId,
    access::{Caller, InstanceRole, WorkspaceRole},
};
use formhold_service::forms::{self, FormDetails};
use formhold_testkit::{TestApp, form_of, on_both_stacks};
use serde_json::{Value, json};

use super::{
    PASSWORD,
    browser::{Browser, Seen},
    member, user, workspace,
};

const HOSTILE: &str = "\"><script>alert(1)</script>'&{{x}}\u{202e}";

/// Somebody with a role in a new workspace, signed in.
async fn signed_in<'a>(
    app: &'a TestApp,
    name: &str,
    role: WorkspaceRole,
) -> (Browser<'a>, WorkspaceId) {
    let id = workspace(app, name).await;
    let email = format!("{}@example.org", name.to_lowercase());
    let somebody = user(app, &email, InstanceRole::User).await;
    member(app, id, somebody, role).await;
    let mut browser = Browser::new(app);
    assert_eq!(browser.sign_in(&email, PASSWORD).await.status, 303);
    (browser, id)
}

async fn made(app: &TestApp, workspace: WorkspaceId, definition: Value) -> FormDetails {
    let (caller, definition) = (Caller::system("test"), form_of(definition));
    let made = forms::create_form(&app.app, &caller, Some(workspace), definition);
    made.await.expect("a form")
}

async fn now(app: &TestApp, id: FormId) -> FormDetails {
    forms::see_form(&app.app, &Caller::system("test"), id).await.expect("the form")
}

fn unescaped(text: &str) -> String {
    let text = text.replace("&#34;", "\"").replace("&#39;", "'").replace("&#60;", "<");
    text.replace("&#62;", ">").replace("&#38;", "&")
}

fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    tag.split_once(&format!(" {name}=\""))?.1.split('"').next()
}

/// What a browser would send of the form with this action, without the buttons.
fn fields_of(seen: &Seen, action: &str) -> Vec<(String, String)> {
    let start = format!("method=\"post\" action=\"{action}\"");
    let (_, form) =
        seen.html.split_once(&start).unwrap_or_else(|| panic!("a form {action} in {}", seen.html));
    let form = form.split("</form>").next().expect("its end");
    let mut fields = Vec::new();
    let mut add = |name: &str, value: &str| fields.push((name.to_owned(), unescaped(value)));
    for rest in form.split('<').skip(1) {
        let (tag, text) = rest.split_once('>').expect("a tag ends");
        let tag = format!("<{tag} ");
        let name = attribute(&tag, "name").unwrap_or_default();
        match tag.split([' ', '>']).next().expect("its name") {
            "<input" if name == "csrf" => {}
            "<input" if tag.contains(" checked") => {
                add(name, attribute(&tag, "value").unwrap_or("on"));
            }
            "<input" if matches!(attribute(&tag, "type"), Some("checkbox" | "radio")) => {}
            "<input" => add(name, attribute(&tag, "value").unwrap_or_default()),
            // The first line break does not count.
            "<textarea" => add(name, text.strip_prefix('\n').unwrap_or(text)),
            "<select" => {
                let options = form.split_once(rest).expect("it is there").1;
                let options = options.split("</select>").next().expect("its end");
                let all: Vec<_> = options
                    .split("<option ")
                    .skip(1)
                    .map(|it| format!(" {}", it.split('>').next().expect("a tag ends")))
                    .collect();
                let chosen = all.iter().find(|it| it.contains(" selected")).or(all.first());
                add(name, chosen.and_then(|it| attribute(it, "value")).unwrap_or_default());
            }
            _ => {}
        }
    }
    fields
}

async fn send(
    browser: &mut Browser<'_>,
    page: &Seen,
    path: &str,
    fields: &[(String, String)],
    more: &[(&str, &str)],
) -> Seen {
    let kept = fields.iter().filter(|(name, _)| more.iter().all(|(other, _)| other != name));
    let mut all: Vec<_> = kept.map(|(name, value)| (name.as_str(), value.as_str())).collect();
    all.extend(more);
    browser.post_with(&page.csrf(), path, &all).await
}

fn set(fields: &mut [(String, String)], name: &str, value: &str) {
    let field = fields.iter_mut().find(|(key, _)| key == name);
    field.unwrap_or_else(|| panic!("a field {name}")).1 = value.to_owned();
}

fn everything() -> Value {
    json!({
        "name": HOSTILE, "slug": "everything", "language": "de", "state": "closed",
        "opens_at": "2026-01-02T03:04:05+02:00", "closes_at": "2030-01-02T03:04:00Z",
        "max_submissions": 12, "allowed_origins": ["https://a.example"], "redirect_hosts": ["*.a.example"],
        "allowed_copies": ["a@example.org"], "success_message": "Danke!\nBis bald.", "success_url": "https://a.example/x",
        "undeclared": "refuse", "honeypot": "website",
        "retention": { "submissions_days": 0, "trash_days": 7 },
        "limits": { "max_fields": 9, "max_text_bytes": 1025, "max_files": 0, "max_file_bytes": 5_242_880 },
        "protection": {
            "limit": "5/min", "total_limit": "off",
            "captcha": { "when": "suspicious", "provider": "altcha", "when_down": "refuse", "without_answer": "spam_folder" },
            "spam": { "spam_from": 7, "refuse_from": "never", "max_links": 0, "banned_words": ["casino*", "a | b"],
                "banned_addresses": ["x.example"], "banned_networks": ["192.0.2.0/24"], "disposable_mail": "refuse",
                "min_seconds_to_fill": 0, "max_hours_to_fill": 1, "max_copies": 5, "copies_window_minutes": 2, "learns": false },
            "files": { "scan": "never", "remove_location": true },
        },
        "fields": [
            { "name": HOSTILE, "type": "text", "label": HOSTILE, "help": HOSTILE, "placeholder": HOSTILE, "default": HOSTILE, "max_length": 300, "pattern": ".*" },
            { "name": "b", "type": "select", "label": "B", "options": ["x | y", { "value": HOSTILE, "label": "</textarea>" }, "\\"], "required": true },
            { "name": "c", "type": "number", "min": 1.5, "max": 9, "step": 0.25, "equal_to": "d" },
            { "name": "d", "type": "number" },
            { "name": "e", "type": "textarea", "default": "One\nTwo", "shown_if": { "field": "b", "any_of": ["\\", HOSTILE] } },
            { "name": "f", "type": "file", "accept": [".pdf", "image/*"], "max_bytes": 1000, "max_files": 3 },
            { "name": "g", "type": "checkboxes", "options": ["1", "2", "3"], "min_choices": 1, "max_choices": 2 },
            { "name": "h", "type": "date", "min": "2026-01-01" },
            { "name": "i", "type": "hidden", "default": "x" },
            { "name": "j", "type": "rating", "max": 7 },
        ],
    })
}

on_both_stacks! {
    async fn a_form_is_made_from_a_start_filled_with_fields_and_takes_submissions(app: TestApp) {
        let (mut editor, _) = signed_in(&app, "Garden", WorkspaceRole::Editor).await;
        let empty = editor.get("/admin/forms").await;
        assert!(empty.html.contains("No form yet") && empty.html.contains("Make the first form"), "{}", empty.html);
        let wrong = editor.post("/admin/forms/new", "/admin/forms/new", &[("name", " "), ("slug", "Not a slug"), ("start", "contact")]).await;
        assert_eq!(wrong.status, 422);
        assert!(wrong.html.contains("id=\"slug-problem\"") && wrong.html.contains("value=\"Not a slug\""), "{}", wrong.html);
        let fields = [("name", "Write <us>!"), ("slug", ""), ("start", "contact")];
        let done = editor.post("/admin/forms/new", "/admin/forms/new", &fields).await;
        assert_eq!(done.status, 303, "{}", done.html);
        let page = editor.get(done.location()).await;
        assert!(page.html.contains("Write &#60;us&#62;!") && page.html.contains("The form was made"), "{}", page.html);
        let path = done.location().split('?').next().expect("a path").to_owned();
        let again = editor.post("/admin/forms/new", "/admin/forms/new", &fields).await;
        assert_eq!(again.status, 303, "the next one gets another address");

        // Each button sends the whole draft; nothing changes before it is saved.
        let draft = fields_of(&page, &path);
        let added = send(&mut editor, &page, &path, &draft, &[("act", "add"), ("add_type", "select")]).await;
        assert_eq!(added.status, 200);
        let up = send(&mut editor, &page, &path, &fields_of(&added, &path), &[("act", "up:3")]).await;
        let removed = send(&mut editor, &page, &path, &fields_of(&up, &path), &[("act", "remove:0")]).await;
        assert!(removed.html.contains("Undo removing") && removed.html.contains("Not saved yet"), "{}", removed.html);
        let names = |seen: &Seen| fields_of(seen, &path).into_iter().filter(|(name, _)| name == "name").map(|(_, value)| value).collect::<Vec<_>>();
        assert_eq!(names(&removed), ["email", "select", "message"]);
        let back = send(&mut editor, &page, &path, &fields_of(&removed, &path), &[("act", "undo")]).await;
        assert_eq!(names(&back), ["name", "email", "select", "message"]);
        assert_eq!(names(&editor.get(&path).await), ["name", "email", "message"]);
        let saved = send(&mut editor, &page, &path, &fields_of(&back, &path), &[("act", "save")]).await;
        assert_eq!(saved.status, 303, "{}", saved.html);
        let page = editor.get(saved.location()).await;
        assert!(page.html.contains("The form was saved.") && page.html.contains("srcdoc=\""), "{}", page.html);
        let public = app.client.get(app.url("/f/write-us")).send().await.expect("a page").text().await.expect("text");
        assert!(public.contains("Second option"), "{public}");
        let sent = app.post("/f/write-us", &[("email", "a@example.org"), ("select", "Second option"), ("message", "Hello")]).await;
        assert_eq!(sent.0, 200, "{}", sent.1);
        let list = editor.get("/admin/forms").await;
        assert!(list.html.contains("write-us-2") && list.html.contains("class=\"number\">1</td>"), "{}", list.html);
    }

    async fn what_nobody_touched_is_no_change_on_any_page(app: TestApp) {
        let (mut editor, workspace) = signed_in(&app, "Garden", WorkspaceRole::Editor).await;
        let form = made(&app, workspace, everything()).await;
        for page in ["fields", "protection", "success", "settings", "definition"] {
            let path = format!("/admin/forms/{}/{page}", form.record.id);
            let seen = editor.get(&path).await;
            assert!(!seen.html.contains("<script>alert"), "{page}");
            let fields = fields_of(&seen, &path);
            assert!(fields.len() > 1, "{page}");
            let saved = send(&mut editor, &seen, &path, &fields, &[("act", "save")]).await;
            assert_eq!(saved.status, 303, "{page}: {}", saved.html);
            let after = now(&app, form.record.id).await.record;
            let differences = form.record.definition.differences(&after.definition);
            assert_eq!((after.version, differences), (1, Vec::new()), "{page}");
        }
        for page in ["embed", "versions", "delete", "definition?format=json", "definition?format=toml"] {
            let seen = editor.get(&format!("/admin/forms/{}/{page}", form.record.id)).await;
            assert_eq!(seen.status, 200, "{page}");
            let is_page = seen.headers["content-type"].to_str().expect("text").starts_with("text/html");
            assert!(!is_page || !seen.html.contains("<script>alert"), "{page}");
        }
        let list = editor.get("/admin/forms").await;
        assert!(list.html.contains("&#60;script&#62;alert(1)") && !list.html.contains("<script>alert"));
    }

    async fn what_makes_no_sense_is_told_at_its_field_and_kept(app: TestApp) {
        let (mut editor, workspace) = signed_in(&app, "Garden", WorkspaceRole::Editor).await;
        let form = made(&app, workspace, json!({ "name": "A", "slug": "a", "fields": [{ "name": "x", "type": "text" }, { "name": "y", "type": "select", "options": ["1"] }] })).await;
        let id = form.record.id;
        let path = format!("/admin/forms/{id}/fields");
        let page = editor.get(&path).await;
        let mut fields = fields_of(&page, &path);
        set(&mut fields, "pattern", "(");
        set(&mut fields, "min_length", "many");
        set(&mut fields, "options", "");
        let wrong = send(&mut editor, &page, &path, &fields, &[("act", "save")]).await;
        assert_eq!(wrong.status, 422);
        for part in ["href=\"#f0-pattern\"", "id=\"f0-pattern-problem\"", "id=\"f0-min_length-problem\"", "id=\"f1-options-problem\"", "value=\"many\"", "<title>Error: "] {
            assert!(wrong.html.contains(part), "{part}: {}", wrong.html);
        }
        for (page, name, value, told) in [
            ("settings", "opens_at", "tomorrow", "id=\"opens_at-problem\""),
            ("settings", "slug", "A b", "id=\"slug-problem\""),
            ("settings", "max_submissions", "-1", "id=\"max_submissions-problem\""),
            ("settings", "allowed_origins", "nowhere", "id=\"allowed_origins-problem\""),
            ("settings", "name", " ", "id=\"name-problem\""),
            ("protection", "limit", "often", "id=\"limit-problem\""),
            ("protection", "banned_networks", "here", "id=\"banned_networks-problem\""),
            ("protection", "spam_from", "lots", "id=\"spam_from-problem\""),
            ("success", "success_url", "nowhere", "id=\"success_url-problem\""),
            ("definition", "definition", "name = ", "id=\"definition-problem\""),
            ("definition", "definition", "name = 'A'\nslug = 'a'\n[[fields]]\nname = '_x'\ntype = 'text'", "id=\"definition-problem\""),
        ] {
            let path = format!("/admin/forms/{id}/{page}");
            let seen = editor.get(&path).await;
            let mut fields = fields_of(&seen, &path);
            set(&mut fields, name, value);
            let wrong = send(&mut editor, &seen, &path, &fields, &[("act", "save")]).await;
            assert_eq!(wrong.status, 422, "{page} {name}");
            assert!(wrong.html.contains(told) && wrong.html.contains("role=\"alert\""), "{page} {name}: {}", wrong.html);
            let kept = fields_of(&wrong, &path).into_iter().find(|(key, _)| key == name).expect("the field").1;
            assert_eq!(kept.trim(), value.trim(), "{page} {name}");
        }
        assert_eq!(now(&app, id).await.record.version, 1);
    }

    async fn of_two_editors_the_second_is_told_and_loses_nothing(app: TestApp) {
        let (mut first, workspace) = signed_in(&app, "Garden", WorkspaceRole::Editor).await;
        let mut second = Browser::new(&app);
        second.sign_in("garden@example.org", PASSWORD).await;
        let form = made(&app, workspace, json!({ "name": "A", "slug": "a", "fields": [{ "name": "x", "type": "text" }] })).await;
        let id = form.record.id;
        for (page, name) in [("fields", "label"), ("settings", "name"), ("success", "success_message"), ("protection", "banned_words")] {
            let path = format!("/admin/forms/{id}/{page}");
            let (here, there) = (first.get(&path).await, second.get(&path).await);
            let (mut mine, mut theirs) = (fields_of(&here, &path), fields_of(&there, &path));
            set(&mut mine, name, "Mine");
            set(&mut theirs, name, "Theirs");
            assert_eq!(send(&mut first, &here, &path, &mine, &[("act", "save")]).await.status, 303);
            let told = send(&mut second, &there, &path, &theirs, &[("act", "save")]).await;
            assert_eq!(told.status, 409, "{page}");
            assert!(told.html.contains("Somebody changed this form meanwhile"), "{page}");
            let kept = fields_of(&told, &path);
            assert!(kept.iter().any(|(key, value)| key == name && value == "Theirs"), "{page}: {kept:?}");
            assert_eq!(send(&mut second, &told, &path, &kept, &[("act", "save")]).await.status, 303, "{page}");
        }
        let record = now(&app, id).await.record;
        assert_eq!((record.version, record.definition.name.as_str()), (9, "Theirs"));
        let versions = format!("/admin/forms/{id}/versions");
        let page = first.get(&versions).await;
        assert!(page.html.contains("fields.x.label") && page.html.contains("In force"), "{}", page.html);
        let stale = first.post(&versions, &versions, &[("version", "8"), ("restore", "1")]).await;
        assert_eq!(stale.status, 409);
        let back = first.post(&versions, &versions, &[("version", "9"), ("restore", "1")]).await;
        assert_eq!((back.status.as_u16(), now(&app, id).await.record.definition), (303, form.record.definition));
    }

    async fn a_form_goes_into_the_trash_and_comes_back_and_strangers_see_nothing_of_it(app: TestApp) {
        let (mut editor, workspace) = signed_in(&app, "Garden", WorkspaceRole::Editor).await;
        let (mut stranger, _) = signed_in(&app, "Kitchen", WorkspaceRole::Owner).await;
        let (mut viewer, _) = (Browser::new(&app), 0);
        let id = user(&app, "vera@example.org", InstanceRole::User).await;
        member(&app, workspace, id, WorkspaceRole::Viewer).await;
        viewer.sign_in("vera@example.org", PASSWORD).await;
        let form = made(&app, workspace, json!({ "name": "Secret plan", "slug": "a" })).await;
        let base = format!("/admin/forms/{}", form.record.id);
        let (asked, deleted) = (format!("{base}/delete"), format!("{base}/restore"));
        assert!(editor.get(&asked).await.html.contains("Put it into the trash"));
        let look = viewer.get(&format!("{base}/settings")).await;
        assert!(look.html.contains("Secret plan") && !look.html.contains(">Save<") && !look.html.contains("Delete…"), "{}", look.html);
        assert_eq!(viewer.get(&asked).await.status, 403);
        for (path, status) in [(&asked, 403), (&deleted, 403)] {
            assert_eq!(viewer.post("/admin/forms", path, &[]).await.status, status);
            assert_eq!(stranger.post("/admin/forms", path, &[]).await.status, 404);
        }
        let seen = stranger.get("/admin/forms").await;
        assert!(!seen.html.contains("Secret plan"));
        assert_eq!(editor.post(&asked, &asked, &[]).await.location(), "/admin/forms?done=form-deleted");
        assert_eq!(editor.get(&format!("{base}/fields")).await.status, 404);
        assert!(!editor.get("/admin/forms").await.html.contains("Secret plan"));
        let trash = editor.get("/admin/forms/trash").await;
        assert!(trash.html.contains("Secret plan") && trash.html.contains("Take it back"), "{}", trash.html);
        assert!(!viewer.get("/admin/forms/trash").await.html.contains("Take it back"));
        assert!(!stranger.get("/admin/forms/trash").await.html.contains("Secret plan"));
        let back = editor.post("/admin/forms/trash", &deleted, &[]).await;
        assert_eq!(back.status, 303);
        assert!(editor.get(back.location()).await.html.contains("The form is back"));
        let copied = editor.post("/admin/forms", &format!("{base}/duplicate"), &[]).await;
        assert!(editor.get(copied.location()).await.html.contains("Secret plan (copy)"));
    }

    async fn the_draft_of_two_hundred_fields_is_taken_and_nonsense_changes_nothing(app: TestApp) {
        let (mut editor, workspace) = signed_in(&app, "Garden", WorkspaceRole::Editor).await;
        let fields: Vec<_> = (0..200).map(|at| json!({ "name": format!("field_{at}"), "type": "select", "options": (0..20).map(|it| format!("Option {it}")).collect::<Vec<_>>() })).collect();
        let form = made(&app, workspace, json!({ "name": "A", "slug": "a", "fields": fields })).await;
        let path = format!("/admin/forms/{}/fields", form.record.id);
        let page = editor.get(&path).await;
        let draft = fields_of(&page, &path);
        let moved = send(&mut editor, &page, &path, &draft, &[("act", "down:0")]).await;
        assert_eq!(moved.status, 200);
        let saved = send(&mut editor, &page, &path, &fields_of(&moved, &path), &[("act", "save")]).await;
        assert_eq!(saved.status, 303);
        assert_eq!(now(&app, form.record.id).await.record.definition.fields[0].name, "field_1");
        let fresh = editor.get(&path).await;
        let too_many = send(&mut editor, &page, &path, &fields_of(&fresh, &path), &[("act", "add"), ("add_type", "text")]).await;
        let too_many = send(&mut editor, &page, &path, &fields_of(&too_many, &path), &[("act", "save")]).await;
        assert_eq!(too_many.status, 422);
        assert!(too_many.html.contains("200"), "{}", &too_many.html[..2000]);
        for fields in [vec![("act", "save")], vec![("version", "x"), ("act", "save")], vec![("version", "2"), ("removed", "{"), ("act", "undo")], vec![("version", "2"), ("act", "up:99999999999999999999")]] {
            let seen = editor.post(&path, &path, &fields).await;
            assert!([200, 403].contains(&seen.status.as_u16()), "{fields:?}: {}", seen.status);
        }
        assert_eq!(now(&app, form.record.id).await.record.version, 2);
    }
}
