//! What owners do with what was submitted to their forms.

use formhold_domain::{
    Answers, CompiledForm, FormId, InboxAct, SubmissionId, SubmissionState, Tag, UserId,
    WorkspaceId,
    access::{Actor, Caller, InstanceRole, Membership, Person, Via, WorkspaceRole},
};
use formhold_service::{
    InboxFilter, ServiceError,
    submissions::{
        change::{self, SubmissionPatch},
        deeds::Deed,
        inbox, notes,
    },
};
use formhold_store::NewForm;
use formhold_testkit::{TestApp, form_of, on_both_stacks};
use serde_json::json;
use uuid::Uuid;

fn member(workspace_id: WorkspaceId, role: WorkspaceRole) -> Caller {
    let person = Person {
        user_id: UserId(Uuid::from_u128(7)),
        role: InstanceRole::User,
        memberships: vec![Membership { workspace_id, role }],
        via: Via::Session(formhold_domain::SessionId(Uuid::from_u128(8))),
    };
    Caller { actor: Actor::Person(person), address: None, user_agent: None }
}

/// A form in this workspace.
pub(crate) async fn form_in(app: &TestApp, workspace_id: WorkspaceId, slug: &str) -> FormId {
    let id = FormId(app.app.ids.uuid());
    let definition = form_of(json!({ "name": slug, "slug": slug }));
    let new = NewForm { id, workspace_id, key: app.app.ids.form_key(), definition };
    let change = app.app.store.begin(app.app.clock.now_ms()).await.expect("a change");
    change.insert_form(&new).await.expect("a form");
    change.commit().await.expect("committed");
    id
}

/// The id of a submission to the form of this slug.
pub(crate) async fn submitted(app: &TestApp, slug: &str, pairs: &[(&str, &str)]) -> String {
    let (status, reply) = app.post(&format!("/f/{slug}"), pairs).await;
    assert_eq!(status, 200, "{reply}");
    reply["id"].as_str().expect("an id").to_owned()
}

fn editor() -> Caller {
    member(WorkspaceId::FIRST, WorkspaceRole::Editor)
}

async fn filled(app: &TestApp, count: usize) -> (CompiledForm, Vec<SubmissionId>) {
    let form = app.form(json!({ "name": "Contact", "slug": "contact" })).await;
    for index in 0..count {
        let (status, _) =
            app.post("/f/contact", &[("name", "Ada"), ("number", &index.to_string())]).await;
        assert_eq!(status, 200);
    }
    let mut ids: Vec<_> = app.submissions(&form).await.iter().map(|one| one.id).collect();
    ids.sort_unstable();
    (form, ids)
}

async fn listed(app: &TestApp, filter: &InboxFilter) -> Vec<SubmissionId> {
    let mut all = Vec::new();
    loop {
        let before = all.last().copied();
        let page = inbox::list_inbox(&app.app, &editor(), filter, before, 2).await.expect("a page");
        if page.is_empty() {
            return all;
        }
        all.extend(page.iter().map(|item| item.submission.id));
    }
}

