//! What the types of fields are called.

use formhold_domain::FieldType;

/// A type, for people.
pub(super) fn label(kind: FieldType) -> &'static str {
    match kind {
        FieldType::Text => "Short text",
        FieldType::Textarea => "Long text",
        FieldType::Email => "E-mail address",
        FieldType::Tel => "Phone number",
        FieldType::Url => "Web address",
        FieldType::Number => "Number",
        FieldType::Integer => "Whole number",
        FieldType::Date => "Date",
        FieldType::Time => "Time",
        FieldType::Datetime => "Date and time",
        FieldType::Select => "Choice from a list",
        FieldType::Radio => "One of a few",
        FieldType::Checkboxes => "Several of a few",
        FieldType::Consent => "Consent",
        FieldType::Rating => "Rating",
        FieldType::File => "File",
        FieldType::Hidden => "Hidden value",
    }
}
