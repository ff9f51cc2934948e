//! Cutting text into words and folding them, so that `Élan`, `elan` and `ELAN` are one word.

use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};

/// Longer words are cut, when they are indexed and when they are looked for.
pub const MAX_WORD_BYTES: usize = 60;

/// A word of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// The word, folded: lower case, without accents, letters and digits only.
    pub folded: String,
    /// Where it begins in the text, in bytes.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
}

/// The words of a text, in order. Scripts that put no space between words give each letter by
/// itself: a word of them is found as letters that follow each other.
#[must_use]
pub fn words(text: &str) -> Vec<Word> {
    let mut found: Vec<Word> = Vec::new();
    let mut open = false;
    for (start, letter) in text.char_indices() {
        let end = start + letter.len_utf8();
        let continues = is_combining_mark(letter);
        if continues && open {
            if let Some(word) = found.last_mut() {
                word.end = end;
            }
            continue;
        }
        if !letter.is_alphanumeric() {
            open = false;
            continue;
        }
        let unspaced = is_unspaced(letter);
        if !open || unspaced {
            found.push(Word { folded: String::new(), start, end });
        }
        open = true;
        if let Some(word) = found.last_mut() {
            word.end = end;
            append(&mut word.folded, letter);
        }
        // What follows an unspaced letter begins a word of its own.
        if unspaced && text[end..].chars().next().is_some_and(|next| !is_combining_mark(next)) {
            open = false;
        }
    }
    for word in &mut found {
        word.folded.truncate(word.folded.floor_char_boundary(MAX_WORD_BYTES));
    }
    found.retain(|word| !word.folded.is_empty());
    found
}

/// A whole text folded as [`words`] folds letters, with its signs and one space in place of many.
#[must_use]
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for part in text.split_whitespace() {
        if !folded.is_empty() {
            folded.push(' ');
        }
        part.chars().for_each(|letter| append(&mut folded, letter));
    }
    folded
}

fn append(folded: &mut String, letter: char) {
    if letter.is_ascii() {
        folded.push(letter.to_ascii_lowercase());
        return;
    }
    for part in std::iter::once(letter).nfkd().flat_map(char::to_lowercase) {
        match part {
            'ß' => folded.push_str("ss"),
            'æ' => folded.push_str("ae"),
            'œ' => folded.push_str("oe"),
            'ø' => folded.push('o'),
            'đ' => folded.push('d'),
            'ł' => folded.push('l'),
            'ı' => folded.push('i'),
            part if is_combining_mark(part) => {}
            part => folded.push(part),
        }
    }
}

/// Letters of scripts that write words without spaces: Thai, Lao, Burmese, Khmer, Japanese, Chinese.
fn is_unspaced(letter: char) -> bool {
    matches!(u32::from(letter),
        0x0E00..=0x0EFF | 0x1000..=0x109F | 0x1780..=0x17FF | 0x3040..=0x30FF | 0x3400..=0x4DBF
        | 0x4E00..=0x9FFF | 0xF900..=0xFAFF | 0xFF66..=0xFF9D | 0x20000..=0x323AF)
}
