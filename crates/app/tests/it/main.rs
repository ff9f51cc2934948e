//! The integration tests: through the public door, on both stacks.

mod accounts;
mod api;
mod architecture;
mod commands;
mod database_files;
mod deliveries;
mod durability;
mod full_disk;
mod hostile;
mod inbox;
mod intake;
mod jobs;
mod protection;
mod search;
mod settings;
mod telemetry;
