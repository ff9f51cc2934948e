//! From a definition to a form that can check answers, with every problem found at once.

use std::{collections::HashMap, sync::OnceLock};

use chrono::DateTime;
use regex::RegexBuilder;
use thiserror::Error;

use super::{
    Bound, CompiledField, FieldDefinition, FieldType, FormDefinition, FormState, scalar::Scalar,
};
use crate::{
    FormId, FormKey, HostRule, origin_of,
    spam::{FormKeys, SpamFilter},
};

/// Which form, and which version of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The form's id.
    pub id: FormId,
    /// The form's public key.
    pub key: FormKey,
    /// Counts its definitions, from 1.
    pub version: u32,
}

/// Something in a definition that makes no sense.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{place}: {message}")]
pub struct DefinitionProblem {
    /// Where, as `slug` or `fields[2].pattern` (counted from 0) with the field's name.
    pub place: String,
    /// What is wrong and what to write instead.
    pub message: String,
}

/// Whether a form takes submissions at a given time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Availability {
    /// It does.
    Open,
    /// Its owner closed it, or its closing time has passed.
    Closed,
    /// Its opening time is still to come.
    NotOpenYet,
}

/// A form that is ready to check answers.
#[derive(Debug, Clone)]
pub struct CompiledForm {
    /// Which form and version this is.
    pub identity: Identity,
    /// The definition that it was compiled from.
    pub definition: FormDefinition,
    /// The fields, in order.
    pub fields: Vec<CompiledField>,
    /// Where submissions may redirect to.
    pub redirect_hosts: Vec<HostRule>,
    /// What tells spam from what people write.
    pub spam: SpamFilter,
    pub(super) by_name: HashMap<String, usize>,
    origins: Vec<String>,
    opens_at_ms: Option<i64>,
    closes_at_ms: Option<i64>,
    keys: OnceLock<FormKeys>,
}

impl CompiledForm {
    /// Compiles a definition.
    ///
    /// # Errors
    /// Every problem of the definition, not only the first.
    pub fn compile(
        identity: Identity,
        definition: FormDefinition,
    ) -> Result<Self, Vec<DefinitionProblem>> {
        let mut problems = Problems::default();
        problems.check(!definition.name.trim().is_empty(), "name", || "must not be empty".into());
        problems.check(definition.name.len() <= 200, "name", || "has more than 200 bytes".into());
        problems.check(definition.fields.len() <= 200, "fields", || "are more than 200".into());
        let opens_at_ms = problems.time("opens_at", definition.opens_at.as_deref());
        let closes_at_ms = problems.time("closes_at", definition.closes_at.as_deref());
        if let (Some(opens), Some(closes)) = (opens_at_ms, closes_at_ms) {
            problems.check(opens < closes, "closes_at", || "must be later than `opens_at`".into());
        }
        if let Some(url) = &definition.success_url {
            problems.check(origin_of(url).is_some(), "success_url", || {
                format!("`{url}` is no address: write one that starts with https:// or http://")
            });
        }
        let mut origins = Vec::new();
        for (index, text) in definition.allowed_origins.iter().enumerate() {
            match origin_of(text) {
                Some(origin) => origins.push(origin),
                None => problems.add(
                    &format!("allowed_origins[{index}]"),
                    format!("`{text}` is no origin: write `https://example.org`"),
                ),
            }
        }
        let mut redirect_hosts = Vec::new();
        for (index, text) in definition.redirect_hosts.iter().enumerate() {
            match HostRule::parse(text) {
                Ok(rule) => redirect_hosts.push(rule),
                Err(message) => problems.add(&format!("redirect_hosts[{index}]"), message),
            }
        }
        let spam = SpamFilter::compile(&definition.protection.spam)
            .map_err(|found| problems.0.extend(found.into_iter().map(in_spam_rules)));
        let mut by_name = HashMap::new();
        let mut fields = Vec::with_capacity(definition.fields.len());
        for (index, field) in definition.fields.iter().enumerate() {
            let place = format!("fields[{index}] ({})", field.name);
            if by_name.insert(field.name.clone(), index).is_some() {
                problems.add(&place, "another field has the same name".into());
            }
            fields.push(problems.field(&place, field, &definition.fields));
        }
        match spam {
            Ok(spam) if problems.0.is_empty() => Ok(Self {
                identity,
                definition,
                fields,
                redirect_hosts,
                spam,
                by_name,
                origins,
                opens_at_ms,
                closes_at_ms,
                keys: OnceLock::new(),
            }),
            _ => Err(problems.0),
        }
    }

