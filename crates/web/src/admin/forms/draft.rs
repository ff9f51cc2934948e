//! The fields of a form while somebody edits them: texts as they were typed, in their order.
//!
//! A draft is nowhere but in the page: each button sends all of it and gets it back changed.

use formhold_domain::{Bound, Condition, FieldDefinition, FieldType};
use serde::{Deserialize, Serialize};

use super::option_lines::{read_lines, read_options, write_lines, write_options};

/// The names of a field's inputs: keys of its definition, and the two parts of `shown_if`.
const KEYS: [&str; 22] = [
    "name",
    "type",
    "label",
    "help",
    "placeholder",
    "default",
    "required",
    "min_length",
    "max_length",
    "pattern",
    "min",
    "max",
    "step",
    "options",
    "min_choices",
    "max_choices",
    "accept",
    "max_bytes",
    "max_files",
    "equal_to",
    "shown_if_field",
    "shown_if_any_of",
];

/// All fields of a form.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Draft {
    pub(super) fields: Vec<DraftField>,
    /// What was removed and can come back, the last one last.
    pub(super) removed: Vec<Removed>,
}

/// One field.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct DraftField {
    /// The name that it had when the page was made: what refers to it follows.
    was: String,
    values: Vec<(String, String)>,
}

/// A field that was removed, and from where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Removed {
    at: usize,
    field: DraftField,
}

