//! A whole run: the phases in turn, round by round, so that a slow minute of the machine hits all.

use std::{path::PathBuf, time::Duration};

use anyhow::Context as _;
use clap::Args;
use url::Url;

use crate::{
    bare::{BATCH, MYSQL_WRITERS},
    database::{Database, Place, Template},
    machine,
    mariadb::{self, MariaDb},
    phases::{Bench, Sample, Start},
    redis::Redis,
    report::{Report, middle},
    server::Limits,
    stats::median,
};

const STARTS: usize = 10;
/// How many rows the database has that starts are measured on.
const ROWS_AT_START: u64 = 20_000;
/// The pace, as a part of the top rate.
const PACE: f64 = 0.7;

/// What a run is asked for.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Formhold's program
    #[arg(long, env = "FORMHOLD_BIN", default_value = "target/release/formhold")]
    binary: PathBuf,
    /// A folder on a real disk for throw-away data
    #[arg(long, default_value = "/var/tmp")]
    folder: PathBuf,
    /// A MariaDB server to make throw-away databases on; without it, one is started
    #[arg(long, env = "FORMHOLD_TEST_MYSQL_URL")]
    mysql_url: Option<Url>,
    /// How many seconds each phase lasts
    #[arg(long, env = "BENCH_SECONDS", default_value_t = 8)]
    seconds: u64,
    /// How often each phase is repeated
    #[arg(long, env = "BENCH_ROUNDS", default_value_t = 3)]
    rounds: usize,
    /// How many rows to fill a database with, to measure once more; 0 for not
    #[arg(long, env = "BENCH_ROWS", default_value_t = 0)]
    rows: u64,
    /// How many connections the load has
    #[arg(long, default_value_t = 64)]
    connections: usize,
    /// A line for the report, such as the revision that was built
    #[arg(long)]
    note: Vec<String>,
    /// The file that the report is written to
    #[arg(long)]
    output: PathBuf,
}

/// What is known of one database.
struct Results {
    place: Place,
    top: Vec<Sample>,
    limit: Vec<f64>,
    paced: Vec<Sample>,
    starts: Vec<Start>,
}

/// Measures everything; answers the report, which is also written to its file.
///
/// # Errors
/// When a phase fails, above all when an acknowledged submission is lost.
pub(crate) async fn run(arguments: Arguments) -> anyhow::Result<String> {
    let binary = arguments.binary.canonicalize().context("Formhold is not built")?;
    let folder = tempfile::Builder::new()
        .prefix("formhold_bench_")
        .permissions(std::os::unix::fs::PermissionsExt::from_mode(0o755))
        .tempdir_in(&arguments.folder)?;
    let own = match &arguments.mysql_url {
        None => Some(MariaDb::start(folder.path())?),
        Some(_) => None,
    };
    let server = own.as_ref().map(|own| &own.url).or(arguments.mysql_url.as_ref());
    let server = server.cloned().context("no database server")?;
    let parent = folder.path().to_owned();
    let places =
        [Place::Sqlite { folder: parent.clone() }, Place::MySql { folder: parent.clone(), server }];
    let bench = Bench {
        binary,
        folder: parent,
        connections: arguments.connections,
        duration: Duration::from_secs(arguments.seconds),
    };
    let report = measure(&bench, places, &arguments).await?.markdown();
    if let Some(own) = own {
        own.stop()?;
    }
    if let Some(folder) = arguments.output.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(&arguments.output, &report)?;
    Ok(report)
}

