//! Numbers for programs.

use formhold_domain::access::InstanceRole;
use formhold_testkit::{TestApp, on_both_stacks};
use serde_json::json;

use super::{ADMIN, Program, user};

async fn admin(app: &TestApp) -> Program<'_> {
    user(app, ADMIN, InstanceRole::Admin).await;
    Program::of(app, ADMIN, &["submissions:read", "system:read", "users:read"], None).await
}

on_both_stacks! {
    async fn numbers_are_read_from_counters(app: TestApp) {
        let admin = admin(&app).await;
        let form = app.form(json!({ "slug": "contact", "name": "<b>Contact</b>" })).await;
        for _ in 0..3 {
            assert_eq!(app.post("/f/contact", &[("a", "1")]).await.0, 200);
        }
        let overview = admin.get("/stats/overview").await;
        assert_eq!(overview.status, 200, "{}", overview.body);
        assert_eq!(overview.body["users"], 1);
        assert_eq!(overview.body["submissions"]["today"]["now"], json!({ "accepted": 3, "spam": 0, "refused": 0 }));
        assert_eq!(overview.body["submissions"]["folders"], json!({ "inbox": 3, "spam": 0, "archive": 0, "trash": 0 }));
        assert_eq!(overview.body["top_forms"][0]["name"], "<b>Contact</b>");
        let trend = admin.get(&format!("/stats/trend?form={}&bucket=hour&from=2026-06-01T10:00:00Z", form.identity.id)).await;
        let points = trend.body["points"].as_array().expect("points");
        assert_eq!((points.len(), &points[2]), (3, &json!({ "start": "2026-06-01T12:00:00.000Z", "accepted": 3, "spam": 0, "refused": 0 })));
        let days = admin.get("/stats/trend").await;
        assert_eq!(days.body["points"].as_array().expect("points").len(), 31);
        let of_form = admin.get(&format!("/stats/forms/{}?zone=Europe/Berlin", form.identity.id)).await;
        assert_eq!(of_form.body["submissions"]["last_7_days"]["now"]["accepted"], 3);
        let caches = admin.get("/stats/cache").await;
        let names: Vec<_> = caches.body["caches"].as_array().expect("caches").iter().map(|it| it["name"].as_str().expect("a name")).collect();
        assert!(names.contains(&"forms") && !names.contains(&"limits"), "{names:?}");
    }

    async fn what_cannot_be_asked_is_refused_and_what_is_anothers_is_hidden(app: TestApp) {
        let admin = admin(&app).await;
        for (path, status, pointer) in [
            ("/stats/trend?bucket=minute", 400, "?bucket"),
            ("/stats/trend?from=yesterday", 400, "?from"),
            ("/stats/trend?zone=Mars/Olympus", 400, "?zone"),
            ("/stats/overview?zone=../../etc/passwd", 400, "?zone"),
            ("/stats/overview?zone=%27;DROP%20TABLE%20forms", 400, "?zone"),
            ("/stats/trend?form=1", 400, "?form"),
        ] {
            let answer = admin.get(path).await;
            assert_eq!((answer.status, answer.body["errors"][0]["pointer"].as_str()), (status, Some(pointer)), "{path}: {}", answer.body);
        }
        let answer = admin.get("/stats/trend?bucket=hour&from=2020-01-01T00:00:00Z").await;
        assert_eq!((answer.status, answer.body["errors"][0]["code"].as_str()), (422, Some("TOO_MANY")), "{}", answer.body);
        let form = app.form(json!({ "slug": "contact" })).await.identity.id;
        user(&app, "otto@example.org", InstanceRole::User).await;
        let other = Program::of(&app, "otto@example.org", &["users:read"], None).await;
        for path in [format!("/stats/forms/{form}"), format!("/stats/trend?form={form}")] {
            assert_eq!(other.get(&path).await.status, 404, "{path}");
            assert_eq!(Program::nobody(&app).get(&path).await.status, 401, "{path}");
        }
        assert_eq!(other.get("/stats/cache").await.status, 403);
        assert_eq!(other.get("/stats/overview").await.body["top_forms"], json!([]));
    }
}
