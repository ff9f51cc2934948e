//! Schemas of names that the domain knows: read from its own lists, so that they cannot differ.

use formhold_domain::{
    Language, SubmissionState,
    access::{InstanceRole, Scope, WorkspaceRole},
    accounts::{Factor, UserState},
    job::{JobState, TryOutcome},
};
use formhold_service::{channels, exports::FORMATS, submissions::deeds::Deed};
use utoipa::openapi::{
    Schema,
    schema::{AdditionalProperties, Object, ObjectBuilder, OneOf, SchemaType, Type},
};

use super::problem::Code;

fn one_of(names: impl IntoIterator<Item = &'static str>) -> Object {
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(names)).build()
}

pub(super) fn instance_role() -> Object {
    one_of(InstanceRole::ALL.map(InstanceRole::as_str))
}

pub(super) fn workspace_role() -> Object {
    one_of(WorkspaceRole::ALL.map(WorkspaceRole::as_str))
}

pub(super) fn user_state() -> Object {
    one_of([UserState::Active, UserState::Disabled].map(UserState::as_str))
}

pub(super) fn factor() -> Object {
    one_of(Factor::ALL.map(Factor::as_str))
}

pub(super) fn language() -> Object {
    one_of(Language::all().map(Language::tag))
}

pub(super) fn scope() -> Object {
    one_of(Scope::ALL.map(Scope::as_str))
}

pub(super) fn export_format() -> Object {
    one_of(FORMATS.iter().map(|format| format.name))
}

pub(super) fn submission_state() -> Object {
    one_of(SubmissionState::ALL.map(SubmissionState::as_str))
}

pub(super) fn deed() -> Object {
    one_of(Deed::NAMES)
}

pub(super) fn problem_code() -> Object {
    one_of(Code::ALL.iter().map(|code| code.as_str()))
}

/// A page of a list may have 1 to 200 things.
pub(super) fn limit() -> Object {
    ObjectBuilder::new()
        .schema_type(Type::Integer)
        .minimum(Some(1))
        .maximum(Some(super::page::MAX_LIMIT))
        .default(Some(super::page::LIMIT.into()))
        .build()
}

/// One scope at least.
pub(super) fn scopes() -> utoipa::openapi::schema::Array {
    utoipa::openapi::schema::ArrayBuilder::new().items(scope()).min_items(Some(1)).build()
}

/// Whether the owner lets a form take submissions.
pub(super) fn form_state() -> Object {
    one_of(["open", "closed"])
}

/// Whether a form takes submissions now.
pub(super) fn availability() -> Object {
    one_of(["open", "closed", "not_open_yet"])
}

/// A definition of a form; docs/FORMS.md lists its keys.
pub(super) fn form_definition() -> Object {
    ObjectBuilder::new()
        .property("name", text(200))
        .required("name")
        .property("slug", text(64))
        .required("slug")
        .description(Some(
            "`name`, `slug`, `fields` and more, as docs/FORMS.md lists them. Unknown keys are refused.",
        ))
        .build()
}

fn text(max_length: usize) -> Object {
    let text = ObjectBuilder::new().schema_type(Type::String);
    text.min_length(Some(1)).max_length(Some(max_length)).build()
}

pub(super) fn job_state() -> Object {
    one_of(JobState::ALL.iter().map(|state| state.as_str()))
}

/// A state, or null.
pub(super) fn job_state_or_none() -> Object {
    let mut schema = job_state();
    schema.schema_type = SchemaType::from_iter([Type::String, Type::Null]);
    if let Some(values) = &mut schema.enum_values {
        values.push(serde_json::Value::Null);
    }
    schema
}

pub(super) fn try_outcome() -> Object {
    one_of(TryOutcome::ALL.iter().map(|outcome| outcome.as_str()))
}

pub(super) fn channel_kind() -> Object {
    one_of(channels::kinds().iter().map(|channel| channel.about().name))
}

/// The configuration of a channel: of each kind as the channel itself declares it.
pub(super) fn channel_config() -> Schema {
    let kinds = channels::kinds().iter().map(|channel| {
        let schema = serde_json::from_value::<Schema>(channel.about().schema());
        schema.expect("channels declare their fields as OpenAPI knows them").into()
    });
    Schema::OneOf(OneOf { items: kinds.collect(), ..OneOf::default() })
}

/// An object with anything in it.
pub(super) fn any_object() -> Object {
    ObjectBuilder::new()
        .schema_type(Type::Object)
        .additional_properties(Some(AdditionalProperties::FreeForm(true)))
        .build()
}

/// Any JSON.
pub(super) fn anything() -> Object {
    ObjectBuilder::new().schema_type(utoipa::openapi::schema::SchemaType::AnyValue).build()
}
