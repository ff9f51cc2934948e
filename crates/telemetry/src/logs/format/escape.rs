//! Signs that must not reach a terminal or another line.

use std::io::Write as _;

/// Whether a sign could end the line, steer a terminal or turn the direction of writing.
pub(super) fn is_harmful(sign: char) -> bool {
    sign.is_control()
        || matches!(sign,
            '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// Appends text with such signs, quotes and backslashes as JSON writes them.
pub(super) fn json_text(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    for sign in text.chars() {
        match sign {
            '"' => out.extend_from_slice(b"\\\""),
            '\\' => out.extend_from_slice(b"\\\\"),
            _ => push(sign, out),
        }
    }
    out.push(b'"');
}

/// Appends text with such signs escaped, for people.
pub(super) fn plain_text(text: &str, out: &mut Vec<u8>) {
    text.chars().for_each(|sign| push(sign, out));
}

fn push(sign: char, out: &mut Vec<u8>) {
    match sign {
        '\n' => out.extend_from_slice(b"\\n"),
        '\r' => out.extend_from_slice(b"\\r"),
        '\t' => out.extend_from_slice(b"\\t"),
        // None of them is beyond four hexadecimal digits.
        _ if is_harmful(sign) => {
            let _ = write!(out, "\\u{:04x}", u32::from(sign));
        }
        _ => out.extend_from_slice(sign.encode_utf8(&mut [0; 4]).as_bytes()),
    }
}
