//! Submissions as people send them, through the writer.

use std::sync::Arc;

use formhold_domain::{
    Answers, CompiledForm, Context, Ids as _, RandomIds, Submission, SubmissionId, SubmissionState,
};
use formhold_service::App;
use formhold_store::{NewSubmission, Outcome};

/// Submissions that wait for the writer at the same time.
const AT_ONCE: usize = 512;
/// Every so many submissions, one has the word that is rare.
pub(super) const RARE_EVERY: usize = 10_000;
/// How many different amounts there are.
pub(super) const AMOUNTS: usize = 1_000;
const APART_MS: i64 = 2_000;

/// What was filled.
pub(super) struct Filled {
    pub(super) form: CompiledForm,
    /// The oldest first.
    pub(super) ids: Vec<SubmissionId>,
}

pub(super) async fn fill(app: &App, rows: usize) -> anyhow::Result<Filled> {
    let form = Arc::new(super::form(app).await?);
    let start_ms = app.clock.now_ms() - APART_MS * i64::try_from(rows)?;
    let all: Arc<Vec<NewSubmission>> =
        Arc::new((0..rows).map(|index| submission(&form, index, start_ms)).collect());
    let ids = all.iter().map(|new| new.submission.id).collect();
    let writers = (0..AT_ONCE).map(|first| {
        let (app, all) = (app.clone(), Arc::clone(&all));
        tokio::spawn(async move {
            for new in all.iter().skip(first).step_by(AT_ONCE) {
                let outcome = app.store.write_submission(new).await?;
                anyhow::ensure!(outcome == Outcome::Stored, "{outcome:?}");
            }
            Ok(())
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await??;
    }
    let form = Arc::unwrap_or_clone(form);
    Ok(Filled { form, ids })
}

fn submission(form: &CompiledForm, index: usize, start_ms: i64) -> NewSubmission {
    let received_at_ms = start_ms + APART_MS * i64::try_from(index).unwrap_or(0);
    let mut dice = Dice(index as u64);
    let mut words: Vec<String> = (0..8).map(|_| word(&mut dice)).collect();
    if index.is_multiple_of(RARE_EVERY) {
        words.push("needle".to_owned());
    }
    let day =
        format!("20{:02}-{:02}-{:02}", 10 + dice.below(15), 1 + dice.below(12), 1 + dice.below(28));
    let answers: Answers = [
        ("name", format!("Person {}", dice.below(50_000))),
        ("email", format!("person{index}@example.org")),
        ("amount", dice.below(AMOUNTS).to_string()),
        ("day", day),
        ("message", format!("Hello, {}.", words.join(" "))),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect();
    let submission = Submission {
        id: SubmissionId(RandomIds.uuid_at(received_at_ms)),
        form_id: form.identity.id,
        form_version: form.identity.version,
        state: SubmissionState::Inbox,
        received_at_ms,
        answers,
        undeclared: Answers::default(),
        context: Context::default(),
        uploads: Vec::new(),
    };
    NewSubmission {
        submission,
        idempotency: None,
        owner: None,
        max_submissions: None,
        jobs: Vec::new(),
    }
}

/// Some words come often, most seldom, as in any language.
fn word(dice: &mut Dice) -> String {
    let common = dice.below(60);
    let rank = if common < 40 { dice.below(200) } else { dice.below(20_000) };
    format!("w{rank}")
}

/// The same numbers each time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        // SplitMix64 by Guy Steele and others.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        usize::try_from(mixed % most as u64).unwrap_or(0)
    }
}
