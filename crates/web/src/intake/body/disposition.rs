//! The header that names a part: `form-data; name="email"; filename="a.pdf"`.
//!
//! Browsers escape `"` and line breaks as `%22`, `%0D` and `%0A` and leave backslashes alone (WHATWG
//! HTML, "multipart/form-data encoding algorithm"); curl escapes `"` as `\"`. So a backslash before
//! a quote is an escape only where the value goes on behind it.

use percent_encoding::percent_decode_str;

/// What a part is called.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Disposition {
    pub(super) name: Option<String>,
    /// Present where the part is a file, however odd its name.
    pub(super) file_name: Option<String>,
}

impl Disposition {
    pub(super) fn parse(header: &[u8]) -> Self {
        let text = String::from_utf8_lossy(header);
        let mut found = Self { name: None, file_name: None };
        let mut extended = None;
        let mut rest = text.split_once(';').map_or("", |(_, parameters)| parameters);
        while let Some((key, behind)) = rest.split_once('=') {
            let (value, next) = value(behind);
            match key.trim().to_ascii_lowercase().as_str() {
                "name" => found.name = found.name.or(Some(unescape(value))),
                "filename" => found.file_name = found.file_name.or(Some(unescape(value))),
                // RFC 5987, as some libraries send it: `UTF-8''na%C3%AFve.txt`.
                "filename*" => {
                    extended = value
                        .splitn(3, '\'')
                        .nth(2)
                        .map(|text| percent_decode_str(text).decode_utf8_lossy().into_owned())
                }
                _ => {}
            }
            rest = next;
        }
        found.file_name = found.file_name.or(extended);
        found
    }
}

/// The value at the beginning of a text, and what follows its semicolon.
fn value(text: &str) -> (&str, &str) {
    let text = text.trim_start();
    let Some(quoted) = text.strip_prefix('"') else {
        let (value, next) = text.split_once(';').unwrap_or((text, ""));
        return (value.trim(), next);
    };
    let ends = |behind: &str| matches!(behind.trim_start().as_bytes().first(), None | Some(b';'));
    let closing = quoted
        .match_indices('"')
        .find(|(at, _)| ends(&quoted[at + 1..]))
        .map_or(quoted.len(), |(at, _)| at);
    let next = quoted[closing..].split_once(';').map_or("", |(_, next)| next);
    (&quoted[..closing], next)
}

fn unescape(value: &str) -> String {
    value.replace("\\\"", "\"").replace("%22", "\"").replace("%0D", "\r").replace("%0A", "\n")
}

#[cfg(test)]
mod tests {
    use super::Disposition;

    #[test]
    fn names_come_out_as_they_went_in() {
        let cases = [
            (r#"form-data; name="a""#, Some("a"), None),
            (r#"form-data; name=a; filename=b.txt"#, Some("a"), Some("b.txt")),
            (r#"form-data; name="a\"; filename="b\""#, Some(r"a\"), Some(r"b\")),
            (r#"form-data; name="a\"b"; filename="c;d.txt""#, Some("a\"b"), Some("c;d.txt")),
            (r#"form-data; name="%22x%0D%0A"; filename="""#, Some("\"x\r\n"), Some("")),
            (r#"form-data; filename="name=evil"; name="good""#, Some("good"), Some("name=evil")),
            (
                r#"form-data; name="ü"; filename*=UTF-8''na%C3%AFve.txt"#,
                Some("ü"),
                Some("naïve.txt"),
            ),
            (r#"form-data; NAME="a"; name="b"; FileName="c""#, Some("a"), Some("c")),
            (r#"form-data; name="open"#, Some("open"), None),
            ("form-data", None, None),
            ("", None, None),
        ];
        for (header, name, file_name) in cases {
            let expected = Disposition {
                name: name.map(str::to_owned),
                file_name: file_name.map(str::to_owned),
            };
            assert_eq!(Disposition::parse(header.as_bytes()), expected, "{header}");
        }
    }
}
