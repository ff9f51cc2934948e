//! Cutting a text into pieces that a cell can hold.

/// How many UTF-16 units a cell holds.
const MAX_UNITS: usize = 32_767;
/// The length of `_x001F`, an escape without its end.
const OPEN_ESCAPE: usize = 6;

/// The text in one piece where a cell can hold it, else in several that make it up again.
///
/// A text is also cut between `_x001F` and a control character: the escape of the latter begins with
/// `_`, which would make an escape of both.
pub(super) fn pieces(text: &str) -> Vec<&str> {
    // UTF-8 is never shorter than UTF-16 has units.
    if text.len() <= MAX_UNITS && !text.contains("_x") {
        return vec![text];
    }
    let (mut pieces, mut start, mut units) = (Vec::new(), 0, 0);
    for (at, character) in text.char_indices() {
        let piece = &text[start..at];
        let is_full = units + character.len_utf16() > MAX_UNITS;
        if is_full || (is_escaped(character) && ends_with_open_escape(piece)) {
            pieces.push(piece);
            (start, units) = (at, 0);
        }
        units += character.len_utf16();
    }
    pieces.push(&text[start..]);
    pieces
}

fn is_escaped(character: char) -> bool {
    matches!(character, '\0'..='\x08' | '\x0b'..='\x1f' | '\u{fffe}' | '\u{ffff}')
}

fn ends_with_open_escape(piece: &str) -> bool {
    let bytes = piece.as_bytes();
    let end = &bytes[bytes.len().saturating_sub(OPEN_ESCAPE)..];
    end.strip_prefix(b"_x").is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
        && end.len() == OPEN_ESCAPE
}
