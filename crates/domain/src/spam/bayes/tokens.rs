//! From answers to tokens: words, pairs of words, hosts of links and shapes, each as a hash.

use super::shapes;
use crate::spam::{PlainAnswers, TokenKey, fold, links, mail};

/// How many tokens a submission has at most.
pub const MAX_TOKENS: usize = 400;

/// Changes whenever the same answers give other tokens. It is part of every token, so that what was
/// learnt under another version is never mixed with this one's: a form learns anew.
pub const TOKENIZER_VERSION: u32 = 2;

/// Words of more characters are noise: keys, encoded data.
const MAX_WORD_CHARS: usize = 32;
/// Names of fields are cut here.
const MAX_FIELD_BYTES: usize = 64;
const MAX_HOST_BYTES: usize = 253;
/// How many tokens are collected before the surplus is dropped.
const BATCH: usize = 8 * MAX_TOKENS;

/// The different tokens of a submission, sorted, at most [`MAX_TOKENS`].
///
/// Of a long submission those with the smallest hashes are kept: a sample that its writer cannot
/// foresee, so that innocent words in front do not hide the rest. Hosts and shapes are always kept,
/// and so is [`TokenKey::of_every_submission`].
#[must_use]
pub fn tokens(key: &TokenKey, plain: &PlainAnswers<'_>) -> Vec<u64> {
    let (mut always, mut words) = (Sample::default(), Sample::default());
    let (word_key, host_key) = (key.of(b'W', ""), key.of(b'H', ""));
    let texts = plain.lines().zip(plain.words_of_each());
    for ((name, value), (line, folded)) in plain.answers().iter().zip(texts) {
        let field = &name[..name.floor_char_boundary(MAX_FIELD_BYTES)];
        let (shape_key, field_key) = (key.of(b'S', field), key.of(b'F', field));
        shapes::each(value, |shape| always.add(shape_key.hash(shape)));
        let found = links::find(line, |host| {
            // What is longer than a name may be (RFC 1035, section 2.3.4) leads nowhere.
            if host.len() <= MAX_HOST_BYTES {
                mail::with_parents(host).for_each(|domain| always.add(host_key.hash(domain)));
            }
            true
        });
        always.add(shape_key.hash(&format!("links {}", (found.count + 1).ilog2())));
        if let Some(address) = mail::Address::parse(value) {
            mail::with_parents(&address.domain)
                .for_each(|domain| always.add(key.hash(b'M', "", domain)));
        }
        let mut before = "";
        each_word(folded, |word| {
            words.add(word_key.hash(word));
            words.add(field_key.hash(word));
            if !before.is_empty() {
                words.add(key.hash(b'P', before, word));
            }
            before = word;
        });
    }
    // A long list of links leaves room for words.
    let mut tokens = vec![key.of_every_submission()];
    tokens.extend(always.smallest(MAX_TOKENS / 4));
    tokens.sort_unstable();
    tokens.dedup();
    tokens.extend(words.smallest(MAX_TOKENS - tokens.len()));
    tokens.sort_unstable();
    tokens.dedup();
    tokens
}

/// The words of a folded text. Where a script puts no space between words, each two letters that
/// stand together are one.
fn each_word<'a>(folded: &'a str, mut word: impl FnMut(&'a str)) {
    for run in folded.split(' ').filter(|run| !run.is_empty()) {
        let mut start = 0;
        let mut before: Option<usize> = None;
        for (place, c) in run.char_indices().filter(|(_, c)| fold::is_unspaced(*c)) {
            spaced(&run[start..place], &mut word);
            let end = place + c.len_utf8();
            match before.filter(|_| start == place) {
                Some(before) => word(&run[before..end]),
                None => word(&run[place..end]),
            }
            before = Some(place);
            start = end;
        }
        spaced(&run[start..], &mut word);
    }
}

fn spaced<'a>(text: &'a str, word: &mut impl FnMut(&'a str)) {
    let chars = text.chars().take(MAX_WORD_CHARS + 1).count();
    if (2..=MAX_WORD_CHARS).contains(&chars) {
        word(text);
    }
}

