//! Which rules a type of field has.

use super::FieldType;

impl FieldType {
    /// All, in the order in which people choose one.
    pub const ALL: [Self; 17] = [
        Self::Text,
        Self::Textarea,
        Self::Email,
        Self::Tel,
        Self::Url,
        Self::Number,
        Self::Integer,
        Self::Date,
        Self::Time,
        Self::Datetime,
        Self::Select,
        Self::Radio,
        Self::Checkboxes,
        Self::Consent,
        Self::Rating,
        Self::File,
        Self::Hidden,
    ];

    /// Whether a field of this type may have a rule: `rule` is its key, as `min_length`. Keys that
    /// are no rules, as `label`, fit every type.
    #[must_use]
    pub fn takes(self, rule: &str) -> bool {
        use FieldType::{
            Checkboxes, Date, Datetime, Email, File, Hidden, Integer, Number, Radio, Rating,
            Select, Tel, Text, Textarea, Time, Url,
        };
        let free_text = matches!(self, Text | Textarea | Email | Tel | Url | Hidden);
        let ordered = matches!(self, Number | Integer | Date | Time | Datetime);
        match rule {
            "min_length" | "max_length" | "pattern" => free_text,
            "min" => ordered,
            "max" => ordered || self == Rating,
            "step" => matches!(self, Number | Integer),
            "options" => matches!(self, Select | Radio | Checkboxes),
            "min_choices" | "max_choices" => self == Checkboxes,
            "accept" | "max_bytes" | "max_files" => self == File,
            "equal_to" => free_text || ordered,
            "placeholder" => {
                matches!(self, Text | Textarea | Email | Tel | Url | Number | Integer)
            }
            "default" => self != File,
            "shown_if" => self != Hidden,
            _ => true,
        }
    }

    /// The stable name, as in definitions.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Textarea => "textarea",
            Self::Email => "email",
            Self::Tel => "tel",
            Self::Url => "url",
            Self::Number => "number",
            Self::Integer => "integer",
            Self::Date => "date",
            Self::Time => "time",
            Self::Datetime => "datetime",
            Self::Select => "select",
            Self::Radio => "radio",
            Self::Checkboxes => "checkboxes",
            Self::Consent => "consent",
            Self::Rating => "rating",
            Self::Hidden => "hidden",
            Self::File => "file",
        }
    }

    /// The type of this name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

#[cfg(test)]
mod tests {
    use super::FieldType;

    #[test]
    fn a_type_has_the_name_that_definitions_know() {
        for kind in FieldType::ALL {
            assert_eq!(kind.to_string(), kind.as_str());
            assert_eq!(FieldType::parse(kind.as_str()), Some(kind));
        }
    }
}
