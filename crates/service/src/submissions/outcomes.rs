//! What became of submissions since the start of the process, counted for metrics.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use formhold_domain::{CompiledForm, FormKey, Rejection, meters::Slots, spam::Reason};

use super::Refusal;

/// How many forms are told apart; what comes to others is counted together.
const MAX_FORMS: usize = 1_024;
const MAX_CODES: usize = 128;

/// What became of a submission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SubmissionResult {
    /// Stored, and in the inbox.
    Accepted,
    /// Stored, and in the spam folder.
    Spam,
    /// Stored before, under the same key.
    Replayed,
    /// Refused: the answers do not fit the form.
    Invalid,
    /// Refused: the form is closed, not open yet, or full.
    Closed,
    /// Refused: too many from one client, or for one form.
    Limited,
    /// Refused: the captcha was not answered, or wrongly.
    Captcha,
    /// Refused: too much speaks for spam.
    RefusedAsSpam,
    /// Refused: the page's origin is not on the form's list.
    Origin,
    /// Refused: the idempotency key is too long, or stands for other content.
    IdempotencyKey,
    /// Refused: a file holds malware.
    UnsafeFile,
    /// Refused: a part cannot serve.
    Unavailable,
    /// A fault of ours.
    Failed,
}

impl SubmissionResult {
    /// All of them, in order.
    pub const ALL: [Self; 13] = [
        Self::Accepted,
        Self::Spam,
        Self::Replayed,
        Self::Invalid,
        Self::Closed,
        Self::Limited,
        Self::Captcha,
        Self::RefusedAsSpam,
        Self::Origin,
        Self::IdempotencyKey,
        Self::UnsafeFile,
        Self::Unavailable,
        Self::Failed,
    ];

    /// The result's stable name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Spam => "spam",
            Self::Replayed => "replayed",
            Self::Invalid => "invalid",
            Self::Closed => "closed",
            Self::Limited => "limited",
            Self::Captcha => "captcha",
            Self::RefusedAsSpam => "refused_as_spam",
            Self::Origin => "origin",
            Self::IdempotencyKey => "idempotency_key",
            Self::UnsafeFile => "unsafe_file",
            Self::Unavailable => "unavailable",
            Self::Failed => "failed",
        }
    }

    fn of(refusal: &Refusal) -> Self {
        match refusal {
            Refusal::Closed | Refusal::NotOpenYet | Refusal::Full => Self::Closed,
            Refusal::OriginNotAllowed => Self::Origin,
            Refusal::IdempotencyKeyLength | Refusal::IdempotencyKeyReused => Self::IdempotencyKey,
            Refusal::Rejected(_) => Self::Invalid,
            Refusal::TooMany(_) => Self::Limited,
            Refusal::Captcha(_) => Self::Captcha,
            Refusal::Spam => Self::RefusedAsSpam,
            Refusal::UnsafeFile(_) => Self::UnsafeFile,
            Refusal::Unavailable(_) => Self::Unavailable,
            Refusal::Internal(_) => Self::Failed,
        }
    }
}

/// The numbers of one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutcomesReading {
    /// Forms in the order of their first submission, each with how often which result was, in the
    /// order of [`SubmissionResult::ALL`]; the last one, without a key, is all other forms.
    pub forms: Vec<(Option<FormKey>, [u64; SubmissionResult::ALL.len()])>,
    /// Problems of single fields, by code.
    pub problems: Vec<(&'static str, u64)>,
    /// Submissions in the spam folder, by each layer that spoke against them.
    pub signals: Vec<(String, u64)>,
}

/// Counts what becomes of submissions.
#[derive(Debug)]
pub(crate) struct Outcomes {
    forms: Slots<FormOutcomes>,
    others: Counters,
    seen_forms: AtomicU64,
    problems: Slots<(&'static str, AtomicU64)>,
    signals: Slots<(String, AtomicU64)>,
}

type Counters = [AtomicU64; SubmissionResult::ALL.len()];

#[derive(Debug)]
struct FormOutcomes {
    key: FormKey,
    order: u64,
    counters: Counters,
}

impl Default for Outcomes {
    fn default() -> Self {
        Self {
            forms: Slots::new(MAX_FORMS),
            others: Counters::default(),
            seen_forms: AtomicU64::new(0),
            problems: Slots::new(MAX_CODES),
            signals: Slots::new(MAX_CODES),
        }
    }
}

impl Outcomes {
    pub(super) fn count(&self, form: &CompiledForm, result: SubmissionResult) {
        let key = &form.identity.key;
        let make = || FormOutcomes {
            key: key.clone(),
            order: self.seen_forms.fetch_add(1, Relaxed),
            counters: Counters::default(),
        };
        let found = self.forms.get_or_make(key, |held| held.key == *key, make);
        let counters = found.map_or(&self.others, |held| &held.counters);
        counters[result as usize].fetch_add(1, Relaxed);
    }

    pub(super) fn count_refused(&self, form: &CompiledForm, refusal: &Refusal) {
        self.count(form, SubmissionResult::of(refusal));
        let Refusal::Rejected(Rejection::Fields(problems)) = refusal else { return };
        for problem in problems {
            let code = problem.problem.code();
            let make = || (code, AtomicU64::new(0));
            if let Some((_, count)) =
                self.problems.get_or_make(code, |(held, _)| *held == code, make)
            {
                count.fetch_add(1, Relaxed);
            }
        }
    }

    pub(super) fn count_signals(&self, reasons: &[Reason]) {
        for Reason { layer, .. } in reasons {
            let make = || (layer.clone().into_owned(), AtomicU64::new(0));
            let found = self.signals.get_or_make(&**layer, |(held, _)| held == layer, make);
            if let Some((_, count)) = found {
                count.fetch_add(1, Relaxed);
            }
        }
    }

    pub(super) fn read(&self) -> OutcomesReading {
        let read = |counters: &Counters| counters.each_ref().map(|count| count.load(Relaxed));
        let mut forms: Vec<_> = self.forms.iter().collect();
        forms.sort_by_key(|form| form.order);
        let forms = forms.into_iter().map(|form| (Some(form.key.clone()), read(&form.counters)));
        OutcomesReading {
            forms: forms.chain([(None, read(&self.others))]).collect(),
            problems: self.problems.iter().map(|(code, n)| (*code, n.load(Relaxed))).collect(),
            signals: self
                .signals
                .iter()
                .map(|(layer, n)| (layer.clone(), n.load(Relaxed)))
                .collect(),
        }
    }
}
