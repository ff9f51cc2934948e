//! `application/json`: an object of scalars and arrays of scalars.
//!
//! Everything becomes text: numbers as they were written, `true`, `false`, nothing for `null`.

use serde::{Deserialize, Deserializer, de};
use serde_json::value::RawValue;

use super::{BodyError, admit};
use crate::LimitSettings;

/// The members of an object in order, repeated names too; values not looked into yet.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> de::Visitor<'de> for Visitor {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object of fields")
            }

            fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Visitor)
    }
}

pub(super) fn parse(
    body: &[u8],
    limits: &LimitSettings,
) -> Result<Vec<(String, String)>, BodyError> {
    refuse_depth(body, limits.max_json_depth)?;
    let malformed = |error: serde_json::Error| BodyError::Malformed(error.to_string());
    let Members(members) = serde_json::from_slice(body).map_err(malformed)?;
    let mut fields = Vec::with_capacity(members.len().min(limits.max_fields));
    for (name, value) in members {
        add(&mut fields, &name, value, limits)?;
    }
    Ok(fields)
}

fn add(
    fields: &mut Vec<(String, String)>,
    name: &str,
    value: &RawValue,
    limits: &LimitSettings,
) -> Result<(), BodyError> {
    let malformed =
        |error: serde_json::Error| BodyError::Malformed(format!("the field `{name}`: {error}"));
    admit(fields, name, limits)?;
    let text = value.get();
    let scalar = match text.as_bytes().first() {
        Some(b'"') => serde_json::from_str(text).map_err(malformed)?,
        Some(b'[') => {
            let items: Vec<&RawValue> = serde_json::from_str(text).map_err(malformed)?;
            return items.into_iter().try_for_each(|item| add(fields, name, item, limits));
        }
        Some(b'{') => {
            return Err(BodyError::Malformed(format!(
                "the field `{name}` is an object; send its members as fields of their own"
            )));
        }
        Some(b'n') => String::new(),
        _ => text.to_owned(),
    };
    fields.push((name.to_owned(), scalar));
    Ok(())
}

/// Counts brackets outside of strings, before anything is built from them.
fn refuse_depth(body: &[u8], max: usize) -> Result<(), BodyError> {
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    for byte in body {
        match (in_string, byte) {
            (true, _) if escaped => escaped = false,
            (true, b'\\') => escaped = true,
            (_, b'"') => in_string = !in_string,
            (false, b'{' | b'[') => depth += 1,
            (false, b'}' | b']') => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > max {
            return Err(BodyError::TooDeep { max });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use formhold_domain::Limit;

    use super::*;

    fn limits() -> LimitSettings {
        LimitSettings {
            submissions: Limit::Off,
            form_submissions: Limit::Off,
            challenges: Limit::Off,
            login: Limit::Off,
            login_account: Limit::Off,
            api: Limit::Off,
            exports: Limit::Off,
            invitations: Limit::Off,
            mails_recipient: Limit::Off,
            mails_form: Limit::Off,
            max_text_bytes: 1 << 20,
            max_body_bytes: 1 << 20,
            max_parts: 3,
            max_part_header_bytes: 8192,
            max_field_name_bytes: 8,
            max_fields: 4,
            max_memory_bytes: 1 << 20,
            max_json_depth: 4,
        }
    }

    fn parsed(body: &str) -> Result<Vec<(String, String)>, BodyError> {
        parse(body.as_bytes(), &limits())
    }

    #[test]
    fn scalars_become_text_as_they_were_written() {
        let fields =
            parsed(r#"{"a": 1.50, "b": 12345678901234567890123, "c": true, "a": null}"#).unwrap();
        let values: Vec<_> =
            fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(
            values,
            [("a", "1.50"), ("b", "12345678901234567890123"), ("c", "true"), ("a", "")]
        );
    }

    #[test]
    fn arrays_are_repeated_fields() {
        let fields = parsed(r#"{"tags": ["x\u0000", ["y"], []]}"#).unwrap();
        assert_eq!(
            fields,
            [("tags".to_owned(), "x\0".to_owned()), ("tags".to_owned(), "y".to_owned())]
        );
    }

    #[test]
    fn what_is_no_flat_object_is_refused_by_name() {
        assert!(
            matches!(parsed(r#"{"a": {"b": 1}}"#), Err(BodyError::Malformed(text)) if text.contains("`a`"))
        );
        for body in [
            "",
            "[]",
            "1",
            "{",
            r#"{"a": 1,}"#,
            r#"{"a": "\ud800"}"#,
            "{\"a\": \"\n\"}",
            r#"{"a":1} x"#,
        ] {
            assert!(matches!(parsed(body), Err(BodyError::Malformed(_))), "{body}");
        }
        assert!(matches!(parsed(r#"{"a": [[[["x"]]]]}"#), Err(BodyError::TooDeep { max: 4 })));
        assert!(matches!(
            parsed(&format!("{{\"a\": {}", "[".repeat(100_000))),
            Err(BodyError::TooDeep { .. })
        ));
        assert!(matches!(
            parsed(r#"{"a": [1, 2, 3, 4, 5]}"#),
            Err(BodyError::TooManyFields { max: 4 })
        ));
        assert!(parsed(r#"{"a": "[[[[[[[[\"[[[["}"#).is_ok());
    }
}
