//! The worker: does the jobs that changes left behind, and what comes again by a schedule.
//!
//! A kind of job is a file in `kinds/` and a line in [`registry`].

mod attempt;
mod kinds;
mod lanes;
mod outcome;
mod registry;
mod schedules;
mod settings;
mod silence;
mod worker;

pub use outcome::Outcome;
pub use settings::Settings;
pub use worker::Worker;