/// What is wrong with one input.
pub(super) type Wrong = (&'static str, String);

impl Draft {
    /// The draft of these fields.
    pub(super) fn of(fields: &[FieldDefinition]) -> Self {
        Self { fields: fields.iter().map(DraftField::of).collect(), removed: Vec::new() }
    }

    /// The draft that a page sent back. A field begins with `field`, and what follows is its own.
    pub(super) fn read(pairs: &[(String, String)]) -> Self {
        let mut draft = Self::default();
        for (name, value) in pairs {
            match (name.as_str(), draft.fields.last_mut()) {
                ("field", _) => {
                    let field = DraftField { was: value.clone(), values: Vec::new() };
                    draft.fields.push(field);
                }
                ("removed", _) => draft.removed = serde_json::from_str(value).unwrap_or_default(),
                (name, Some(field)) if KEYS.contains(&name) => field.set(name, value.clone()),
                _ => {}
            }
        }
        draft.follow_names();
        draft
    }

    /// Carries a button's wish out; gives the field that it was about. What makes no sense changes
    /// nothing.
    pub(super) fn act(&mut self, act: &str, kind: &str) -> Option<usize> {
        let (what, at) = act.split_once(':').unwrap_or((act, ""));
        let at = at.parse::<usize>().ok().filter(|at| *at < self.fields.len());
        match (what, at) {
            ("add", _) => {
                let field = self.new_field(FieldType::parse(kind)?);
                self.fields.push(field);
                Some(self.fields.len() - 1)
            }
            ("up", Some(at)) => {
                let to = at.saturating_sub(1);
                self.fields.swap(at, to);
                Some(to)
            }
            ("down", Some(at)) => {
                let to = (at + 1).min(self.fields.len() - 1);
                self.fields.swap(at, to);
                Some(to)
            }
            ("remove", Some(at)) => {
                let field = self.fields.remove(at);
                self.removed.push(Removed { at, field });
                (!self.fields.is_empty()).then(|| at.min(self.fields.len() - 1))
            }
            ("undo", _) => {
                let Removed { at, field } = self.removed.pop()?;
                let at = at.min(self.fields.len());
                self.fields.insert(at, field);
                Some(at)
            }
            _ => None,
        }
    }

    /// What the field is called that comes back next.
    pub(super) fn last_removed(&self) -> Option<&str> {
        let field = &self.removed.last()?.field;
        Some(if field.get("label").is_empty() { field.get("name") } else { field.get("label") })
    }

    /// What was removed, for the page to send back.
    pub(super) fn removed_as_text(&self) -> String {
        serde_json::to_string(&self.removed).unwrap_or_default()
    }

    /// The fields, and by field what is wrong with what was typed.
    pub(super) fn definitions(&self) -> (Vec<FieldDefinition>, Vec<(usize, Wrong)>) {
        let mut wrong = Vec::new();
        let fields = self.fields.iter().enumerate().map(|(at, field)| {
            let (definition, found) = field.definition();
            wrong.extend(found.into_iter().map(|found| (at, found)));
            definition
        });
        (fields.collect(), wrong)
    }

    /// Who refers to a field that got another name refers to it still.
    fn follow_names(&mut self) {
        let renamed: Vec<_> = self
            .fields
            .iter()
            .filter(|field| !field.was.is_empty() && field.was != field.get("name"))
            .map(|field| (field.was.clone(), field.get("name").to_owned()))
            .collect();
        for field in &mut self.fields {
            for key in ["equal_to", "shown_if_field"] {
                let new = renamed.iter().find(|(was, _)| was == field.get(key));
                if let Some((_, new)) = new {
                    field.set(key, new.clone());
                }
            }
        }
        for field in &mut self.fields {
            field.was = field.get("name").to_owned();
        }
    }

    fn new_field(&self, kind: FieldType) -> DraftField {
        let taken = |name: &str| self.fields.iter().any(|field| field.get("name") == name);
        let name = (1..)
            .map(|number| match number {
                1 => kind.as_str().to_owned(),
                number => format!("{}_{number}", kind.as_str()),
            })
            .find(|name| !taken(name));
        let name = name.unwrap_or_default();
        let mut field = DraftField { was: name.clone(), values: Vec::new() };
        field.set("name", name);
        field.set("type", kind.as_str().to_owned());
        let label = match kind {
            FieldType::Consent => "I agree",
            kind => super::kinds::label(kind),
        };
        field.set("label", label.to_owned());
        if kind.takes("options") {
            field.set("options", "First option\nSecond option".to_owned());
        }
        if kind == FieldType::Consent {
            field.set("required", "on".to_owned());
        }
        field
    }
}

impl DraftField {
    fn of(field: &FieldDefinition) -> Self {
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        let number = |value: Option<usize>| value.map(|it| it.to_string()).unwrap_or_default();
        let bound =
            |value: &Option<Bound>| value.as_ref().map(ToString::to_string).unwrap_or_default();
        let condition = field.shown_if.as_ref();
        let values = [
            ("name", field.name.clone()),
            ("type", field.kind.as_str().to_owned()),
            ("label", text(&field.label)),
            ("help", text(&field.help)),
            ("placeholder", text(&field.placeholder)),
            ("default", text(&field.default)),
            ("required", if field.required { "on".to_owned() } else { String::new() }),
            ("min_length", number(field.min_length)),
            ("max_length", number(field.max_length)),
            ("pattern", text(&field.pattern)),
            ("min", bound(&field.min)),
            ("max", bound(&field.max)),
            ("step", field.step.map(|it| it.to_string()).unwrap_or_default()),
            ("options", write_options(&field.options)),
            ("min_choices", number(field.min_choices)),
            ("max_choices", number(field.max_choices)),
            ("accept", field.accept.join(", ")),
            ("max_bytes", field.max_bytes.map(super::bytes::write).unwrap_or_default()),
            ("max_files", number(field.max_files)),
            ("equal_to", text(&field.equal_to)),
            ("shown_if_field", condition.map(|it| it.field.clone()).unwrap_or_default()),
            ("shown_if_any_of", condition.map(|it| write_lines(&it.any_of)).unwrap_or_default()),
        ];
        let values = values.into_iter().filter(|(_, value)| !value.is_empty());
        let values = values.map(|(key, value)| (key.to_owned(), value)).collect();
        Self { was: field.name.clone(), values }
    }

    /// What was typed, empty where nothing was.
    pub(super) fn get(&self, key: &str) -> &str {
        self.values.iter().find(|(name, _)| name == key).map_or("", |(_, value)| value)
    }

    fn set(&mut self, key: &str, value: String) {
        match self.values.iter_mut().find(|(name, _)| name == key) {
            Some((_, old)) => *old = value,
            None => self.values.push((key.to_owned(), value)),
        }
    }

    /// Everything that was typed.
    pub(super) fn values(&self) -> impl Iterator<Item = (&str, &str)> {
        self.values.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Its type; text where a page sent none that there is.
    pub(super) fn kind(&self) -> FieldType {
        FieldType::parse(self.get("type")).unwrap_or(FieldType::Text)
    }

    fn definition(&self) -> (FieldDefinition, Vec<Wrong>) {
        let kind = self.kind();
        let mut wrong = Vec::new();
        // What does not fit the type is not asked for: it was typed for another one.
        let typed = |key: &'static str| -> Option<&str> {
            let value = self.get(key);
            (!value.trim().is_empty() && kind.takes(key)).then_some(value)
        };
        let text = |key| typed(key).map(lines_joined);
        let mut number = |key: &'static str| -> Option<usize> {
            let value = typed(key)?;
            let number = value.trim().parse().ok();
            if number.is_none() {
                wrong.push((key, "must be a whole number, as 10".to_owned()));
            }
            number
        };
        let (min_length, max_length) = (number("min_length"), number("max_length"));
        let (min_choices, max_choices) = (number("min_choices"), number("max_choices"));
        let max_files = number("max_files");
        let step = typed("step").and_then(|value| {
            let step = value.trim().parse().ok();
            if step.is_none() {
                wrong.push(("step", "must be a number, as 0.5".to_owned()));
            }
            step
        });
        let max_bytes = typed("max_bytes").and_then(|value| {
            let bytes = super::bytes::read(value);
            if bytes.is_none() {
                wrong.push(("max_bytes", "must be a size, as 5 MiB or 500 KiB".to_owned()));
            }
            bytes
        });
        let bound = |key| typed(key).map(|value| read_bound(kind, value.trim()));
        let accept = typed("accept").unwrap_or_default().split([',', '\n', ' ']);
        let shown_if = typed("shown_if_field").filter(|_| kind.takes("shown_if"));
        let definition = FieldDefinition {
            name: self.get("name").trim().to_owned(),
            kind,
            label: text("label"),
            help: text("help"),
            placeholder: text("placeholder"),
            default: text("default"),
            required: typed("required").is_some(),
            min_length,
            max_length,
            pattern: typed("pattern").map(str::to_owned),
            min: bound("min"),
            max: bound("max"),
            step,
            options: typed("options").map(read_options).unwrap_or_default(),
            min_choices,
            max_choices,
            accept: accept.map(str::trim).filter(|it| !it.is_empty()).map(str::to_owned).collect(),
            max_bytes,
            max_files,
            equal_to: typed("equal_to").map(str::to_owned),
            shown_if: shown_if.map(|field| Condition {
                field: field.to_owned(),
                any_of: read_lines(self.get("shown_if_any_of")),
            }),
        };
        (definition, wrong)
    }
}

