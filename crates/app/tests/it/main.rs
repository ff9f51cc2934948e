//! The integration tests: through the public door, on both stacks.

mod architecture;
mod commands;
mod intake;
mod settings;
