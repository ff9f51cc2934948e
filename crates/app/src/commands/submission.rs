//! `formhold submission`: look at what arrived, and say what is spam.

use std::{fs::File, io::Write as _, path::PathBuf, process::ExitCode};

use anyhow::{Context as _, anyhow};
use clap::{Args, Subcommand, ValueEnum};
use formhold_domain::{
    LinkPurpose, Submission, SubmissionId, SubmissionState, rfc3339, spam::Lesson,
};
use formhold_service::{App, links, submissions::review};
use futures_util::StreamExt as _;
use serde_json::json;

use super::{caller, print, print_json};
use crate::{compose, settings::Settings};

/// How long a link to a file works.
const LINK_LIFETIME_S: i64 = 60 * 60;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    List(ListArguments),
    Show(ShowArguments),
    /// Say that these are spam: they move to the spam folder, and their forms learn from them
    Spam(MarkArguments),
    /// Say that these are no spam: they move to the inbox, and their forms learn from them
    NotSpam(MarkArguments),
    Files(FilesArguments),
}

/// List submissions of a form, newest first.
#[derive(Debug, Args)]
pub(super) struct ListArguments {
    /// The form's slug or key
    #[arg(long, value_name = "FORM")]
    form: String,
    /// The folder to look into
    #[arg(long, value_enum, default_value = "inbox")]
    state: Folder,
    /// Begin after this submission, the last one of the page before
    #[arg(long, value_name = "ID")]
    before: Option<SubmissionId>,
    /// How many
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..=200))]
    limit: u64,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Show a submission: answers, why it was taken for spam, links to its files for an hour.
