//! What is said of an answer.

/// What came of checking an answer.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// It is good. Where there is a replay key, the caller must see to it that the same key passes
    /// once only; without one, the vendor does.
    Passed {
        /// How human the vendor finds the visitor, from 0 to 1, where it says so.
        score: Option<f32>,
        /// What tells this answer from every other one.
        replay_key: Option<ReplayKey>,
    },
    /// It is not good, and that is the visitor's doing.
    Failed {
        /// What is wrong, for programs.
        code: FailureCode,
        /// What is wrong, for the form's owner, in English.
        reason: String,
    },
    /// Nobody can tell: the verifier is down, slow or talks nonsense, or our keys are wrong. A
    /// visitor cannot bring this about by what they send.
    Unverifiable {
        /// Why, for the operator, in English.
        reason: String,
    },
}

/// What tells one answer from every other one, so that it is taken once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplayKey {
    /// Up to 80 letters, digits and colons.
    pub text: String,
    /// From this time on (milliseconds since the Unix epoch) the answer is expired anyway, and the
    /// key may be forgotten.
    pub forget_at_ms: i64,
}

/// Why an answer is not good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FailureCode {
    /// There is none.
    Missing,
    /// It is larger than any answer is.
    TooLong,
    /// It is not of the form that answers have.
    Malformed,
    /// It is not signed by us, or was changed afterwards.
    Altered,
    /// It came too late.
    Expired,
    /// It was used before, or came too late; the vendor does not say which.
    Duplicate,
    /// It was made for another form.
    OtherForm,
    /// It was made on a host where this form does not stand.
    WrongHost,
    /// It was made for another action.
    WrongAction,
    /// The vendor takes the visitor for a robot.
    LowScore,
    /// It solves a challenge that was easier than this client must solve.
    TooCheap,
    /// It is of an algorithm that was not asked for.
    WrongAlgorithm,
    /// It does not solve the challenge.
    WrongSolution,
    /// The vendor says no.
    Refused,
}

impl FailureCode {
    /// The code as text, for metrics and stored reasons.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::TooLong => "too_long",
            Self::Malformed => "malformed",
            Self::Altered => "altered",
            Self::Expired => "expired",
            Self::Duplicate => "duplicate",
            Self::OtherForm => "other_form",
            Self::WrongHost => "wrong_host",
            Self::WrongAction => "wrong_action",
            Self::LowScore => "low_score",
            Self::TooCheap => "too_cheap",
            Self::WrongAlgorithm => "wrong_algorithm",
            Self::WrongSolution => "wrong_solution",
            Self::Refused => "refused",
        }
    }
}

impl Verdict {
    /// For a form that asks for a captcha when no answer came.
    #[must_use]
    pub fn missing() -> Self {
        Self::failed(FailureCode::Missing, "the captcha was not answered")
    }

    pub(crate) fn failed(code: FailureCode, reason: impl Into<String>) -> Self {
        Self::Failed { code, reason: reason.into() }
    }

    pub(crate) fn unverifiable(reason: impl Into<String>) -> Self {
        Self::Unverifiable { reason: reason.into() }
    }
}
