//! One spelling for the many that look alike, so that evading a rule takes more than a disguise.

use unicode_normalization::char::{decompose_compatible, is_combining_mark};

mod disguises;
mod entities;
mod look_alikes;

pub(super) use disguises::disguised_words;
use look_alikes::latin;

/// Appends a text in lower case and in its plainest spelling, with punctuation and scripts kept.
///
/// HTML entities are read; what cannot be seen is dropped; full-width, mathematical and other
/// compatible forms become plain ones; accents are dropped; every kind of space is one.
pub(super) fn plain(text: &str, out: &mut String) {
    out.reserve(text.len());
    let mut rest = text;
    loop {
        // Most text is a few long runs of these, which are copied as a whole.
        let length = simple_length(rest.as_bytes());
        let start = out.len();
        out.push_str(&rest[..length]);
        out[start..].make_ascii_lowercase();
        rest = &rest[length..];
        let Some(c) = rest.chars().next() else { return };
        rest = &rest[c.len_utf8()..];
        if c == '&'
            && let Some((decoded, length)) = entities::decode(rest)
        {
            rest = &rest[length..];
            if let Some(decoded) = decoded {
                push(decoded, out);
            }
        } else {
            push(c, out);
        }
    }
}

/// How many bytes at the beginning are simple.
fn simple_length(bytes: &[u8]) -> usize {
    // A whole block is judged without a branch, which the compiler turns into few instructions.
    const BLOCK: usize = 32;
    let block_is_simple =
        |block: &&[u8]| block.iter().fold(true, |simple, byte| simple & is_simple(*byte));
    let blocks = bytes.chunks_exact(BLOCK).take_while(block_is_simple).count();
    let length = blocks * BLOCK;
    length + bytes[length..].iter().take_while(|byte| is_simple(**byte)).count()
}

/// Printable ASCII that begins no entity.
fn is_simple(byte: u8) -> bool {
    matches!(byte, b' '..=b'~') && byte != b'&'
}

fn push(c: char, out: &mut String) {
    match c {
        '\0'..='\x7f' => out.push(if c.is_ascii_whitespace() || c.is_ascii_control() {
            ' '
        } else {
            c.to_ascii_lowercase()
        }),
        // Syllables stay whole: half of one is no word. Ligatures of whole Arabic phrases do, too:
        // three bytes would become thirty-three.
        '\u{ac00}'..='\u{d7a3}' | '\u{fdf0}'..='\u{fdff}' => out.push(c),
        _ if is_invisible(c) => {}
        _ if c.is_whitespace() => out.push(' '),
        _ => decompose_compatible(c, |part| {
            if !is_accent(part) && !is_invisible(part) {
                out.extend(part.to_lowercase().filter(|lower| !is_accent(*lower)).map(slashes));
            }
        }),
    }
}

/// Stops and slashes that browsers or readers take for the plain ones.
fn slashes(c: char) -> char {
    match c {
        '\u{2215}' | '\u{2044}' | '\u{29f8}' => '/',
        '\u{3002}' => '.',
        '\u{a789}' | '\u{2236}' | '\u{02d0}' => ':',
        _ if c.is_whitespace() => ' ',
        _ => c,
    }
}

/// Marks that decorate a letter. Vowel signs of Indic and other scripts are no decoration.
fn is_accent(c: char) -> bool {
    let decorates = matches!(
        c,
        '\u{0300}'..='\u{036f}'
            | '\u{0483}'..='\u{0489}'
            | '\u{0591}'..='\u{05c7}'
            | '\u{0610}'..='\u{061a}'
            | '\u{064b}'..='\u{065f}'
            | '\u{0670}'
            | '\u{06d6}'..='\u{06ed}'
            | '\u{1ab0}'..='\u{1aff}'
            | '\u{1dc0}'..='\u{1dff}'
            | '\u{20d0}'..='\u{20ff}'
            | '\u{fe20}'..='\u{fe2f}'
    );
    decorates && is_combining_mark(c)
}

/// Characters that take no room: joiners, fillers, direction marks, variation selectors, tags.
pub(super) fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{00ad}'
            | '\u{034f}'
            | '\u{061c}'
            | '\u{0640}'
            | '\u{115f}'
            | '\u{1160}'
            | '\u{17b4}'
            | '\u{17b5}'
            | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{ffa0}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}

/// True for letters of scripts that put no space between words.
pub(super) fn is_unspaced(c: char) -> bool {
    matches!(
        c,
        '\u{0e00}'..='\u{0eff}'
            | '\u{1000}'..='\u{109f}'
            | '\u{1780}'..='\u{17ff}'
            | '\u{3005}'..='\u{3007}'
            | '\u{3040}'..='\u{30ff}'
            | '\u{31f0}'..='\u{31ff}'
            | '\u{3400}'..='\u{4dbf}'
            | '\u{4e00}'..='\u{9fff}'
            | '\u{f900}'..='\u{faff}'
            | '\u{20000}'..='\u{3ffff}'
    )
}

/// True for what words are made of.
pub(super) fn is_word(c: char) -> bool {
    c.is_alphanumeric() || (!c.is_ascii() && is_combining_mark(c))
}

