//! `formhold jobs`: what waits, what was done, what failed, and trying it again.

use std::process::ExitCode;

use anyhow::anyhow;
use clap::{Args, Subcommand};
use formhold_domain::{JobId, job::JobState, rfc3339};
use formhold_service::{
    App,
    jobs::{self, Job, JobDetails, JobFilter, JobTry, schedules},
    retention::{self, Due},
};
use serde_json::{Value, json};

use super::{caller, print, print_json};
use crate::{compose, settings::Settings};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    List(List),
    Show(One),
    Retry(Retry),
    /// Call off a job that waits
    Cancel(One),
    /// Show when schedules come next, and what each last did
    Schedules(Output),
    RunSchedule(RunSchedule),
    /// Show which submissions were kept as long as they should be and are deleted next; delete nothing
    Due(Output),
}

/// List jobs, newest first.
#[derive(Debug, Args)]
pub(super) struct List {
    /// Only those that stand here: ready, later, running, done, dead, cancelled
    #[arg(long, value_parser = state)]
    state: Option<JobState>,
    /// Only those made before this one: goes on after the last one of a list
    #[arg(long, value_name = "ID")]
    before: Option<JobId>,
    /// At most so many
    #[arg(long, default_value_t = 50)]
    limit: u64,
    #[command(flatten)]
    output: Output,
}

/// Show a job and what became of each try.
#[derive(Debug, Args)]
pub(super) struct One {
    /// The job
    id: JobId,
    #[command(flatten)]
    output: Output,
}

/// Let a job be tried again at once, or all that failed.
#[derive(Debug, Args)]
pub(super) struct Retry {
    /// The job
    #[arg(required_unless_present = "failed", conflicts_with = "failed")]
    id: Option<JobId>,
    /// All that failed for good; mails about accounts cannot be tried again, their content is gone
    #[arg(long)]
    failed: bool,
    /// Only what failed at this time or later: 2026-06-01T12:00:00Z
    #[arg(long, requires = "failed", value_parser = time, value_name = "TIME")]
    from: Option<i64>,
    /// Only what failed at this time or before
    #[arg(long, requires = "failed", value_parser = time, value_name = "TIME")]
    to: Option<i64>,
    #[command(flatten)]
    output: Output,
}

/// Do at once what a schedule does.
#[derive(Debug, Args)]
pub(super) struct RunSchedule {
    /// The schedule, as `formhold jobs schedules` names it
    name: String,
    #[command(flatten)]
    output: Output,
}

