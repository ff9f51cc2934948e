//! `/admin/forms/{id}/submissions`: the list.

use axum::extract::{Path, State};
use formhold_domain::{
    CompiledForm, FormId, InboxItem, SubmissionId, SubmissionState, Tag, access::Action,
    day_start_ms,
};
use formhold_service::{
    InboxFilter, InputProblem, ServiceError,
    submissions::search::parse_text,
    submissions::views::{COUNTED, InboxView, view_inbox},
};
use http::StatusCode;
use serde::Deserialize;
use url::form_urlencoded;

use super::{columns::Columns, parse, path_of, shown, undo::Undo};
use crate::{
    WebState,
    admin::{PAGE, Shown, forms::FormAround},
    pages::{
        FormState, TimeView,
        admin::{FormTab, InboxPage, InboxRow, StateTab},
    },
    visit::{Around, Asked, Visit, reply},
};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// What is looked for, as the address and the forms of these pages say it.
#[derive(Default, Clone, Deserialize)]
pub(super) struct InboxQuery {
    #[serde(default)]
    pub(super) state: String,
    #[serde(default)]
    q: String,
    #[serde(default)]
    read: String,
    #[serde(default)]
    starred: String,
    #[serde(default)]
    tag: String,
    #[serde(default)]
    from: String,
    #[serde(default)]
    to: String,
    #[serde(default)]
    before: Option<SubmissionId>,
    #[serde(default)]
    undo: String,
}

