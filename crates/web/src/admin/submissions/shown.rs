//! Answers as people read them.

use formhold_domain::{
    CompiledForm, FieldDefinition, FieldType, LinkPurpose, Scan, Submission, Upload,
};
use formhold_service::{App, links};

use crate::pages::admin::{AnswerRow, FileView, ValueView};

/// How long the links of a page work.
const LINK_SECONDS: i64 = 60 * 60;
/// What a cell of the list shows of a long text.
const CELL_CHARACTERS: usize = 160;

/// All that was answered to a question, in one line.
pub(super) fn cell(submission: &Submission, form: &CompiledForm, name: &str) -> String {
    let field = field(form, name);
    let all = submission.answers.values(name).chain(submission.undeclared.values(name));
    let files = submission.uploads.iter().filter(|upload| upload.field == name);
    let values: Vec<String> = all
        .map(|value| field.map_or(value, |field| chosen(field, value)).to_owned())
        .chain(files.map(|upload| upload.name.clone()))
        .filter(|value| !value.trim().is_empty())
        .collect();
    let text = values.join(", ");
    let words: Vec<&str> = text.split_whitespace().collect();
    let line = words.join(" ");
    match line.char_indices().nth(CELL_CHARACTERS) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

/// The answers in the order of the form, and those to what the form does not ask.
pub(super) fn answers(
    submission: &Submission,
    form: &CompiledForm,
) -> (Vec<AnswerRow>, Vec<AnswerRow>) {
    let mut asked = Vec::new();
    for field in form.definition.fields.iter().filter(|field| field.kind != FieldType::File) {
        let values = submission.answers.values(&field.name).filter(|value| !value.is_empty());
        let values = values.map(|value| value_view(field, value)).collect();
        asked.push(AnswerRow { label: field.label().to_owned(), values });
    }
    let mut others = Vec::new();
    for answers in [&submission.answers, &submission.undeclared] {
        for (name, values) in answers.grouped() {
            if field(form, name).is_none() {
                let text = |value: &&str| ValueView { text: (*value).to_owned(), link: None };
                let values = values.iter().map(text).collect();
                others.push(AnswerRow { label: name.to_owned(), values });
            }
        }
    }
    // A form that declares nothing asks for whatever comes.
    if form.definition.fields.is_empty() { (others, Vec::new()) } else { (asked, others) }
}

/// The files, with links that work for a while.
pub(super) fn files(app: &App, submission: &Submission, form: &CompiledForm) -> Vec<FileView> {
    submission.uploads.iter().map(|upload| file(app, upload, form)).collect()
}

/// What was asked by this name.
pub(super) fn label<'a>(form: &'a CompiledForm, name: &'a str) -> &'a str {
    field(form, name).map_or(name, |field| field.label())
}

fn field<'a>(form: &'a CompiledForm, name: &str) -> Option<&'a FieldDefinition> {
    form.definition.fields.iter().find(|field| field.name == name)
}

fn chosen<'a>(field: &'a FieldDefinition, value: &'a str) -> &'a str {
    let option = field.options.iter().find(|option| option.value() == value);
    option.map_or(value, |option| option.label())
}

fn value_view(field: &FieldDefinition, value: &str) -> ValueView {
    let is_plain = !value.chars().any(|c| c.is_whitespace() || c.is_control());
    let link = match field.kind {
        FieldType::Email if is_plain => Some(format!("mailto:{value}")),
        // What would run in this page when it is followed is no address of the web.
        FieldType::Url if is_plain => {
            let lower = value.to_lowercase();
            let is_web = lower.starts_with("https://") || lower.starts_with("http://");
            is_web.then(|| value.to_owned())
        }
        _ => None,
    };
    ValueView { text: chosen(field, value).to_owned(), link }
}

fn file(app: &App, upload: &Upload, form: &CompiledForm) -> FileView {
    let may_be_read = upload.scan.may_be_read();
    let link = |purpose| links::link(app, upload.id, purpose, LINK_SECONDS);
    let refusal = match &upload.scan {
        Scan::NotAsked | Scan::Clean => None,
        Scan::Waiting => Some("It waits to be checked for malware.".to_owned()),
        Scan::Infected(found) => Some(format!("It is locked: a scanner found {found}.")),
        Scan::Unscannable(why) => {
            Some(format!("It is locked, because it could not be checked: {why}."))
        }
    };
    FileView {
        label: label(form, &upload.field).to_owned(),
        name: upload.name.clone(),
        about: format!("{}, {}", upload.content_type, size(upload.size_bytes)),
        path: may_be_read.then(|| link(LinkPurpose::Download)),
        thumbnail_path: (may_be_read && upload.dimensions.is_some())
            .then(|| link(LinkPurpose::Thumbnail)),
        refusal,
    }
}

/// As people read sizes.
fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} bytes"),
        1_000..1_000_000 => format!("{} kB", bytes.div_ceil(1_000)),
        _ => format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000),
    }
}

#[cfg(test)]
mod tests {
    use formhold_domain::{FieldDefinition, FieldType};

    use super::{size, value_view};

    #[test]
    fn only_addresses_of_the_web_and_of_mail_become_links() {
        let link = |kind: &str, value: &str| {
            let field: FieldDefinition =
                serde_json::from_value(serde_json::json!({ "name": "x", "type": kind }))
                    .expect("a field");
            value_view(&field, value).link
        };
        assert_eq!(
            link("url", "HTTPS://example.org/?a=1").as_deref(),
            Some("HTTPS://example.org/?a=1")
        );
        assert_eq!(link("email", "ada@example.org").as_deref(), Some("mailto:ada@example.org"));
        for value in [
            "javascript:alert(1)",
            " javascript:alert(1)",
            "java\nscript:alert(1)",
            "data:text/html,x",
            "//evil.example",
            "",
        ] {
            assert_eq!(link("url", value), None, "{value:?}");
            assert_eq!(link("text", value), None, "{value:?}");
        }
        assert_eq!(link("text", "https://example.org"), None);
        assert_ne!(FieldType::Url, FieldType::Text);
    }

    #[test]
    fn sizes_are_readable() {
        assert_eq!([size(999), size(1_001), size(2_550_000)], ["999 bytes", "2 kB", "2.5 MB"]);
    }
}
