//! What a channel must be told, declared once for forms, checks, the API's schema and documents.

use serde_json::{Value, json};

/// One thing that a channel must be told.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// Its name in the API; lower case.
    pub name: &'static str,
    /// Its label.
    pub label: &'static str,
    /// More about it, in a sentence.
    pub help: &'static str,
    /// What it may be.
    pub kind: FieldKind,
    /// Whether there is no channel without it.
    pub is_required: bool,
    /// Whether it is never shown again.
    pub is_secret: bool,
    /// Whether it says where messages go. When it changes, secrets that were not given anew are
    /// dropped: they were meant for the old place.
    pub is_address: bool,
    /// Whether Formhold sets it, and people do not.
    pub is_own: bool,
}

/// What a field may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldKind {
    /// One line.
    Line {
        /// The most bytes.
        max_bytes: usize,
    },
    /// An address of the web; see [`Target`](formhold_outbound::Target).
    Url,
    /// Mail addresses; in a form one a line or with commas between.
    Emails {
        /// The most addresses.
        max: usize,
    },
    /// One of several values, the first being what no value means.
    Choice(&'static [&'static str]),
    /// On or off; off is what no value means.
    Switch,
    /// A template; see [`templates`](crate::templates).
    Template(crate::templates::Part),
    /// A secret of Standard Webhooks; Formhold makes one where none is given.
    SigningSecret,
    /// A time that Formhold keeps.
    Time,
}

impl Field {
    /// An optional line.
    pub(crate) const fn line(
        name: &'static str,
        label: &'static str,
        help: &'static str,
        max_bytes: usize,
    ) -> Self {
        Self::new(name, label, help, FieldKind::Line { max_bytes })
    }

    /// An optional field.
    pub(crate) const fn new(
        name: &'static str,
        label: &'static str,
        help: &'static str,
        kind: FieldKind,
    ) -> Self {
        Self {
            name,
            label,
            help,
            kind,
            is_required: false,
            is_secret: false,
            is_address: false,
            is_own: false,
        }
    }

    pub(crate) const fn required(self) -> Self {
        Self { is_required: true, ..self }
    }

    pub(crate) const fn secret(self) -> Self {
        Self { is_secret: true, ..self }
    }

    pub(crate) const fn address(self) -> Self {
        Self { is_address: true, ..self }
    }

    pub(crate) const fn own(self) -> Self {
        Self { is_own: true, ..self }
    }

    /// The field as a property of a JSON schema.
    #[must_use]
    pub fn schema(&self) -> Value {
        let mut schema = match self.kind {
            FieldKind::Line { max_bytes } => json!({ "type": "string", "maxLength": max_bytes }),
            FieldKind::Url => json!({ "type": "string", "format": "uri" }),
            FieldKind::Emails { max } => json!({
                "type": "array",
                "items": { "type": "string", "format": "email" },
                "maxItems": max,
            }),
            FieldKind::Choice(values) => json!({ "type": "string", "enum": values }),
            FieldKind::Switch => json!({ "type": "boolean" }),
            FieldKind::Template(_) => {
                json!({ "type": "string", "maxLength": crate::templates::MAX_SOURCE_BYTES })
            }
            FieldKind::SigningSecret => json!({ "type": "string", "pattern": "^whsec_" }),
            FieldKind::Time => json!({ "type": "integer" }),
        };
        schema["title"] = self.label.into();
        schema["description"] = self.help.into();
        if self.is_secret {
            schema["writeOnly"] = true.into();
        }
        if self.is_own {
            schema["readOnly"] = true.into();
        }
        schema
    }
}

impl crate::About {
    /// The field of this name.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// A JSON schema of the channel's configuration.
    #[must_use]
    pub fn schema(&self) -> Value {
        let properties: serde_json::Map<_, _> =
            self.fields.iter().map(|field| (field.name.to_owned(), field.schema())).collect();
        let required: Vec<_> =
            self.fields.iter().filter(|field| field.is_required).map(|field| field.name).collect();
        json!({
            "type": "object",
            "title": self.title,
            "description": self.description,
            "properties": properties,
            "required": required,
            "additionalProperties": false,
        })
    }
}
