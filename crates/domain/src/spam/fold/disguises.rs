//! Words that are disguised by digits and signs among the letters, or by spacing.

use super::{is_unspaced, is_word, latin};

/// Other readings of the words of a plain text that are disguised by digits and signs among the
/// letters (`v1agra`, `c@sh`) or by spacing (`v i a g r a`); empty where there are none.
pub(in crate::spam) fn disguised_words(plain: &str) -> String {
    let mut found = String::new();
    spelled_with_signs(plain, &mut found);
    spelled_letter_by_letter(plain, &mut found);
    if !found.is_empty() {
        found.push(' ');
    }
    found
}

fn spelled_with_signs(plain: &str, found: &mut String) {
    let is_sign = |c: char| c.is_ascii_digit() || matches!(c, '@' | '$' | '!' | '|' | '+');
    for token in plain.split(|c: char| !is_word(c) && !is_sign(c)) {
        // A sign at the end is punctuation, one in front a currency: only those inside disguise.
        let token = token.trim_end_matches(['!', '|', '+']);
        if !token.contains(is_sign) || !token.contains(|c: char| c.is_alphabetic()) {
            continue;
        }
        // `1` is read as either of two letters.
        for one in ["i", "l"] {
            found.push(' ');
            for c in token.chars() {
                let mut buffer = [0; 4];
                let letter = match c {
                    '0' => "o",
                    '1' | '!' | '|' => one,
                    '3' => "e",
                    '4' | '@' => "a",
                    '5' | '$' => "s",
                    '7' | '+' => "t",
                    '8' => "b",
                    _ => latin(c, &mut buffer),
                };
                found.push_str(letter);
            }
        }
    }
}

fn spelled_letter_by_letter(plain: &str, found: &mut String) {
    const FEWEST: usize = 4;
    let mut run = String::new();
    let mut letters = 0;
    let mut word: Option<char> = None;
    let mut word_length = 0;
    let mut gap = 0;
    let mut end_run = |run: &mut String, letters: &mut usize| {
        if *letters >= FEWEST {
            found.push(' ');
            found.push_str(run);
        }
        run.clear();
        *letters = 0;
    };
    for c in plain.chars().chain(std::iter::once(' ')) {
        if is_word(c) && !is_unspaced(c) {
            word_length += 1;
            word.get_or_insert(c);
            gap = 0;
            continue;
        }
        if let Some(single) = word.take() {
            if word_length == 1 && single.is_alphabetic() {
                run.push_str(latin(single, &mut [0; 4]));
                letters += 1;
            } else {
                end_run(&mut run, &mut letters);
            }
            word_length = 0;
        }
        gap += 1;
        // Between the letters of one word stands one sign, or three as in `v - i`.
        if gap > 3 {
            end_run(&mut run, &mut letters);
        }
    }
    end_run(&mut run, &mut letters);
}

#[cfg(test)]
mod tests {
    use super::{super::plain, disguised_words};

    #[test]
    fn digits_signs_and_spacing_are_read_as_letters() {
        for (disguise, word) in [
            ("v1agra", "viagra"),
            ("V!@GR4", "viagra"),
            ("pi11s and p1lls", "pills"),
            ("ca$h", "cash"),
            ("v i a g r a", "viagra"),
            ("V.I.A.G.R.A.", "viagra"),
            ("v - i - a - g - r - a", "viagra"),
            ("v_i_a_g_r_a!", "viagra"),
            ("c а s i n о", "casino"),
        ] {
            let mut text = String::new();
            plain(disguise, &mut text);
            let found = disguised_words(&text);
            assert!(found.contains(&format!(" {word} ")), "{disguise} became `{found}`");
        }
    }

    #[test]
    fn ordinary_words_have_no_other_reading() {
        for text in ["a b c", "Call me! It is 5 o'clock", "U.S. price: $500, + 2 %", "你好 世界"]
        {
            let mut out = String::new();
            plain(text, &mut out);
            assert_eq!(disguised_words(&out), "", "{text}");
        }
    }
}
