//! What a channel was told, checked against its fields.

use std::fmt;

use formhold_domain::{EmailAddress, Secret};
use formhold_outbound::Target;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{About, Field, FieldKind, signing::SigningSecret, templates};

/// The values of a channel's fields. Serialised it has its secrets, for storage; what people and
/// programs get to see is [`Config::shown`].
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Config(Map<String, Value>);

/// What is wrong with a field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ConfigProblem {
    /// The field's name.
    pub field: String,
    /// What is wrong, in words: `must be …`.
    pub message: String,
}

impl Config {
    /// Checks what was given for a channel: JSON values, or the texts of a form. A field that is not
    /// given has its `previous` value where it is a secret or Formhold's own, and none otherwise. A
    /// secret that comes as [`Secret::MASK`] counts as not given.
    ///
    /// # Errors
    /// Every problem of every field, and names that the channel does not know.
    pub fn parse(
        about: &About,
        given: &Map<String, Value>,
        previous: Option<&Self>,
    ) -> Result<Self, Vec<ConfigProblem>> {
        let mut problems = Vec::new();
        let mut config = Self::default();
        for name in given.keys() {
            if about.field(name).is_none_or(|field| field.is_own) {
                problems.push(problem(name, format!("is no field of {}", about.title)));
            }
        }
        for field in about.fields.iter().filter(|field| !field.is_own) {
            match given.get(field.name).map(|value| read(field, value)).transpose() {
                Ok(value) => config.set(field.name, value.flatten()),
                Err(message) => problems.push(problem(field.name, message)),
            }
        }
        let moved = previous.is_some_and(|previous| config.leads_elsewhere(about, previous));
        if let Some(previous) = previous
            && !moved
        {
            config.keep_hidden(about, previous);
        }
        for field in about.fields.iter().filter(|field| field.is_required) {
            let is_known = problems.iter().any(|known| known.field == field.name);
            if !config.0.contains_key(field.name) && !is_known {
                let why = if moved && field.is_secret { ", as the address is another" } else { "" };
                problems.push(problem(field.name, format!("must be given{why}")));
            }
        }
        if problems.is_empty() { Ok(config) } else { Err(problems) }
    }

    fn leads_elsewhere(&self, about: &About, previous: &Self) -> bool {
        about
            .fields
            .iter()
            .filter(|field| field.is_address)
            // A secret address that is not given again is the one before.
            .filter(|field| !field.is_secret || self.has(field.name))
            .any(|field| self.0.get(field.name) != previous.0.get(field.name))
    }

