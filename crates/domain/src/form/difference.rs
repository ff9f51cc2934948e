//! What differs between two definitions of a form, key by key and field by field.

use serde::Serialize;
use serde_json::{Map, Value};

use super::FormDefinition;

/// Something that differs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Difference {
    /// Where, as `name`, `protection.captcha.when`, `fields.email` for a whole field,
    /// `fields.email.required` for one of its rules, and `fields` for their order.
    pub place: String,
    /// What was there; null where nothing was.
    pub before: Value,
    /// What is there now; null where nothing is.
    pub after: Value,
}

impl FormDefinition {
    /// What somebody changed who made `after` of this. Fields are told apart by their names, so that
    /// one that moved is not one that changed.
    #[must_use]
    pub fn differences(&self, after: &Self) -> Vec<Difference> {
        let mut found = Vec::new();
        compare("", &whole(self), &whole(after), &mut found);
        compare_fields(&fields(self), &fields(after), &mut found);
        found
    }
}

/// All but the fields.
fn whole(form: &FormDefinition) -> Map<String, Value> {
    let form = FormDefinition { fields: Vec::new(), ..form.clone() };
    object(serde_json::to_value(form).unwrap_or_default())
}

fn fields(form: &FormDefinition) -> Vec<(String, Map<String, Value>)> {
    let value = |field| object(serde_json::to_value(field).unwrap_or_default());
    form.fields.iter().map(|field| (field.name.clone(), value(field))).collect()
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(object) => object,
        _ => Map::new(),
    }
}

fn compare(
    place: &str,
    before: &Map<String, Value>,
    after: &Map<String, Value>,
    found: &mut Vec<Difference>,
) {
    let added = after.keys().filter(|key| !before.contains_key(*key));
    for key in before.keys().chain(added) {
        let place = if place.is_empty() { key.clone() } else { format!("{place}.{key}") };
        let of = |side: &Map<String, Value>| side.get(key).cloned().unwrap_or(Value::Null);
        match (of(before), of(after)) {
            (before, after) if before == after => {}
            // A table that is not there says the same as an empty one.
            (before, after) if [&before, &after].iter().all(|it| is_table(it)) => {
                compare(&place, &object(before), &object(after), found);
            }
            (before, after) => found.push(Difference { place, before, after }),
        }
    }
}

fn is_table(value: &Value) -> bool {
    value.is_object() || value.is_null()
}

fn compare_fields(
    before: &[(String, Map<String, Value>)],
    after: &[(String, Map<String, Value>)],
    found: &mut Vec<Difference>,
) {
    let of = |side: &[(String, Map<String, Value>)], name: &str| {
        side.iter().find(|(other, _)| other == name).map(|(_, field)| field.clone())
    };
    for (name, field) in before {
        let place = format!("fields.{name}");
        match of(after, name) {
            Some(other) => compare(&place, field, &other, found),
            None => found.push(Difference {
                place,
                before: Value::Object(field.clone()),
                after: Value::Null,
            }),
        }
    }
    for (name, field) in after.iter().filter(|(name, _)| of(before, name).is_none()) {
        let (place, after) = (format!("fields.{name}"), Value::Object(field.clone()));
        found.push(Difference { place, before: Value::Null, after });
    }
    let common = |side: &[(String, Map<String, Value>)], other: &[(String, Map<String, Value>)]| {
        let names = side.iter().map(|(name, _)| name).filter(|name| of(other, name).is_some());
        names.cloned().collect::<Vec<_>>()
    };
    let (first, second) = (common(before, after), common(after, before));
    if first != second {
        let (before, after) = (Value::from(first), Value::from(second));
        found.push(Difference { place: "fields".to_owned(), before, after });
    }
}

#[cfg(test)]
mod tests {
    use super::FormDefinition;

    fn form(text: &str) -> FormDefinition {
        toml::from_str(text).expect("a definition")
    }

    fn told(before: &str, after: &str) -> Vec<String> {
        let found = form(before).differences(&form(after));
        found.iter().map(|it| format!("{}: {} > {}", it.place, it.before, it.after)).collect()
    }

    const FORM: &str = "name = 'A'\nslug = 'a'\n";

    #[test]
    fn a_definition_does_not_differ_from_itself() {
        assert!(told(FORM, FORM).is_empty());
        assert!(told(FORM, &format!("{FORM}[protection]\n[limits]\n")).is_empty());
    }

    #[test]
    fn each_key_is_told_where_it_is() {
        let after = "name = 'B'\nslug = 'a'\nsuccess_url = 'https://a.example'\n[protection]\nlimit = '5/min'\n[protection.captcha]\nwhen = 'always'";
        let found = told(FORM, after);
        assert!(found.contains(&"name: \"A\" > \"B\"".to_owned()), "{found:?}");
        assert!(
            found.contains(&"success_url: null > \"https://a.example\"".to_owned()),
            "{found:?}"
        );
        assert!(found.contains(&"protection.limit: null > \"5/min\"".to_owned()), "{found:?}");
        assert!(
            found.contains(&"protection.captcha.when: null > \"always\"".to_owned()),
            "{found:?}"
        );
    }

    #[test]
    fn fields_that_come_go_change_and_move_are_told_apart() {
        let fields = |names: &[&str]| {
            names.iter().fold(FORM.to_owned(), |text, name| {
                format!("{text}[[fields]]\nname = '{name}'\ntype = 'text'\n")
            })
        };
        assert_eq!(
            told(&fields(&["a", "b", "c"]), &(fields(&["c", "a", "d"]) + "required = true\n")),
            [
                "fields.b: {\"name\":\"b\",\"type\":\"text\"} > null",
                "fields.d: null > {\"name\":\"d\",\"type\":\"text\",\"required\":true}",
                "fields: [\"a\",\"c\"] > [\"c\",\"a\"]",
            ]
        );
        assert_eq!(
            told(&fields(&["a"]), &(fields(&["a"]) + "max_length = 3\n")),
            ["fields.a.max_length: null > 3"]
        );
    }
}
