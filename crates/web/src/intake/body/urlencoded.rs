//! `application/x-www-form-urlencoded` (WHATWG URL, section 5.1), exact to the byte.

use encoding_rs::Encoding;
use percent_encoding::percent_decode;

use super::{BodyError, admit, charset};
use crate::LimitSettings;

pub(super) fn parse(
    body: &[u8],
    encoding: &'static Encoding,
    limits: &LimitSettings,
) -> Result<Vec<(String, String)>, BodyError> {
    let mut encoding = encoding;
    let mut fields = Vec::with_capacity(16);
    let mut raw = Vec::with_capacity(16);
    for pair in body.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
        if raw.len() >= limits.max_fields {
            return Err(BodyError::TooManyFields { max: limits.max_fields });
        }
        let equals = pair.iter().position(|byte| *byte == b'=');
        let (name, value) = equals.map_or((pair, &[][..]), |at| (&pair[..at], &pair[at + 1..]));
        let (name, value) = (unescape(name), unescape(value));
        encoding = charset::in_field(&name, &value).unwrap_or(encoding);
        raw.push((name, value));
    }
    for (name, value) in raw {
        let name = charset::decode(name, encoding, &|| "the name of a field".to_owned())?;
        admit(&fields, &name, limits)?;
        let value = charset::decode(value, encoding, &|| format!("the field `{name}`"))?;
        fields.push((name, value));
    }
    Ok(fields)
}

fn unescape(text: &[u8]) -> Vec<u8> {
    if !text.iter().any(|byte| matches!(byte, b'+' | b'%')) {
        return text.to_vec();
    }
    let spaced: Vec<u8> =
        text.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
    percent_decode(&spaced).collect()
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
            max_field_name_bytes: 9,
            max_fields: 3,
            max_memory_bytes: 1 << 20,
            max_json_depth: 32,
        }
    }

    fn parsed(body: &str) -> Result<Vec<(String, String)>, BodyError> {
        parse(body.as_bytes(), encoding_rs::UTF_8, &limits())
    }

    #[test]
    fn names_and_values_come_out_as_a_browser_put_them_in() {
        let fields = parsed("a=1&&b+c=%2B+%C3%BC%00&a").unwrap();
        let expected = [("a", "1"), ("b c", "+ ü\0"), ("a", "")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(fields, expected);
        assert_eq!(parsed("").unwrap(), []);
        assert_eq!(parsed("%zz=%").unwrap(), [("%zz".to_owned(), "%".to_owned())]);
    }

    #[test]
    fn a_page_may_say_its_character_set() {
        let fields = parsed("_charset_=windows-1252&name=M%FCller").unwrap();
        assert_eq!(fields[1].1, "Müller");
        assert!(
            matches!(parsed("name=M%FCller"), Err(BodyError::Malformed(text)) if text.contains("`name`"))
        );
    }

    #[test]
    fn floods_are_refused() {
        assert!(matches!(parsed("a&b&c&d"), Err(BodyError::TooManyFields { max: 3 })));
        assert!(matches!(
            parsed("aaaaaaaaaa=1"),
            Err(BodyError::FieldNameTooLong { max_bytes: 9, .. })
        ));
    }
}
