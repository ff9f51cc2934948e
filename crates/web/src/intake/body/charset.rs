//! Text of pages that are not UTF-8.

use encoding_rs::{Encoding, UTF_8};
use http::{HeaderMap, header};

use super::BodyError;

/// The character set that the content type names, UTF-8 where it names none.
pub(super) fn declared(headers: &HeaderMap) -> &'static Encoding {
    let value =
        headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let named = value.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("charset").then(|| value.trim().trim_matches('"'))
    });
    named.and_then(|label| Encoding::for_label(label.as_bytes())).unwrap_or(UTF_8)
}

/// The character set that a field `_charset_` names: browsers fill it in.
pub(super) fn in_field(name: &[u8], value: &[u8]) -> Option<&'static Encoding> {
    (name == b"_charset_").then(|| Encoding::for_label(value)).flatten()
}

/// Turns bytes into text, exactly or not at all.
pub(super) fn decode(
    bytes: Vec<u8>,
    encoding: &'static Encoding,
    what: &dyn Fn() -> String,
) -> Result<String, BodyError> {
    let wrong = || BodyError::Malformed(format!("{} is not valid {}", what(), encoding.name()));
    if encoding == UTF_8 {
        return String::from_utf8(bytes).map_err(|_| wrong());
    }
    encoding
        .decode_without_bom_handling_and_without_replacement(&bytes)
        .map(std::borrow::Cow::into_owned)
        .ok_or_else(wrong)
}
