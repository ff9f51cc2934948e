//! The index follows what is done: new ones, changes, moves, the end; also after a kill and for
//! databases that had no index.

use formhold_domain::{Answers, InboxAct, SubmissionState};
use formhold_service::submissions::{
    change::{self, SubmissionPatch},
    deeds::Deed,
    inbox, search,
};
use formhold_store::InboxFilter;
use formhold_testkit::on_both_stacks;
use serde_json::json;

use super::{editor, found, index, looking_for, submit};

on_both_stacks! {
    async fn changes_moves_and_deletions_are_followed(app: TestApp) {
        let form = app.form(json!({ "slug": "contact" })).await;
        let form_id = form.identity.id;
        let ids = submit(&app, "contact", &[&[("a", "apple")], &[("a", "apple 7")], &[("a", "apple")]]).await;
        assert_eq!(found(&app, &looking_for(form_id, "apple")).await, [], "not before it is indexed");
        index(&app).await;
        let changed: Answers = [("a".to_owned(), "pear".to_owned())].into_iter().collect();
        let patch = SubmissionPatch { answers: Some(changed), ..SubmissionPatch::default() };
        change::change_submission(&app.app, &editor(), ids[0], Some(0), patch).await.expect("edited");
        assert_eq!(found(&app, &looking_for(form_id, "apple")).await, [ids[2], ids[1]], "an edit hides at once");
        index(&app).await;
        assert_eq!(found(&app, &looking_for(form_id, "pear")).await, [ids[0]]);
        let trash = InboxAct::MoveTo(SubmissionState::Trash);
        inbox::act(&app.app, &editor(), form_id, &ids[1..2], &trash.clone().into()).await.expect("moved");
        assert_eq!(found(&app, &looking_for(form_id, "apple")).await, [ids[2]]);
        index(&app).await;
        let in_trash = InboxFilter { state: SubmissionState::Trash, ..looking_for(form_id, "apple") };
        assert_eq!(found(&app, &in_trash).await, [ids[1]]);
        inbox::act(&app.app, &editor(), form_id, &ids[1..2], &InboxAct::Restore.into()).await.expect("restored");
        index(&app).await;
        assert_eq!(found(&app, &looking_for(form_id, "apple")).await, [ids[2], ids[1]]);
        let spam = InboxAct::MoveTo(SubmissionState::Spam);
        inbox::act(&app.app, &editor(), form_id, &ids[2..3], &spam.clone().into()).await.expect("moved");
        index(&app).await;
        let in_spam = InboxFilter { state: SubmissionState::Spam, ..looking_for(form_id, "apple") };
        assert_eq!(found(&app, &in_spam).await, [ids[2]]);

        inbox::act(&app.app, &editor(), form_id, &ids, &trash.clone().into()).await.expect("moved");
        inbox::act(&app.app, &editor(), form_id, &ids, &Deed::DeleteForGood).await.expect("deleted");
        index(&app).await;
        let mut left = vec!["search_queue", "search_documents", "search_numbers"];
        if app.database.redis_url.is_some() || app.database.url.starts_with("mysql") {
            left.push("search_terms");
        } else {
            assert_eq!(app.database.number("SELECT COUNT(*) FROM search_index WHERE search_index MATCH 'apple OR pear'").await, 0);
        }
        for table in left {
            assert_eq!(app.database.number(&format!("SELECT COUNT(*) FROM {table}")).await, 0, "{table}");
        }
    }

    async fn two_nodes_and_rounds_that_were_cut_short_lose_nothing(app: TestApp) {
        let form = app.form(json!({ "slug": "contact" })).await;
        let other = app.second_node().await;
        let mut sent = Vec::new();
        for index in 0..40 {
            let text = format!("word{index} common");
            sent.extend(submit(&app, "contact", &[&[("a", text.as_str())]]).await);
            if index % 8 == 0 {
                // Both at once, past the lock that keeps them from doing the same work.
                let (one, two) = tokio::join!(app.app.store.index_some(), other.store.index_some());
                one.expect("a round");
                two.expect("a round");
                // A round that is dropped on its way leaves its submissions in the queue.
                let round = tokio::time::timeout(std::time::Duration::from_micros(300), app.app.store.index_some());
                let _ = round.await;
            }
        }
        index(&app).await;
        let newest_first: Vec<_> = sent.iter().rev().copied().collect();
        assert_eq!(found(&app, &looking_for(form.identity.id, "common")).await, newest_first);
        for index in [0, 17, 39] {
            assert_eq!(found(&app, &looking_for(form.identity.id, &format!("word{index}"))).await, [sent[index]]);
        }
    }

    async fn what_nobody_queued_is_indexed_all_the_same(app: TestApp) {
        let form = app.form(json!({ "slug": "contact" })).await;
        let form_id = form.identity.id;
        let ids = submit(&app, "contact", &[&[("a", "old")], &[("a", "old")]]).await;
        // As in a database that is older than the index.
        app.database.execute("DELETE FROM search_queue").await;
        index(&app).await;
        assert_eq!(found(&app, &looking_for(form_id, "old")).await, [ids[1], ids[0]]);
        // As an older program does that still runs beside this one.
        let more = submit(&app, "contact", &[&[("a", "old")]]).await;
        app.database.execute("DELETE FROM search_queue").await;
        index(&app).await;
        assert_eq!(found(&app, &looking_for(form_id, "old")).await.len(), 2);
        search::look_for_missing(&app.app).await.expect("looked");
        index(&app).await;
        assert_eq!(found(&app, &looking_for(form_id, "old")).await[0], more[0]);
    }

    async fn a_submission_that_cannot_be_read_does_not_keep_the_others_from_being_found(app: TestApp) {
        let form = app.form(json!({ "slug": "contact" })).await;
        let form_id = form.identity.id;
        submit(&app, "contact", &[&[("a", "broken")]]).await;
        app.database.execute("UPDATE submissions SET answers = '['").await;
        let ids = submit(&app, "contact", &[&[("a", "whole")]]).await;
        index(&app).await;
        assert_eq!(found(&app, &looking_for(form_id, "whole")).await, ids);
    }
}
