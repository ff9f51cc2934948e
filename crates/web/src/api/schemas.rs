//! Schemas of names that the domain knows: read from its own lists, so that they cannot differ.

use formhold_domain::{
    Language, SubmissionState,
    access::{InstanceRole, Scope, WorkspaceRole},
    accounts::{Factor, UserState},
};
use formhold_service::{exports::FORMATS, submissions::deeds::Deed};
use utoipa::openapi::schema::{Object, ObjectBuilder, Type};

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

/// Any JSON.
pub(super) fn anything() -> Object {
    ObjectBuilder::new().schema_type(utoipa::openapi::schema::SchemaType::AnyValue).build()
}