/// The smallest of many hashes, each once.
#[derive(Default)]
struct Sample(Vec<u64>);

impl Sample {
    fn add(&mut self, hash: u64) {
        self.0.push(hash);
        if self.0.len() == BATCH {
            self.shrink(MAX_TOKENS);
        }
    }

    fn shrink(&mut self, most: usize) {
        self.0.sort_unstable();
        self.0.dedup();
        self.0.truncate(most);
    }

    /// At most so many, in no order; where there are few, some may be there twice.
    fn smallest(mut self, most: usize) -> Vec<u64> {
        if self.0.len() > most {
            self.shrink(most);
        }
        self.0
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::{MAX_TOKENS, each_word};
    use crate::{
        Answers, FormId,
        spam::{PlainAnswers, TokenKey},
    };

    fn tokens(key: &TokenKey, answers: &Answers) -> Vec<u64> {
        super::tokens(key, &PlainAnswers::of(answers))
    }

    fn key(secret: u8, form: u128) -> TokenKey {
        TokenKey::new(&[secret; 32], FormId(Uuid::from_u128(form)))
    }

    fn answers(pairs: &[(&str, &str)]) -> Answers {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    fn shared(a: &[(&str, &str)], b: &[(&str, &str)]) -> usize {
        let (a, b) = (tokens(&key(1, 1), &answers(a)), tokens(&key(1, 1), &answers(b)));
        a.iter().filter(|token| b.contains(token)).count()
    }

    #[test]
    fn the_same_answers_always_give_the_same_tokens() {
        // Counts are stored: a change here is a new version of the tokenizer.
        let tokens = tokens(&key(1, 1), &answers(&[("message", "Hello https://a.example")]));
        let sum = tokens.iter().fold(0_u64, |sum, token| sum.wrapping_add(*token));
        assert_eq!((tokens.len(), sum), (13, 3_325_502_827_988_661_416));
    }

    #[test]
    fn tokens_differ_between_forms_and_secrets() {
        let text = answers(&[("message", "the same words here")]);
        let first = tokens(&key(1, 1), &text);
        for other in [key(1, 2), key(2, 1)] {
            assert!(tokens(&other, &text).iter().all(|token| !first.contains(token)));
        }
    }

    #[test]
    fn tokens_are_sorted_distinct_and_capped() {
        let words: String = (0..50_000).map(|word| format!("word{word} ")).collect();
        let links: String = (0..5_000).map(|host| format!("http://h{host}.example ")).collect();
        let found = tokens(&key(1, 1), &answers(&[("a", &words), ("b", &links), ("c", "x")]));
        assert_eq!(found.len(), MAX_TOKENS);
        assert!(found.windows(2).all(|pair| pair[0] < pair[1]));
    }

    #[test]
    fn innocent_words_in_front_do_not_hide_the_rest() {
        let innocent: String = (0..2_000).map(|word| format!("innocent{word} ")).collect();
        let spam: String = (0..2_000).map(|word| format!("spam{word} ")).collect();
        let hidden = format!("{innocent}{spam}");
        assert!(shared(&[("m", &hidden)], &[("m", &spam)]) > MAX_TOKENS / 4);
    }

    #[test]
    fn a_disguised_word_is_the_same_token_and_a_field_makes_a_difference() {
        let plain = [("message", "cheap viagra")];
        assert!(shared(&plain, &[("message", "CHEAP V\u{200b}IAGRA")]) >= 5);
        let elsewhere = shared(&plain, &[("subject", "cheap viagra")]);
        assert!((3..5).contains(&elsewhere), "{elsewhere}");
    }

    #[test]
    fn scripts_without_spaces_are_cut_into_pairs() {
        let mut words = Vec::new();
        each_word(" 买iphone手机吧 ok  我 a ", |word| words.push(word.to_owned()));
        assert_eq!(words, ["买", "iphone", "手", "手机", "机吧", "ok", "我"]);
        let mut long = Vec::new();
        each_word(&"x".repeat(33), |word| long.push(word.to_owned()));
        assert!(long.is_empty());
    }
}
