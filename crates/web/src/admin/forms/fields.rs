//! `/admin/forms/{id}/fields`: the fields of a form, edited, with a preview.

use axum::{
    extract::{Path, State},
    response::Response,
};
use formhold_domain::{FieldType, FormDefinition, access::Action};
use formhold_service::{ServiceError, forms};
use http::StatusCode;

use super::{
    FormAround,
    create::{about_field, sentence},
    draft::Draft,
    kinds,
    preview::{field_of, preview},
};
use crate::{
    WebState,
    admin::{Shown, status_of},
    pages::{
        ErrorKind, FormState,
        admin::{FieldCard, FieldsPage, FormTab},
    },
    visit::{Around, Done, Sent, Visit, reply},
};

/// A draft as it is shown.
struct View {
    draft: Draft,
    version: u32,
    status: StatusCode,
    /// Which field is open, and which of its buttons has the focus.
    at: Option<(usize, &'static str)>,
    /// What is wrong with the draft as a whole.
    error: Option<String>,
    /// Whether somebody asked for it to be looked through.
    is_checked: bool,
}

/// `GET /admin/forms/{id}/fields`.
pub(in crate::admin) async fn show_fields(
    State(state): State<WebState>,
    visit: Visit,
    Path(id): Path<String>,
) -> Shown {
    let around = Around::of(&state, &visit).await?;
    let about = FormAround::of(&state, &visit, Action::SeeForms, &id).await?;
    let view = View {
        draft: Draft::of(&about.form.definition.fields),
        version: about.form.identity.version,
        status: StatusCode::OK,
        at: None,
        error: None,
        is_checked: false,
    };
    Ok(page(&around, &about, &visit, &view))
}

/// `POST /admin/forms/{id}/fields`: a button of the page, with the whole draft.
pub(in crate::admin) async fn change_fields(
    State(state): State<WebState>,
    Path(id): Path<String>,
    Sent { visit, fields: pairs }: Sent<Vec<(String, String)>>,
) -> Shown {
    let sent = |name: &str| {
        pairs.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str())
    };
    // A form of ours always says which version it was made for.
    let version = sent("version").parse().map_err(|_| reply::error(ErrorKind::FormExpired))?;
    let about = FormAround::of(&state, &visit, Action::ChangeForms, &id).await?;
    let mut draft = Draft::read(&pairs);
    let (mut status, mut error) = (StatusCode::OK, None);
    let (act, mut version): (_, u32) = (sent("act"), version);
    let at = draft.act(act, sent("add_type")).map(|at| (at, button_of(act)));
    if act == "save" {
        let (fields, wrong) = draft.definitions();
        if wrong.is_empty() {
            let (app, caller, id) = (&state.0.app, &visit.caller, about.form.identity.id);
            let edit = |form: FormDefinition| FormDefinition { fields, ..form };
            match forms::change_form(app, caller, id, Some(version), edit).await {
                Ok(_) => {
                    let path = format!("/admin/forms/{id}/fields");
                    return Ok(reply::see_other(&Done::FormSaved.at(&path)));
                }
                Err(failure @ ServiceError::Stale(_)) => {
                    status = status_of(&failure);
                    version = about.form.identity.version;
                    error = Some(STALE.to_owned());
                }
                // What is wrong with fields is found again, and shown at them.
                Err(failure @ ServiceError::Definition { .. }) => status = status_of(&failure),
                Err(failure) => return Err(visit.failed(&failure)),
            }
        } else {
            status = StatusCode::UNPROCESSABLE_ENTITY;
        }
    }
    let around = Around::of(&state, &visit).await?;
    let view = View { draft, version, status, at, error, is_checked: true };
    Ok(page(&around, &about, &visit, &view))
}

const STALE: &str = "Somebody changed this form meanwhile. What you did is still here: look at the versions, then save again to put your fields in the place of theirs.";

fn button_of(act: &str) -> &'static str {
    match act.split_once(':').map_or(act, |(what, _)| what) {
        "up" => "up",
        "down" => "down",
        "remove" => "remove",
        _ => "label",
    }
}

