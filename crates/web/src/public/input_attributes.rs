//! The HTML attributes that a field's rules turn into.
//!
//! A browser must not refuse what the server would take: a rule that the two read differently is
//! left to the server.

use formhold_domain::{Bound, FieldDefinition, FieldType};

/// Attribute names and values.
pub(super) type Attributes = Vec<(&'static str, String)>;

/// What `<input>` needs besides name, value and state.
pub(super) fn of_input(field: &FieldDefinition, value: &str) -> Attributes {
    let mut attributes = vec![("type", kind(field.kind).to_owned())];
    let mut add = |name, value: Option<String>| attributes.extend(value.map(|value| (name, value)));
    add("inputmode", input_mode(field).map(str::to_owned));
    add("autocomplete", autocomplete(field.kind).map(str::to_owned));
    add("placeholder", field.placeholder.clone());
    add("min", field.min.as_ref().map(ToString::to_string));
    add("max", field.max.as_ref().map(ToString::to_string));
    add("step", step(field, value));
    if let Some(pattern) = field.pattern.as_ref().filter(|pattern| browsers_agree_on(pattern)) {
        add("pattern", Some(pattern.clone()));
        // Browsers show the title beside their own "match the format".
        add("title", field.help.clone());
    }
    attributes.extend(lengths(field));
    attributes
}

/// What `<textarea>` needs.
pub(super) fn of_textarea(field: &FieldDefinition) -> Attributes {
    let placeholder = field.placeholder.clone().map(|text| ("placeholder", text));
    placeholder.into_iter().chain(lengths(field)).collect()
}

fn lengths(field: &FieldDefinition) -> impl Iterator<Item = (&'static str, String)> {
    let rules = [("minlength", field.min_length), ("maxlength", field.max_length)];
    rules.into_iter().filter_map(|(name, length)| Some((name, length?.to_string())))
}

fn kind(kind: FieldType) -> &'static str {
    match kind {
        FieldType::Email => "email",
        FieldType::Tel => "tel",
        FieldType::Url => "url",
        FieldType::Number | FieldType::Integer => "number",
        FieldType::Date => "date",
        FieldType::Time => "time",
        FieldType::Datetime => "datetime-local",
        _ => "text",
    }
}

fn autocomplete(kind: FieldType) -> Option<&'static str> {
    match kind {
        FieldType::Email => Some("email"),
        FieldType::Tel => Some("tel"),
        FieldType::Url => Some("url"),
        _ => None,
    }
}

/// Number pads have no minus sign, so they are only asked for where none is needed.
fn input_mode(field: &FieldDefinition) -> Option<&'static str> {
    let positive = match field.min {
        Some(Bound::Integer(min)) => min >= 0,
        Some(Bound::Number(min)) => min >= 0.0,
        _ => false,
    };
    match field.kind {
        FieldType::Integer if positive => Some("numeric"),
        FieldType::Number if positive => Some("decimal"),
        _ => None,
    }
}

/// Without `min`, browsers count steps from the value that the page starts with, the server from
/// 0; where these differ, any step is let through.
fn step(field: &FieldDefinition, value: &str) -> Option<String> {
    let step = match field.kind {
        FieldType::Number => field.step,
        FieldType::Integer => Some(field.step.unwrap_or(1.0)),
        _ => return None,
    };
    let starts_on_step = |step: &f64| {
        field.min.is_some()
            || value.is_empty()
            || value.parse::<f64>().is_ok_and(|value| value % step == 0.0)
    };
    Some(step.filter(starts_on_step).map_or_else(|| "any".to_owned(), |step| step.to_string()))
}

/// Words and word boundaries are ASCII in browsers and Unicode here, and `[[:alpha:]]` is a class
/// only here. What else differs does not compile in browsers, which then ignore the pattern.
fn browsers_agree_on(pattern: &str) -> bool {
    !["[:", r"\w", r"\W", r"\b", r"\B"].iter().any(|part| pattern.contains(part))
}