    fn keep_hidden(&mut self, about: &About, previous: &Self) {
        for field in about.fields.iter().filter(|field| field.is_secret || field.is_own) {
            if !self.has(field.name)
                && let Some(value) = previous.0.get(field.name)
            {
                self.0.insert(field.name.to_owned(), value.clone());
            }
        }
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    pub(crate) fn set(&mut self, name: &str, value: Option<Value>) {
        match value {
            Some(value) => self.0.insert(name.to_owned(), value),
            None => self.0.remove(name),
        };
    }

    /// The text of a field; empty where there is none.
    #[must_use]
    pub fn text(&self, name: &str) -> &str {
        self.0.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    /// Whether a switch is on.
    #[must_use]
    pub fn is_on(&self, name: &str) -> bool {
        self.0.get(name).and_then(Value::as_bool).unwrap_or_default()
    }

    pub(crate) fn number(&self, name: &str) -> Option<i64> {
        self.0.get(name).and_then(Value::as_i64)
    }

    pub(crate) fn texts(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0.get(name).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
    }

    /// The address in a field. It was checked when it was stored; a rule that came later may refuse
    /// it all the same.
    pub(crate) fn target(&self, name: &str) -> Option<Target> {
        Target::parse(self.text(name)).ok()
    }

    /// The host that messages go to, as far as the configuration says it: deliveries to one host take
    /// turns.
    #[must_use]
    pub fn host(&self, about: &About) -> Option<String> {
        let mut addresses = about.fields.iter().filter(|field| field.kind == FieldKind::Url);
        let target = addresses.find_map(|field| self.target(field.name))?;
        target.url().host_str().map(str::to_owned)
    }

    /// The configuration with [`Secret::MASK`] in place of each secret.
    #[must_use]
    pub fn shown(&self, about: &About) -> Map<String, Value> {
        let mut shown = self.0.clone();
        for (name, value) in &mut shown {
            if about.field(name).is_none_or(|field| field.is_secret) {
                *value = Secret::MASK.into();
            }
        }
        shown
    }
}

/// Shows the names of fields only.
impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

fn problem(field: &str, message: String) -> ConfigProblem {
    ConfigProblem { field: field.to_owned(), message }
}

/// A value as it is stored; none where it says nothing.
fn read(field: &Field, value: &Value) -> Result<Option<Value>, String> {
    if value.is_null() || value == "" || (field.is_secret && value == Secret::MASK) {
        return Ok(None);
    }
    let text = || value.as_str().ok_or_else(|| "must be text".to_owned());
    match field.kind {
        FieldKind::Line { max_bytes } => {
            let text = text()?.trim();
            if text.len() > max_bytes {
                return Err(format!("must have at most {max_bytes} bytes"));
            }
            if text.chars().any(char::is_control) {
                return Err("must be one line".to_owned());
            }
            Ok((!text.is_empty()).then(|| text.into()))
        }
        FieldKind::Url => {
            let target = Target::parse(text()?.trim()).map_err(|problem| problem.to_string())?;
            Ok(Some(target.url().as_str().into()))
        }
        FieldKind::Emails { max } => read_emails(value, max),
        FieldKind::Choice(values) => match values.iter().find(|known| *value == **known) {
            Some(known) => Ok(Some((*known).into())),
            None => Err(format!("must be one of {}", values.join(", "))),
        },
        FieldKind::Switch => match (value, value.as_str()) {
            (Value::Bool(on), _) => Ok(Some((*on).into())),
            (_, Some("on" | "true")) => Ok(Some(true.into())),
            (_, Some("off" | "false")) => Ok(Some(false.into())),
            _ => Err("must be true or false".to_owned()),
        },
        FieldKind::Template(part) => {
            let source = text()?;
            templates::check(part, source).map_err(|problem| problem.to_string())?;
            Ok((!source.trim().is_empty()).then(|| source.into()))
        }
        FieldKind::SigningSecret => match SigningSecret::parse(text()?.trim()) {
            Some(secret) => Ok(Some(secret.expose().into())),
            None => Err("must be `whsec_` and 24 to 64 bytes in base64".to_owned()),
        },
        FieldKind::Time => Err("is set by Formhold".to_owned()),
    }
}

fn read_emails(value: &Value, max: usize) -> Result<Option<Value>, String> {
    let texts: Vec<&str> = match value {
        Value::String(text) => text.split([',', '\n', ';']).collect(),
        Value::Array(values) => values
            .iter()
            .map(|value| value.as_str().ok_or("must be a list of mail addresses"))
            .collect::<Result<_, _>>()?,
        _ => return Err("must be a list of mail addresses".to_owned()),
    };
    let mut addresses: Vec<EmailAddress> = Vec::new();
    for text in texts.into_iter().map(str::trim).filter(|text| !text.is_empty()) {
        let address = EmailAddress::parse(text).map_err(|problem| format!("{problem}: {text}"))?;
        if addresses.iter().all(|known| known.folded() != address.folded()) {
            addresses.push(address);
        }
    }
    if addresses.len() > max {
        return Err(format!("must be at most {max} addresses"));
    }
    let addresses: Vec<Value> = addresses.iter().map(|address| address.as_str().into()).collect();
    Ok((!addresses.is_empty()).then_some(Value::Array(addresses)))
}