fn page(around: &Around, about: &FormAround, visit: &Visit, view: &View) -> Response {
    let (fields, wrong) = view.draft.definitions();
    let form = &about.form.definition;
    let is_unsaved = fields != form.fields;
    let whole = FormDefinition { fields, ..form.clone() };
    let preview = preview(&about.form.identity, &whole);
    let mut problems = FormState::default();
    if let Some(error) = &view.error {
        problems = problems.with_error(error);
    }
    // What is wrong, by field and input, in the order of the fields.
    let mut told: Vec<(usize, String, String)> = Vec::new();
    if view.is_checked {
        told.extend(
            wrong
                .iter()
                .map(|(at, (key, message))| (*at, (*key).to_owned(), about_field(key, message))),
        );
        told.extend(preview.problems.iter().filter_map(|problem| {
            let at = field_of(problem)?;
            let key = input_of(&problem.message, view.draft.fields.get(at)?.kind());
            Some((at, key.to_owned(), sentence(&problem.message)))
        }));
        told.sort_by_key(|(at, ..)| *at);
        let others = preview.problems.iter().filter(|problem| field_of(problem).is_none());
        for problem in others {
            problems = problems.with_error(sentence(&problem.to_string()));
        }
    }
    for (at, key, message) in &told {
        problems = problems.with_problem(format!("f{at}-{key}"), message);
    }
    let last = view.draft.fields.len().saturating_sub(1);
    let names: Vec<_> = view
        .draft
        .fields
        .iter()
        .map(|field| title(field.get("label"), field.get("name")))
        .collect();
    let cards: Vec<_> = view
        .draft
        .fields
        .iter()
        .enumerate()
        .map(|(at, field)| {
            let values = field.values();
            let own = told.iter().filter(|(other, ..)| *other == at);
            let form = own.fold(FormState::filled(values), |form, (_, key, message)| {
                form.with_problem(key, message)
            });
            let others = view.draft.fields.iter().enumerate().filter(|(other, _)| *other != at);
            let others = others.map(|(other, field)| (field.get("name"), names[other]));
            let focus = view.at.filter(|(open, _)| *open == at).map(|(_, button)| match button {
                // A button that is off cannot have the focus.
                "up" if at == 0 => "down",
                "down" if at == last => "up",
                button => button,
            });
            FieldCard {
                at,
                scope: format!("f{at}-"),
                title: names[at],
                kind_label: kinds::label(field.kind()),
                takes: RULES.iter().copied().filter(|rule| field.kind().takes(rule)).collect(),
                others: [("", "–")].into_iter().chain(others).collect(),
                is_open: form.is_wrong() || focus == Some("label"),
                focus,
                is_last: at == last,
                form,
            }
        })
        .collect();
    let kinds: Vec<_> =
        FieldType::ALL.iter().map(|kind| (kind.as_str(), kinds::label(*kind))).collect();
    let page = FieldsPage {
        frame: around.frame(),
        about: about.frame(FormTab::Fields),
        version: view.version,
        problems: &problems,
        cards: &cards,
        removed: &view.draft.removed_as_text(),
        undo: view.draft.last_removed(),
        kinds: &kinds,
        preview: preview.html.as_deref(),
        preview_is_partial: preview.is_partial,
        is_unsaved,
        may_change: about.may_change(visit),
    };
    reply::page(view.status, &page)
}

/// The rules that only some types have.
const RULES: [&str; 16] = [
    "min_length",
    "max_length",
    "pattern",
    "min",
    "max",
    "step",
    "options",
    "min_choices",
    "max_choices",
    "accept",
    "max_bytes",
    "max_files",
    "equal_to",
    "placeholder",
    "default",
    "shown_if",
];

fn title<'a>(label: &'a str, name: &'a str) -> &'a str {
    match (label.trim(), name.trim()) {
        ("", "") => "Without a name",
        ("", name) => name,
        (label, _) => label,
    }
}

/// The input that a problem of a field is about: the message names the rule.
fn input_of(message: &str, kind: FieldType) -> &'static str {
    let rule = message.split('`').skip(1).step_by(2).find_map(|quoted| {
        let rule = RULES.iter().copied().find(|rule| *rule == quoted);
        rule.filter(|rule| kind.takes(rule))
    });
    match rule {
        Some("shown_if") => "shown_if_field",
        Some(rule) => rule,
        None if message.contains("`shown_if.any_of`") => "shown_if_any_of",
        None if message.contains("option") => "options",
        None => "name",
    }
}
