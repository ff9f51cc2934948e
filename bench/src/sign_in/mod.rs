//! Whether the pages of accounts tell who has one, by words or by time, and what many sign-ins at once
//! do to everybody else.

mod crowd;
mod visitor;

use std::{
    fs::File,
    io::Write as _,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, ensure};
use url::Url;

use self::{crowd::Crowd, visitor::Visitor};
use crate::{
    database::{Database, Place},
    mariadb::MariaDb,
    server::{self, Limits, Server},
    stats::median,
};

/// The account that exists, and what one asks about; all addresses have the same length.
const KNOWN: &str = "hanna@example.org";
const PASSWORD: &str = "correct horse, battery";
const WRONG: &str = "wrong horse, battery";
/// How far the medians may be apart.
const MOST_APART: f64 = 0.05;

/// What to measure.
#[derive(Debug, clap::Args)]
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
    /// How many requests of each kind, half of them about an account that exists
    #[arg(long, default_value_t = 400)]
    requests: usize,
    /// How many sign in at the same time
    #[arg(long, default_value_t = 200)]
    at_once: usize,
}

/// A form that must not tell whether an address has an account.
struct Question {
    name: &'static str,
    page: &'static str,
    /// The fields for the account that exists, or for the nth address that has none.
    fields: fn(Option<usize>) -> Vec<(&'static str, String)>,
}

const QUESTIONS: &[Question] = &[
    Question {
        name: "signing in with a wrong password",
        page: "/login",
        fields: |nth| vec![("email", address(nth)), ("password", WRONG.to_owned())],
    },
    Question {
        name: "asking for a new password",
        page: "/forgot",
        fields: |nth| vec![("email", address(nth))],
    },
    Question {
        name: "registering",
        page: "/register",
        fields: |nth| {
            let name = "Hanna Meier".to_owned();
            vec![("name", name), ("email", address(nth)), ("password", PASSWORD.to_owned())]
        },
    },
];

fn address(nth: Option<usize>) -> String {
    nth.map_or_else(|| KNOWN.to_owned(), |nth| format!("{nth:05}@example.org"))
}

/// Measures on both databases; answers lines of Markdown.
///
/// # Errors
/// When the two can be told apart, or others had to wait while many signed in.
pub(crate) async fn measure(arguments: &Arguments) -> anyhow::Result<String> {
    let binary = arguments.binary.canonicalize().context("Formhold is not built")?;
    let folder = tempfile::Builder::new()
        .prefix("formhold_bench_")
        .permissions(std::os::unix::fs::PermissionsExt::from_mode(0o755))
        .tempdir_in(&arguments.folder)?;
    let own = match &arguments.mysql_url {
        None => Some(MariaDb::start(folder.path())?),
        Some(_) => None,
    };
    let url = arguments.mysql_url.clone().or_else(|| own.as_ref().map(|own| own.url.clone()));
    let places = [
        Place::Sqlite { folder: folder.path().to_owned() },
        Place::MySql { folder: folder.path().to_owned(), server: url.context("no MariaDB")? },
    ];
    let mut lines = Vec::new();
    for place in &places {
        let database = place.make().await?;
        lines.extend(on(place, &binary, &database, arguments).await?);
        database.remove().await?;
    }
    if let Some(own) = own {
        own.stop()?;
    }
    Ok(lines.join("\n"))
}

async fn on(
    place: &Place,
    binary: &Path,
    database: &Database,
    arguments: &Arguments,
) -> anyhow::Result<Vec<String>> {
    let mut server = Server::formhold(binary, database, &Limits::Memory)?;
    server.ready().await?;
    make_user(binary, database)?;
    let mut lines = vec![format!("## {}", place.name()), String::new()];
    for question in QUESTIONS {
        let (known, unknown) = ask(&server, question, arguments.requests).await?;
        let apart = (known - unknown).abs() / known.min(unknown);
        lines.push(format!(
            "- {}: known {known:.2} ms, unknown {unknown:.2} ms (medians of {} each), {:.1} % apart",
            question.name,
            arguments.requests / 2,
            apart * 100.0
        ));
        ensure!(apart <= MOST_APART, "{}", lines.join("\n"));
    }
    let crowd = Crowd { address: server.address, pid: server.pid(), size: arguments.at_once };
    lines.push(crowd.run(KNOWN, PASSWORD).await?);
    lines.push(String::new());
    server.stop()?;
    Ok(lines)
}

fn make_user(binary: &Path, database: &Database) -> anyhow::Result<()> {
    let file = database.folder().join("password");
    writeln!(File::create(&file)?, "{PASSWORD}")?;
    let mut command = server::formhold(binary, database);
    command.args(["user", "create", "--role", "admin", "--email", KNOWN, "--name", "Hanna"]);
    crate::process::run(command.arg("--password-stdin").stdin(File::open(file)?)).map(drop)
}

/// Asks in turn about the account that exists and about one that does not; median times in
/// milliseconds of both.
async fn ask(server: &Server, question: &Question, requests: usize) -> anyhow::Result<(f64, f64)> {
    let mut visitor = Visitor::open(server.address, question.page).await?;
    let (mut times, mut answer) = ([Vec::new(), Vec::new()], None);
    for index in 0..requests {
        // Known, unknown, unknown, known: neither always comes first.
        let is_unknown = usize::from(matches!(index % 4, 1 | 2));
        let fields = (question.fields)((is_unknown == 1).then_some(index));
        let (reply, took_ms) = visitor.post(question.page, &fields).await?;
        times[is_unknown].push(took_ms);
        let reply = reply.without(&address((is_unknown == 1).then_some(index)));
        let first = answer.get_or_insert_with(|| reply.clone());
        ensure!(*first == reply, "{}: `{first:?}` and `{reply:?}`", question.name);
    }
    let [known, unknown] = times;
    Ok((median(known), median(unknown)))
}
