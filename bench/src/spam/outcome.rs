//! What was measured, as a table and as a judgement.

use std::{collections::BTreeMap, fmt::Write as _};

use formhold_domain::spam::{Counts, Score, Verdict};

use super::corpus::Message;

/// Of what is refused, so much must be spam.
const LEAST_REFUSE_PRECISION: f64 = 0.995;
/// So much of the spam must be refused; else refusing were of no use.
const LEAST_REFUSE_RECALL: f64 = 0.1;

/// Everything that a run measured.
#[derive(Default)]
pub(crate) struct Outcome {
    /// How many messages of each kind were learnt.
    pub(super) learnt: Counts,
    /// What the rules say that need not learn.
    pub(super) rules_alone: Tally,
    /// What all layers say.
    pub(super) all: Tally,
    /// The median time to score a submission of 600 bytes.
    pub(super) scoring_us: f64,
    /// Whether to list refused honest messages.
    pub(super) explain: bool,
}

/// How many messages of each group got which verdict.
#[derive(Default)]
pub(super) struct Tally {
    groups: BTreeMap<String, [u32; 3]>,
    verdicts: [[u32; 3]; 2],
    refused_honest: Vec<String>,
}

impl Tally {
    pub(super) fn add(&mut self, message: &Message, score: Score) {
        let verdict = score.verdict as usize;
        self.groups.entry(message.group.clone()).or_default()[verdict] += 1;
        self.verdicts[usize::from(message.spam)][verdict] += 1;
        if !message.spam && score.verdict == Verdict::Refuse {
            let subject = message.answers.first("message").and_then(|text| text.lines().next());
            let reasons: Vec<_> = score.reasons.iter().map(ToString::to_string).collect();
            let subject = subject.unwrap_or_default();
            self.refused_honest.push(format!(
                "{}, `{subject}`: {}",
                message.group,
                reasons.join("; ")
            ));
        }
    }

    /// How many honest messages and how many spams got this verdict or a worse one.
    fn caught(&self, verdict: Verdict) -> [u32; 2] {
        self.verdicts.map(|counts| counts[verdict as usize..].iter().sum())
    }

    fn precision(&self, verdict: Verdict) -> f64 {
        let [honest, spam] = self.caught(verdict);
        f64::from(spam) / f64::from(spam + honest)
    }

    fn recall(&self, verdict: Verdict) -> f64 {
        f64::from(self.caught(verdict)[1]) / f64::from(self.verdicts[1].iter().sum::<u32>())
    }
}

impl Outcome {
    /// The whole text.
    pub(crate) fn markdown(&self) -> String {
        let Counts { spam, ham } = self.learnt;
        let mut text = format!(
            "# How well spam is told\n\n\
             These are e-mails of 2002 and 2003, not forms: only sender, subject and text were used, \
             so the layers\nthat watch how a form is sent had nothing to see. {spam} spams and {ham} \
             honest mails were learnt, the others\nwere scored, with the default rules.\n\n\
             | | caught spam | of all spam (recall) | caught honest | precision |\n\
             | --- | --: | --: | --: | --: |\n"
        );
        for (name, tally) in
            [("nothing learnt", &self.rules_alone), ("half the corpus learnt", &self.all)]
        {
            for (what, verdict) in
                [("spam folder or worse", Verdict::Spam), ("refused", Verdict::Refuse)]
            {
                let [honest, spam] = tally.caught(verdict);
                let _ = writeln!(
                    text,
                    "| {what}, {name} | {spam} | {} | {honest} | {} |",
                    percent(tally.recall(verdict)),
                    percent(tally.precision(verdict)),
                );
            }
        }
        text += "\n| group | inbox | spam folder | refused |\n| --- | --: | --: | --: |\n";
        for (group, [inbox, spam, refused]) in &self.all.groups {
            let _ = writeln!(text, "| {group} | {inbox} | {spam} | {refused} |");
        }
        let _ = write!(
            text,
            "\nScoring a submission of 600 bytes takes {:.1} us (median, without tokens{}).",
            self.scoring_us,
            if cfg!(debug_assertions) { ", in a debug build" } else { "" }
        );
        if self.explain {
            self.all.refused_honest.iter().for_each(|line| text += &format!("\n- {line}"));
        }
        text
    }

    /// Whether refusing is right often enough, and does anything at all.
    ///
    /// # Errors
    /// Says what is not.
    pub(crate) fn judge(&self) -> anyhow::Result<()> {
        let (precision, recall) =
            (self.all.precision(Verdict::Refuse), self.all.recall(Verdict::Refuse));
        // A comparison that is also false when nothing was refused, so that there is no precision.
        anyhow::ensure!(
            precision >= LEAST_REFUSE_PRECISION,
            "of what is refused {} is spam, less than {}",
            percent(precision),
            percent(LEAST_REFUSE_PRECISION)
        );
        anyhow::ensure!(
            recall >= LEAST_REFUSE_RECALL,
            "of the spam {} is refused, less than {}",
            percent(recall),
            percent(LEAST_REFUSE_RECALL)
        );
        Ok(())
    }
}

fn percent(share: f64) -> String {
    if share.is_nan() { "none".to_owned() } else { format!("{:.2} %", share * 100.0) }
}
