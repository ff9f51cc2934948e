//! Finding submissions by what is in them, and counting them.

mod attacks;
mod counters;
mod fields;
mod following;
mod plans;
mod words;

use formhold_domain::{
    CompiledForm, FormId, SubmissionId, SubmissionState, UserId, WorkspaceId,
    access::{Actor, Caller, InstanceRole, Membership, Person, Via, WorkspaceRole},
    search::SearchQuery,
};
use formhold_service::submissions::{inbox, search};
use formhold_store::InboxFilter;
use formhold_testkit::TestApp;
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

fn editor() -> Caller {
    member(WorkspaceId::FIRST, WorkspaceRole::Editor)
}

/// Submits these to a form that takes anything; the ids are in the same order.
async fn submit(app: &TestApp, slug: &str, all: &[&[(&str, &str)]]) -> Vec<SubmissionId> {
    let mut ids = Vec::new();
    for pairs in all {
        let (status, body) = app.post(&format!("/f/{slug}"), pairs).await;
        assert_eq!(status, 200, "{body}");
        ids.push(SubmissionId(body["id"].as_str().expect("an id").parse().expect("an id")));
        // Submissions of one millisecond have an order of their own.
        app.clock.advance_ms(1_000);
    }
    ids
}

async fn index(app: &TestApp) {
    search::index_all(&app.app).await.expect("indexed");
}

fn looking_for(form_id: FormId, text: &str) -> InboxFilter {
    let text = SearchQuery::parse(text).expect("a query");
    InboxFilter { text, ..InboxFilter::all(form_id, SubmissionState::Inbox) }
}

fn by_fields(form: &CompiledForm, fields: &[(&str, &str)]) -> InboxFilter {
    let fields = search::parse_fields(form, fields.iter().copied()).expect("filters");
    InboxFilter { fields, ..InboxFilter::all(form.identity.id, SubmissionState::Inbox) }
}

/// All that a filter finds, in pages of two.
async fn found(app: &TestApp, filter: &InboxFilter) -> Vec<SubmissionId> {
    let mut all: Vec<SubmissionId> = Vec::new();
    loop {
        let after = all.last().copied();
        let page = inbox::list_inbox(&app.app, &editor(), filter, after, 2).await.expect("a page");
        if page.is_empty() {
            return all;
        }
        all.extend(page.iter().map(|item| item.submission.id));
    }
}
