//! Reading settings from defaults, a file and the environment, with every mistake found at once.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use toml::{Table, Value, de::DeTable};

use super::{Problems, Settings, schema::Schema};

/// The process's environment, handed in so that tests can have one of their own.
pub type Environment = BTreeMap<String, String>;

/// Variables that are no settings.
const OTHER_VARIABLES: [&str; 3] = ["FORMHOLD_CONFIG", "FORMHOLD_BIN", "FORMHOLD_TEST_"];

/// The settings in force, and where each that is not a default comes from.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The settings.
    pub settings: Settings,
    /// Places by key, as `formhold.toml:3`.
    pub places: BTreeMap<String, String>,
}

/// A value that somebody set.
struct Leaf {
    key: String,
    value: Value,
    place: String,
}

/// The settings file: the one named, else `$FORMHOLD_CONFIG`, else one of the usual places, if any.
#[must_use]
pub fn find_file(named: Option<&Path>, environment: &Environment) -> Option<PathBuf> {
    let from_environment = || environment.get("FORMHOLD_CONFIG").map(PathBuf::from);
    let usual = || {
        ["formhold.toml", "/etc/formhold/formhold.toml"]
            .map(PathBuf::from)
            .into_iter()
            .find(|path| path.exists())
    };
    named.map(Path::to_owned).or_else(from_environment).or_else(usual)
}

/// Reads the settings.
///
/// # Errors
/// Every mistake with its place, not only the first.
pub fn load(file: Option<&Path>, environment: &Environment) -> Result<Loaded, Problems> {
    let mut problems = Problems::default();
    let schema = Schema::new();
    let mut leaves = file.map(|path| from_file(path, &schema, &mut problems)).unwrap_or_default();
    leaves.extend(from_environment(environment, &schema, &mut problems));
    let mut merged = schema.defaults.clone();
    let mut places = BTreeMap::new();
    for leaf in leaves {
        if schema.get(&leaf.key).is_none() {
            problems.add(&leaf.place, &leaf.key, schema.unknown(&leaf.key));
            continue;
        }
        // Alone among defaults, so that a mistake is this value's and hides no other.
        let mut alone = schema.defaults.clone();
        schema.set(&mut alone, &leaf.key, leaf.value.clone());
        match alone.try_into::<Settings>() {
            Ok(_) => schema.set(&mut merged, &leaf.key, leaf.value),
            Err(error) => problems.add(&leaf.place, &leaf.key, for_people(error.message())),
        }
        places.insert(leaf.key, leaf.place);
    }
    let settings: Settings = match merged.try_into() {
        Ok(settings) => settings,
        Err(error) => {
            problems.add("settings", "", error.message());
            return Err(problems);
        }
    };
    for (key, message) in settings.problems() {
        problems.add(place_of(&places, &key), &key, message);
    }
    if problems.0.is_empty() { Ok(Loaded { settings, places }) } else { Err(problems) }
}

/// Where a setting comes from; what an entry lacks is missing where the rest of it stands.
fn place_of<'a>(places: &'a BTreeMap<String, String>, key: &str) -> &'a str {
    let within = |entry: &str| {
        let inside = format!("{entry}.");
        places.iter().find(|(known, _)| known.starts_with(&inside)).map(|(_, place)| place)
    };
    let entry = key.rsplit_once('.').map(|(entry, _)| entry).filter(|entry| entry.contains('.'));
    let found = places.get(key).or_else(|| within(key)).or_else(|| within(entry?));
    found.map_or("default", String::as_str)
}

fn from_file(path: &Path, schema: &Schema, problems: &mut Problems) -> Vec<Leaf> {
    let shown = path.display().to_string();
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) => {
            problems.add(&shown, "", format!("cannot be read: {error}"));
            return Vec::new();
        }
    };
    let line_of = |at: usize| text[..at.min(text.len())].matches('\n').count() + 1;
    let (table, errors) = DeTable::parse_recoverable(&text);
    for error in errors {
        let line = error.span().map_or(1, |span| line_of(span.start));
        problems.add(&format!("{shown}:{line}"), "", format!("is no TOML: {}", error.message()));
    }
    let values: Table = text.parse().unwrap_or_default();
    let mut leaves = Vec::new();
    for (section, content) in table.get_ref() {
        let place = |at: usize| format!("{shown}:{}", line_of(at));
        let section_name = section.get_ref().as_ref();
        let Some(keys) = content.get_ref().as_table() else {
            problems.add(
                &place(section.span().start),
                section_name,
                "stands outside of a section such as [server]",
            );
            continue;
        };
        for key in keys.keys() {
            let key_name = key.get_ref().as_ref();
            let value = values.get(section_name).and_then(|section| section.get(key_name)).cloned();
            let full = format!("{section_name}.{key_name}");
            if schema.has_entries(&full) {
                let entries = keys.get(key).and_then(|entries| entries.get_ref().as_table());
                let place = |at: usize| place(at);
                match entries.zip(value) {
                    Some((entries, value)) => {
                        leaves.extend(from_entries(&full, entries, &value, &place, problems));
                    }
                    None => no_table(&full, &place(key.span().start), problems),
                }
                continue;
            }
            leaves.extend(value.map(|value| Leaf {
                key: full,
                value,
                place: place(key.span().start),
            }));
        }
    }
    leaves
}

