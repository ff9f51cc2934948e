//! What is known of a submission when it is judged.

use std::net::IpAddr;

use url::Url;

use super::PlainAnswers;

/// Everything that the layers look at. Whoever fills it in does the waiting and the counting.
#[derive(Debug, Clone, Copy)]
pub struct Signals<'a> {
    /// What was answered.
    pub plain: &'a PlainAnswers<'a>,
    /// Mail addresses of the sender, as [`mail_addresses`](super::mail_addresses) finds them.
    pub mail_addresses: &'a [&'a str],
    /// Where it came from, behind trusted proxies.
    pub client_address: Option<IpAddr>,
    /// The page that held the form, where the form's list of origins confirms it: links to its
    /// host are not counted. A robot chooses this freely where there is no such list.
    pub page: Option<&'a Url>,
    /// The name of a hidden field that was filled in.
    pub honeypot: Option<&'a str>,
    /// How long it took to fill in the form.
    pub time_to_fill: TimeToFill,
    /// The outcome of the proof of work.
    pub proof_of_work: ProofOfWork,
    /// The outcome of the captcha.
    pub captcha: Captcha,
    /// How many earlier submissions had the same
    /// [`fingerprint`](super::fingerprint) within the window of the rules.
    pub earlier_copies: u32,
    /// What [`probability`](super::probability) says, from 0 to 1; none before it learnt enough.
    pub spam_probability: Option<f64>,
}

impl<'a> Signals<'a> {
    /// Signals of which only the answers are known; the rest counts for nothing.
    #[must_use]
    pub fn of(plain: &'a PlainAnswers<'a>) -> Self {
        Self {
            plain,
            mail_addresses: &[],
            client_address: None,
            page: None,
            honeypot: None,
            time_to_fill: TimeToFill::NotMeasured,
            proof_of_work: ProofOfWork::NotAsked,
            captcha: Captcha::NotAsked,
            earlier_copies: 0,
            spam_probability: None,
        }
    }
}

/// How long it took to fill in the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeToFill {
    /// The form's page sends no stamp.
    NotMeasured,
    /// The form's page always sends a stamp, and it did not come.
    Missing,
    /// A stamp came that we never made, or made for another form.
    Forged,
    /// Milliseconds since the page was handed out.
    TookMs(u64),
}

/// The outcome of a proof of work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProofOfWork {
    /// The form asks for none.
    NotAsked,
    /// Asked for, and none came: also from a browser without JavaScript.
    Absent,
    /// One came that is wrong, expired, or used before.
    Failed,
    /// It is right.
    Passed,
}

/// The outcome of a captcha.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Captcha {
    /// The form asks for none.
    NotAsked,
    /// Its provider says that the answer is wrong, or none came.
    Failed,
    /// Its provider doubts that this is a person; from 0 (a robot) to 1.
    LowScore(f64),
    /// Its provider could not be asked.
    Unverifiable,
    /// It is right.
    Passed,
}