    /// The form's keys: made when they are first asked for, and kept for as long as this is.
    pub fn keys(&self, make: impl FnOnce() -> FormKeys) -> &FormKeys {
        self.keys.get_or_init(make)
    }

    /// Whether the form takes submissions now.
    #[must_use]
    pub fn availability(&self, now_ms: i64) -> Availability {
        if self.definition.state == FormState::Closed
            || self.closes_at_ms.is_some_and(|closes| now_ms >= closes)
        {
            Availability::Closed
        } else if self.opens_at_ms.is_some_and(|opens| now_ms < opens) {
            Availability::NotOpenYet
        } else {
            Availability::Open
        }
    }

    /// True when a page of this origin may post to the form.
    #[must_use]
    pub fn allows_origin(&self, origin: &str) -> bool {
        self.origins.is_empty()
            || self.origins.iter().any(|allowed| allowed.eq_ignore_ascii_case(origin))
    }

    /// True when the owner named origins, so that a post must say where it comes from.
    #[must_use]
    pub fn restricts_origins(&self) -> bool {
        !self.origins.is_empty()
    }

    /// True when the form takes any field, because it declares none.
    #[must_use]
    pub fn takes_anything(&self) -> bool {
        self.fields.is_empty()
    }

    /// True when the form declares a field of this name.
    #[must_use]
    pub fn declares(&self, name: &str) -> bool {
        self.by_name.contains_key(name)
    }

    /// The declared field of this name.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&CompiledField> {
        self.by_name.get(name).map(|index| &self.fields[*index])
    }

    /// True when a submission may bring files.
    #[must_use]
    pub fn takes_files(&self) -> bool {
        self.definition.limits.max_files != Some(0)
            && (self.takes_anything()
                || self.fields.iter().any(|field| field.definition.kind == FieldType::File))
    }
}

fn in_spam_rules(problem: DefinitionProblem) -> DefinitionProblem {
    DefinitionProblem { place: format!("protection.spam.{}", problem.place), ..problem }
}

#[derive(Default)]
struct Problems(Vec<DefinitionProblem>);

impl Problems {
    fn add(&mut self, place: &str, message: String) {
        self.0.push(DefinitionProblem { place: place.to_owned(), message });
    }

    fn check(&mut self, good: bool, place: &str, message: impl FnOnce() -> String) {
        if !good {
            self.add(place, message());
        }
    }

    fn time(&mut self, place: &str, text: Option<&str>) -> Option<i64> {
        let text = text?;
        let time = DateTime::parse_from_rfc3339(text).map(|time| time.timestamp_millis()).ok();
        self.check(time.is_some(), place, || {
            format!("`{text}` is no time: write `2026-12-31T17:00:00Z`")
        });
        time
    }

    fn field(
        &mut self,
        place: &str,
        field: &FieldDefinition,
        all: &[FieldDefinition],
    ) -> CompiledField {
        let name_fits = (1..=256).contains(&field.name.len())
            && !field.name.starts_with('_')
            && !field.name.contains(char::is_control);
        self.check(name_fits, place, || {
            "a name has 1 to 256 bytes, no control characters, and does not start with `_`".into()
        });
        self.unfitting_rules(place, field);
        self.choices(place, field);
        self.references(place, field, all);
        let (min, max) = (
            self.bound(place, "min", field, field.min.as_ref()),
            self.bound(place, "max", field, field.max.as_ref()),
        );
        let (min, max) = match field.kind {
            FieldType::Rating => (Some(Scalar::Integer(1)), max.or(Some(Scalar::Integer(5)))),
            _ => (min, max),
        };
        if let (Some(low), Some(high)) = (min, max) {
            self.check(low <= high, place, || "`min` is greater than `max`".into());
        }
        if field.kind == FieldType::Rating {
            self.check(max.is_some_and(|max| max <= Scalar::Integer(20)), place, || {
                "`max` of a rating is at most 20".into()
            });
        }
        if let (Some(low), Some(high)) = (field.min_length, field.max_length) {
            self.check(low <= high, place, || "`min_length` is greater than `max_length`".into());
        }
        if let Some(step) = field.step {
            self.check(step.is_finite() && step > 0.0, place, || {
                "`step` must be greater than 0".into()
            });
        }
        CompiledField { definition: field.clone(), pattern: self.pattern(place, field), min, max }
    }

