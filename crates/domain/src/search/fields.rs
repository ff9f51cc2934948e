//! Filters on single fields: which there are, and whether a submission passes.

use super::{
    SearchPhrase,
    words::{fold, words},
};
use crate::{CompiledForm, FieldType, Submission, form::Scalar};

/// A condition on one field.
#[derive(Debug, Clone, PartialEq)]
pub struct FieldFilter {
    /// The field's name.
    pub field: String,
    /// What must hold.
    pub test: FieldTest,
}

/// What must hold of one of a field's values.
#[derive(Debug, Clone, PartialEq)]
pub enum FieldTest {
    /// It is this text; capitals, accents and spaces around it do not matter.
    Equals(String),
    /// It is this option, to the letter.
    Option(String),
    /// It is not less.
    AtLeast(Scalar),
    /// It is not more.
    AtMost(Scalar),
    /// It is this number, date or time, however it is written.
    Is(Scalar),
    /// These words follow each other in it.
    Contains(SearchPhrase),
    /// Consent is given, or is not.
    Given(bool),
}

impl FieldFilter {
    /// The filter that a parameter `field.<name>`, with `__gte`, `__lte` or `__contains` behind it,
    /// stands for. Forms that declare no field have fields of any name.
    ///
    /// # Errors
    /// What is wrong, to go on after the parameter's name.
    pub fn parse(form: &CompiledForm, parameter: &str, value: &str) -> Result<Self, String> {
        let Some(name) = parameter.strip_prefix("field.").filter(|name| !name.is_empty()) else {
            return Err("is no filter; write field.<name>".to_owned());
        };
        // A field may itself end in `__gte`.
        let declared = |name: &str| {
            let mut fields = form.fields.iter();
            fields.find(|field| field.definition.name == name).map(|field| &field.definition)
        };
        let (name, operator) = match OPERATORS.iter().find_map(|it| {
            name.strip_suffix(it.0).filter(|_| declared(name).is_none()).map(|name| (name, it.1))
        }) {
            Some((field, operator)) if !field.is_empty() => (field, operator),
            _ => (name, Operator::Equals),
        };
        let kind = match declared(name) {
            Some(definition) => definition.kind,
            None if form.fields.is_empty() => guessed(operator, value),
            None => return Err(unknown(form, name)),
        };
        let test = test(kind, operator, value)?;
        if let (FieldTest::Option(option), Some(definition)) = (&test, declared(name))
            && !definition.options.is_empty()
            && !definition.options.iter().any(|known| known.value() == option)
        {
            return Err(format!("has no option `{}`", cut(option)));
        }
        Ok(Self { field: name.to_owned(), test })
    }

