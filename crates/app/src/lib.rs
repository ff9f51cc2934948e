//! The program `formhold`: its commands, its settings, and how its parts are put together.

pub mod commands;
pub mod compose;
mod first_run;
mod letters;
pub mod metrics;
pub mod settings;
