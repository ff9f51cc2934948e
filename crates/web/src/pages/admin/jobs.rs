//! `/admin/jobs`: what waits to be done, what was done and what failed; one job with its tries.

use askama::Template;

use crate::{
    pages::{FormState, Frame, Link, TimeView, labels},
    public::assets,
};

/// Jobs of the whole installation, and what comes again by itself.
#[derive(Debug, Template)]
#[template(path = "pages/admin/jobs.html", whitespace = "minimize")]
pub struct JobsPage<'a> {
    /// What surrounds the page.
    pub frame: Frame<'a>,
    /// What is looked for: `state`.
    pub filter: &'a FormState,
    /// How many there are of each kind that is not done.
    pub kinds: &'a [KindRow],
    /// Beyond so many of a state nothing is counted.
    pub most_counted: u64,
    /// What was found, the newest first.
    pub jobs: &'a [JobRow],
    /// The address of the next page.
    pub next: Option<&'a str>,
    /// What comes again by itself.
    pub schedules: &'a [ScheduleRow<'a>],
}

/// How many jobs of a kind there are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KindRow {
    /// The kind, as `deliver`.
    pub kind: String,
    /// Those that wait for their turn, or for a time.
    pub waiting: u64,
    /// Those that a node is at.
    pub running: u64,
    /// Those that failed for good.
    pub failed: u64,
}

/// One job.
#[derive(Debug, Clone)]
pub struct JobRow {
    /// Its id.
    pub id: String,
    /// The kind, as `deliver`.
    pub kind: String,
    /// What it takes turns with.
    pub lane: String,
    /// The name of the state, as `later`.
    pub state: &'static str,
    /// How often it was tried.
    pub attempts: u32,
    /// How often it is tried in all.
    pub max_attempts: u32,
    /// When it was made.
    pub created: TimeView,
    /// When it is tried next.
    pub next: Option<TimeView>,
    /// Why the last try failed.
    pub error: Option<String>,
    /// Whether it can be tried again now.
    pub may_retry: bool,
    /// Whether it can be called off.
    pub may_cancel: bool,
}

/// Something that comes again by itself.
#[derive(Debug, Clone)]
pub struct ScheduleRow<'a> {
    /// The kind of its jobs, which is its name, too.
    pub kind: &'static str,
    /// When it comes, in five fields as of cron.
    pub pattern: &'a str,
    /// When it comes next.
    pub next: Option<TimeView>,
    /// When it last came.
    pub last: Option<TimeView>,
    /// The name of the state of the job that it made then.
    pub state: Option<&'static str>,
    /// How long that took.
    pub duration_ms: Option<i64>,
    /// What that did.
    pub result: Option<String>,
}

/// One job, or one delivery, with its tries.
#[derive(Debug, Template)]
#[template(path = "pages/admin/job.html", whitespace = "minimize")]
pub struct JobPage<'a> {
    /// What surrounds the page.
    pub frame: Frame<'a>,
    /// What is done, as a heading.
    pub title: &'a str,
    /// Where the list is that it stands in.
    pub back: Link<'a>,
    /// Where it is tried again and called off, as `/admin/jobs/{id}`.
    pub path: &'a str,
    /// The job.
    pub job: &'a JobRow,
    /// Whether it is a delivery.
    pub is_delivery: bool,
    /// Whom it is for, where that has a name.
    pub recipient: Option<&'a str>,
    /// The submission that it tells of.
    pub submission_id: Option<&'a str>,
    /// When it ended.
    pub finished: Option<TimeView>,
    /// The node that is at it, or was.
    pub node: Option<&'a str>,
    /// Its tries, the newest first.
    pub tries: &'a [TryRow],
}

/// One try of a job.
#[derive(Debug, Clone)]
pub struct TryRow {
    /// Which one, from 1.
    pub attempt: u64,
    /// When it began.
    pub at: TimeView,
    /// How long it took.
    pub duration_ms: i64,
    /// What became of it, as `retry`.
    pub outcome: &'static str,
    /// The receiver's status code.
    pub status: Option<u16>,
    /// The first KiB of what the receiver said, or what was done.
    pub excerpt: String,
}

impl JobsPage<'_> {
    fn here(&self) -> &'static str {
        "/admin/jobs"
    }

    fn is_cut(&self) -> bool {
        let sums = self.kinds.iter().fold((0, 0, 0), |(waiting, running, failed), it| {
            (waiting + it.waiting, running + it.running, failed + it.failed)
        });
        sums.0.max(sums.1).max(sums.2) >= self.most_counted
    }
}

impl JobRow {
    fn path(&self, end: &str) -> String {
        format!("/admin/jobs/{}{end}", self.id)
    }
}

impl ScheduleRow<'_> {
    fn run_path(&self) -> String {
        format!("/admin/schedules/{}/run", self.kind)
    }
}

impl JobPage<'_> {
    fn here(&self) -> &'static str {
        if self.is_delivery { "/admin/forms" } else { "/admin/jobs" }
    }

    fn at(&self, end: &str) -> String {
        format!("{}{end}", self.path)
    }
}
