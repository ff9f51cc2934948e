//! What accepting submissions of 600 bytes costs behind HTTP, commit on SQLite included:
//! `cargo bench -p formhold-service --bench accept -- <how many> <how many at once> [a Redis]`.
//! Counted in instructions, one at once, less those of a run with none, other work on the machine
//! does not change it: `valgrind --tool=callgrind --callgrind-out-file=/dev/null <binary> 1000 1`.

use std::{
    io::Write as _,
    net::{IpAddr, Ipv6Addr},
    sync::Arc,
    time::{Duration, Instant},
};

use async_trait::async_trait;
use formhold_captcha::Captchas;
use formhold_domain::{Clock, Ids, Limit, RandomIds, SystemClock, access::Caller, letters::Letter};
use formhold_files::Files;
use formhold_identity::{
    oidc::Oidc,
    passwords::{Concurrency, Parameters, Passwords},
};
use formhold_kv::Kv;
use formhold_service::{
    App, AuthSettings, Parts, Secrets, forms,
    letters::LetterCarrier,
    limits::RateLimits,
    submissions::{self, SubmitRequest},
    uploads::{FileLimits, ReceivedUploads},
};
use formhold_store::Store;
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
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let ids: Arc<dyn Ids> = Arc::new(RandomIds);
    let database = formhold_store::Settings {
        url: format!("sqlite://{}", folder.join("bench.db").display()),
        max_connections: 2,
    };
    let store = Store::open(&database).await.expect("a database");
    let files = format!("url = \"file://{}\"", folder.join("files").display());
    let files: formhold_files::Settings =
        toml::from_str(&format!("{files}\n{}", OTHER_FILE_SETTINGS)).expect("settings of files");
    let settings = formhold_kv::Settings { url: redis.unwrap_or_default() };
    let kv = Kv::open(&settings, Arc::clone(&clock), Arc::clone(&ids)).expect("an address");
    assert!(kv.connected(Duration::from_secs(5)).await, "Redis answers");
    let secrets = Secrets::load(&store, &*ids).await.expect("secrets");
    let captcha = formhold_captcha::Settings::default();
    let of_captchas = (Arc::clone(&clock), Arc::clone(&ids));
    let captchas = Captchas::new(&captcha, &secrets.captcha, of_captchas.0, of_captchas.1);
    let limit = Limit::At("1000000/s".parse().expect("a quota"));
    App::new(Parts {
        store,
        files: Files::open(&files).expect("a folder for files"),
        scanner: None,
        kv,
        captchas: captchas.expect("captchas"),
        file_limits: FileLimits { max_files: 1, max_file_bytes: 1 },
        rate_limits: RateLimits {
            submissions: limit,
            form_submissions: limit,
            challenges: limit,
            login: limit,
            login_account: limit,
            api: limit,
            exports: limit,
            invitations: limit,
        },
        public_host: None,
        public_url: "http://localhost".to_owned(),
        auth: AuthSettings {
            registration: formhold_domain::accounts::Registration::Closed,
            session_idle_hours: 1,
            session_days: 1,
            audit_days: 0,
            password_memory_kib: 7_168,
            password_passes: 1,
            oidc_timeout_ms: 500,
            oidc: std::collections::BTreeMap::new(),
        },
        passwords: Passwords::new(Parameters::default(), Concurrency::default(), Arc::clone(&ids))
            .expect("parameters that argon2 takes"),
        passkeys: None,
        oidc: Oidc::new(
            &formhold_identity::Settings::default(),
            Arc::clone(&clock),
            Arc::clone(&ids),
        )
        .expect("a client"),
        letters: Arc::new(NoLetters),
        secrets,
        clock,
        ids,
    })
}

/// Nobody has an account here.
struct NoLetters;

#[async_trait]
impl LetterCarrier for NoLetters {
    async fn carry(&self, _: &Letter) -> Result<(), String> {
        Err("there is nobody to write to".to_owned())
    }
}

const OTHER_FILE_SETTINGS: &str = r#"
s3_access_key_id = ""
s3_secret_access_key = ""
spool = ""
max_spool_bytes = 1
max_files = 1
max_file_bytes = 1
clamd = ""
max_scan_bytes = 1
max_image_pixels = 1
"#;

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