/// What the entries of a table hold that people name themselves.
fn from_entries(
    map: &str,
    entries: &DeTable<'_>,
    values: &Value,
    place: &dyn Fn(usize) -> String,
    problems: &mut Problems,
) -> Vec<Leaf> {
    let mut leaves = Vec::new();
    for (id, entry) in entries {
        let name = id.get_ref().as_ref();
        let fields = entry.get_ref().as_table().filter(|fields| !fields.is_empty());
        let Some(fields) = fields else {
            no_table(&format!("{map}.{name}"), &place(id.span().start), problems);
            continue;
        };
        for field in fields.keys() {
            let field_name = field.get_ref().as_ref();
            let value = values.get(name).and_then(|entry| entry.get(field_name)).cloned();
            leaves.extend(value.map(|value| Leaf {
                key: format!("{map}.{name}.{field_name}"),
                value,
                place: place(field.span().start),
            }));
        }
    }
    leaves
}

fn no_table(key: &str, place: &str, problems: &mut Problems) {
    let map = key.split('.').take(2).collect::<Vec<_>>().join(".");
    problems.add(
        place,
        key,
        format!("must be a section with settings of its own: [{map}.example]"),
    );
}

fn from_environment(
    environment: &Environment,
    schema: &Schema,
    problems: &mut Problems,
) -> Vec<Leaf> {
    let mut leaves = Vec::new();
    for (variable, text) in environment {
        let Some(name) = variable.strip_prefix("FORMHOLD_") else { continue };
        if OTHER_VARIABLES.iter().any(|other| variable.starts_with(other)) {
            continue;
        }
        let key = |name: &str| schema.key_of(name);
        let (key, text) = match name.strip_suffix("_FILE") {
            Some(name) if schema.get(&key(name)).is_some() => match std::fs::read_to_string(text) {
                Ok(content) => (key(name), content.trim_end_matches(['\r', '\n']).to_owned()),
                Err(error) => {
                    problems.add(
                        variable,
                        &key(name),
                        format!("names the file `{text}`, which cannot be read: {error}"),
                    );
                    continue;
                }
            },
            _ => (key(name), text.clone()),
        };
        let value = match schema.get(&key) {
            None => Value::String(text),
            Some(default) => match read_as(default, &text) {
                Ok(value) => value,
                Err(message) => {
                    problems.add(variable, &key, message);
                    continue;
                }
            },
        };
        leaves.push(Leaf { key, value, place: variable.clone() });
    }
    leaves
}

/// Reads text as the kind of value that the default is.
fn read_as(default: &Value, text: &str) -> Result<Value, String> {
    match default {
        Value::Integer(_) => text
            .parse()
            .map(Value::Integer)
            .map_err(|_| format!("must be a whole number, not `{text}`")),
        Value::Float(_) => {
            text.parse().map(Value::Float).map_err(|_| format!("must be a number, not `{text}`"))
        }
        Value::Boolean(_) => text
            .parse()
            .map(Value::Boolean)
            .map_err(|_| format!("must be true or false, not `{text}`")),
        Value::Array(_) => {
            let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
            Ok(Value::Array(items.map(|item| Value::String(item.to_owned())).collect()))
        }
        _ => Ok(Value::String(text.to_owned())),
    }
}

/// The parser's sentence without the names of Rust's types.
fn for_people(message: &str) -> String {
    let first = message.lines().next().unwrap_or_default();
    ["usize", "u64", "u32"].iter().fold(first.to_owned(), |text, kind| {
        text.replace(&format!("expected {kind}"), "expected a whole number")
    })
}
