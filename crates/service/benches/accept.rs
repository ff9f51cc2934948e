//! What accepting one submission of 600 bytes costs behind HTTP, commit on SQLite included:
//! `cargo bench -p formhold-service --bench accept -- 1000 [address of a Redis]`. Counted in
//! instructions, less those of a run with none, other work on the machine does not change it:
//! `valgrind --tool=callgrind --callgrind-out-file=/dev/null <this binary> 1000`.

use std::{
    io::Write as _,
    net::{IpAddr, Ipv6Addr},
    sync::Arc,
    time::{Duration, Instant},
};

use formhold_captcha::Captchas;
use formhold_domain::{Clock, Ids, Limit, RandomIds, SystemClock};
use formhold_files::Files;
use formhold_kv::Kv;
use formhold_service::{
    App, Parts, Secrets, forms,
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

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let mut arguments = std::env::args().skip(1).filter(|argument| !argument.starts_with('-'));
    let times: u32 = arguments.next().and_then(|text| text.parse().ok()).unwrap_or(1_000);
    let folder = tempfile::tempdir().expect("a folder");
    let app = app(folder.path(), arguments.next()).await;
    let definition = toml::from_str(FORM).expect("a definition");
    forms::import_form(&app, None, definition).await.expect("the form is stored");
    let start = Instant::now();
    for number in 0..times {
        let Ok(forms::Found::Form(form)) = forms::find_form(&app, "bench").await else {
            panic!("the form is there")
        };
        let accepted = submissions::accept(&app, &form, request(&app, number)).await;
        assert!(accepted.is_ok(), "{accepted:?}");
    }
    let each = start.elapsed() / times.max(1);
    let errors = app.kv.stats()[0].errors;
    let _ = writeln!(std::io::stdout(), "{times} accepted, {each:.1?} each, {errors} errors");
    app.store.close().await;
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
        rate_limits: RateLimits { submissions: limit, form_submissions: limit, challenges: limit },
        public_host: None,
        secrets,
        clock,
        ids,
    })
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
        page: Some(page),
        origin: Some("https://www.example.org".to_owned()),
        own: Url::parse("https://forms.example.org").expect("an address"),
        counted: false,
    }
}
