//! The spam layers at work: where a submission lands, why, and what the form learns.

use formhold_domain::{Submission, SubmissionState, access::Caller, spam::Lesson};
use formhold_service::submissions::review;
use formhold_testkit::{Stack, TestApp, on_both_stacks};
use serde_json::json;

use super::{post, post_to};

const LINKS: &str = "Cheap pills https://pills.example/a https://pills.example/b <a href='https://x.example'>here</a> www.more.example";

async fn last(app: &TestApp) -> Submission {
    let form = formhold_service::forms::get_form(&app.app, "test").await.expect("the form");
    app.submissions(&form).await.pop().expect("a submission")
}

fn layers(submission: &Submission) -> Vec<&str> {
    submission.context.spam_reasons.iter().map(|reason| &*reason.layer).collect()
}

/// Honest and unwanted texts about different things.
fn text(lesson: Lesson, number: usize) -> String {
    match lesson {
        Lesson::Spam => {
            format!("Our agency sells backlinks and ranking number {number} for your brand")
        }
        Lesson::Ham => {
            format!("When does the pottery course on day {number} begin, and is clay included?")
        }
    }
}

on_both_stacks! {
    async fn spam_is_answered_as_success_and_kept_with_its_reasons(app: TestApp) {
        app.form(json!({})).await;
        assert_eq!(post(&app, "/f/test", &[("message", "What are your hours?")]).await.0, 200);
        assert_eq!(last(&app).await.state, SubmissionState::Inbox);
        let spam = [("email", "x@mailinator.com"), ("message", LINKS)];
        let (status, _, body) = post(&app, "/f/test", &spam).await;
        assert_eq!(status, 200, "{body}");
        let kept = last(&app).await;
        assert_eq!(kept.state, SubmissionState::Spam);
        assert_eq!(layers(&kept), ["disposable_mail", "links"]);
        let reason = kept.context.spam_reasons[1].to_string();
        assert!(reason.contains("links") && reason.contains("at most 2"), "{reason}");
    }

    async fn what_an_owner_bans_is_refused_with_a_sentence_where_points_add_up(app: TestApp) {
        let spam = json!({ "banned_words": ["pills"], "banned_networks": ["127.0.0.0/8"] });
        let form = app.form(json!({ "protection": { "spam": spam } })).await;
        let (status, code, _) = post(&app, "/f/test", &[("message", "p1lls")]).await;
        assert_eq!((status, code.as_str()), (422, "SPAM"));
        assert!(app.submissions(&form).await.is_empty());
        // The address alone is enough for the folder only.
        assert_eq!(post(&app, "/f/test", &[("message", "hello")]).await.0, 200);
        assert_eq!(layers(&last(&app).await), ["banned_networks"]);
    }

    async fn a_stamp_that_is_too_young_or_forged_gives_points_and_a_missing_one_only_on_our_page(app: TestApp) {
        let spam = json!({ "spam_from": 1 });
        let form = app.form(json!({ "protection": { "spam": spam }, "fields": [{ "name": "a", "type": "text" }] })).await;
        let html = app.client.get(app.url("/f/test")).send().await.expect("a page").text().await.expect("text");
        let stamp = html.split("name=\"_stamp\" value=\"").nth(1).expect("a stamp").split('"').next().expect("its end").to_owned();
        let forged = stamp.replace('1', "2");
        for (stamp, expected) in [(stamp.as_str(), true), (forged.as_str(), true)] {
            assert_eq!(post(&app, "/f/test", &[("a", "1"), ("_stamp", stamp)]).await.0, 200);
            assert_eq!(last(&app).await.state == SubmissionState::Spam, expected, "{stamp}");
            assert_eq!(layers(&last(&app).await), ["time_to_fill"]);
        }
        app.clock.advance_ms(10_000);
        assert_eq!(post(&app, "/f/test", &[("a", "1"), ("_stamp", &stamp)]).await.0, 200);
        assert_eq!(last(&app).await.state, SubmissionState::Inbox);
        assert_eq!(post(&app, "/f/test", &[("a", "1")]).await.0, 200);
        assert_eq!(last(&app).await.state, SubmissionState::Inbox, "a page of another site has none");
        let page = app.url(&format!("/f/{}", form.identity.key));
        let request = app.client.post(app.url("/f/test")).header("referer", page).form(&[("a", "1")]);
        assert!(request.send().await.expect("a reply").status().is_redirection());
        assert_eq!(layers(&last(&app).await), ["time_to_fill"]);
    }

    async fn equal_texts_are_counted_over_all_nodes(app: TestApp) {
        app.form(json!({ "protection": { "spam": { "spam_from": 5 } } })).await;
        let in_common = app.database.redis_url.is_some();
        let nodes = [app.address, if in_common { app.second_address().await } else { app.address }];
        let message = "We would like to order twelve of the large blue bowls for our restaurant, please.";
        for (number, state) in [SubmissionState::Inbox, SubmissionState::Inbox, SubmissionState::Spam].into_iter().enumerate() {
            assert_eq!(post_to(&app, nodes[number % 2], "/f/test", &[("message", message)]).await.0, 200);
            assert_eq!(last(&app).await.state, state, "copy {number}");
        }
        assert_eq!(layers(&last(&app).await), ["copies"]);
    }

    async fn a_form_learns_from_its_owner_and_unlearns(app: TestApp) {
        app.form(json!({ "protection": { "spam": { "copies_window_minutes": 0 } } })).await;
        for number in 0..12 {
            for lesson in [Lesson::Spam, Lesson::Ham] {
                let message = text(lesson, number);
                assert_eq!(post(&app, "/f/test", &[("message", &message)]).await.0, 200);
                let id = last(&app).await.id;
                assert_eq!(last(&app).await.state, SubmissionState::Inbox, "before it learnt: {message}");
                assert!(review::mark_submission(&app.app, &Caller::system("test"), id, lesson).await.expect("marked"));
                assert!(!review::mark_submission(&app.app, &Caller::system("test"), id, lesson).await.expect("marked"), "twice is once");
            }
            if number == 8 {
                let list = async |state| review::list_submissions(&app.app, "test", state, None, 100).await.expect("a list").len();
                assert_eq!((list(SubmissionState::Spam).await, list(SubmissionState::Inbox).await), (9, 9));
            }
            if number >= 9 {
                break;
            }
        }
        // Ten of each: from now on it has an opinion.
        assert_eq!(post(&app, "/f/test", &[("message", &text(Lesson::Spam, 77))]).await.0, 200);
        let held = last(&app).await;
        assert_eq!(held.state, SubmissionState::Spam, "{:?}", held.context.spam_reasons);
        assert_eq!(layers(&held), ["bayes"]);
        assert_eq!(post(&app, "/f/test", &[("message", &text(Lesson::Ham, 78))]).await.0, 200);
        assert_eq!(last(&app).await.state, SubmissionState::Inbox);
        // Not spam: it moves to the inbox, counts there, and speaks for others like it.
        assert!(review::mark_submission(&app.app, &Caller::system("test"), held.id, Lesson::Ham).await.expect("marked"));
        let moved = review::get_submission(&app.app, held.id).await.expect("the submission");
        assert_eq!(moved.state, SubmissionState::Inbox);
        // Another form knows nothing of it.
        app.form(json!({ "slug": "other" })).await;
        assert_eq!(post(&app, "/f/other", &[("message", &text(Lesson::Spam, 79))]).await.0, 200);
        let other = formhold_service::forms::get_form(&app.app, "other").await.expect("the form");
        assert_eq!(app.submissions(&other).await[0].state, SubmissionState::Inbox);
    }
}

#[tokio::test]
async fn wrong_rules_are_told_all_at_once_with_their_places() {
    let app = TestApp::start(Stack::Sqlite).await;
    let spam =
        json!({ "banned_networks": ["10.0.0.0/99"], "max_links": 1_000_000, "banned_words": [""] });
    let definition = formhold_testkit::form_of(json!({ "protection": { "spam": spam } }));
    let error =
        formhold_service::forms::import_form(&app.app, &Caller::system("test"), None, definition)
            .await
            .expect_err("refused")
            .to_string();
    for place in ["banned_networks", "max_links", "banned_words"] {
        assert!(error.contains(&format!("protection.spam.{place}")), "{error}");
    }
}
