//! Words, phrases, beginnings of words.

use formhold_domain::{
    SubmissionState,
    search::{SearchQuery, hits},
};
use formhold_service::submissions::inbox;
use formhold_store::{InboxFilter, InboxOrder};
use formhold_testkit::on_both_stacks;
use serde_json::json;

use super::{editor, found, index, looking_for, submit};

on_both_stacks! {
    async fn words_phrases_and_beginnings_are_found_newest_first(app: TestApp) {
        let form = app.form(json!({ "name": "Contact", "slug": "contact" })).await;
        let ids = submit(&app, "contact", &[
            &[("name", "Élan Vital"), ("message", "Please call me back, it is a b c")],
            &[("name", "Ann"), ("email", "ann@example.org"), ("message", "the quick brown fox")],
            &[("name", "Bob"), ("message", "the brown quick fox; call")],
            &[("name", "Grüße aus 東京都"), ("message", "straße 7")],
            &[("message", "one"), ("message", "two")],
        ]).await;
        index(&app).await;
        let form_id = form.identity.id;
        for (text, expected) in [
            ("call", &[2, 0][..]),
            ("CALL back", &[0]),
            ("elan", &[0]),
            ("\"quick brown\"", &[1]),
            ("quick brown", &[2, 1]),
            ("ann@example.org", &[1]),
            ("example.org", &[1]),
            ("qui*", &[2, 1]),
            ("\"brown qu\"*", &[2]),
            ("fo* the ann", &[1]),
            ("東京", &[3]),
            ("STRASSE 7", &[3]),
            ("it is a", &[0]),
            ("c", &[0]),
            ("\"one two\"", &[]),
            ("two one", &[4]),
            ("nothing", &[]),
            ("quic", &[]),
        ] {
            let wanted: Vec<_> = expected.iter().map(|index| ids[*index]).collect();
            assert_eq!(found(&app, &looking_for(form_id, text)).await, wanted, "{text}");
            let oldest_first = InboxFilter { order: InboxOrder::Oldest, ..looking_for(form_id, text) };
            let wanted: Vec<_> = wanted.into_iter().rev().collect();
            assert_eq!(found(&app, &oldest_first).await, wanted, "{text}");
        }
        let query = SearchQuery::parse("call back").expect("a query").expect("words");
        let page = inbox::list_inbox(&app.app, &editor(), &looking_for(form_id, "call back"), None, 9).await.expect("a page");
        let hit = &hits(&query, &page[0].submission, 3)[0];
        let marked: Vec<_> = hit.segments.iter().filter(|it| it.is_hit).map(|it| it.text.as_str()).collect();
        assert_eq!((hit.field.as_str(), marked), ("message", vec!["call", "back"]));
    }

    async fn what_a_search_finds_is_within_the_form_the_folder_and_the_other_filters(app: TestApp) {
        let form = app.form(json!({ "name": "Contact", "slug": "contact" })).await;
        app.form(json!({ "name": "Other", "slug": "other" })).await;
        let ids = submit(&app, "contact", &[&[("a", "needle")], &[("a", "needle")], &[("a", "needle")]]).await;
        submit(&app, "other", &[&[("a", "needle")]]).await;
        index(&app).await;
        let form_id = form.identity.id;
        let needles = looking_for(form_id, "needle");
        let act = async |which: usize, act: formhold_domain::InboxAct| {
            inbox::act(&app.app, &editor(), form_id, &ids[which..=which], &act.into()).await.expect("done")
        };
        act(0, formhold_domain::InboxAct::Star(true)).await;
        act(1, formhold_domain::InboxAct::MarkRead(true)).await;
        assert_eq!(found(&app, &InboxFilter { is_starred: true, ..needles.clone() }).await, [ids[0]]);
        assert_eq!(found(&app, &InboxFilter { is_read: Some(true), ..needles.clone() }).await, [ids[1]]);
        let submissions = app.submissions(&form).await;
        let at = submissions.iter().find(|it| it.id == ids[1]).expect("it").received_at_ms;
        let since = InboxFilter { received_from_ms: Some(at), ..needles.clone() };
        assert_eq!(found(&app, &since).await, [ids[2], ids[1]]);
        let until = InboxFilter { received_until_ms: Some(at), ..needles.clone() };
        assert_eq!(found(&app, &until).await, [ids[0]]);
        let trash = InboxFilter { state: SubmissionState::Trash, ..needles.clone() };
        assert_eq!(found(&app, &trash).await, []);
    }

    async fn names_of_files_are_found(app: TestApp) {
        let form = app.form(json!({ "slug": "files", "fields": [
            { "name": "cv", "type": "file" }, { "name": "name", "type": "text" },
        ] })).await;
        let part = reqwest::multipart::Part::bytes(b"hello".to_vec()).file_name("Lebenslauf_Müller.txt");
        let body = reqwest::multipart::Form::new().part("cv", part).text("name", "Ann");
        let reply = app.client.post(app.url("/f/files")).header("accept", "application/json").multipart(body).send().await.expect("a reply");
        assert_eq!(reply.status(), 200);
        index(&app).await;
        assert_eq!(found(&app, &looking_for(form.identity.id, "muller")).await.len(), 1);
        assert_eq!(found(&app, &looking_for(form.identity.id, "lebenslauf ann")).await.len(), 1);
    }
}
