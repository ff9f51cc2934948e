//! The sentences that a field's rules turn into: what can be chosen or attached, and when the
//! field is asked for at all.

use formhold_domain::{
    CompiledForm, Condition, FieldDefinition, FieldType, FormLimits, Language, Problem,
    bytes_for_people,
};

use super::fill::{fill, fill_one};

/// How many options can be chosen.
pub(super) fn about_choices(field: &FieldDefinition, language: Language) -> Option<String> {
    let texts = &language.texts().page;
    let min = field.min_choices.filter(|min| *min > 1);
    match (min, field.max_choices) {
        (None, None) => None,
        (Some(min), None) => Some(Problem::TooFewChoices { min }.message(language)),
        (None, Some(max)) => Some(Problem::TooManyChoices { max }.message(language)),
        (Some(min), Some(max)) if min == max => Some(fill_one(texts.choose_exactly, min)),
        (Some(min), Some(max)) => {
            Some(fill(texts.choose_between, &[("", &min.to_string()), ("max", &max.to_string())]))
        }
    }
}

/// How many files, how large and of which types.
pub(super) fn about_files(
    field: &FieldDefinition,
    limits: &FormLimits,
    language: Language,
) -> Option<String> {
    let texts = &language.texts().page;
    let mut sentences = Vec::new();
    let count = max_files(field, limits);
    if count > 1 {
        sentences.push(fill_one(texts.files_many, count));
    }
    let sizes = [field.max_bytes, limits.max_file_bytes];
    if let Some(bytes) = sizes.into_iter().flatten().min() {
        sentences.push(fill_one(texts.file_up_to, bytes_for_people(bytes)));
    }
    if !field.accept.is_empty() {
        let mut kinds: Vec<String> = Vec::new();
        for accept in &field.accept {
            let kind = file_kind(accept, language);
            if !kinds.contains(&kind) {
                kinds.push(kind);
            }
        }
        sentences.push(fill_one(texts.file_accepted, kinds.join(", ")));
    }
    (!sentences.is_empty()).then(|| sentences.join(" "))
}

/// How many files a field takes.
pub(super) fn max_files(field: &FieldDefinition, limits: &FormLimits) -> usize {
    field.max_files.unwrap_or(1).min(limits.max_files.unwrap_or(usize::MAX))
}

/// On which answer to which other field the field depends, in the words of that field.
pub(super) fn about_condition(
    condition: &Condition,
    form: &CompiledForm,
    language: Language,
) -> Option<String> {
    let texts = &language.texts().page;
    let quoted = |text: &str| fill_one(texts.quoted, text);
    let other = &form.field(&condition.field)?.definition;
    if other.kind == FieldType::Consent {
        return Some(fill_one(texts.shown_if_ticked, quoted(other.label())));
    }
    let label = |value: &String| {
        let option = other.options.iter().find(|option| option.value() == value);
        quoted(option.map_or(value, |option| option.label()))
    };
    let values: Vec<_> = condition.any_of.iter().map(label).collect();
    let values = match values.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} {} {last}", others.join(", "), texts.or),
        None => return None,
    };
    Some(fill(texts.shown_if, &[("", &quoted(other.label())), ("value", &values)]))
}

/// `.pdf` and `application/pdf` are PDF, `image/*` are images.
fn file_kind(accept: &str, language: Language) -> String {
    let texts = &language.texts().page;
    let accept = accept.trim().to_ascii_lowercase();
    match accept.as_str() {
        "image/*" => return texts.file_images.to_owned(),
        "audio/*" => return texts.file_audio.to_owned(),
        "video/*" => return texts.file_videos.to_owned(),
        "text/*" | "text/plain" => return texts.file_texts.to_owned(),
        _ => {}
    }
    let short = |name: &str| name.len() <= 4 && name.bytes().all(|b| b.is_ascii_alphanumeric());
    if let Some(extension) = accept.strip_prefix('.') {
        return extension.to_ascii_uppercase();
    }
    match accept.split_once('/') {
        Some((_, subtype)) if short(subtype) => subtype.to_ascii_uppercase(),
        _ => accept,
    }
}