/// What is wrong with a filter: fields and sentences.
type Problems = Vec<(&'static str, String)>;

impl InboxQuery {
    /// Of the fields of a form, in the order of [`Self::fields`].
    pub(super) fn of([state, q, read, starred, tag, from, to]: [&String; 7]) -> Self {
        Self {
            state: state.clone(),
            q: q.clone(),
            read: read.clone(),
            starred: starred.clone(),
            tag: tag.clone(),
            from: from.clone(),
            to: to.clone(),
            ..Self::default()
        }
    }

    /// The folder; what names none is the inbox.
    pub(super) fn folder(&self) -> SubmissionState {
        SubmissionState::parse(&self.state).unwrap_or(SubmissionState::Inbox)
    }

    /// The same for the service, and what is wrong with how it is asked.
    pub(super) fn read(&self, form_id: FormId) -> (InboxFilter, Problems) {
        let mut problems = Problems::new();
        let days = [("from", "first", self.from.trim()), ("to", "last", self.to.trim())];
        let [from_ms, to_ms] = days.map(|(field, which, text)| {
            let start = day_start_ms(text);
            if start.is_none() && !text.is_empty() {
                problems.push((field, format!("The {which} day must be a day, as 2026-05-04.")));
            }
            start
        });
        if from_ms.zip(to_ms).is_some_and(|(from, to)| from > to) {
            problems.push(("from", "The first day must not be after the last.".to_owned()));
        }
        let tag = match self.tag.trim() {
            "" => None,
            text => Tag::parse(text)
                .map_err(|why| problems.push(("tag", format!("The tag {why}."))))
                .ok(),
        };
        let text = match parse_text(&self.q) {
            Ok(text) => text,
            Err(ServiceError::Invalid(wrong)) => {
                let sentence =
                    |it: InputProblem| ("q", format!("What you look for {}.", it.message));
                problems.extend(wrong.into_iter().map(sentence));
                None
            }
            // Nothing else can be wrong with a text.
            Err(_) => None,
        };
        let is_read = match self.read.as_str() {
            "read" => Some(true),
            "unread" => Some(false),
            _ => None,
        };
        let filter = InboxFilter {
            is_read,
            is_starred: self.starred == "yes",
            tag,
            received_from_ms: from_ms,
            received_until_ms: to_ms.map(|start| start + DAY_MS),
            text,
            ..InboxFilter::all(form_id, self.folder())
        };
        (filter, problems)
    }

    pub(super) fn fields(&self) -> [(&'static str, &str); 7] {
        [
            ("state", self.folder().as_str()),
            ("q", self.q.trim()),
            ("read", &self.read),
            ("starred", &self.starred),
            ("tag", self.tag.trim()),
            ("from", self.from.trim()),
            ("to", self.to.trim()),
        ]
    }

    /// The list with this filter, from the submission before `before` on.
    pub(super) fn address(&self, form_id: FormId, before: Option<SubmissionId>) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(self.fields().into_iter().filter(|(_, value)| !value.is_empty()));
        query.extend_pairs(before.map(|before| ("before", before.to_string())));
        format!("{}?{}", path_of(form_id), query.finish())
    }
}

/// `GET /admin/forms/{id}/submissions`.
pub(super) async fn show_inbox(
    State(state): State<WebState>,
    visit: Visit,
    Path(id): Path<String>,
    Asked(query): Asked<InboxQuery>,
    headers: http::HeaderMap,
) -> Shown {
    let form_id: FormId = parse(&id)?;
    let columns = Columns::of(&headers);
    list(&state, &visit, (form_id, &columns), &query, None).await
}

/// The list, perhaps with a sentence about what could not be done with it.
pub(super) async fn list(
    state: &WebState,
    visit: &Visit,
    (form_id, columns): (FormId, &Columns),
    query: &InboxQuery,
    error: Option<&str>,
) -> Shown {
    let mut around = Around::of(state, visit).await?;
    let id = form_id.to_string();
    let about = FormAround::of(state, visit, Action::SeeSubmissions, &id).await?;
    let (filter, problems) = query.read(form_id);
    let asked = PAGE as u64 + 1;
    let view = view_inbox(&state.0.app, &visit.caller, &filter, query.before, asked).await;
    let mut view = view.map_err(|failure| visit.failed(&failure))?;
    let has_more = view.items.len() > PAGE;
    view.items.truncate(PAGE);
    let last = view.items.last().filter(|_| has_more);
    let next = last.map(|last| query.address(form_id, Some(last.submission.id)));
    let choices = columns.choices(&about.form, &view.items);
    let shown: Vec<&str> = choices.iter().filter(|it| it.1.is_shown).map(|it| &*it.0).collect();
    let rows: Vec<InboxRow> =
        view.items.iter().map(|item| row(item, &about.form, &shown)).collect();
    let wrong = problems.len() + usize::from(error.is_some()) > 0;
    let filled =
        problems.into_iter().fold(FormState::filled(query.fields()), |form, (field, why)| {
            form.with_problem(field, why)
        });
    if let Some(error) = error {
        around = around.with_error(error);
    }
    let (back, tags) = (query.address(form_id, query.before), tags_of(&view));
    let page = InboxPage {
        frame: around.frame(),
        about: about.frame(FormTab::Inbox),
        states: &view.counts.iter().map(|(state, count)| tab(*state, *count)).collect::<Vec<_>>(),
        state: query.folder().as_str(),
        filter: &filled,
        tags: &tags,
        columns: &choices.iter().map(|(_, choice)| choice.clone()).collect::<Vec<_>>(),
        rows: &rows,
        undo: Undo::read(state, visit, &query.undo).map(|undo| undo.view(state, visit)),
        back: &back,
        next: next.as_deref(),
        is_first: query.before.is_none(),
        may_change: view.may_change,
        may_export: view.may_export,
        page_path: &format!("/f/{}", about.form.identity.key),
    };
    let status = if wrong { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Ok(reply::page(status, &page))
}

fn tags_of(view: &InboxView) -> Vec<String> {
    view.tags.iter().map(ToString::to_string).collect()
}

fn tab(state: SubmissionState, count: u64) -> StateTab {
    let count = if count > COUNTED { format!("{COUNTED}+") } else { count.to_string() };
    StateTab { state: state.as_str(), count }
}

fn row(item: &InboxItem, form: &CompiledForm, shown: &[&str]) -> InboxRow {
    let InboxItem { submission, handling } = item;
    InboxRow {
        id: submission.id.to_string(),
        cells: shown.iter().map(|name| shown::cell(submission, form, name)).collect(),
        received: TimeView::at_ms(submission.received_at_ms),
        is_read: handling.is_read,
        is_starred: handling.is_starred,
        tags: handling.tags.iter().map(ToString::to_string).collect(),
        files: submission.uploads.len() as u64,
    }
}