on_both_stacks! {
    async fn submissions_are_moved_marked_and_found_by_their_marks(app: TestApp) {
        let (form, ids) = filled(&app, 5).await;
        let form_id = form.identity.id;
        let act = async |named: &[SubmissionId], act: InboxAct| {
            inbox::act(&app.app, &editor(), form_id, named, &act.into()).await.expect("done")
        };
        let all = InboxFilter::all(form_id, SubmissionState::Inbox);
        let newest_first: Vec<_> = ids.iter().rev().copied().collect();
        assert_eq!(listed(&app, &all).await, newest_first);

        let tag = Tag::parse(" Grüße ").expect("a tag");
        assert_eq!(act(&ids[1..3], InboxAct::AddTag(tag.clone())).await, 2);
        assert_eq!(act(&ids[2..4], InboxAct::AddTag(tag.clone())).await, 1, "one had it");
        assert_eq!(act(&ids[3..4], InboxAct::Star(true)).await, 1);
        assert_eq!(act(&ids[..2], InboxAct::MarkRead(true)).await, 2);
        assert_eq!(act(&ids[..2], InboxAct::MarkRead(true)).await, 0);
        let with_tag = InboxFilter { tag: Some(tag.clone()), ..all.clone() };
        assert_eq!(listed(&app, &with_tag).await, [ids[3], ids[2], ids[1]]);
        let starred = InboxFilter { is_starred: true, ..all.clone() };
        assert_eq!(listed(&app, &starred).await, [ids[3]]);
        let both = InboxFilter { is_starred: true, ..with_tag.clone() };
        assert_eq!(listed(&app, &both).await, [ids[3]]);
        let unread = InboxFilter { is_read: Some(false), ..all.clone() };
        assert_eq!(listed(&app, &unread).await, [ids[4], ids[3], ids[2]]);
        let read = InboxFilter { is_read: Some(true), ..all.clone() };
        assert_eq!(listed(&app, &read).await, [ids[1], ids[0]]);
        let tags = inbox::list_tags(&app.app, &editor(), form_id).await.expect("tags");
        assert_eq!(tags, std::slice::from_ref(&tag));

        assert_eq!(act(&ids[1..2], InboxAct::MoveTo(SubmissionState::Archive)).await, 1);
        assert_eq!(act(&ids[1..3], InboxAct::MoveTo(SubmissionState::Trash)).await, 2);
        let trash = InboxFilter::all(form_id, SubmissionState::Trash);
        assert_eq!(listed(&app, &trash).await, [ids[2], ids[1]]);
        assert_eq!(listed(&app, &with_tag).await, [ids[3]], "a tag in the trash is not in the inbox");
        assert_eq!(act(&ids[1..3], InboxAct::Restore).await, 2);
        assert_eq!(listed(&app, &trash).await, []);
        let archive = InboxFilter::all(form_id, SubmissionState::Archive);
        assert_eq!(listed(&app, &archive).await, [ids[1]], "to where each was");
        let now_ms = app.app.clock.now_ms();
        let later = InboxFilter { received_from_ms: Some(now_ms + 100_000), ..all.clone() };
        assert_eq!(listed(&app, &later).await, []);
        let earlier = InboxFilter { received_until_ms: Some(now_ms + 100_000), ..all.clone() };
        assert_eq!(listed(&app, &earlier).await.len(), 4);

        let item = inbox::open(&app.app, &editor(), formhold_domain::access::Action::SeeSubmissions, ids[1])
            .await.expect("it").item;
        assert_eq!((item.handling.is_read, item.handling.is_starred), (true, false));
        assert_eq!(item.handling.tags, [tag]);
        assert_eq!(item.handling.trashed_at_ms, None);
        let history = notes::list_history(&app.app, &editor(), ids[1]).await.expect("history");
        let kinds: Vec<_> = history.iter().map(|entry| entry.kind.as_str()).collect();
        assert_eq!(kinds, ["restore", "trash", "archive", "add_tag"]);
        assert_eq!(item.handling.version, 5, "reading counts as well");
    }

    async fn one_foreign_id_refuses_all_and_changes_nothing(app: TestApp) {
        let (form, ids) = filled(&app, 2).await;
        let other = app.form(json!({ "name": "Other", "slug": "other" })).await;
        app.post("/f/other", &[("name", "Eve")]).await;
        let foreign = app.submissions(&other).await[0].id;
        for act in [
            InboxAct::MoveTo(SubmissionState::Trash),
            InboxAct::MoveTo(SubmissionState::Archive),
            InboxAct::MoveTo(SubmissionState::Spam),
            InboxAct::Star(true),
            InboxAct::MarkRead(true),
            InboxAct::AddTag(Tag::parse("x").expect("a tag")),
        ] {
            let named = [ids[0], foreign, ids[1]];
            let refused = inbox::act(&app.app, &editor(), form.identity.id, &named, &act.clone().into()).await;
            assert!(matches!(refused, Err(ServiceError::NotFound(_))), "{act:?}: {refused:?}");
        }
        for table in ["submission_handlings", "submission_stars", "submission_tags", "submission_history"] {
            assert_eq!(app.database.number(&format!("SELECT COUNT(*) FROM {table}")).await, 0, "{table}");
        }
        let inbox = "SELECT COUNT(*) FROM submissions WHERE state = 'inbox'";
        assert_eq!(app.database.number(inbox).await, 3);
    }

    async fn only_who_may_sees_and_changes_submissions(app: TestApp) {
        let (form, ids) = filled(&app, 1).await;
        let form_id = form.identity.id;
        let viewer = member(WorkspaceId::FIRST, WorkspaceRole::Viewer);
        let stranger = member(WorkspaceId(Uuid::from_u128(99)), WorkspaceRole::Owner);
        let visitor = Caller { actor: Actor::Visitor, address: None, user_agent: None };
        let filter = InboxFilter::all(form_id, SubmissionState::Inbox);
        assert_eq!(inbox::list_inbox(&app.app, &viewer, &filter, None, 9).await.expect("a list").len(), 1);
        let trash = Deed::Act(InboxAct::MoveTo(SubmissionState::Trash));
        let refused = inbox::act(&app.app, &viewer, form_id, &ids, &trash).await;
        assert!(matches!(refused, Err(ServiceError::Forbidden(_))), "{refused:?}");
        let refused = notes::add_note(&app.app, &viewer, ids[0], "mine").await;
        assert!(matches!(refused, Err(ServiceError::Forbidden(_))), "{refused:?}");
        let unknown = SubmissionId(Uuid::from_u128(5));
        for id in [ids[0], unknown] {
            let hidden = notes::list_notes(&app.app, &stranger, id).await;
            assert_eq!(hidden.expect_err("hidden").to_string(), format!("there is no submission {id}"));
            let hidden = notes::list_notes(&app.app, &visitor, id).await;
            assert!(matches!(hidden, Err(ServiceError::SignInRequired)), "{hidden:?}");
        }
        let hidden = inbox::act(&app.app, &stranger, form_id, &ids, &trash).await;
        assert_eq!(hidden.expect_err("hidden").to_string(), format!("there is no form {form_id}"));
        assert_eq!(app.database.number("SELECT COUNT(*) FROM submission_handlings").await, 0);
    }

    async fn answers_are_changed_with_every_value_kept_and_no_update_is_lost(app: TestApp) {
        let (_, ids) = filled(&app, 1).await;
        let pairs = |pairs: &[(&str, &str)]| -> Answers {
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
        };
        let edited = pairs(&[("name", "Ada L."), ("phone", "1"), ("phone", "2")]);
        let edit = async |version, answers: &Answers| {
            let patch = SubmissionPatch { answers: Some(answers.clone()), ..SubmissionPatch::default() };
            change::change_submission(&app.app, &editor(), ids[0], Some(version), patch).await
        };
        let item = edit(0, &edited).await.expect("edited");
        assert_eq!((item.handling.version, &item.submission.answers), (1, &edited));
        let lost = edit(0, &pairs(&[("name", "Eve")])).await;
        assert!(matches!(lost, Err(ServiceError::Stale(_))), "{lost:?}");
        let history = notes::list_history(&app.app, &editor(), ids[0]).await.expect("history");
        assert_eq!(history[0].details, json!({ "fields": [
            { "field": "name", "before": ["Ada"], "after": ["Ada L."] },
            { "field": "number", "before": ["0"], "after": null },
            { "field": "phone", "before": null, "after": ["1", "2"] },
        ] }));
        let note = notes::add_note(&app.app, &editor(), ids[0], " called back ").await.expect("a note");
        let notes = notes::list_notes(&app.app, &editor(), ids[0]).await.expect("notes");
        assert_eq!(notes, std::slice::from_ref(&note));
        assert_eq!(notes[0].text, "called back");
        notes::delete_note(&app.app, &editor(), ids[0], note.id).await.expect("deleted");
        assert!(notes::delete_note(&app.app, &editor(), ids[0], note.id).await.is_err());
    }

    async fn all_that_match_are_changed_and_what_is_deleted_for_good_leaves_nothing(app: TestApp) {
        let (form, ids) = filled(&app, 7).await;
        let form_id = form.identity.id;
        let all = InboxFilter::all(form_id, SubmissionState::Inbox);
        inbox::act(&app.app, &editor(), form_id, &ids[..1], &InboxAct::Star(true).into()).await.expect("starred");
        notes::add_note(&app.app, &editor(), ids[0], "a note").await.expect("a note");
        let delete = async || {
            inbox::act(&app.app, &editor(), form_id, &ids, &Deed::DeleteForGood).await.expect("done")
        };
        assert_eq!(delete().await, 0, "not from the inbox");
        let trash = Deed::Act(InboxAct::MoveTo(SubmissionState::Trash));
        let part = async |after| {
            inbox::act_on_all(&app.app, &editor(), &all, &trash, after, 4).await.expect("moved")
        };
        let first = part(None).await;
        assert_eq!((first.changed, first.last), (4, Some(ids[3])), "the newest ones");
        let second = part(first.last).await;
        assert_eq!((second.changed, second.last), (3, None));
        assert_eq!(delete().await, 7);
        for table in ["submissions", "submission_handlings", "submission_stars", "submission_notes", "submission_history"] {
            assert_eq!(app.database.number(&format!("SELECT COUNT(*) FROM {table}")).await, 0, "{table}");
        }
    }

    async fn what_is_taken_out_of_the_spam_folder_teaches_and_counts(app: TestApp) {
        let (form, ids) = filled(&app, 2).await;
        let form_id = form.identity.id;
        let act = async |act: InboxAct| {
            inbox::act(&app.app, &editor(), form_id, &ids, &act.into()).await.expect("done")
        };
        let accepted = "SELECT CAST(SUM(accepted) AS SIGNED) FROM submission_counts";
        assert_eq!(act(InboxAct::MoveTo(SubmissionState::Spam)).await, 2);
        assert_eq!(app.database.number(accepted).await, 0);
        assert_eq!(act(InboxAct::MoveTo(SubmissionState::Archive)).await, 2);
        assert_eq!(app.database.number(accepted).await, 2);
        assert_eq!(app.database.number("SELECT COUNT(*) FROM spam_lessons WHERE lesson = 'ham'").await, 2);
        let history = notes::list_history(&app.app, &editor(), ids[0]).await.expect("history");
        let kinds: Vec<_> = history.iter().map(|entry| entry.kind.as_str()).collect();
        assert_eq!(kinds, ["archive", "inbox", "spam"], "lessons are told, too");
    }
}
