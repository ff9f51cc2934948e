//! Counters: what came in which hour, what lies where, what files take.

use formhold_domain::{InboxAct, SubmissionState, WorkspaceId, access::Caller};
use formhold_service::{
    ServiceError,
    stats::{self, Bucket, CounterKind, TrendIn, Zone},
    submissions::{deeds::Deed, inbox},
};
use formhold_testkit::on_both_stacks;
use serde_json::json;

use super::{editor, member, submit};

fn operator() -> Caller {
    Caller::system("test")
}

on_both_stacks! {
    async fn counters_say_what_came_and_what_lies_there(app: TestApp) {
        let form = app.form(json!({ "slug": "contact", "fields": [
            { "name": "a", "type": "text", "required": true }, { "name": "cv", "type": "file" },
        ] })).await;
        let form_id = form.identity.id;
        let ids = submit(&app, "contact", &[&[("a", "1")], &[("a", "2")], &[("a", "3")]]).await;
        for _ in 0..2 {
            assert_eq!(app.post("/f/contact", &[("a", "")]).await.0, 422);
        }
        let part = reqwest::multipart::Part::bytes(vec![b'x'; 1_000]).file_name("a.txt");
        let body = reqwest::multipart::Form::new().part("cv", part).text("a", "4");
        let reply = app.client.post(app.url("/f/contact")).header("accept", "application/json").multipart(body).send().await.expect("a reply");
        assert_eq!(reply.status(), 200);
        assert_eq!(stats::write_refusals(&app.app).await.expect("written"), 2);
        let zone = Zone::utc();
        let read = async || stats::form_stats(&app.app, &editor(), form_id, &zone).await.expect("numbers").scope;
        let scope = read().await;
        assert_eq!((scope.today.now.accepted, scope.today.now.spam, scope.today.now.refused), (4, 0, 2));
        assert_eq!((scope.files, scope.file_bytes), (1, 1_000));
        let lie = |scope: &stats::Scope| scope.folders.iter().map(|(_, count)| *count).collect::<Vec<_>>();
        assert_eq!(lie(&scope), [4, 0, 0, 0]);

        let act = async |which: &[formhold_domain::SubmissionId], act: InboxAct| {
            inbox::act(&app.app, &editor(), form_id, which, &act.into()).await.expect("done")
        };
        act(&ids[..1], InboxAct::MoveTo(SubmissionState::Spam)).await;
        act(&ids[1..2], InboxAct::MoveTo(SubmissionState::Archive)).await;
        act(&ids[1..3], InboxAct::MoveTo(SubmissionState::Trash)).await;
        assert_eq!(lie(&read().await), [1, 1, 0, 2]);
        act(&ids[1..3], InboxAct::Restore).await;
        assert_eq!(lie(&read().await), [2, 1, 1, 0]);
        assert_eq!(stats::check_counters(&app.app).await.expect("checked"), []);

        let all: Vec<_> = app.submissions(&form).await.iter().map(|one| one.id).collect();
        act(&all, InboxAct::MoveTo(SubmissionState::Trash)).await;
        assert_eq!(inbox::act(&app.app, &editor(), form_id, &all, &Deed::DeleteForGood).await.expect("deleted"), 4);
        let scope = read().await;
        assert_eq!((lie(&scope), scope.files, scope.file_bytes), (vec![0; 4], 0, 0));
        assert_eq!(scope.today.now.accepted, 4, "what came stays counted");
        assert_eq!(stats::check_counters(&app.app).await.expect("checked"), []);
    }

    async fn counters_that_are_wrong_are_found_and_put_right(app: TestApp) {
        let form = app.form(json!({ "slug": "contact" })).await;
        submit(&app, "contact", &[&[("a", "1")], &[("a", "2")]]).await;
        app.database.execute("UPDATE submission_places SET submissions = 7").await;
        app.database.execute("DELETE FROM submission_hours").await;
        let wrong = stats::repair_counters(&app.app).await.expect("repaired");
        assert_eq!(wrong.len(), 2);
        let folder = wrong.iter().find(|it| it.counter == CounterKind::Folder("inbox".to_owned())).expect("the folder");
        assert_eq!((folder.form_id, folder.counted, folder.there_are), (form.identity.id, 7, 2));
        assert_eq!(stats::check_counters(&app.app).await.expect("checked"), []);
        let scope = stats::form_stats(&app.app, &editor(), form.identity.id, &Zone::utc()).await.expect("numbers").scope;
        assert_eq!((scope.today.now.accepted, scope.folders[0].1), (2, 2));
    }

    async fn two_nodes_and_many_requests_at_once_are_all_counted(app: TestApp) {
        let form = app.form(json!({ "slug": "contact", "max_submissions": 1_000 })).await;
        app.form(json!({ "slug": "free" })).await;
        let second = app.second_address().await;
        let send = |path: &'static str, index: usize| {
            let address = if index.is_multiple_of(2) { app.address } else { second };
            let request = app.client.post(format!("http://{address}{path}")).header("accept", "application/json");
            // Some come twice, under one key.
            let key = format!("{path}-{}", index / 2);
            request.header("idempotency-key", key).form(&[("a", (index / 2).to_string())]).send()
        };
        let sent: Vec<_> = (0..40).flat_map(|index| [send("/f/contact", index), send("/f/free", index)]).collect();
        for reply in futures_util::future::join_all(sent).await {
            assert_eq!(reply.expect("a reply").status(), 200);
        }
        assert_eq!(stats::check_counters(&app.app).await.expect("checked"), []);
        let overview = stats::overview(&app.app, &operator(), None, &Zone::utc()).await.expect("an overview");
        assert_eq!(overview.scope.today.now.accepted, 40);
        assert_eq!(overview.top_forms.iter().map(|form| form.tally.accepted).collect::<Vec<_>>(), [20, 20]);
        assert!(overview.top_forms.iter().any(|it| it.form_id == form.identity.id));
    }

    async fn trends_are_by_hour_day_and_week_of_a_zone(app: TestApp) {
        let form = app.form(json!({ "slug": "contact" })).await;
        // From Monday 2026-06-01 12:00 UTC on.
        let start_ms = app.app.clock.now_ms();
        for hours in [0, 0, 11, 13, 24 * 7] {
            app.clock.jump_ms(start_ms + hours * 3_600_000 - app.app.clock.now_ms());
            assert_eq!(app.post("/f/contact", &[("a", "1")]).await.0, 200);
        }
        let ask = async |bucket: Bucket, zone: &str, from_ms: i64, until_ms: i64| {
            let zone = Zone::parse(zone).expect("a zone");
            let wanted = TrendIn { form_id: Some(form.identity.id), workspace_id: None, from_ms, until_ms, bucket, zone };
            stats::trend(&app.app, &editor(), &wanted).await
        };
        let counts = |trend: &stats::Trend| trend.points.iter().map(|point| point.tally.accepted).collect::<Vec<_>>();
        let day = 24 * 3_600_000;
        let days = ask(Bucket::Day, "UTC", start_ms, start_ms + 2 * day).await.expect("a trend");
        assert_eq!(counts(&days), [3, 1, 0]);
        let days = ask(Bucket::Day, "Europe/Berlin", start_ms, start_ms + 2 * day).await.expect("a trend");
        assert_eq!(counts(&days), [2, 2, 0], "23:00 UTC is the next day there");
        let weeks = ask(Bucket::Week, "Europe/Berlin", start_ms, start_ms + 8 * day).await.expect("a trend");
        assert_eq!(counts(&weeks), [4, 1]);
        let hours = ask(Bucket::Hour, "UTC", start_ms, start_ms + 14 * 3_600_000).await.expect("a trend");
        assert_eq!((hours.points.len(), counts(&hours)[0], counts(&hours)[11]), (14, 2, 1));
        let refused = ask(Bucket::Hour, "UTC", start_ms, start_ms + 60 * day).await;
        assert!(matches!(refused, Err(ServiceError::Invalid(_))), "{refused:?}");
        let refused = ask(Bucket::Hour, "UTC", start_ms, start_ms).await;
        assert!(matches!(refused, Err(ServiceError::Invalid(_))), "{refused:?}");
        assert!(Zone::parse("Mars/Olympus").is_err());
    }

    async fn numbers_are_those_of_ones_own_workspaces(app: TestApp) {
        let form = app.form(json!({ "slug": "contact" })).await;
        submit(&app, "contact", &[&[("a", "1")]]).await;
        let stranger = member(WorkspaceId(uuid::Uuid::from_u128(99)), formhold_domain::access::WorkspaceRole::Owner);
        let overview = stats::overview(&app.app, &stranger, None, &Zone::utc()).await.expect("an overview");
        assert_eq!((overview.users, overview.scope.today.now.accepted, overview.top_forms.len()), (None, 0, 0));
        let hidden = stats::overview(&app.app, &stranger, Some(WorkspaceId::FIRST), &Zone::utc()).await;
        assert!(matches!(hidden, Err(ServiceError::NotFound(_))), "{hidden:?}");
        let hidden = stats::form_stats(&app.app, &stranger, form.identity.id, &Zone::utc()).await;
        assert!(matches!(hidden, Err(ServiceError::NotFound(_))), "{hidden:?}");
        let visitor = Caller { actor: formhold_domain::access::Actor::Visitor, address: None, user_agent: None };
        let hidden = stats::overview(&app.app, &visitor, None, &Zone::utc()).await;
        assert!(matches!(hidden, Err(ServiceError::SignInRequired)), "{hidden:?}");
        let refused = stats::cache_stats(&app.app, &editor());
        assert!(matches!(refused, Err(ServiceError::Forbidden(_))), "{refused:?}");
        assert!(stats::cache_stats(&app.app, &operator()).expect("caches").iter().any(|it| it.name == "forms"));
    }
}