/// The words of a plain text with one space before, between and after them. Letters of other
/// scripts that look like Latin ones become those.
pub(super) fn words(plain: &str) -> String {
    let mut words = String::with_capacity(plain.len() + 2);
    words.push(' ');
    push_words(plain, &mut words);
    words
}

/// Appends the words of a plain text, each with a space behind it, to words that end with one.
pub(super) fn push_words(plain: &str, words: &mut String) {
    let mut rest = plain;
    while !rest.is_empty() {
        // Most text is words of ASCII with a space between them, which are copied as a whole.
        let length = tidy_length(rest.as_bytes(), !words.ends_with(' '));
        words.push_str(&rest[..length]);
        rest = &rest[length..];
        let Some(c) = rest.chars().next() else { break };
        if is_word(c) {
            words.push_str(latin(c, &mut [0; 4]));
        } else {
            end_word(words);
        }
        rest = &rest[c.len_utf8()..];
    }
    end_word(words);
}

/// How many bytes at the beginning are letters and digits of ASCII, and spaces right behind them;
/// the first may be a space only where a letter stands before.
fn tidy_length(bytes: &[u8], mut after_letter: bool) -> usize {
    const LETTERS: [bool; 256] = {
        let mut letters = [false; 256];
        let mut byte = 0_u8;
        while byte < 128 {
            letters[byte as usize] = byte.is_ascii_alphanumeric();
            byte += 1;
        }
        letters
    };
    let is_tidy = |byte: &&u8| {
        let letter = LETTERS[usize::from(**byte)];
        let tidy = letter | (after_letter & (**byte == b' '));
        after_letter = letter;
        tidy
    };
    bytes.iter().take_while(is_tidy).count()
}

fn end_word(words: &mut String) {
    if !words.ends_with(' ') {
        words.push(' ');
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{is_word, latin, plain, push, words};
    use crate::spam::{fold::entities, tests::properties::text};

    /// What [`plain`] does, letter by letter.
    fn plain_slowly(text: &str) -> String {
        let mut out = String::new();
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            rest = &rest[c.len_utf8()..];
            match (c == '&').then(|| entities::decode(rest)).flatten() {
                Some((decoded, length)) => {
                    rest = &rest[length..];
                    if let Some(decoded) = decoded {
                        push(decoded, &mut out);
                    }
                }
                None => push(c, &mut out),
            }
        }
        out
    }

    /// What [`words`] does, letter by letter.
    fn words_slowly(plain: &str) -> String {
        let mut words = String::from(" ");
        for c in plain.chars() {
            if is_word(c) {
                words.push_str(latin(c, &mut [0; 4]));
            } else if !words.ends_with(' ') {
                words.push(' ');
            }
        }
        if !words.ends_with(' ') {
            words.push(' ');
        }
        words
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn the_quick_way_ends_where_the_slow_one_does(text in text()) {
            let mut quickly = String::new();
            plain(&text, &mut quickly);
            prop_assert_eq!(&quickly, &plain_slowly(&text));
            prop_assert_eq!(words(&text), words_slowly(&text));
            prop_assert_eq!(words(&quickly), words_slowly(&quickly));
        }
    }

    fn folded(text: &str) -> String {
        let mut out = String::new();
        plain(text, &mut out);
        words(&out)
    }

    #[test]
    fn disguises_of_a_word_become_the_word() {
        for disguise in [
            "VIAGRA",
            "vi\u{200b}ag\u{feff}ra",
            "v\u{00ad}i\u{2060}agra",
            "vìágrâ",
            "v\u{0456}\u{0430}gr\u{0430}",
            "ѵіаgrа",
            "ＶＩＡＧＲＡ",
            "𝓿𝓲𝓪𝓰𝓻𝓪",
            "ⓥⓘⓐⓖⓡⓐ",
            "vi&#97;gra",
            "v&#x69;agra",
            "via&shy;gra",
            "via&ZeroWidthSpace;gra",
            "v\u{e0069}iagra",
            "ᴠɪᴀɢʀᴀ",
            "vιαgrα",
            "VİAGRA",
            "vıagra",
        ] {
            assert_eq!(folded(disguise), " viagra ", "{disguise}");
        }
    }

    #[test]
    fn words_of_every_script_stay_words() {
        assert_eq!(folded("Grüße, Straße!"), " grusse strasse ");
        assert_eq!(folded("नमस्ते दुनिया"), " नमस्ते दुनिया ");
        assert_eq!(folded("안녕하세요"), " 안녕하세요 ");
        assert_eq!(folded("مَرْحَبًا"), " مرحبا ");
        assert_eq!(folded("ｶﾀｶﾅ"), " カタカナ ");
        assert_eq!(folded(""), " ");
        assert_eq!(folded(" ?! "), " ");
    }

    #[test]
    fn what_is_no_entity_stays_as_it_is() {
        let mut out = String::new();
        plain("R&D &unknown; &#xffffffff; &# a&amp;b &", &mut out);
        assert_eq!(out, "r&d &unknown; &#xffffffff; &# a&b &");
    }
}
