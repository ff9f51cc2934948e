//! The fingerprint of what was written, by which copies are recognised.

use memchr::memchr_iter;

use super::{PlainAnswers, TokenKey};

/// What is shorter is the same for many people: `yes, I am coming`.
const MIN_LETTERS: usize = 60;

/// The same for submissions whose long texts have the same words, whatever stands in the short
/// ones and in numbers; none where nothing long was written.
///
/// Robots change the sender's name and address with each try, and a number in the text, but not
/// what they have to say. Keep it for as long as
/// [`SpamRules::copies_window_minutes`](super::SpamRules::copies_window_minutes) says.
#[must_use]
pub fn fingerprint(key: &TokenKey, plain: &PlainAnswers<'_>) -> Option<u64> {
    let is_long = |value: &str| value.len() >= MIN_LETTERS;
    if !plain.answers().iter().any(|(_, value)| is_long(value)) {
        return None;
    }
    let mut text = String::new();
    for ((_, value), words) in plain.answers().iter().zip(plain.words_of_each()) {
        if is_long(value) {
            push_without_numbers(words, &mut text);
        }
    }
    let letters = text.chars().filter(|c| *c != ' ').take(MIN_LETTERS).count();
    (letters == MIN_LETTERS).then(|| key.hash(b'D', "", &text))
}

/// Appends words, each with a space behind it, but for those with a digit.
fn push_without_numbers(words: &str, text: &mut String) {
    let may_have_digits = |text: &str| {
        text.bytes().fold(false, |found, byte| found | byte.is_ascii_digit() | !byte.is_ascii())
    };
    let words = words.trim_start_matches(' ');
    // What stands between two words with digits is copied as a whole.
    let (mut kept, mut start) = (0, 0);
    if may_have_digits(words) {
        for end in memchr_iter(b' ', words.as_bytes()) {
            let word = &words[start..end];
            if may_have_digits(word) && word.contains(char::is_numeric) {
                text.push_str(&words[kept..start]);
                kept = end + 1;
            }
            start = end + 1;
        }
    }
    text.push_str(&words[kept..]);
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::{fingerprint, push_without_numbers};
    use crate::{
        Answers, FormId,
        spam::{PlainAnswers, TokenKey, fold},
    };

    const TEXT: &str = "We build websites that rank first on every search engine, ask us for a \
                        quote today and save half of the price";

    fn of(name: &str, message: &str) -> Option<u64> {
        let answers: Answers = [("name", name), ("message", message)]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into_iter()
            .collect();
        let key = TokenKey::new(&[1; 32], FormId(Uuid::from_u128(1)));
        fingerprint(&key, &PlainAnswers::of(&answers))
    }

    #[test]
    fn copies_are_recognised_under_another_name_number_or_spelling() {
        let first = of("Anna", TEXT);
        assert!(first.is_some());
        for copy in [
            TEXT.to_uppercase(),
            format!("{TEXT}!!! 12345"),
            TEXT.replace(' ', "\n"),
            TEXT.replace('e', "\u{435}"),
            TEXT.replace("we", "w\u{200b}e"),
        ] {
            assert_eq!(of("Berta", &copy), first, "{copy}");
        }
        assert_ne!(of("Anna", &TEXT.replace("websites", "houses")), first);
    }

    #[test]
    fn short_answers_have_no_fingerprint() {
        assert_eq!(of("Anna", "Yes, I am coming, and I bring two friends along."), None);
        assert_eq!(of("Anna", &"1234567890 ".repeat(20)), None);
    }

    #[test]
    fn words_with_digits_of_any_script_are_left_out() {
        for text in [
            "",
            " ",
            " one ",
            " 1 ",
            " one 2 three 4four five5 ",
            " 1 2 3 ",
            " größe ٣ نص १२ ab٣cd über ² end ",
            " a 1 b ",
        ] {
            let mut slowly = String::new();
            for word in fold::words(text).split(' ') {
                if !word.is_empty() && !word.contains(|c: char| c.is_numeric()) {
                    slowly.push_str(word);
                    slowly.push(' ');
                }
            }
            let mut quickly = String::new();
            push_without_numbers(&fold::words(text), &mut quickly);
            assert_eq!(quickly, slowly, "{text}");
        }
    }
}
