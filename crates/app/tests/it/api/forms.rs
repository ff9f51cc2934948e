//! Forms: made, listed, changed as code, copied, put into the trash and taken out, deleted for good.

use formhold_domain::{
    FormId, WorkspaceId,
    access::{Caller, InstanceRole, WorkspaceRole},
};
use formhold_service::forms::{self, Purged, TRASH_DAYS};
use formhold_testkit::{TestApp, on_both_stacks};
use futures_util::future::join_all;
use http::Method;
use serde_json::{Value, json};

use super::{Answer, Program, operator, send, user};
use crate::accounts::{member, workspace};

const SCOPES: &[&str] = &["forms:read", "forms:write", "system:read"];
const FORMS: &[&str] = &["forms:read", "forms:write"];

fn contact(slug: &str) -> Value {
    json!({
        "name": "Contact", "slug": slug,
        "fields": [
            { "name": "email", "type": "email", "label": "E-mail", "required": true },
            { "name": "topic", "type": "select", "options": ["order", { "value": "v", "label": "Visit" }] },
        ],
    })
}

/// Somebody with this role in a new workspace, by a token.
async fn with_role<'a>(
    app: &'a TestApp,
    name: &str,
    role: WorkspaceRole,
) -> (Program<'a>, WorkspaceId) {
    let id = workspace(app, name).await;
    let email = format!("{}@example.org", name.to_lowercase());
    let somebody = user(app, &email, InstanceRole::User).await;
    member(app, id, somebody, role).await;
    // Nobody gets a token for what their role does not allow.
    let scopes = if role == WorkspaceRole::Viewer { &FORMS[..1] } else { FORMS };
    (Program::of(app, &email, scopes, None).await, id)
}

fn path_of(made: &Answer) -> String {
    assert_eq!(made.status, 201, "{}", made.body);
    made.header("location").strip_prefix("/api/v1").expect("a path").to_owned()
}

fn slugs(listed: &Answer) -> Vec<&str> {
    let items = listed.body["items"].as_array().expect("items");
    items.iter().map(|form| form["slug"].as_str().expect("a slug")).collect()
}

async fn submit(app: &TestApp, slug: &str) -> u16 {
    let request = app.client.post(app.url(&format!("/f/{slug}")));
    let request = request.header("accept", "application/json");
    let fields = [("email", "ida@example.org"), ("topic", "v")];
    request.form(&fields).send().await.expect("a reply").status().as_u16()
}

