//! The fingerprint of what was written, by which copies are recognised.

use super::{TokenKey, fold};
use crate::Answers;

/// What is shorter is the same for many people: `yes, I am coming`.
const MIN_LETTERS: usize = 60;

/// The same for submissions whose long texts have the same words, whatever stands in the short
/// ones and in numbers; none where nothing long was written.
///
/// Robots change the sender's name and address with each try, and a number in the text, but not
/// what they have to say. Keep it for as long as
/// [`SpamRules::copies_window_minutes`](super::SpamRules::copies_window_minutes) says.
#[must_use]
pub fn fingerprint(key: &TokenKey, answers: &Answers) -> Option<u64> {
    let mut text = String::new();
    for (_, value) in answers.iter().filter(|(_, value)| value.len() >= MIN_LETTERS) {
        let mut plain = String::new();
        fold::plain(value, &mut plain);
        for word in fold::words(&plain).split(' ') {
            if !word.is_empty() && !word.contains(|c: char| c.is_numeric()) {
                text.push_str(word);
                text.push(' ');
            }
        }
    }
    let letters = text.chars().filter(|c| *c != ' ').take(MIN_LETTERS).count();
    (letters == MIN_LETTERS).then(|| key.hash(b'D', "", &text))
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::fingerprint;
    use crate::{Answers, FormId, spam::TokenKey};

    const TEXT: &str = "We build websites that rank first on every search engine, ask us for a \
                        quote today and save half of the price";

    fn of(name: &str, message: &str) -> Option<u64> {
        let answers: Answers = [("name", name), ("message", message)]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into_iter()
            .collect();
        fingerprint(&TokenKey::new(&[1; 32], FormId(Uuid::from_u128(1))), &answers)
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
}
