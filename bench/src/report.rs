//! The report: one Markdown text, the same on the terminal and in the file.

use std::fmt::Write as _;

use crate::{
    phases::{Sample, Start},
    stats::{median, range},
};

/// Everything that a run measured.
#[derive(Default)]
pub(crate) struct Report {
    /// Machine, versions, settings.
    pub(crate) facts: Vec<String>,
    /// Phases at full speed: what, and each round.
    pub(crate) top: Vec<(String, Vec<Sample>)>,
    /// Phases of a database alone: what, and each round's rows a second.
    pub(crate) limits: Vec<(String, Vec<f64>)>,
    /// Phases at a pace: what, and each round.
    pub(crate) paced: Vec<(String, Vec<Sample>)>,
    /// Starts: what, and each.
    pub(crate) starts: Vec<(String, Vec<Start>)>,
    /// One rate in terms of another.
    pub(crate) ratios: Vec<(String, f64)>,
    /// What a filled database changes: what, without, with.
    pub(crate) changes: Vec<(String, f64, f64)>,
}

/// The median of one figure over the rounds.
pub(crate) fn middle<T>(rounds: &[T], figure: impl Fn(&T) -> f64) -> f64 {
    median(rounds.iter().map(figure))
}

impl Report {
    /// The whole text.
    pub(crate) fn markdown(&self) -> String {
        let mut text = "# What Formhold takes\n\n".to_owned();
        for fact in &self.facts {
            let _ = writeln!(text, "- {fact}");
        }
        text += "\nAs fast as it goes (median of the rounds; processor time in seconds for 1,000):\n\n\
                 | | submissions/s | least-most | p50 ms | p99 ms | server CPU | database CPU | load CPU | elsewhere | peak RSS MiB | lost |\n\
                 | --- | --: | --: | --: | --: | --: | --: | --: | --: | --: | --: |\n";
        self.top.iter().for_each(|(name, rounds)| text += &top_line(name, rounds));
        for (name, rates) in &self.limits {
            let (least, most) = range(rates.iter().copied());
            let rate = median(rates.iter().copied());
            let _ =
                writeln!(text, "| {name} | {rate:.0} | {least:.0}-{most:.0} | | | | | | | | 0 |");
        }
        text += "\nAt a fixed pace, from the moment at which each should have been sent:\n\n\
                 | | submissions/s | p50 ms | p99 ms | p99 least-most | p99.9 ms | max ms | server CPU | elsewhere | lost |\n\
                 | --- | --: | --: | --: | --: | --: | --: | --: | --: | --: |\n";
        self.paced.iter().for_each(|(name, rounds)| text += &paced_line(name, rounds));
        text += "\nFrom the start of the process on an existing database:\n\n\
                 | | first reply ms | first stored ms | least-most | idle RSS MiB |\n\
                 | --- | --: | --: | --: | --: |\n";
        self.starts.iter().for_each(|(name, starts)| text += &start_line(name, starts));
        text.push('\n');
        for (name, ratio) in &self.ratios {
            let _ = writeln!(text, "- {name}: {:.0} %", ratio * 100.0);
        }
        if !self.changes.is_empty() {
            text += "\n| with a filled database | without | with | change |\n\
                     | --- | --: | --: | --: |\n";
        }
        for (name, without, with) in &self.changes {
            let change = (with / without - 1.0) * 100.0;
            let _ = writeln!(text, "| {name} | {without:.2} | {with:.2} | {change:+.1} % |");
        }
        text
    }
}

fn top_line(name: &str, rounds: &[Sample]) -> String {
    let (least, most) = range(rounds.iter().map(|round| round.rate));
    let database_cpu = middle(rounds, |round| round.database_cpu.unwrap_or(f64::NAN));
    let database_cpu =
        if database_cpu.is_nan() { String::new() } else { format!("{database_cpu:.3}") };
    format!(
        "| {name} | {:.0} | {least:.0}-{most:.0} | {:.2} | {:.2} | {:.3} | {database_cpu} | {:.3} | {:.0} % | {:.1} | 0 |\n",
        middle(rounds, |round| round.rate),
        middle(rounds, |round| round.latency.p50),
        middle(rounds, |round| round.latency.p99),
        middle(rounds, |round| round.cpu),
        middle(rounds, |round| round.load_cpu),
        middle(rounds, |round| round.elsewhere * 100.0),
        middle(rounds, |round| round.peak_mib),
    )
}

fn paced_line(name: &str, rounds: &[Sample]) -> String {
    let (least, most) = range(rounds.iter().map(|round| round.latency.p99));
    format!(
        "| {name} | {:.0} | {:.2} | {:.2} | {least:.2}-{most:.2} | {:.2} | {:.2} | {:.3} | {:.0} % | 0 |\n",
        middle(rounds, |round| round.rate),
        middle(rounds, |round| round.latency.p50),
        middle(rounds, |round| round.latency.p99),
        middle(rounds, |round| round.latency.p999),
        middle(rounds, |round| round.latency.max),
        middle(rounds, |round| round.cpu),
        middle(rounds, |round| round.elsewhere * 100.0),
    )
}

fn start_line(name: &str, starts: &[Start]) -> String {
    let (least, most) = range(starts.iter().map(|start| start.first_stored_ms));
    format!(
        "| {name} | {:.0} | {:.0} | {least:.0}-{most:.0} | {:.1} |\n",
        middle(starts, |start| start.first_reply_ms),
        middle(starts, |start| start.first_stored_ms),
        middle(starts, |start| start.idle_mib),
    )
}
