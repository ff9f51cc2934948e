//! `formhold config`.

use std::{path::Path, process::ExitCode};

use clap::Subcommand;
use serde_json::json;

use super::{EXIT_SETTINGS, print, print_json, refuse_settings};
use crate::settings::{Loaded, Problems, without_password};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Show the settings in force and where they come from; passwords are left out
    Show {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Print every mistake with its place; exit 78 when there is one
    Check {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

pub(super) fn run(
    command: &Command,
    file: Option<&Path>,
    loaded: Result<Loaded, Problems>,
) -> ExitCode {
    let done = match (command, loaded) {
        (Command::Check { json: true }, Err(problems)) => {
            return print_json(&json!({ "problems": problems }))
                .map_or(ExitCode::FAILURE, |()| ExitCode::from(EXIT_SETTINGS));
        }
        (_, Err(problems)) => return refuse_settings(&problems),
        (Command::Check { json: true }, Ok(_)) => print_json(&json!({ "problems": [] })),
        (Command::Check { json: false }, Ok(_)) => {
            let from = file.map_or("the defaults and the environment".to_owned(), |file| {
                format!("`{}` and the environment", file.display())
            });
            print(&format!("The settings from {from} are good."));
            Ok(())
        }
        (Command::Show { json }, Ok(loaded)) => show(&loaded, *json),
    };
    done.map_or_else(|error| super::fail(&error), |()| ExitCode::SUCCESS)
}

fn show(loaded: &Loaded, as_json: bool) -> anyhow::Result<()> {
    let mut settings = loaded.settings.clone();
    settings.database.url = without_password(&settings.database.url);
    settings.redis.url = settings.redis.shown_url();
    if as_json {
        return print_json(&json!({ "settings": settings, "places": loaded.places }));
    }
    let text = toml::to_string_pretty(&settings)?;
    let mut section = String::new();
    for line in text.lines() {
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            section = name.to_owned();
        }
        let key = line.split_once(" = ").map(|(key, _)| format!("{section}.{key}"));
        match key.and_then(|key| loaded.places.get(&key)) {
            Some(place) => print(&format!("{line}  # {place}")),
            None => print(line),
        }
    }
    Ok(())
}