on_both_stacks! {
    async fn a_form_lives_from_its_first_definition_to_its_last(app: TestApp) {
        let (editor, workspace_id) = with_role(&app, "Garden", WorkspaceRole::Editor).await;
        let made = editor.post("/forms", contact("contact")).await;
        let path = path_of(&made);
        assert_eq!(made.header("etag"), "\"1\"");
        assert_eq!(made.body["workspace_id"], workspace_id.to_string());
        assert_eq!((&made.body["state"], &made.body["availability"]), (&json!("open"), &json!("open")));
        assert_eq!(submit(&app, "contact").await, 200);
        let seen = editor.get(&path).await;
        assert_eq!((&seen.body["accepted"], &seen.body["version"]), (&json!(1), &json!(1)));

        let closed = editor.patch(&path, json!({ "state": "closed", "name": "Write to us" })).await;
        assert_eq!((closed.status, closed.header("etag")), (200, "\"2\""), "{}", closed.body);
        assert_eq!(closed.body["availability"], "closed");
        assert_eq!(submit(&app, "contact").await, 403);
        let same = editor.patch(&path, json!({ "state": "closed" })).await;
        assert_eq!(same.header("etag"), "\"2\"", "what is the same is no new version");
        let open = send(editor.request(Method::PATCH, &path).header("if-match", "\"2\"").json(&json!({ "state": "open", "slug": "write-to-us" }))).await;
        assert_eq!((open.status, open.body["slug"].as_str()), (200, Some("write-to-us")));
        assert_eq!((submit(&app, "contact").await, submit(&app, "write-to-us").await), (404, 200));

        let stale = send(editor.request(Method::DELETE, &path).header("if-match", "\"2\"")).await;
        assert_eq!((stale.status, stale.code()), (412, "STALE"));
        assert_eq!(send(editor.request(Method::DELETE, &path).header("if-match", "\"3\"")).await.status, 204);
        assert_eq!(submit(&app, "write-to-us").await, 410);
        assert_eq!(editor.delete(&path).await.status, 404);
        assert_eq!(editor.patch(&path, json!({ "name": "X" })).await.status, 404);
        assert!(slugs(&editor.get("/forms").await).is_empty());
        assert_eq!(slugs(&editor.get("/forms?state=trash").await), ["write-to-us"]);
        let seen = editor.get(&path).await;
        assert!(seen.body["deleted_at"].is_string() && seen.body["availability"] == "closed", "{}", seen.body);
        let again = editor.post("/forms", contact("write-to-us")).await;
        assert_eq!((again.status, again.code()), (409, "CONFLICT"), "the name stays taken in the trash");

        let restored = editor.post(&format!("{path}/restore"), json!({})).await;
        assert_eq!((restored.status, &restored.body["deleted_at"]), (200, &Value::Null), "{}", restored.body);
        assert_eq!(editor.post(&format!("{path}/restore"), json!({})).await.status, 404);
        assert_eq!(submit(&app, "write-to-us").await, 200);
        let admin = Program::of_admin(&app).await;
        let audit = admin.get(&format!("/audit?workspace_id={workspace_id}")).await;
        let deeds: Vec<_> = audit.body["items"].as_array().expect("items").iter().map(|it| it["action"].as_str().expect("text")).collect();
        assert_eq!(deeds, ["form.restore", "form.delete", "form.change", "form.change", "form.create"]);
    }

    async fn a_definition_goes_in_and_out_as_json_and_as_toml(app: TestApp) {
        let (editor, _) = with_role(&app, "Garden", WorkspaceRole::Editor).await;
        let path = path_of(&editor.post("/forms", contact("contact")).await);
        let definition = format!("{path}/definition");
        let got = editor.get(&definition).await;
        assert_eq!((got.header("content-type"), got.header("etag")), ("application/json", "\"1\""));
        assert_eq!(got.body["fields"], contact("contact")["fields"]);
        let toml = send(editor.request(Method::GET, &definition).header("accept", "application/toml")).await;
        assert_eq!(toml.header("content-type"), "application/toml");
        let text = toml.body.as_str().expect("text").replace("name = \"topic\"", "name = \"subject_of_it\"");
        let put = |text: String, version: &str| {
            let request = editor.request(Method::PUT, &definition).header("content-type", "application/toml; charset=utf-8");
            send(request.header("if-match", version).body(text))
        };
        let changed = put(text.clone(), "\"1\"").await;
        assert_eq!((changed.status, changed.header("etag")), (200, "\"2\""), "{}", changed.body);
        assert_eq!(put(text.replace("subject_of_it", "other"), "\"1\"").await.code(), "STALE");
        let wrong = put(format!("nonsense = 1\n{text}"), "\"2\"").await;
        assert_eq!((wrong.status, wrong.code()), (422, "INVALID"));
        assert!(wrong.body["errors"][0]["message"].as_str().expect("text").contains("line 1: unknown field `nonsense`"), "{}", wrong.body);

        let mut broken = contact("contact");
        broken["fields"][1]["min_length"] = json!(3);
        broken["fields"][0]["pattern"] = json!("(");
        broken["allowed_origins"] = json!(["nowhere"]);
        let refused = send(editor.request(Method::PUT, &definition).json(&broken)).await;
        assert_eq!((refused.status, refused.code()), (422, "INVALID"));
        let pointers: Vec<_> = refused.body["errors"].as_array().expect("errors").iter().map(|it| it["pointer"].as_str().expect("text")).collect();
        assert_eq!(pointers, ["/allowed_origins/0", "/fields/0", "/fields/1"], "{}", refused.body);
        let unknown = send(editor.request(Method::PUT, &definition).json(&json!({ "name": "A", "slug": "a", "fields": [{ "name": "a", "type": "text", "lable": "A" }] }))).await;
        assert_eq!((&unknown.body["errors"][0]["code"], &unknown.body["errors"][0]["pointer"]), (&json!("UNKNOWN_FIELD"), &json!("/fields/0/lable")), "{}", unknown.body);
        let other = send(editor.request(Method::PUT, &definition).header("content-type", "text/plain").body("x")).await;
        assert_eq!(other.status, 415);
        assert_eq!(editor.get(&path).await.body["version"], 2, "what was refused changed nothing");
    }

    async fn versions_are_compared_and_come_back(app: TestApp) {
        let (editor, _) = with_role(&app, "Garden", WorkspaceRole::Editor).await;
        let path = path_of(&editor.post("/forms", contact("contact")).await);
        let mut second = contact("contact");
        second["fields"].as_array_mut().expect("fields").remove(1);
        second["fields"][0]["required"] = json!(false);
        assert_eq!(send(editor.request(Method::PUT, &format!("{path}/definition")).json(&second)).await.status, 200);
        editor.patch(&path, json!({ "name": "Third" })).await;
        let versions = editor.get(&format!("{path}/versions?limit=2")).await;
        let items = versions.body["items"].as_array().expect("items");
        assert_eq!(items.iter().map(|it| it["version"].as_u64()).collect::<Vec<_>>(), [Some(3), Some(2)]);
        assert_eq!(items[0]["changes"], json!([{ "place": "name", "before": "Contact", "after": "Third" }]));
        let places: Vec<_> = items[1]["changes"].as_array().expect("changes").iter().map(|it| it["place"].as_str().expect("text")).collect();
        assert_eq!(places, ["fields.email.required", "fields.topic"]);
        let cursor = versions.body["next_cursor"].as_str().expect("a cursor");
        let last = editor.get(&format!("{path}/versions?limit=2&cursor={cursor}")).await;
        assert_eq!((&last.body["items"][0]["version"], &last.body["next_cursor"]), (&json!(1), &Value::Null));
        let first = editor.get(&format!("{path}/versions/1")).await;
        assert_eq!(first.body["definition"]["fields"], contact("contact")["fields"], "{}", first.body);
        let restore = |version: &str| send(editor.request(Method::POST, &format!("{path}/versions/1/restore")).header("if-match", version));
        assert_eq!(restore("\"2\"").await.status, 412);
        let restored = restore("\"3\"").await;
        assert_eq!((restored.status, &restored.body["version"], &restored.body["name"]), (200, &json!(4), &json!("Contact")));
        for wrong in ["9", "0", "x", "99999999999", "-1"] {
            assert_eq!(editor.get(&format!("{path}/versions/{wrong}")).await.status, 404, "{wrong}");
        }
    }

    async fn lists_go_on_where_they_ended_and_find_by_name_and_state(app: TestApp) {
        let (editor, id) = with_role(&app, "Garden", WorkspaceRole::Editor).await;
        for number in 0..7 {
            let name = if number % 2 == 0 { "Größe" } else { "Apply" };
            let form = json!({ "name": format!("{name} {number}"), "slug": format!("form-{number}"), "state": if number < 2 { "closed" } else { "open" } });
            assert_eq!(editor.post(&format!("/forms?workspace_id={id}"), form).await.status, 201);
        }
        let (mut seen, mut cursor) = (Vec::new(), String::new());
        for _ in 0..4 {
            let page = editor.get(&format!("/forms?limit=3{cursor}")).await;
            seen.extend(slugs(&page).into_iter().map(str::to_owned));
            match page.body["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        assert_eq!(seen, (0..7).map(|number| format!("form-{number}")).collect::<Vec<_>>());
        assert_eq!(slugs(&editor.get("/forms?q=GR%C3%96SS").await), Vec::<&str>::new(), "sharp s has no capital here");
        assert_eq!(slugs(&editor.get("/forms?q=GR%C3%96&state=open").await), ["form-2", "form-4", "form-6"]);
        assert_eq!(slugs(&editor.get("/forms?q=%25").await), Vec::<&str>::new(), "a per cent sign is only itself");
        assert_eq!(slugs(&editor.get("/forms?state=closed&limit=1").await), ["form-0"]);
        assert_eq!(editor.get("/forms?state=gone").await.status, 400);
        assert_eq!(editor.get("/forms?workspace_id=x").await.status, 400);
        assert_eq!(editor.get("/forms?sort=name").await.status, 400);
        assert_eq!(editor.get("/forms?cursor=AAAA").await.status, 400);
    }

    async fn a_copy_has_the_fields_and_a_name_of_its_own(app: TestApp) {
        let (editor, _) = with_role(&app, "Garden", WorkspaceRole::Editor).await;
        let path = path_of(&editor.post("/forms", contact("contact")).await);
        assert_eq!(submit(&app, "contact").await, 200);
        let copy = |body: Value| editor.post_to(format!("{path}/duplicate"), body);
        let first = copy(json!({})).await;
        let copied = path_of(&first);
        assert_eq!((&first.body["slug"], &first.body["name"], &first.body["accepted"]), (&json!("contact-copy"), &json!("Contact (copy)"), &json!(0)));
        assert_eq!(copy(json!({})).await.body["slug"], "contact-copy-2");
        let named = copy(json!({ "name": "Visit", "slug": "visit" })).await;
        assert_eq!((&named.body["slug"], &named.body["name"]), (&json!("visit"), &json!("Visit")));
        assert_eq!(copy(json!({ "slug": "visit" })).await.status, 409);
        let wrong = copy(json!({ "slug": "Visit us" })).await;
        assert_eq!((wrong.status, &wrong.body["errors"][0]["pointer"]), (422, &json!("/slug")));
        assert_eq!(editor.get(&format!("{copied}/definition")).await.body["fields"], contact("")["fields"]);
        let long = editor.post("/forms", json!({ "name": "ä".repeat(100), "slug": "a".repeat(64) })).await;
        let long = editor.post(&format!("{}/duplicate", path_of(&long)), json!({})).await;
        assert_eq!(long.status, 201, "{}", long.body);
    }

    async fn of_twenty_changes_of_one_version_one_is_made(app: TestApp) {
        let (editor, _) = with_role(&app, "Garden", WorkspaceRole::Editor).await;
        let path = path_of(&editor.post("/forms", contact("contact")).await);
        let change = |number: usize| {
            let request = editor.request(Method::PATCH, &path).header("if-match", "\"1\"");
            send(request.json(&json!({ "name": format!("Name {number}") })))
        };
        let answers = join_all((0..20).map(change)).await;
        let mut statuses: Vec<_> = answers.iter().map(|answer| answer.status).collect();
        statuses.sort_unstable();
        assert_eq!((statuses[0], &statuses[1..]), (200, &[412; 19][..]));
        assert_eq!(app.database.number("SELECT COUNT(*) FROM form_versions").await, 2);
        let made = join_all((0..10).map(|_| editor.post_to("/forms".to_owned(), contact("new")))).await;
        assert_eq!(made.iter().filter(|answer| answer.status == 201).count(), 1);
        assert!(made.iter().all(|answer| [201, 409].contains(&answer.status)));
    }

    async fn who_is_of_another_workspace_learns_nothing_and_viewers_only_look(app: TestApp) {
        let (editor, here) = with_role(&app, "Garden", WorkspaceRole::Editor).await;
        let (stranger, there) = with_role(&app, "Kitchen", WorkspaceRole::Owner).await;
        let (viewer, _) = with_role(&app, "Roof", WorkspaceRole::Viewer).await;
        let path = path_of(&editor.post("/forms", contact("contact")).await);
        let nothing = format!("/forms/{}", app.app.ids.uuid());
        for method in [Method::GET, Method::PATCH, Method::DELETE] {
            let ask = |path: &str| send(stranger.request(method.clone(), path).json(&json!({ "name": "Mine" })));
            let (foreign, unknown) = (ask(&path).await, ask(&nothing).await);
            assert_eq!((foreign.status, unknown.status), (404, 404), "{method}");
            let id = path.rsplit('/').next().expect("an id");
            let told = |answer: &Answer| answer.body["detail"].as_str().expect("text").replace(id, "ID");
            assert_eq!(told(&foreign), told(&unknown).replace(nothing.rsplit('/').next().expect("an id"), "ID"));
        }
        for end in ["restore", "duplicate", "versions/1/restore"] {
            assert_eq!(stranger.post(&format!("{path}/{end}"), json!({})).await.status, 404, "{end}");
        }
        for end in ["definition", "versions", "versions/1"] {
            assert_eq!(stranger.get(&format!("{path}/{end}")).await.status, 404, "{end}");
        }
        assert_eq!(stranger.post(&format!("/forms?workspace_id={here}"), contact("mine")).await.status, 404);
        assert_eq!(stranger.get(&format!("/forms?workspace_id={here}")).await.status, 404);
        assert!(slugs(&stranger.get(&format!("/forms?workspace_id={there}")).await).is_empty());
        assert!(slugs(&stranger.get("/forms?q=contact").await).is_empty());
        assert_eq!(viewer.post("/forms", contact("mine")).await.status, 403);
        assert_eq!(editor.get(&path).await.body["version"], 1);
    }

    async fn a_token_without_the_scope_is_refused_and_one_of_a_workspace_stays_in_it(app: TestApp) {
        let (editor, here) = with_role(&app, "Garden", WorkspaceRole::Editor).await;
        let path = path_of(&editor.post("/forms", contact("contact")).await);
        let reader = Program::of(&app, "garden@example.org", &["forms:read"], None).await;
        assert_eq!(slugs(&reader.get("/forms").await), ["contact"]);
        for refused in [reader.post("/forms", contact("x")).await, reader.delete(&path).await, reader.patch(&path, json!({})).await] {
            assert_eq!((refused.status, refused.code()), (403, "FORBIDDEN"), "{}", refused.body);
        }
        let other = Program::of(&app, "garden@example.org", &["submissions:read"], None).await;
        assert_eq!((other.get("/forms").await.status, other.get(&path).await.status), (403, 403));
        let admin = user(&app, "root@example.org", InstanceRole::Admin).await;
        let elsewhere = workspace(&app, "Elsewhere").await;
        member(&app, elsewhere, admin, WorkspaceRole::Owner).await;
        let bound = Program::of(&app, "root@example.org", FORMS, Some(elsewhere)).await;
        assert!(slugs(&bound.get("/forms").await).is_empty());
        assert_eq!(bound.get(&path).await.status, 404);
        assert_eq!(bound.post("/forms", contact("bound")).await.body["workspace_id"], elsewhere.to_string());
        let free = Program::of(&app, "root@example.org", SCOPES, None).await;
        assert_eq!(slugs(&free.get("/forms").await), ["bound", "contact"]);
        let unsaid = free.post("/forms", contact("unsaid")).await;
        assert_eq!((unsaid.status, &unsaid.body["errors"][0]["pointer"]), (422, &json!("/workspace_id")), "{}", unsaid.body);
        assert_eq!(free.post(&format!("/forms?workspace_id={here}"), contact("said")).await.status, 201);
    }

    async fn the_trash_is_emptied_after_its_time_with_all_that_hangs_on_a_form(app: TestApp) {
        let (editor, _) = with_role(&app, "Garden", WorkspaceRole::Editor).await;
        let kept = path_of(&editor.post("/forms", contact("kept")).await);
        let path = path_of(&editor.post("/forms", contact("contact")).await);
        for slug in ["contact", "contact", "kept"] {
            assert_eq!(submit(&app, slug).await, 200);
        }
        assert_eq!(editor.delete(&path).await.status, 204);
        let day = |days: u32| i64::from(days) * 24 * 60 * 60 * 1000;
        app.clock.advance_ms(day(TRASH_DAYS) - 60_000);
        let system = operator();
        let purge = || forms::purge_trash(&app.app, &system);
        assert_eq!(purge().await.expect("purged"), Purged::default());
        assert_eq!(editor.post(&format!("{path}/restore"), json!({})).await.status, 200);
        assert_eq!(editor.delete(&path).await.status, 204);
        app.clock.advance_ms(day(TRASH_DAYS) + 1000);
        let stranger = Caller { actor: formhold_domain::access::Actor::Visitor, ..operator() };
        forms::purge_trash(&app.app, &stranger).await.expect_err("nobody else may");
        assert_eq!(purge().await.expect("purged"), Purged { forms: 1, submissions: 2 });
        assert_eq!(purge().await.expect("purged"), Purged::default());
        assert_eq!((editor.get(&path).await.status, submit(&app, "contact").await), (404, 404));
        assert_eq!((editor.get(&kept).await.status, submit(&app, "kept").await), (200, 200));
        let id: FormId = path.rsplit('/').next().expect("an id").parse().expect("an id");
        assert!(app.app.store.get_form(id).await.expect("asked").is_none());
        for (table, rows) in [("forms", 1), ("form_versions", 1), ("submissions", 2), ("submission_counts", 1)] {
            assert_eq!(app.database.number(&format!("SELECT COUNT(*) FROM {table}")).await, rows, "{table}");
        }
        assert_eq!(editor.post("/forms", contact("contact")).await.status, 201, "the name is free again");
    }
}

impl Program<'_> {
    async fn post_to(&self, path: String, body: Value) -> Answer {
        self.post(&path, body).await
    }
}
