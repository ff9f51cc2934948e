//! The commands, one file each, and what they have in common.

mod audit;
mod config;
mod doctor;
mod export;
mod form;
mod healthcheck;
mod jobs;
mod migrate;
mod openapi;
mod serve;
mod submission;
mod user;
mod worker;

use std::{path::PathBuf, process::ExitCode, sync::Arc};

use clap::{Parser, Subcommand};
use formhold_domain::SystemClock;
use formhold_telemetry::logs::Logs;

use crate::settings::{self, Environment, Loaded, Problems, Settings};

/// Exit status for settings that cannot be used (`EX_CONFIG` of sysexits.h).
const EXIT_SETTINGS: u8 = 78;

/// Formhold takes what people send through the forms of any web site, checks it, stores it for
/// good and gives it back.
#[derive(Debug, Parser)]
#[command(name = "formhold", version, max_term_width = 100, after_help = EXIT_STATUS)]
struct Cli {
    /// Read settings from this file
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,

    #[command(subcommand)]
    command: Option<Command>,
}

const EXIT_STATUS: &str = "\
Settings come from a file (--config, $FORMHOLD_CONFIG, ./formhold.toml, /etc/formhold/formhold.toml)
and the environment (FORMHOLD_SECTION__KEY). `formhold config show` shows those in force.

Exit status: 0 done, 1 failed, 2 wrong usage, 78 settings that cannot be used.";

// Each command's own file says what it does.
#[derive(Debug, Subcommand)]
enum Command {
    Serve(serve::Arguments),
    Worker(worker::Arguments),
    Migrate(migrate::Arguments),
    /// List, import and export forms
    #[command(subcommand)]
    Form(form::Command),
    /// Look at submissions, say what is spam and what is not, take out their files
    #[command(subcommand)]
    Submission(submission::Command),
    Export(export::Arguments),
    /// Make, list, disable and enable users, and give them a new password
    #[command(subcommand)]
    User(user::Command),
    /// Check the audit trail
    #[command(subcommand)]
    Audit(audit::Command),
    /// Look at jobs and schedules, try jobs again, call them off
    #[command(subcommand)]
    Jobs(jobs::Command),
    Doctor(doctor::Arguments),
    /// Print the description of the API (OpenAPI 3.1)
    Openapi,
    /// Show or check the settings
    #[command(subcommand)]
    Config(config::Command),
    Healthcheck(healthcheck::Arguments),
}

/// Runs the program.
#[must_use]
pub fn main() -> ExitCode {
    formhold_outbound::install_tls_provider();
    let cli = Cli::parse();
    let command = cli.command.unwrap_or(Command::Serve(serve::Arguments::default()));
    let environment: Environment = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect();
    if matches!(command, Command::Openapi) {
        return openapi::run();
    }
    let file = settings::find_file(cli.config.as_deref(), &environment);
    let loaded = settings::load(file.as_deref(), &environment);
    if let Command::Config(command) = command {
        return config::run(&command, file.as_deref(), loaded);
    }
    let loaded = match loaded {
        Ok(loaded) => loaded,
        Err(problems) => return refuse_settings(&problems),
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&error.into()),
    };
    let outcome = runtime.block_on(run(command, loaded));
    outcome.unwrap_or_else(|error| fail(&error))
}

async fn run(command: Command, loaded: Loaded) -> anyhow::Result<ExitCode> {
    let logs = Logs::start(&loaded.settings.telemetry, Arc::new(SystemClock))?;
    formhold_telemetry::panics::watch(logs.clone());
    let outcome = run_with(&logs, command, loaded.settings).await;
    logs.flush();
    outcome
}

async fn run_with(logs: &Logs, command: Command, settings: Settings) -> anyhow::Result<ExitCode> {
    match command {
        Command::Serve(arguments) => serve::run(arguments, settings, logs).await,
        Command::Worker(arguments) => worker::run(arguments, settings).await,
        Command::Migrate(arguments) => migrate::run(&arguments, &settings).await,
        Command::Form(command) => form::run(command, &settings).await,
        Command::Submission(command) => submission::run(command, &settings).await,
        Command::Export(arguments) => export::run(arguments, &settings).await,
        Command::User(command) => user::run(command, &settings).await,
        Command::Audit(command) => audit::run(&command, &settings).await,
        Command::Jobs(command) => jobs::run(command, &settings).await,
        Command::Doctor(arguments) => doctor::run(&arguments, &settings).await,
        Command::Healthcheck(arguments) => healthcheck::run(&arguments, &settings).await,
        Command::Config(_) | Command::Openapi => Ok(ExitCode::SUCCESS),
    }
}

fn refuse_settings(problems: &Problems) -> ExitCode {
    eprintln!("formhold: {problems}");
    ExitCode::from(EXIT_SETTINGS)
}

fn fail(error: &anyhow::Error) -> ExitCode {
    eprintln!("formhold: {error:#}");
    ExitCode::FAILURE
}

/// Prints what a command was asked for.
#[expect(clippy::print_stdout, reason = "the one place that writes results")]
fn print(text: &str) {
    println!("{text}");
}

/// Who runs a command: whoever may run the program may do everything.
fn caller() -> formhold_domain::access::Caller {
    formhold_domain::access::Caller::system("command line")
}

/// Prints a value as JSON for scripts.
fn print_json(value: &impl serde::Serialize) -> anyhow::Result<()> {
    print(&serde_json::to_string_pretty(value)?);
    Ok(())
}
