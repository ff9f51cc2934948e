//! What accepting submissions of 600 bytes costs behind HTTP, commit on SQLite included:
//! `cargo bench -p formhold --bench accept -- <how many> <how many at once> [a Redis]`.
//! Counted in instructions, one at once, less those of a run with none, other work on the machine
//! does not change it: `valgrind --tool=callgrind --callgrind-out-file=/dev/null <binary> 1000 1`.

use std::{
    io::Write as _,
    net::{IpAddr, Ipv6Addr},
    time::{Duration, Instant},
};

use formhold::{compose, settings};
use formhold_domain::{Limit, access::Caller};
use formhold_service::{
    App, forms,
    submissions::{self, SubmitRequest},
    uploads::ReceivedUploads,
};
use url::Url;

const FORM: &str = include_str!("../../../bench/form.toml");

const MESSAGE: &str = "Hello, we would like to visit your workshop with a group of twelve in May. \
    Two of us use a wheelchair, so please tell us whether all rooms can be reached without \
    stairs.\r\n\r\nWe are interested in the wheel and in glazing, and would bring our own lunch. \
    Is there a place where we could eat? And what does the day cost for a group?\r\n\r\n\
    With kind regards\r\nFrançoise Dvořák, Atelier Nord, second floor, in the yard behind the gate";

fn main() {
    let arguments = std::env::args().skip(1).filter(|argument| !argument.starts_with("--"));
    let mut arguments = arguments.fuse();
    let mut number = |or: u32| arguments.next().and_then(|text| text.parse().ok()).unwrap_or(or);
    let (times, at_once) = (number(1_000), number(1).max(1));
    let runtime = match at_once {
        1 => tokio::runtime::Builder::new_current_thread().enable_all().build(),
        _ => tokio::runtime::Builder::new_multi_thread().enable_all().build(),
    };
    runtime.expect("a runtime").block_on(accept(times, at_once, arguments.next()));
}

async fn accept(times: u32, at_once: u32, redis: Option<String>) {
    let folder = tempfile::tempdir().expect("a folder");
    let app = app(folder.path(), redis).await;
    let definition = toml::from_str(FORM).expect("a definition");
    forms::import_form(&app, &Caller::system("measurement"), None, definition)
        .await
        .expect("the form is stored");
    let start = Instant::now();
    let mut tasks = tokio::task::JoinSet::new();
    for first in 0..at_once {
        let app = app.clone();
        tasks.spawn(async move {
            for number in (first..times).step_by(at_once as usize) {
                accept_one(&app, number).await;
            }
        });
    }
    while let Some(done) = tasks.join_next().await {
        done.expect("no panic");
    }
    let each = start.elapsed() / times.max(1);
    let errors = app.kv.stats()[0].errors;
    let _ = writeln!(std::io::stdout(), "{times} accepted, {each:.1?} each, {errors} errors");
    app.store.close().await;
}

async fn accept_one(app: &App, number: u32) {
    let Ok(forms::Found::Form(form)) = forms::find_form(app, "bench").await else {
        panic!("the form is there")
    };
    let accepted = submissions::accept(app, &form, request(app, number)).await;
    assert!(accepted.is_ok(), "{accepted:?}");
}

async fn app(folder: &std::path::Path, redis: Option<String>) -> App {
    let mut settings =
        settings::load(None, &settings::Environment::new()).expect("the defaults").settings;
    settings.database.url = format!("sqlite://{}", folder.join("bench.db").display());
    settings.files.url = format!("file://{}", folder.join("files").display());
    settings.redis.url = redis.unwrap_or_default();
    let limit = Limit::At("1000000/s".parse().expect("a quota"));
    settings.limits.submissions = limit;
    settings.limits.form_submissions = limit;
    let app = compose::app(&settings).await.expect("an app");
    assert!(app.kv.connected(Duration::from_secs(5)).await, "Redis answers");
    app
}

/// Another client each time, and another word in front: nobody copies anybody.
fn request(app: &App, number: u32) -> SubmitRequest {
    let letters = |number: u32| char::from(b'a' + u8::try_from(number % 26).unwrap_or(0));
    let word: String = [1, 26, 676, 17_576].map(|place| letters(number / place)).iter().collect();
    let page = Url::parse("https://www.example.org/contact").expect("an address");
    let fields = [
        ("name", "Françoise Dvořák"),
        ("email", "francoise.dvorak@mail.example"),
        ("company", "Atelier Nord"),
        ("phone", "+49 30 901820"),
        ("topic", "visit"),
        ("message", &format!("{word} {MESSAGE}")),
    ];
    SubmitRequest {
        fields: fields.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
        uploads: ReceivedUploads::none(app),
        idempotency_key: None,
        client_address: Some(IpAddr::V6(Ipv6Addr::from_bits(u128::from(number) << 64))),
        user_agent: Some("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Firefox/140.0".to_owned()),
        owner: None,
        page: Some(page),
        origin: Some("https://www.example.org".to_owned()),
        own: Url::parse("https://forms.example.org").expect("an address"),
        counted: false,
    }
}
