//! Combining what is known of each token: Robinson's smoothing and Fisher's chi-square method.
//!
//! After Gary Robinson, "A Statistical Approach to the Spam Problem", Linux Journal 107 (2003), as
//! SpamBayes does it.

use super::Counts;

/// How many submissions of each kind a form must have learnt before it has an opinion.
pub const MIN_LEARNT: u32 = 10;

/// How strong the belief is that an unknown token says nothing.
const STRENGTH: f64 = 0.45;
/// What an unknown token says: nothing.
const UNKNOWN: f64 = 0.5;
/// Tokens that say less than this either way are left out.
const LEAST_DISTANCE: f64 = 0.1;
/// At most so many tokens, those that say most, have a voice.
const MAX_VOICES: usize = 150;

/// How probable it is that a submission with these tokens is spam, from 0 to 1; 0.5 where they say
/// nothing or contradict each other. None before [`MIN_LEARNT`] of each kind were learnt.
///
/// `lookup` gives the counts of a token, zeros for an unknown one.
#[must_use]
pub fn probability(tokens: &[u64], lookup: impl Fn(u64) -> Counts, totals: Counts) -> Option<f64> {
    if totals.spam < MIN_LEARNT || totals.ham < MIN_LEARNT {
        return None;
    }
    let mut voices: Vec<f64> = tokens
        .iter()
        .map(|token| voice(lookup(*token), totals))
        .filter(|voice| (voice - UNKNOWN).abs() >= LEAST_DISTANCE)
        .collect();
    let distance = |voice: &f64| (voice - UNKNOWN).abs();
    voices.sort_unstable_by(|a, b| distance(b).total_cmp(&distance(a)).then(a.total_cmp(b)));
    voices.truncate(MAX_VOICES);
    let spam = 1.0 - chance(voices.iter().map(|voice| 1.0 - voice));
    let ham = 1.0 - chance(voices.iter().copied());
    Some((1.0 + spam - ham) / 2.0)
}

/// How much one token speaks for spam, from 0 to 1.
fn voice(counts: Counts, totals: Counts) -> f64 {
    // Unlearning what was never learnt must not make a share of more than one.
    let share = |count: u32, total: u32| f64::from(count.min(total)) / f64::from(total);
    let (spam, ham) = (share(counts.spam, totals.spam), share(counts.ham, totals.ham));
    let seen = f64::from(counts.spam) + f64::from(counts.ham);
    if spam + ham == 0.0 {
        return UNKNOWN;
    }
    (STRENGTH * UNKNOWN + seen * (spam / (spam + ham))) / (STRENGTH + seen)
}

/// How probable it is that independent chances have a product as small as these or smaller.
fn chance(chances: impl Iterator<Item = f64>) -> f64 {
    let (mut count, mut log_product) = (0_u32, 0.0);
    for chance in chances {
        count += 1;
        log_product += chance.ln();
    }
    if count == 0 {
        return 1.0;
    }
    // The chi-square distribution of twice as many degrees of freedom, from twice the negative
    // logarithm up, is a short sum.
    let half = -log_product;
    let mut term = (-half).exp();
    let mut sum = term;
    for index in 1..count {
        term *= half / f64::from(index);
        sum += term;
    }
    sum.min(1.0)
}

#[cfg(test)]
mod tests {
    use super::{Counts, MAX_VOICES, chance, probability};

    const TOTALS: Counts = Counts { spam: 100, ham: 100 };

    fn of(counts: &[(u32, u32)]) -> f64 {
        let tokens: Vec<u64> = (0..counts.len() as u64).collect();
        let lookup = |token: u64| {
            let (spam, ham) = counts[usize::try_from(token).expect("a small number")];
            Counts { spam, ham }
        };
        probability(&tokens, lookup, TOTALS).expect("enough is learnt")
    }

    #[test]
    fn there_is_no_opinion_before_enough_of_each_kind_is_learnt() {
        let counts = |_| Counts { spam: 9, ham: 0 };
        for totals in [(9, 1000), (1000, 9), (0, 0)] {
            let totals = Counts { spam: totals.0, ham: totals.1 };
            assert_eq!(probability(&[1, 2, 3], counts, totals), None);
        }
        assert!(probability(&[1, 2, 3], counts, Counts { spam: 10, ham: 10 }).is_some());
    }

    #[test]
    fn unknown_and_contradicting_tokens_say_nothing() {
        assert_eq!(of(&[]), 0.5);
        assert_eq!(of(&[(0, 0); 50]), 0.5);
        assert!((of(&[[(50, 0); 20], [(0, 50); 20]].concat()) - 0.5).abs() < 1e-9);
    }

    #[test]
    fn more_spammy_tokens_make_more_certain() {
        let few = of(&[(10, 1); 3]);
        let more = of(&[(10, 1); 10]);
        assert!(0.5 < few && few < more && more > 0.99, "{few} {more}");
        assert!((of(&[(1, 10); 10]) - (1.0 - more)).abs() < 1e-9);
    }

    #[test]
    fn one_seldom_seen_token_proves_nothing() {
        assert!(of(&[(1, 0)]) < 0.9);
    }

    #[test]
    fn the_result_is_a_probability_at_every_extreme() {
        for counts in [(u32::MAX, 0), (0, u32::MAX), (u32::MAX, u32::MAX), (1, 1)] {
            let probability = of(&vec![counts; 4 * MAX_VOICES]);
            assert!((0.0..=1.0).contains(&probability), "{counts:?} gave {probability}");
        }
    }

    #[test]
    fn the_distribution_is_the_one_of_the_tables() {
        // Upper tail of chi-square, two degrees of freedom a chance: 5.991 at 5 % for 2, 9.488 for
        // 4, 18.307 for 10.
        for (count, statistic) in [(1, 5.991), (2, 9.488), (5, 18.307)] {
            let each = (-statistic / 2.0 / f64::from(count)).exp();
            let tail = chance((0..count).map(|_| each));
            assert!((tail - 0.05).abs() < 1e-4, "{count}: {tail}");
        }
    }
}
