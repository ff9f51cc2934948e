//! The HTML entities that disguise text; all others are left as they are.

/// Reads what follows an `&`: the character, none where it would be invisible, and how many bytes
/// it took. Nothing where that is no entity.
pub(super) fn decode(rest: &str) -> Option<(Option<char>, usize)> {
    const LONGEST: usize = 16;
    let end = rest.bytes().take(LONGEST).position(|byte| byte == b';')?;
    let decoded = match rest[..end].strip_prefix('#') {
        Some(number) => Some(numbered(number)?),
        None => named(&rest[..end])?,
    };
    Some((decoded, end + 1))
}

fn numbered(number: &str) -> Option<char> {
    let code = match number.strip_prefix(['x', 'X']) {
        Some(digits) => u32::from_str_radix(digits, 16),
        None => number.parse(),
    };
    char::from_u32(code.ok()?)
}

fn named(name: &str) -> Option<Option<char>> {
    Some(Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" | "Tab" | "NewLine" => ' ',
        "period" => '.',
        "sol" => '/',
        "colon" => ':',
        "commat" => '@',
        "excl" => '!',
        "dollar" => '$',
        "lbrack" | "lsqb" => '[',
        "shy" | "zwj" | "zwnj" | "ZeroWidthSpace" | "NoBreak" => return Some(None),
        _ => return None,
    }))
}
