//! What screening one submission of 600 bytes costs, counted in instructions, which other work on
//! the machine does not change. With so many as the argument says, and again with none:
//! `valgrind --tool=callgrind --callgrind-out-file=/dev/null <this binary> 1000`.

use std::{hint::black_box, io::Write as _};

use formhold_domain::{
    Answers, FormId,
    spam::{
        PlainAnswers, Signals, SpamFilter, SpamRules, TokenKey, fingerprint, mail_addresses, tokens,
    },
};
use uuid::Uuid;

/// What `make bench` sends, too.
const FIELDS: [(&str, &str); 6] = [
    ("name", "Françoise Dvořák"),
    ("email", "francoise.dvorak@mail.example"),
    ("company", "Atelier Nord"),
    ("phone", "+49 30 901820"),
    ("topic", "visit"),
    (
        "message",
        "Hello, we would like to visit your workshop with a group of twelve in May. Two of us use \
         a wheelchair, so please tell us whether all rooms can be reached without stairs.\r\n\r\n\
         We are interested in the wheel and in glazing, and would bring our own lunch. Is there a \
         place where we could eat? And what does the day cost for a group?\r\n\r\n\
         With kind regards\r\n\
         Françoise Dvořák, Atelier Nord, second floor, in the yard behind the gate",
    ),
];

fn main() {
    let mut arguments = std::env::args().skip(1).filter(|argument| !argument.starts_with('-'));
    let times: u32 = arguments.next().and_then(|text| text.parse().ok()).unwrap_or(1_000);
    let learnt = arguments.next().is_some_and(|text| text == "learnt");
    let form = FormId(Uuid::from_u128(1));
    let answers: Answers =
        FIELDS.map(|(name, value)| (name.to_owned(), value.to_owned())).into_iter().collect();
    let filter = SpamFilter::compile(&SpamRules::default()).expect("the default rules are right");
    // A form keeps its key.
    let key = TokenKey::new(&[7; 32], form);
    let mut sum = 0_u64;
    for _ in 0..times {
        let answers = black_box(&answers);
        let addresses = mail_addresses(answers);
        let plain = PlainAnswers::of(answers);
        sum = sum.wrapping_add(fingerprint(&key, &plain).unwrap_or_default());
        if learnt {
            sum = sum.wrapping_add(tokens(&key, &plain).len() as u64);
        }
        let signals = Signals { mail_addresses: &addresses, ..Signals::of(&plain) };
        sum = sum.wrapping_add(u64::from(filter.score(&signals).points));
    }
    let _ = writeln!(std::io::stdout(), "{times} screened ({sum})");
}
