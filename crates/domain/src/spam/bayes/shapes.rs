//! What a text looks like, whatever it says: its length, its letters' case, its scripts.

use crate::spam::fold::is_word;

/// Gives a short name for each thing that stands out in a text as it was submitted.
pub(super) fn each(text: &str, mut found: impl FnMut(&str)) {
    let mut seen = Seen::default();
    let mut word = Scripts::default();
    let mut mixed = false;
    for c in text.chars() {
        if let Ok(byte) = u8::try_from(c)
            && byte.is_ascii()
        {
            seen.add_ascii(byte);
            if byte.is_ascii_alphabetic() {
                word.0 |= LATIN;
            } else if !byte.is_ascii_digit() {
                mixed |= word.is_mixture();
                word = Scripts::default();
            }
            continue;
        }
        seen.add(c);
        if is_word(c) {
            word.add(c);
        } else {
            mixed |= word.is_mixture();
            word = Scripts::default();
        }
    }
    if mixed || word.is_mixture() {
        found("mixed scripts in a word");
    }
    found(&format!("length {}", (text.len() + 1).ilog2()));
    for (name, script) in SCRIPTS {
        if seen.scripts.0 & script != 0 {
            found(name);
        }
    }
    let letters = seen.upper + seen.lower;
    if letters >= 8 && seen.upper * 10 >= letters * 7 {
        found("capitals");
    }
    if seen.digits > 0 {
        found(&format!("digits {}", (seen.digits * 10 / seen.all.max(1)).min(5)));
    }
    for (name, count) in [("exclamation", seen.exclamations), ("money", seen.money)] {
        if count > 0 {
            found(&format!("{name} {}", count.ilog2().min(4)));
        }
    }
}

#[derive(Debug, Default, PartialEq)]
struct Seen {
    scripts: Scripts,
    all: u32,
    upper: u32,
    lower: u32,
    digits: u32,
    exclamations: u32,
    money: u32,
}

impl Seen {
    /// The same as [`Seen::add`] for what most texts are made of.
    fn add_ascii(&mut self, byte: u8) {
        self.all = self.all.saturating_add(1);
        let count = match byte {
            b'a'..=b'z' => {
                self.scripts.0 |= LATIN;
                &mut self.lower
            }
            b'A'..=b'Z' => {
                self.scripts.0 |= LATIN;
                &mut self.upper
            }
            b'0'..=b'9' => &mut self.digits,
            b'!' => &mut self.exclamations,
            b'$' => &mut self.money,
            _ => return,
        };
        *count = count.saturating_add(1);
    }

    fn add(&mut self, c: char) {
        self.all = self.all.saturating_add(1);
        self.scripts.add(c);
        let count = match c {
            '0'..='9' => &mut self.digits,
            '!' | '！' => &mut self.exclamations,
            '$' | '€' | '£' | '¥' | '₿' | '₽' => &mut self.money,
            _ if c.is_uppercase() => &mut self.upper,
            _ if c.is_lowercase() => &mut self.lower,
            _ => return,
        };
        *count = count.saturating_add(1);
    }
}

const LATIN: u16 = 1;
const CYRILLIC: u16 = 2;
const GREEK: u16 = 4;

const SCRIPTS: &[(&str, u16)] = &[
    ("latin", LATIN),
    ("cyrillic", CYRILLIC),
    ("greek", GREEK),
    ("hebrew", 8),
    ("arabic", 16),
    ("indic", 32),
    ("thai", 64),
    ("kana", 128),
    ("han", 256),
    ("hangul", 512),
    ("disguised letters", 1024),
    ("emoji", 2048),
];

/// A set of scripts.
#[derive(Debug, Default, PartialEq)]
struct Scripts(u16);

impl Scripts {
    fn add(&mut self, c: char) {
        self.0 |= match c {
            'a'..='z' | 'A'..='Z' | '\u{c0}'..='\u{24f}' => LATIN,
            '\u{370}'..='\u{3ff}' => GREEK,
            '\u{400}'..='\u{52f}' => CYRILLIC,
            '\u{590}'..='\u{5ff}' => 8,
            '\u{600}'..='\u{6ff}' | '\u{750}'..='\u{77f}' => 16,
            '\u{900}'..='\u{dff}' => 32,
            '\u{e00}'..='\u{e7f}' => 64,
            '\u{3040}'..='\u{30ff}' => 128,
            '\u{3400}'..='\u{9fff}' => 256,
            '\u{ac00}'..='\u{d7a3}' => 512,
            '\u{ff21}'..='\u{ff5a}' | '\u{1d400}'..='\u{1d7ff}' | '\u{24b6}'..='\u{24e9}' => 1024,
            '\u{1f300}'..='\u{1faff}' | '\u{2600}'..='\u{27bf}' => 2048,
            _ => 0,
        };
    }

    /// Letters of scripts that look alike, in one word.
    fn is_mixture(&self) -> bool {
        (self.0 & (LATIN | CYRILLIC | GREEK)).count_ones() > 1
    }
}

#[cfg(test)]
mod tests {
    use super::{Scripts, Seen, each, is_word};

    fn shapes(text: &str) -> Vec<String> {
        let mut shapes = Vec::new();
        each(text, |shape| shapes.push(shape.to_owned()));
        shapes
    }

    #[test]
    fn ascii_is_judged_as_every_other_character() {
        for byte in 0..128_u8 {
            let (mut quickly, mut slowly) = (Seen::default(), Seen::default());
            quickly.add_ascii(byte);
            slowly.add(char::from(byte));
            assert_eq!(quickly, slowly, "{byte}");
            assert_eq!(byte.is_ascii_alphanumeric(), is_word(char::from(byte)), "{byte}");
            let mut scripts = Scripts::default();
            scripts.add(char::from(byte));
            assert_eq!(byte.is_ascii_alphabetic(), scripts.0 != 0, "{byte}");
        }
    }

    #[test]
    fn what_stands_out_is_named() {
        let named = |text: &str, shape: &str| shapes(text).iter().any(|found| found == shape);
        assert!(named("BUY NOW AND SAVE", "capitals"));
        assert!(!named("Buy now and save, NASA", "capitals"));
        assert!(!named("OK", "capitals"));
        assert!(named("vіagra", "mixed scripts in a word"));
        assert!(!named("Привет Anna", "mixed scripts in a word"));
        assert!(named("100 € !!!", "money 0") && named("100 € !!!", "exclamation 1"));
        assert!(named("今日はカナ", "kana") && named("今日はカナ", "han"));
        assert!(named("𝓿𝓲𝓪", "disguised letters"));
        assert_eq!(shapes(""), ["length 0"]);
    }
}