    fn unfitting_rules(&mut self, place: &str, field: &FieldDefinition) {
        let rules = [
            ("min_length", field.min_length.is_some()),
            ("max_length", field.max_length.is_some()),
            ("pattern", field.pattern.is_some()),
            ("min", field.min.is_some()),
            ("max", field.max.is_some()),
            ("step", field.step.is_some()),
            ("options", !field.options.is_empty()),
            ("min_choices", field.min_choices.is_some()),
            ("max_choices", field.max_choices.is_some()),
            ("accept", !field.accept.is_empty()),
            ("max_bytes", field.max_bytes.is_some()),
            ("max_files", field.max_files.is_some()),
            ("equal_to", field.equal_to.is_some()),
            ("placeholder", field.placeholder.is_some()),
            ("default", field.default.is_some()),
            ("shown_if", field.shown_if.is_some()),
        ];
        for (rule, present) in rules {
            self.check(!present || field.kind.takes(rule), place, || {
                format!("`{rule}` does not fit the type `{}`", field.kind)
            });
        }
    }

    fn choices(&mut self, place: &str, field: &FieldDefinition) {
        if matches!(field.kind, FieldType::Select | FieldType::Radio | FieldType::Checkboxes) {
            self.check(!field.options.is_empty(), place, || {
                format!("the type `{}` needs `options`", field.kind)
            });
        }
        let mut values: Vec<_> = field.options.iter().map(super::ChoiceOption::value).collect();
        self.check(values.iter().all(|value| !value.is_empty()), place, || {
            "an option's value must not be empty".into()
        });
        values.sort_unstable();
        let twice = values.windows(2).find(|pair| pair[0] == pair[1]).map(|pair| pair[0]);
        self.check(twice.is_none(), place, || {
            format!("the option `{}` is there twice", twice.unwrap_or_default())
        });
        for accept in &field.accept {
            let fits = accept.starts_with('.') && accept.len() > 1
                || accept.split('/').filter(|part| !part.is_empty()).count() == 2;
            self.check(fits, place, || {
                format!("`accept` takes `.pdf`, `image/*` or `image/png`, not `{accept}`")
            });
        }
    }

    fn references(&mut self, place: &str, field: &FieldDefinition, all: &[FieldDefinition]) {
        let other = |name: &str| name != field.name && all.iter().any(|field| field.name == name);
        if let Some(name) = &field.equal_to {
            self.check(other(name), place, || {
                format!("`equal_to` names `{name}`, which is no other field")
            });
        }
        if let Some(condition) = &field.shown_if {
            self.check(other(&condition.field), place, || {
                format!("`shown_if` names `{}`, which is no other field", condition.field)
            });
            self.check(!condition.any_of.is_empty(), place, || {
                "`shown_if.any_of` must not be empty".into()
            });
        }
    }

    fn bound(
        &mut self,
        place: &str,
        rule: &str,
        field: &FieldDefinition,
        bound: Option<&Bound>,
    ) -> Option<Scalar> {
        let bound = bound?;
        let scalar = Scalar::parse(field.kind, &bound.to_string());
        self.check(scalar.is_some(), place, || {
            format!("`{rule}` = `{bound}` does not fit the type `{}`", field.kind)
        });
        scalar
    }

    fn pattern(&mut self, place: &str, field: &FieldDefinition) -> Option<regex::Regex> {
        const MAX_PROGRAM_BYTES: usize = 1 << 20;
        let pattern = field.pattern.as_deref()?;
        if pattern.len() > 1000 {
            self.add(place, "`pattern` has more than 1,000 bytes".into());
            return None;
        }
        // Like HTML's `pattern`, it must match the whole value.
        match RegexBuilder::new(&format!("^(?:{pattern})$"))
            .size_limit(MAX_PROGRAM_BYTES)
            .dfa_size_limit(MAX_PROGRAM_BYTES)
            .build()
        {
            Ok(regex) => Some(regex),
            Err(error) => {
                let reason = error.to_string();
                self.add(
                    place,
                    format!(
                        "`pattern` does not compile: {}",
                        reason.lines().last().unwrap_or_default().trim()
                    ),
                );
                None
            }
        }
    }
}
