//! Which settings there are: those with defaults, and those of entries that people name themselves.

use std::collections::BTreeMap;

use formhold_identity::ProviderSettings;
use toml::{Table, Value};

use super::DEFAULTS;

/// What is not in here is no setting.
pub(super) struct Schema {
    /// The defaults, whose values tell how text from the environment is to be read.
    pub(super) defaults: Table,
    /// Tables such as `auth.oidc`, and what each of their entries begins with.
    entries: BTreeMap<&'static str, Table>,
}

impl Schema {
    pub(super) fn new() -> Self {
        let defaults = DEFAULTS.parse().expect("the embedded defaults are TOML, as a test proves");
        let provider = Table::try_from(ProviderSettings::default()).expect("texts and a list");
        Self { defaults, entries: BTreeMap::from([("auth.oidc", provider)]) }
    }

    /// Whether people name the entries of this table.
    pub(super) fn has_entries(&self, key: &str) -> bool {
        self.entries.contains_key(key)
    }

    /// The default of a setting: of `server.listen`, or `auth.oidc.example.issuer`.
    pub(super) fn get(&self, key: &str) -> Option<&Value> {
        if let Some((map, _, field)) = self.in_entry(key) {
            return self.entries.get(map)?.get(field);
        }
        let (section, key) = key.split_once('.')?;
        self.defaults.get(section)?.as_table()?.get(key)
    }

    /// Puts a value in its place, with the rest of its entry where that is new.
    pub(super) fn set(&self, table: &mut Table, key: &str, value: Value) {
        let (place, field) = match self.in_entry(key) {
            Some((map, id, field)) => {
                let entry = self.entries.get(map).cloned().unwrap_or_default();
                let entries = at(table, map);
                let place = entries.and_then(|entries| {
                    entries.entry(id).or_insert(Value::Table(entry)).as_table_mut()
                });
                (place, field)
            }
            None => match key.split_once('.') {
                Some((section, field)) => {
                    (table.get_mut(section).and_then(Value::as_table_mut), field)
                }
                None => (None, key),
            },
        };
        if let Some(place) = place {
            place.insert(field.to_owned(), value);
        }
    }

    /// The setting that a variable names, without `FORMHOLD_`: `SERVER__LISTEN`, or
    /// `AUTH__OIDC__MY_ID__ISSUER` for what is `auth.oidc.my-id.issuer` in a file.
    pub(super) fn key_of(&self, variable: &str) -> String {
        let key = variable.to_ascii_lowercase().replacen("__", ".", 1);
        let in_map = |map: &'static str| Some((map, key.strip_prefix(map)?.strip_prefix("__")?));
        let Some((map, rest)) = self.entries.keys().find_map(|map| in_map(map)) else {
            return key;
        };
        match rest.split_once("__") {
            Some((id, field)) => format!("{map}.{}.{field}", id.replace('_', "-")),
            None => format!("{map}.{rest}"),
        }
    }

    /// What to say of a key that is no setting.
    pub(super) fn unknown(&self, key: &str) -> String {
        let known = self.defaults.iter().flat_map(|(section, content)| {
            let keys = content
                .as_table()
                .map(|table| table.keys().cloned().collect::<Vec<_>>())
                .unwrap_or_default();
            keys.into_iter().map(move |key| format!("{section}.{key}"))
        });
        let beside = self.in_entry(key).into_iter().flat_map(|(map, id, _)| {
            let fields = self.entries.get(map).into_iter().flat_map(Table::keys);
            fields.map(move |field| format!("{map}.{id}.{field}"))
        });
        // `server_listen` in place of `server.listen` is the most likely slip.
        let near = |candidate: &String| {
            strsim::damerau_levenshtein(&candidate.replace('.', "_"), &key.replace('.', "_"))
        };
        match known.chain(beside).min_by_key(near) {
            Some(nearest) => format!("is no setting; the nearest one is `{nearest}`"),
            None => "is no setting".to_owned(),
        }
    }

    /// The parts of a key of an entry: the table, the entry's name, and the rest.
    fn in_entry<'a>(&self, key: &'a str) -> Option<(&'a str, &'a str, &'a str)> {
        let map = self
            .entries
            .keys()
            .find(|map| key.strip_prefix(**map).is_some_and(|rest| rest.starts_with('.')))?;
        let (id, field) = key[map.len() + 1..].split_once('.')?;
        Some((&key[..map.len()], id, field))
    }
}

fn at<'a>(table: &'a mut Table, key: &str) -> Option<&'a mut Table> {
    key.split('.').try_fold(table, |table, part| table.get_mut(part)?.as_table_mut())
}
