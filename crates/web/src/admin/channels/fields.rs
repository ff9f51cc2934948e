//! Fields that kinds of channels declare, in forms of pages: read, and shown again.

use formhold_service::{
    ServiceError,
    channels::{About, ChannelView},
};
use serde_json::{Map, Value};

use crate::{pages::FormState, visit::reply};

/// The fields of a form as a browser sent them: names and values.
pub(super) type Pairs = Vec<(String, String)>;

/// The value of a field; empty where there is none.
pub(super) fn value<'a>(pairs: &'a Pairs, name: &str) -> &'a str {
    let found = pairs.iter().find(|(known, _)| known == name);
    found.map_or("", |(_, value)| value)
}

/// What was entered for a kind, as the service reads it.
pub(super) fn config(about: &About, pairs: &Pairs) -> Map<String, Value> {
    let asked = about.fields.iter().filter(|field| !field.is_own);
    let read = asked.map(|field| {
        // Browsers end lines as mails do.
        let text = value(pairs, field.name).replace("\r\n", "\n");
        (field.name.to_owned(), Value::String(text))
    });
    read.collect()
}

/// What was entered, to be shown again: all but secrets.
pub(super) fn entered(about: &About, pairs: &Pairs) -> FormState {
    let shown = about.fields.iter().filter(|field| !field.is_own && !field.is_secret);
    let names = shown.map(|field| field.name).chain(["name", "is_on"]);
    FormState::filled(names.map(|name| (name, value(pairs, name))))
}

/// What is stored, to be changed: all but secrets.
pub(super) fn stored(about: &About, channel: &ChannelView) -> FormState {
    let shown = about.fields.iter().filter(|field| !field.is_own && !field.is_secret);
    let values = shown.filter_map(|field| {
        let text = text(channel.config.get(field.name)?, "\n");
        Some((field.name, text))
    });
    let is_on = if channel.is_on { "on" } else { "" };
    let own = [("name", channel.name.clone()), ("is_on", is_on.to_owned())];
    FormState::filled(own.into_iter().chain(values))
}

/// The names of the secrets that a channel has.
pub(super) fn secrets(about: &About, channel: &ChannelView) -> Vec<&'static str> {
    let secrets = about.fields.iter().filter(|field| field.is_secret && !field.is_own);
    let is_there = |name: &&str| channel.config.contains_key(*name);
    secrets.map(|field| field.name).filter(is_there).collect()
}

/// Where a channel goes, as far as that is no secret.
pub(super) fn goes_to(about: &About, channel: &ChannelView) -> Option<String> {
    let says_it = about.fields.iter().filter(|field| field.is_address || field.is_required);
    let mut shown = says_it.filter(|field| !field.is_secret && !field.is_own);
    shown.find_map(|field| Some(text(channel.config.get(field.name)?, ", ")))
}

fn text(value: &Value, between: &str) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Bool(true) => "on".to_owned(),
        Value::Array(values) => {
            values.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(between)
        }
        Value::Number(number) => number.to_string(),
        Value::Bool(false) | Value::Null | Value::Object(_) => String::new(),
    }
}

/// What is wrong with a form, at its fields, which are called as their kind calls them; none where the
/// failure is about something else.
pub(super) fn problems(
    about: &About,
    failure: &ServiceError,
    form: FormState,
) -> Option<FormState> {
    let ServiceError::Invalid(problems) = failure else { return reply::problems(failure, form) };
    Some(problems.iter().fold(form, |form, problem| {
        let label = match about.field(problem.field) {
            Some(field) => field.label,
            None if problem.field == "name" => "The name",
            None => "The channel",
        };
        form.with_problem(problem.field, format!("{label} {}.", problem.message))
    }))
}