    /// Whether a submission passes.
    #[must_use]
    pub fn passes(&self, submission: &Submission) -> bool {
        let mut values = submission.answers.values(&self.field);
        match &self.test {
            FieldTest::Equals(wanted) => {
                let wanted = fold(wanted);
                values.any(|value| fold(value) == wanted)
            }
            FieldTest::Option(wanted) => values.any(|value| value == wanted),
            FieldTest::AtLeast(least) => values.any(|value| like(*least, value) >= Some(*least)),
            FieldTest::AtMost(most) => {
                values.any(|value| like(*most, value).is_some_and(|value| value <= *most))
            }
            FieldTest::Is(wanted) => values.any(|value| like(*wanted, value) == Some(*wanted)),
            FieldTest::Contains(phrase) => {
                let names = submission.uploads.iter().filter(|upload| upload.field == self.field);
                values
                    .chain(names.map(|upload| upload.name.as_str()))
                    .any(|value| phrase.is_in(&words(value)))
            }
            FieldTest::Given(wanted) => {
                let given = values.last().and_then(crate::form::is_given).unwrap_or(false);
                given == *wanted
            }
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operator {
    Equals,
    AtLeast,
    AtMost,
    Contains,
}

const OPERATORS: [(&str, Operator); 3] =
    [("__gte", Operator::AtLeast), ("__lte", Operator::AtMost), ("__contains", Operator::Contains)];

fn test(kind: FieldType, operator: Operator, value: &str) -> Result<FieldTest, String> {
    use FieldType::{
        Checkboxes, Consent, Date, Datetime, File, Integer, Number, Radio, Rating, Select, Time,
    };
    let contains = || {
        let is_prefix = value.trim_end().ends_with('*');
        let phrase = SearchPhrase::parse(value, is_prefix).map(FieldTest::Contains);
        phrase.ok_or_else(|| "has no letters or digits to look for".to_owned())
    };
    match (kind, operator) {
        (Number | Integer | Rating | Date | Time | Datetime, Operator::Contains) => {
            Err(format!("cannot be asked of a field of type {kind}"))
        }
        (Number | Integer | Rating | Date | Time | Datetime, _) => {
            // Bounds of whole numbers may be broken ones.
            let kind = if matches!(kind, Integer | Rating) { Number } else { kind };
            let scalar = Scalar::parse(kind, value.trim()).ok_or_else(|| expected(kind, value))?;
            Ok(match operator {
                Operator::AtLeast => FieldTest::AtLeast(scalar),
                Operator::AtMost => FieldTest::AtMost(scalar),
                _ => FieldTest::Is(scalar),
            })
        }
        (kind, Operator::AtLeast | Operator::AtMost) => Err(format!(
            "cannot be asked of a field of type {kind}; only numbers, dates and times have an order"
        )),
        (Select | Radio | Checkboxes, _) => Ok(FieldTest::Option(value.to_owned())),
        (Consent, Operator::Equals) => {
            let given = crate::form::is_given(value).map(FieldTest::Given);
            given.ok_or_else(|| "must be true or false".to_owned())
        }
        (Consent, _) => Err("cannot be asked of a field of type consent".to_owned()),
        (File, Operator::Equals) => {
            Err("cannot be asked of a field of type file; use __contains for its name".to_owned())
        }
        (_, Operator::Contains) => contains(),
        (_, _) => Ok(FieldTest::Equals(value.to_owned())),
    }
}

/// Of a form that declares nothing: bounds tell by their value what is compared.
fn guessed(operator: Operator, value: &str) -> FieldType {
    if !matches!(operator, Operator::AtLeast | Operator::AtMost) {
        return FieldType::Text;
    }
    match Scalar::guess(value.trim()) {
        Some(Scalar::Date(_)) => FieldType::Date,
        Some(Scalar::Time(_)) => FieldType::Time,
        Some(Scalar::DateTime(_)) => FieldType::Datetime,
        Some(Scalar::Number(_) | Scalar::Integer(_)) | None => FieldType::Number,
    }
}

/// A value as the same kind of thing.
fn like(other: Scalar, value: &str) -> Option<Scalar> {
    let kind = match other {
        Scalar::Number(_) => FieldType::Number,
        Scalar::Integer(_) => FieldType::Integer,
        Scalar::Date(_) => FieldType::Date,
        Scalar::Time(_) => FieldType::Time,
        Scalar::DateTime(_) => FieldType::Datetime,
    };
    Scalar::parse(kind, value.trim())
}

fn expected(kind: FieldType, value: &str) -> String {
    let wanted = match kind {
        FieldType::Date => "a date like 2026-12-31",
        FieldType::Time => "a time like 17:30",
        FieldType::Datetime => "a date and time like 2026-12-31T17:30",
        _ => "a number like 42 or -1.5",
    };
    format!("must be {wanted}, not `{}`", cut(value))
}

fn unknown(form: &CompiledForm, name: &str) -> String {
    let names: Vec<&str> = form.fields.iter().map(|it| it.definition.name.as_str()).collect();
    let listed = names.iter().take(20).copied().collect::<Vec<_>>().join(", ");
    format!("names no field of this form: `{}` is none of {listed}", cut(name))
}

fn cut(text: &str) -> &str {
    &text[..text.floor_char_boundary(60)]
}