async fn measure(
    bench: &Bench,
    places: [Place; 2],
    arguments: &Arguments,
) -> anyhow::Result<Report> {
    let mut report = Report { facts: facts(bench, &places, arguments).await?, ..Report::default() };
    let template = bench.template(&places[0]).await?;
    let mut results = places.map(|place| Results {
        place,
        top: Vec::new(),
        limit: Vec::new(),
        paced: Vec::new(),
        starts: Vec::new(),
    });
    let redis = Redis::start(&bench.folder)?;
    let mut limited =
        [(Limits::Memory, Vec::new()), (Limits::Redis(redis.url.clone()), Vec::new())];
    let mut http = Vec::new();
    for round in 1..=arguments.rounds {
        for result in &mut results {
            say(&format!("round {round}: Formhold on {}", result.place.name()));
            result.top.push(on_new(bench, &result.place, &Limits::Off, None).await?);
        }
        for (limits, samples) in &mut limited {
            say(&format!(
                "round {round}: Formhold on {} with {}",
                results[0].place.name(),
                name_of(limits)
            ));
            samples.push(on_new(bench, &results[0].place, limits, None).await?);
        }
        say(&format!("round {round}: HTTP alone"));
        http.push(bench.http_limit().await?);
        for result in &mut results {
            say(&format!("round {round}: {} alone", result.place.name()));
            result.limit.push(bench.database_limit(&result.place, &template).await?);
        }
    }
    for round in 1..=arguments.rounds {
        for result in &mut results {
            say(&format!("round {round}: Formhold on {} at a pace", result.place.name()));
            let rate = PACE * result.top_rate();
            result.paced.push(on_new(bench, &result.place, &Limits::Off, Some(rate)).await?);
        }
    }
    for result in &mut results {
        say(&format!("starts on {}", result.place.name()));
        let database = bench.with_form(&result.place).await?;
        bench.fill(&database, &template, ROWS_AT_START).await?;
        result.starts = starts(bench, &database).await?;
        database.remove().await?;
    }
    add_rows(&mut report, &results, http);
    for (limits, samples) in limited {
        let name = format!("Formhold on {} with {}", results[0].place.name(), name_of(&limits));
        let without = results[0].top.iter().map(|sample| sample.rate);
        report.ratios.push((format!("{name} to without limits"), ratio(&samples, without)));
        report.top.push((name, samples));
    }
    if arguments.rows > 0 {
        for result in &results {
            add_changes(&mut report, bench, result, &template, arguments).await?;
        }
    }
    Ok(report)
}

async fn on_new(
    bench: &Bench,
    place: &Place,
    limits: &Limits,
    rate: Option<f64>,
) -> anyhow::Result<Sample> {
    let database = bench.with_form(place).await?;
    let sample = bench.formhold(place, &database, limits, rate).await?;
    database.remove().await?;
    Ok(sample)
}

async fn starts(bench: &Bench, database: &Database) -> anyhow::Result<Vec<Start>> {
    let mut starts = Vec::new();
    for _ in 0..STARTS {
        starts.push(bench.start(database).await?);
    }
    Ok(starts)
}

fn name_of(limits: &Limits) -> &'static str {
    match limits {
        Limits::Off => "no limits",
        Limits::Memory => "limits in memory",
        Limits::Redis(_) => "limits in Redis",
    }
}

impl Results {
    fn top_rate(&self) -> f64 {
        middle(&self.top, |sample| sample.rate)
    }
}

/// The median of what each round says: its phases ran within the same minute.
fn ratio(top: &[Sample], limits: impl Iterator<Item = f64>) -> f64 {
    median(top.iter().zip(limits).map(|(sample, limit)| sample.rate / limit))
}

fn add_rows(report: &mut Report, results: &[Results; 2], http: Vec<Sample>) {
    let [sqlite, mysql] = results;
    let limits = http.iter().zip(&sqlite.limit).map(|(http, limit)| http.rate.min(*limit));
    report.ratios = vec![
        (
            "Formhold on SQLite to the lower of HTTP alone and SQLite alone".to_owned(),
            ratio(&sqlite.top, limits),
        ),
        (
            "Formhold on MariaDB to MariaDB alone".to_owned(),
            ratio(&mysql.top, mysql.limit.iter().copied()),
        ),
    ];
    for result in results {
        let name = result.place.name();
        report.top.push((format!("Formhold on {name}"), result.top.clone()));
        report.limits.push((format!("{name} alone"), result.limit.clone()));
        report.paced.push((format!("Formhold on {name}"), result.paced.clone()));
        report.starts.push((format!("Formhold on {name}"), result.starts.clone()));
    }
    report.top.push(("HTTP alone".to_owned(), http));
}

