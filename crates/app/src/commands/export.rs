//! `formhold export`.

use std::{
    fs::File,
    io::{BufWriter, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context as _, anyhow};
use clap::{Args, ValueEnum};
use formhold_exporters::{ALL, Format, Formulas, Options, Receipt};
use formhold_service::{App, exports};
use indicatif::{ProgressBar, ProgressStyle};

use super::{caller, print_json};
use crate::{compose, settings::Settings};

/// Write all submissions of a form to a file, as of one moment.
///
/// The file appears under its name only when it is complete. The last line states rows, bytes and
/// SHA-256.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The form's slug or key
    #[arg(long, value_name = "FORM")]
    form: String,
    /// The format
    #[arg(long, value_parser = format_names(), default_value = "csv")]
    format: String,
    /// The file to write; `-` for standard output
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// What to do with cells that a spreadsheet would run as a formula
    #[arg(long, value_enum, default_value = "defuse")]
    formulas: FormulasArgument,
    /// Print the receipt as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum FormulasArgument {
    /// Put one ' in front; a re-import takes it away
    Defuse,
    /// Write them as they are
    Keep,
}

fn format_names() -> clap::builder::PossibleValuesParser {
    ALL.iter()
        .map(|format| clap::builder::PossibleValue::new(format.name).help(format.description))
        .collect::<Vec<_>>()
        .into()
}

pub(super) async fn run(arguments: Arguments, settings: &Settings) -> anyhow::Result<ExitCode> {
    let format = Format::named(&arguments.format)
        .ok_or_else(|| anyhow!("there is no format `{}`", arguments.format))?;
    let formulas = match arguments.formulas {
        FormulasArgument::Defuse => Formulas::Defuse,
        FormulasArgument::Keep => Formulas::Keep,
    };
    let app = compose::app(settings).await?;
    let to_stdout = arguments.output == Path::new("-");
    let options = Options { formulas, temporary_folder: temporary_folder(&arguments.output) };
    let job = Job { app: &app, form: &arguments.form, format, options };
    let outcome =
        if to_stdout { job.to_stdout().await } else { job.to_file(&arguments.output).await };
    app.store.close().await;
    let receipt = outcome?;
    let line =
        format!("{} rows, {} bytes, SHA-256 {}", receipt.rows, receipt.bytes, receipt.sha256);
    if arguments.json && !to_stdout {
        print_json(&receipt)?;
    } else {
        eprintln!("{line}");
    }
    Ok(ExitCode::SUCCESS)
}

/// Where the export itself goes to there is space for it.
fn temporary_folder(output: &Path) -> PathBuf {
    match output.parent() {
        _ if output == Path::new("-") => std::env::temp_dir(),
        Some(folder) if folder != Path::new("") => folder.to_owned(),
        _ => PathBuf::from("."),
    }
}

struct Job<'a> {
    app: &'a App,
    form: &'a str,
    format: &'static Format,
    options: Options,
}

impl Job<'_> {
    async fn to_stdout(&self) -> anyhow::Result<Receipt> {
        self.write(BufWriter::new(std::io::stdout())).await.map(|(_, receipt)| receipt)
    }

    async fn to_file(&self, path: &Path) -> anyhow::Result<Receipt> {
        let mut partial = path.as_os_str().to_owned();
        partial.push(".part");
        let partial = PathBuf::from(partial);
        let file = File::create(&partial)
            .with_context(|| format!("cannot write `{}`", partial.display()))?;
        let written = self.write(BufWriter::with_capacity(256 * 1024, file)).await;
        let finished = written.and_then(|(output, receipt)| {
            output.into_inner().map_err(|error| anyhow!("{error}"))?.sync_all()?;
            std::fs::rename(&partial, path)?;
            Ok(receipt)
        });
        if finished.is_err() {
            let _ = std::fs::remove_file(&partial);
        }
        finished.with_context(|| {
            format!("the export to `{}` failed and left nothing behind", path.display())
        })
    }

    async fn write<W: Write + Send>(&self, output: W) -> anyhow::Result<(W, Receipt)> {
        let bar = ProgressBar::new(0).with_style(ProgressStyle::with_template(
            "{bar:40} {human_pos}/{human_len} rows, {eta} left",
        )?);
        let progress = |rows, total| {
            bar.set_length(total);
            bar.set_position(rows);
        };
        let result = exports::export_form(
            self.app,
            &caller(),
            self.form,
            self.format,
            &self.options,
            output,
            progress,
        )
        .await;
        bar.finish_and_clear();
        Ok(result?)
    }
}