#[derive(Debug, Args)]
pub(super) struct Output {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

fn state(text: &str) -> Result<JobState, String> {
    JobState::parse(text).ok_or_else(|| {
        let all: Vec<_> = JobState::ALL.iter().map(|state| state.as_str()).collect();
        format!("must be one of {}", all.join(", "))
    })
}

fn time(text: &str) -> Result<i64, String> {
    formhold_domain::parse_rfc3339(text)
        .ok_or_else(|| "write it as 2026-06-01T12:00:00Z".to_owned())
}

pub(super) async fn run(command: Command, settings: &Settings) -> anyhow::Result<ExitCode> {
    let app = compose::app(settings).await?;
    let outcome = act(&app, command).await;
    // Whoever works is told before this ends.
    let told =
        tokio::time::timeout(std::time::Duration::from_millis(50), jobs::announce(app.clone()));
    let _ = told.await;
    app.store.close().await;
    outcome.map(|()| ExitCode::SUCCESS)
}

async fn act(app: &App, command: Command) -> anyhow::Result<()> {
    match command {
        Command::List(list) => {
            let filter = JobFilter { state: list.state, ..JobFilter::default() };
            let found = jobs::list_jobs(app, &caller(), &filter, list.before, list.limit).await?;
            show_list(&found, list.output.json)
        }
        Command::Show(one) => {
            show_one(&jobs::show_job(app, &caller(), one.id).await?, one.output.json)
        }
        Command::Retry(Retry { id: Some(id), output, .. }) => {
            jobs::retry_job(app, &caller(), id).await?;
            told(&output, json!({ "job": id }), &format!("job {id} is tried again"))
        }
        Command::Retry(Retry { from, to, output, .. }) => {
            let (from, to) = (from.unwrap_or(0), to.unwrap_or(i64::MAX));
            let count = jobs::retry_failed_jobs(app, &caller(), from, to).await?;
            told(&output, json!({ "jobs": count }), &format!("{count} jobs are tried again"))
        }
        Command::Cancel(one) => {
            jobs::cancel_job(app, &caller(), one.id).await?;
            told(&one.output, json!({ "job": one.id }), &format!("job {} is called off", one.id))
        }
        Command::Schedules(output) => show_schedules(app, output.json).await,
        Command::Due(output) => show_due(app, output.json).await,
        Command::RunSchedule(run) => {
            let id = schedules::run_schedule(app, &caller(), &run.name).await?;
            told(&run.output, json!({ "job": id }), &format!("job {id} does it"))
        }
    }
}

async fn show_due(app: &App, as_json: bool) -> anyhow::Result<()> {
    let due = retention::plan(app).await?;
    if as_json {
        let due: Vec<_> = due
            .iter()
            .map(|due| {
                json!({
                    "form": due.slug,
                    "state": due.state.as_str(),
                    "days": due.days,
                    "submissions": due.submissions,
                    "is_more": due.submissions == retention::MOST_COUNTED,
                })
            })
            .collect();
        return print_json(&json!(due));
    }
    if due.is_empty() {
        print("nothing is due");
        return Ok(());
    }
    for Due { slug, state, days, submissions, .. } in due {
        let more = if submissions == retention::MOST_COUNTED { " or more" } else { "" };
        let state = state.as_str();
        print(&format!("{slug}: {submissions}{more} in {state}, kept for {days} days"));
    }
    print("the schedule `delete-due` deletes them: formhold jobs run-schedule delete-due");
    Ok(())
}

fn told(output: &Output, value: Value, sentence: &str) -> anyhow::Result<()> {
    if output.json {
        return print_json(&value);
    }
    print(sentence);
    Ok(())
}

fn show_list(found: &[Job], as_json: bool) -> anyhow::Result<()> {
    if as_json {
        return print_json(&found.iter().map(job_value).collect::<Vec<_>>());
    }
    for job in found {
        print(&format!(
            "{}  {:9}  {:17}  {:24}  {}/{}  {}",
            job.id,
            job.state.as_str(),
            job.kind,
            job.lane,
            job.attempts,
            job.max_attempts,
            job.last_error.as_deref().map(plain).unwrap_or_default()
        ));
    }
    Ok(())
}

fn show_one(details: &JobDetails, as_json: bool) -> anyhow::Result<()> {
    let tries = || details.tries.iter().map(try_value).collect::<Vec<_>>();
    let mut value = job_value(&details.job);
    let whole = value.as_object_mut().ok_or_else(|| anyhow!("a job is an object"))?;
    whole.insert("tries".to_owned(), Value::Array(tries()));
    if as_json {
        return print_json(&value);
    }
    for (name, value) in whole.iter().filter(|(name, value)| *name != "tries" && !value.is_null()) {
        print(&format!("{name:15}{}", value.as_str().map_or_else(|| value.to_string(), plain)));
    }
    for it in &details.tries {
        print(&format!(
            "try {}: {} at {}, {} ms{}  {}",
            it.attempt,
            it.outcome.as_str(),
            rfc3339(it.at_ms),
            it.duration_ms,
            it.status.map_or_else(String::new, |status| format!(", status {status}")),
            plain(&it.excerpt)
        ));
    }
    Ok(())
}

async fn show_schedules(app: &App, as_json: bool) -> anyhow::Result<()> {
    let all = schedules::list_schedules(app, &caller()).await?;
    let next =
        |it: &schedules::ScheduleDetails| it.schedule.as_ref().map(|it| rfc3339(it.next_at_ms));
    if as_json {
        let value = |it: &schedules::ScheduleDetails| {
            json!({
                "name": it.kind.as_str(),
                "pattern": it.pattern,
                "next_at": next(it),
                "last_job": it.last_job.as_ref().map(job_value),
                "last_try": it.last_try.as_ref().map(try_value),
            })
        };
        return print_json(&all.iter().map(value).collect::<Vec<_>>());
    }
    for it in &all {
        let did = it.last_try.as_ref().map_or_else(
            || "has not run yet".to_owned(),
            |last| {
                let (at, took) = (rfc3339(last.at_ms), last.duration_ms);
                format!("{at}, {took} ms, {}: {}", last.outcome.as_str(), plain(&last.excerpt))
            },
        );
        let next = next(it).unwrap_or_else(|| "when a worker runs".to_owned());
        print(&format!("{:18} {:12} next {next}; last {did}", it.kind.as_str(), it.pattern));
    }
    Ok(())
}

/// Without what could move a terminal's cursor: receivers choose these words.
fn plain(text: &str) -> String {
    text.replace(char::is_control, " ")
}

fn job_value(job: &Job) -> Value {
    json!({
        "id": job.id,
        "kind": job.kind,
        "lane": job.lane,
        "state": job.state.as_str(),
        "attempts": job.attempts,
        "max_attempts": job.max_attempts,
        "run_at": rfc3339(job.run_at_ms),
        "created_at": rfc3339(job.created_at_ms),
        "finished_at": job.finished_at_ms.map(rfc3339),
        "node": job.node,
        "workspace_id": job.about.workspace_id,
        "form_id": job.about.form_id,
        "submission_id": job.about.submission_id,
        "channel_id": job.about.channel_id,
        "last_error": job.last_error,
    })
}

fn try_value(it: &JobTry) -> Value {
    json!({
        "attempt": it.attempt,
        "at": rfc3339(it.at_ms),
        "duration_ms": it.duration_ms,
        "outcome": it.outcome.as_str(),
        "status": it.status,
        "excerpt": it.excerpt,
    })
}