/// Measures once more on a database with many rows, at the same pace as without them.
async fn add_changes(
    report: &mut Report,
    bench: &Bench,
    without: &Results,
    template: &Template,
    arguments: &Arguments,
) -> anyhow::Result<()> {
    let (place, name) = (&without.place, without.place.name());
    say(&format!("filling {name} with {} rows", arguments.rows));
    let database = bench.with_form(place).await?;
    bench.fill(&database, template, arguments.rows).await?;
    say(&format!("starts on the filled {name}"));
    let starts = starts(bench, &database).await?;
    let (mut top, mut paced) = (Vec::new(), Vec::new());
    for round in 1..=arguments.rounds {
        say(&format!("round {round}: Formhold on the filled {name}"));
        top.push(bench.formhold(place, &database, &Limits::Off, None).await?);
        let rate = Some(PACE * without.top_rate());
        paced.push(bench.formhold(place, &database, &Limits::Off, rate).await?);
    }
    database.remove().await?;
    let mut add = |what: &str, without, with| {
        report.changes.push((format!("{name}: {what}"), without, with));
    };
    add("submissions/s", without.top_rate(), middle(&top, |sample| sample.rate));
    let mut add_paced = |what, figure: fn(&Sample) -> f64| {
        add(what, middle(&without.paced, figure), middle(&paced, figure));
    };
    add_paced("paced p50 ms", |sample| sample.latency.p50);
    add_paced("paced p99 ms", |sample| sample.latency.p99);
    add_paced("peak RSS MiB", |sample| sample.peak_mib);
    let mut add_start = |what, figure: fn(&Start) -> f64| {
        add(what, middle(&without.starts, figure), middle(&starts, figure));
    };
    add_start("first reply ms", |start| start.first_reply_ms);
    add_start("first stored ms", |start| start.first_stored_ms);
    add_start("idle RSS MiB", |start| start.idle_mib);
    Ok(())
}

async fn facts(
    bench: &Bench,
    places: &[Place; 2],
    arguments: &Arguments,
) -> anyhow::Result<Vec<String>> {
    let mut facts = machine::describe(&bench.folder)?;
    facts.extend(arguments.note.iter().cloned());
    for place in places {
        facts.push(place.version().await?.0);
    }
    facts.push(format!(
        "Load: 600-byte urlencoded submissions to one form with 6 fields, {} connections from one \
         thread on the same machine; {} rounds of {} s, each on a new database; at a pace of {} % \
         of the top rate",
        bench.connections,
        arguments.rounds,
        bench.duration.as_secs(),
        PACE * 100.0
    ));
    facts.push("Formhold: default settings, rate limits off where nothing else is said; SQLite with WAL and synchronous=FULL".to_owned());
    facts.push(if arguments.mysql_url.is_some() {
        "MariaDB: a server that ran already".to_owned()
    } else {
        format!("MariaDB: {}, otherwise as it comes", mariadb::SETTINGS.join(" "))
    });
    facts.push(format!(
        "Databases alone: the same rows, {BATCH} to a commit and a statement, one connection on \
         SQLite, {MYSQL_WRITERS} on MariaDB; no HTTP, no checks"
    ));
    facts.push(
        "Elsewhere: processors busy with neither server, database nor load, such as the kernel's \
         own work; where it is high, the machine was not quiet"
            .to_owned(),
    );
    facts.push("Lost: acknowledged submissions that a count does not find afterwards".to_owned());
    Ok(facts)
}

fn say(text: &str) {
    eprintln!("{text}");
}