#[derive(Debug, Args)]
pub(super) struct ShowArguments {
    /// The submission's id
    id: SubmissionId,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// The submissions that are meant.
#[derive(Debug, Args)]
pub(super) struct MarkArguments {
    /// The submissions' ids
    #[arg(required = true, value_name = "ID")]
    ids: Vec<SubmissionId>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Write all files of a form's submissions into one ZIP file, a folder for each submission.
///
/// Files of spam are left out, and those that wait for a scan or were not found clean.
#[derive(Debug, Args)]
pub(super) struct FilesArguments {
    /// The form's slug or key
    #[arg(long, value_name = "FORM")]
    form: String,
    /// The ZIP file to write
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Folder {
    /// What waits for its owner
    Inbox,
    /// What was taken for spam
    Spam,
}

impl From<Folder> for SubmissionState {
    fn from(folder: Folder) -> Self {
        match folder {
            Folder::Inbox => Self::Inbox,
            Folder::Spam => Self::Spam,
        }
    }
}

pub(super) async fn run(command: Command, settings: &Settings) -> anyhow::Result<ExitCode> {
    let app = compose::app(settings).await?;
    let outcome = match command {
        Command::List(arguments) => list(&app, arguments).await,
        Command::Show(arguments) => show(&app, settings, &arguments).await,
        Command::Spam(arguments) => mark(&app, &arguments, Lesson::Spam).await,
        Command::NotSpam(arguments) => mark(&app, &arguments, Lesson::Ham).await,
        Command::Files(arguments) => files(&app, &arguments).await,
    };
    app.store.close().await;
    outcome.map(|()| ExitCode::SUCCESS)
}

async fn list(app: &App, arguments: ListArguments) -> anyhow::Result<()> {
    let ListArguments { form, state, before, limit, json } = arguments;
    let found = review::list_submissions(app, &form, state.into(), before, limit).await?;
    if json {
        return print_json(&found.iter().map(|one| out(one, Vec::new())).collect::<Vec<_>>());
    }
    if found.is_empty() {
        eprintln!("there are none");
    }
    for submission in found {
        let points: u32 = submission.context.spam_reasons.iter().map(|reason| reason.points).sum();
        let points = if points > 0 { format!("  {points} points") } else { String::new() };
        let values: Vec<_> =
            submission.answers.iter().map(|(_, value)| one_line(value, 30)).collect();
        let received = rfc3339(submission.received_at_ms);
        print(&format!("{}  {received}{points}  {}", submission.id, values.join(" | ")));
    }
    Ok(())
}

async fn show(app: &App, settings: &Settings, arguments: &ShowArguments) -> anyhow::Result<()> {
    let submission = review::get_submission(app, arguments.id).await?;
    let public = settings.server.public_address();
    let links: Vec<String> = submission
        .uploads
        .iter()
        .map(|upload| {
            let path = links::link(app, upload.id, LinkPurpose::Download, LINK_LIFETIME_S);
            public.as_ref().and_then(|url| url.join(&path).ok()).map_or(path, String::from)
        })
        .collect();
    if arguments.json {
        return print_json(&out(&submission, links));
    }
    print(&format!("id:        {}", submission.id));
    print(&format!("received:  {}", rfc3339(submission.received_at_ms)));
    print(&format!("folder:    {}", submission.state.as_str()));
    for reason in &submission.context.spam_reasons {
        print(&format!("because:   {reason}"));
    }
    for (name, value) in submission.answers.iter().chain(submission.undeclared.iter()) {
        print(&format!("{}: {}", one_line(name, 100), one_line(value, 2000)));
    }
    for (upload, link) in submission.uploads.iter().zip(links) {
        let scan = upload.scan.name().map_or(String::new(), |name| format!(", scan: {name}"));
        let name = one_line(&upload.name, 255);
        print(&format!("file {name} ({} bytes{scan}): {link}", upload.size_bytes));
    }
    Ok(())
}

async fn mark(app: &App, arguments: &MarkArguments, lesson: Lesson) -> anyhow::Result<()> {
    let mut outcomes = Vec::new();
    let mut failed = 0;
    for id in &arguments.ids {
        let (word, outcome) = match review::mark_submission(app, &caller(), *id, lesson).await {
            Ok(true) => ("moved and learnt".to_owned(), json!({ "learnt": true })),
            Ok(false) => ("was known already".to_owned(), json!({ "learnt": false })),
            Err(error) => {
                failed += 1;
                (error.to_string(), json!({ "error": error.to_string() }))
            }
        };
        if !arguments.json {
            print(&format!("{id}  {word}"));
        }
        let mut outcome = outcome;
        outcome["id"] = json!(id.to_string());
        outcomes.push(outcome);
    }
    if arguments.json {
        print_json(&outcomes)?;
    }
    anyhow::ensure!(failed == 0, "{failed} of {} could not be marked", arguments.ids.len());
    Ok(())
}

async fn files(app: &App, arguments: &FilesArguments) -> anyhow::Result<()> {
    let (mut stream, count) = links::zip_of_form(app, &caller(), &arguments.form).await?;
    let path = &arguments.output;
    let mut partial = path.as_os_str().to_owned();
    partial.push(".part");
    let partial = PathBuf::from(partial);
    let write = async {
        let mut file = File::create(&partial)?;
        let mut bytes = 0;
        while let Some(piece) = stream.next().await {
            let piece = piece?;
            bytes += piece.len();
            file.write_all(&piece)?;
        }
        file.sync_all()?;
        std::fs::rename(&partial, path)?;
        anyhow::Ok(bytes)
    };
    match write.await {
        Ok(bytes) => {
            eprintln!("{count} files, {bytes} bytes");
            Ok(())
        }
        Err(error) => {
            let _ = std::fs::remove_file(&partial);
            Err(anyhow!(error)).with_context(|| {
                format!("writing `{}` failed and left nothing behind", path.display())
            })
        }
    }
}

fn out(submission: &Submission, links: Vec<String>) -> serde_json::Value {
    json!({
        "id": submission.id.to_string(),
        "received_at": rfc3339(submission.received_at_ms),
        "state": submission.state.as_str(),
        "answers": submission.answers,
        "undeclared": submission.undeclared,
        "context": submission.context,
        "uploads": submission.uploads,
        "links": links,
    })
}

/// For a terminal: no line breaks or other control characters, at most so many characters.
fn one_line(text: &str, max_chars: usize) -> String {
    let plain: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    if plain.chars().count() <= max_chars {
        return plain;
    }
    let cut: String = plain.chars().take(max_chars).collect();
    format!("{cut}…")
}