/// Browsers send a line break of a text area as two characters.
fn lines_joined(text: &str) -> String {
    text.replace("\r\n", "\n")
}

fn read_bound(kind: FieldType, text: &str) -> Bound {
    let is_number = matches!(kind, FieldType::Number | FieldType::Integer | FieldType::Rating);
    if !is_number {
        return Bound::Text(text.to_owned());
    }
    match (text.parse(), text.parse()) {
        (Ok(number), _) => Bound::Integer(number),
        (_, Ok(number)) => Bound::Number(number),
        _ => Bound::Text(text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use formhold_domain::{FormDefinition, Notation};

    use super::Draft;

    /// A page sends the draft as pairs.
    fn pairs(draft: &Draft) -> Vec<(String, String)> {
        let mut pairs = Vec::new();
        for field in &draft.fields {
            pairs.push(("field".to_owned(), field.was.clone()));
            pairs.extend(field.values.iter().cloned());
        }
        pairs.push(("removed".to_owned(), serde_json::to_string(&draft.removed).expect("JSON")));
        pairs
    }

    fn everything() -> FormDefinition {
        let text = include_str!("../../../../../e2e/forms/everything.toml");
        FormDefinition::read(text, Notation::Toml).expect("a definition")
    }

    #[test]
    fn fields_that_nobody_touched_come_back_as_they_were() {
        let form = everything();
        assert!(form.fields.len() > 15);
        let draft = Draft::of(&form.fields);
        let again = Draft::read(&pairs(&draft));
        assert_eq!(again, draft);
        assert_eq!(again.definitions(), (form.fields, Vec::new()));
    }

    #[test]
    fn fields_move_go_and_come_back() {
        let mut draft = Draft::default();
        for kind in ["text", "select", "text"] {
            draft.act("add", kind);
        }
        let names = |draft: &Draft| -> Vec<String> {
            draft.definitions().0.into_iter().map(|field| field.name).collect()
        };
        assert_eq!(names(&draft), ["text", "select", "text_2"]);
        assert_eq!(draft.act("up:2", ""), Some(1));
        assert_eq!(names(&draft), ["text", "text_2", "select"]);
        assert_eq!(draft.act("down:2", ""), Some(2), "the last stays");
        draft.act("remove:0", "");
        draft.act("remove:1", "");
        assert_eq!(names(&draft), ["text_2"]);
        let mut draft = Draft::read(&pairs(&draft));
        draft.act("undo", "");
        draft.act("undo", "");
        assert_eq!(names(&draft), ["text", "text_2", "select"]);
        assert_eq!(draft.act("undo", ""), None);
        let before = draft.clone();
        for nonsense in ["up:9", "remove:-1", "remove:", "explode", "", "up:x"] {
            assert_eq!(draft.act(nonsense, ""), None, "{nonsense}");
        }
        assert_eq!(draft.act("add", "nonsense"), None);
        assert_eq!(draft, before);
    }

    #[test]
    fn who_refers_to_a_field_follows_its_new_name() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let draft = Draft::read(&[
            pair("field", "topic"),
            pair("name", "subject"),
            pair("type", "text"),
            pair("field", "more"),
            pair("name", "more"),
            pair("type", "text"),
            pair("shown_if_field", "topic"),
            pair("shown_if_any_of", "a\r\nb"),
        ]);
        let (fields, wrong) = draft.definitions();
        let condition = fields[1].shown_if.as_ref().expect("a condition");
        assert_eq!((condition.field.as_str(), condition.any_of.len()), ("subject", 2));
        assert!(wrong.is_empty());
    }

    #[test]
    fn what_is_no_number_is_told_and_kept() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let draft = Draft::read(&[
            pair("field", "a"),
            pair("name", "a"),
            pair("type", "file"),
            pair("max_bytes", "large"),
            pair("max_files", "-1"),
            pair("min_length", "x"),
        ]);
        let (_, wrong) = draft.definitions();
        let keys: Vec<_> = wrong.iter().map(|(_, (key, _))| *key).collect();
        assert_eq!(keys, ["max_files", "max_bytes"], "a file has no length");
        assert_eq!(draft.fields[0].get("max_bytes"), "large");
    }
}
