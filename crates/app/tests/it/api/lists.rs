//! Lists, page by page.

use formhold_domain::access::InstanceRole;
use formhold_testkit::on_both_stacks;
use serde_json::json;

use super::{ADMIN, Program, user};

on_both_stacks! {
    async fn a_list_is_read_page_by_page_and_filtered(app: TestApp) {
        let admin = Program::of_admin(&app).await;
        for index in 0..5 {
            user(&app, &format!("user{index}@example.org"), InstanceRole::User).await;
        }
        for (sort, first) in [("email", "ada@example.org"), ("-created_at", "user4@example.org")] {
            let mut path = format!("/users?limit=4&sort={sort}&state=active");
            let mut seen = Vec::new();
            loop {
                let page = admin.get(&path).await;
                assert_eq!(page.status, 200, "{}", page.body);
                let items = page.body["items"].as_array().expect("items").clone();
                assert!(items.len() <= 4);
                seen.extend(items.into_iter().map(|it| it["email"].as_str().expect("text").to_owned()));
                let Some(cursor) = page.body["next_cursor"].as_str() else {
                    assert_eq!(page.header("link"), "");
                    break;
                };
                let link = format!("</api/v1/users?limit=4&sort={sort}&state=active&cursor={cursor}>; rel=\"next\"");
                assert_eq!(page.header("link"), link);
                path = format!("/users?limit=4&sort={sort}&state=active&cursor={cursor}");
            }
            assert_eq!((seen.len(), seen[0].as_str()), (6, first));
            seen.sort();
            seen.dedup();
            assert_eq!(seen.len(), 6, "each once");
        }
        let cursor = admin.get("/users?limit=1").await.body["next_cursor"].as_str().expect("more").to_owned();
        let wrong = admin.get(&format!("/users?sort=email&cursor={cursor}")).await;
        assert_eq!(wrong.status, 400, "a cursor is good for its list and order");
        let found = admin.get("/users?q=USER3").await;
        assert_eq!(found.body["items"].as_array().map(Vec::len), Some(1));
        assert_eq!(admin.get("/users?role=admin").await.body["items"].as_array().map(Vec::len), Some(1));
        assert_eq!(admin.get("/users?state=disabled").await.body["items"], json!([]));
        assert_eq!(admin.get("/users?q=%25").await.body["items"], json!([]), "no pattern");
    }

    async fn the_audit_trail_is_listed_newest_first(app: TestApp) {
        let admin = Program::of_admin(&app).await;
        let page = admin.get("/audit?limit=1&action=user").await;
        assert_eq!(page.body["items"][0]["action"], "user.create", "{}", page.body);
        assert_eq!(page.body["items"][0]["details"]["after"]["email"], ADMIN);
        assert_eq!(admin.get("/audit?created_before=2001-01-01T00:00:00Z").await.body["items"], json!([]));
        let all = admin.get("/audit").await;
        let numbers: Vec<_> = all.body["items"].as_array().expect("items").iter().map(|it| it["sequence"].as_u64()).collect();
        assert!(numbers.is_sorted_by(|a, b| a > b), "{numbers:?}");
    }
}
