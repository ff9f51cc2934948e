//! One field as the page's templates need it.

use std::borrow::Cow;

use formhold_domain::{ChoiceOption, CompiledField, CompiledForm, FieldType, Language, Problem};

use super::{
    FilledIn,
    fill::{fill, fill_one},
    input_attributes::{self, Attributes},
    notes,
};

/// More points than this are shown as numbers, which are easier to tell apart than stars; so many
/// stars fit side by side on the smallest screen.
const MAX_STARS: i64 = 6;

/// A visible field.
pub(super) struct FieldView<'a> {
    /// Built from the field's place in the form, never from its name.
    pub(super) id: String,
    pub(super) name: &'a str,
    pub(super) label: &'a str,
    pub(super) required: bool,
    pub(super) condition: Option<ConditionView<'a>>,
    pub(super) help: Option<&'a str>,
    /// What the rules say to people.
    pub(super) note: Option<String>,
    pub(super) problem: Option<String>,
    pub(super) autofocus: bool,
    pub(super) control: Control<'a>,
}

/// When the field is asked for.
pub(super) struct ConditionView<'a> {
    pub(super) sentence: Option<String>,
    pub(super) field: &'a str,
    /// A JSON array, for the script.
    pub(super) any_of: String,
}

/// The kinds of controls, one partial each.
pub(super) enum Control<'a> {
    Input { value: &'a str, attributes: Attributes },
    Textarea { value: &'a str, attributes: Attributes },
    Select(Vec<OptionView<'a>>),
    Radio(Vec<OptionView<'a>>),
    Checkboxes(Vec<OptionView<'a>>),
    Consent { ticked: bool },
    Rating { points: Vec<OptionView<'a>>, stars: bool },
    File { accept: String, multiple: bool },
}

/// Something that can be chosen.
pub(super) struct OptionView<'a> {
    pub(super) value: Cow<'a, str>,
    pub(super) label: Cow<'a, str>,
    pub(super) chosen: bool,
}

impl FieldView<'_> {
    /// True for a set of controls that a `fieldset` holds together.
    pub(super) fn is_group(&self) -> bool {
        matches!(self.control, Control::Checkboxes(_)) || self.is_radio_group()
    }

    pub(super) fn is_radio_group(&self) -> bool {
        matches!(self.control, Control::Radio(_) | Control::Rating { .. })
    }

    pub(super) fn is_consent(&self) -> bool {
        matches!(self.control, Control::Consent { .. })
    }

    /// True where the browser can insist: a field that may not apply is only required by script,
    /// and of checkboxes HTML cannot say that one of them is.
    pub(super) fn is_required_now(&self) -> bool {
        self.required && self.condition.is_none()
    }

    /// The ids of the texts that belong to the field, for `aria-describedby`.
    pub(super) fn described_by(&self) -> Option<String> {
        let sentence = self.condition.as_ref().and_then(|condition| condition.sentence.as_ref());
        let parts = [
            ("condition", sentence.is_some()),
            ("help", self.help.is_some()),
            ("note", self.note.is_some()),
            ("problem", self.problem.is_some()),
        ];
        let ids: Vec<_> = parts
            .iter()
            .filter(|(_, present)| *present)
            .map(|(part, _)| format!("{}-{part}", self.id))
            .collect();
        (!ids.is_empty()).then(|| ids.join(" "))
    }
}

/// Builds the views of a form's fields.
pub(super) struct FieldViews<'a> {
    pub(super) form: &'a CompiledForm,
    pub(super) language: Language,
    pub(super) filled: Option<&'a FilledIn>,
}

impl<'a> FieldViews<'a> {
    /// The id of the field at this place of the form.
    pub(super) fn id(index: usize) -> String {
        format!("f-{index}")
    }

    /// The values that the page starts with: what was submitted, else the default.
    pub(super) fn values(&self, field: &'a CompiledField) -> Vec<&'a str> {
        match self.filled {
            Some(filled) => filled.answers.values(&field.definition.name).collect(),
            None => field.definition.default.as_deref().into_iter().collect(),
        }
    }

    /// All fields but the hidden ones; the first wrong one gets the focus.
    pub(super) fn build(&self) -> Vec<FieldView<'a>> {
        let fields = self.form.fields.iter().enumerate();
        let mut views: Vec<_> = fields
            .filter(|(_, field)| field.definition.kind != FieldType::Hidden)
            .map(|(index, field)| self.view(index, field))
            .collect();
        if let Some(first) = views.iter_mut().find(|field| field.problem.is_some()) {
            first.autofocus = true;
        }
        views
    }

    fn view(&self, index: usize, field: &'a CompiledField) -> FieldView<'a> {
        let definition = &field.definition;
        let values = self.values(field);
        let condition = definition.shown_if.as_ref().map(|condition| ConditionView {
            sentence: notes::about_condition(condition, self.form, self.language),
            field: &condition.field,
            any_of: serde_json::Value::from(condition.any_of.clone()).to_string(),
        });
        FieldView {
            id: Self::id(index),
            name: &definition.name,
            label: definition.label(),
            required: definition.required,
            condition,
            help: definition.help.as_deref(),
            note: self.note(field),
            problem: self.problem(field, &values),
            autofocus: false,
            control: self.control(field, &values),
        }
    }

    fn note(&self, field: &CompiledField) -> Option<String> {
        match field.definition.kind {
            FieldType::Checkboxes => notes::about_choices(&field.definition, self.language),
            FieldType::File => {
                let limits = &self.form.definition.limits;
                let about = notes::about_files(&field.definition, limits, self.language);
                let again = self.filled.is_some_and(|filled| filled.had_files);
                let again = again.then(|| self.language.texts().page.files_again.to_owned());
                let sentences: Vec<_> = about.into_iter().chain(again).collect();
                (!sentences.is_empty()).then(|| sentences.join(" "))
            }
            _ => None,
        }
    }

    /// What is wrong, and what was submitted where the control cannot show it.
    fn problem(&self, field: &CompiledField, values: &[&str]) -> Option<String> {
        let problems = &self.filled?.problems;
        let problem = &problems.iter().find(|p| p.field == field.definition.name)?.problem;
        let message = problem.message(self.language);
        let unshown = field.definition.kind == FieldType::Rating
            || matches!(
                problem,
                Problem::NotNumber
                    | Problem::NotInteger
                    | Problem::NotDate
                    | Problem::NotTime
                    | Problem::NotDateTime
                    | Problem::NotAnOption
            );
        let [value] = values else { return Some(message) };
        if !unshown || value.trim().is_empty() {
            return Some(message);
        }
        let texts = &self.language.texts().page;
        let entered = fill_one(texts.entered, fill_one(texts.quoted, value));
        Some(format!("{message} {entered}"))
    }

    fn control(&self, field: &'a CompiledField, values: &[&'a str]) -> Control<'a> {
        let definition = &field.definition;
        let value = values.first().copied().unwrap_or_default();
        match definition.kind {
            FieldType::Textarea => {
                Control::Textarea { value, attributes: input_attributes::of_textarea(definition) }
            }
            FieldType::Select => Control::Select(options(field, values)),
            FieldType::Radio => Control::Radio(options(field, values)),
            FieldType::Checkboxes => Control::Checkboxes(options(field, values)),
            FieldType::Consent => Control::Consent { ticked: values.last().is_some_and(is_yes) },
            FieldType::Rating => Control::Rating {
                points: self.points(field, value),
                stars: field.points() <= MAX_STARS,
            },
            FieldType::File => Control::File {
                accept: definition.accept.join(","),
                multiple: notes::max_files(definition, &self.form.definition.limits) > 1,
            },
            _ => {
                Control::Input { value, attributes: input_attributes::of_input(definition, value) }
            }
        }
    }

    fn points(&self, field: &CompiledField, value: &str) -> Vec<OptionView<'a>> {
        let (text, max) = (self.language.texts().page.rating_of, field.points().to_string());
        let option = |point: i64| {
            let point = point.to_string();
            OptionView {
                label: fill(text, &[("", &point), ("max", &max)]).into(),
                chosen: point == value.trim(),
                value: point.into(),
            }
        };
        (1..=field.points()).map(option).collect()
    }
}

fn options<'a>(field: &'a CompiledField, values: &[&str]) -> Vec<OptionView<'a>> {
    let option = |option: &'a ChoiceOption| OptionView {
        value: option.value().into(),
        label: option.label().into(),
        chosen: values.contains(&option.value()),
    };
    field.definition.options.iter().map(option).collect()
}

/// The words that the server takes for a tick.
fn is_yes(value: &&str) -> bool {
    matches!(value.trim().to_ascii_lowercase().as_str(), "1" | "on" | "true" | "yes")
}
