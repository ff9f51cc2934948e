//! A Formhold in this process, reached through its real socket.

use formhold_domain::access::Caller;
use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use formhold::{compose, settings};
use formhold_domain::{CompiledForm, FormDefinition, FormId, Limit, RandomIds, Submission};
use formhold_jobs::Worker;
use formhold_service::{App, forms, jobs};
use formhold_web::{Listener, Stop};
use serde_json::{Value, json};

use crate::{Stack, TestClock, TestDatabase};

/// A running Formhold with a clock of its own.
pub struct TestApp {
    /// What it does, without HTTP.
    pub app: App,
    /// Its clock.
    pub clock: Arc<TestClock>,
    /// Its database and folder.
    pub database: TestDatabase,
    /// Where it listens.
    pub address: SocketAddr,
    /// Sends requests, follows no redirect.
    pub client: reqwest::Client,
    settings: settings::Settings,
    stop: Stop,
    worker: Mutex<Option<Worker>>,
}

impl TestApp {
    /// Starts one with default settings.
    pub async fn start(stack: Stack) -> Self {
        Self::start_with(stack, |_| {}).await
    }

    /// Starts one with settings that are changed first.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn start_with(stack: Stack, change: impl FnOnce(&mut settings::Settings)) -> Self {
        Self::start_on(TestDatabase::new(stack).await, change).await
    }

    /// Starts one on a database that exists.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn start_on(
        database: TestDatabase,
        change: impl FnOnce(&mut settings::Settings),
    ) -> Self {
        let mut settings = settings_for(&database);
        change(&mut settings);
        let clock = Arc::new(TestClock::default());
        let app = compose::app_with(&settings, clock.clone(), Arc::new(RandomIds))
            .await
            .expect("it starts");
        if !settings.redis.url.is_empty() {
            // Not every test wants a Redis that answers.
            app.kv.connected(std::time::Duration::from_secs(2)).await;
        }
        let stop = Stop::new();
        let address = listen(&app, &settings, stop.clone()).await;
        tokio::spawn(jobs::announce(app.clone()));
        // Schedules come by the hour, and would change what a test looks at.
        let worker = Worker::start_without_schedules(app.clone(), settings.jobs.clone());
        let client = client();
        Self {
            app,
            clock,
            database,
            address,
            client,
            settings,
            stop,
            worker: Mutex::new(Some(worker)),
        }
    }

    /// Lets nobody do jobs any more; for tests that look at workers of their own.
    pub async fn stop_worker(&self) {
        let worker = self.worker.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(worker) = worker {
            worker.stop().await;
        }
    }

    /// What it was started with.
    #[must_use]
    pub fn settings(&self) -> &settings::Settings {
        &self.settings
    }

    /// A second node with the same settings, database and clock.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn second_node(&self) -> App {
        compose::app_with(&self.settings, self.clock.clone(), Arc::new(RandomIds))
            .await
            .expect("a second node")
    }

    /// The address of a second node with a socket of its own; it stops with this one.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn second_address(&self) -> SocketAddr {
        self.address_of(&self.second_node().await).await
    }

    /// Gives another node a socket; it stops with this one.
    ///
    /// # Panics
    /// When there is no free port.
    pub async fn address_of(&self, node: &App) -> SocketAddr {
        listen(node, &self.settings, self.stop.clone()).await
    }

    /// The full address of a path.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Makes a form of a definition in JSON; name and slug are filled in where they are missing.
    ///
    /// # Panics
    /// When the definition is wrong.
    pub async fn form(&self, definition: Value) -> CompiledForm {
        forms::import_form(&self.app, &Caller::system("test"), None, form_of(definition))
            .await
            .expect("a form")
            .0
    }

    /// Posts pairs as a browser's script would and gives back status and JSON.
    ///
    /// # Panics
    /// When there is no reply, or it is no JSON.
    pub async fn post(&self, path: &str, pairs: &[(&str, &str)]) -> (u16, Value) {
        let request =
            self.client.post(self.url(path)).header("accept", "application/json").form(pairs);
        let response = request.send().await.expect("a reply");
        (response.status().as_u16(), response.json().await.expect("JSON"))
    }

    /// All submissions of a form.
    ///
    /// # Panics
    /// When the database fails.
    pub async fn submissions(&self, form: &CompiledForm) -> Vec<Submission> {
        submissions_of(&self.app, form.identity.id).await
    }

    /// The files on disk, half-written ones too.
    ///
    /// # Panics
    /// When the folder cannot be read.
    #[must_use]
    pub fn files_on_disk(&self) -> Vec<PathBuf> {
        files_below(&self.database.folder.path().join("files"))
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// All submissions of a form, oldest first.
///
/// # Panics
/// When the database fails.
pub async fn submissions_of(app: &App, form: FormId) -> Vec<Submission> {
    let mut snapshot = app.store.export_snapshot(form).await.expect("a snapshot");
    let mut all = Vec::new();
    loop {
        let page = snapshot.next_page().await.expect("a page");
        if page.is_empty() {
            return all;
        }
        all.extend(page);
    }
}

/// The files in a folder and those below it.
///
/// # Panics
/// When a folder cannot be read.
#[must_use]
pub fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() { found.extend(files_below(&path)) } else { found.push(path) }
    }
    found
}

/// The default settings, for this database and a free port. Rate limits are off: all clients of a
/// test have one address. Proofs of work are cheap. With MariaDB goes Redis.
///
/// # Panics
/// When the defaults are wrong.
#[must_use]
pub fn settings_for(database: &TestDatabase) -> settings::Settings {
    let mut settings = settings::load(None, &settings::Environment::new())
        .expect("the defaults are good")
        .settings;
    settings.database.url.clone_from(&database.url);
    settings.files.url = format!("file://{}/files", database.folder.path().display());
    settings.server.listen = SocketAddr::from(([127, 0, 0, 1], 0));
    settings.limits.submissions = Limit::Off;
    settings.limits.challenges = Limit::Off;
    settings.limits.login = Limit::Off;
    settings.limits.login_account = Limit::Off;
    settings.limits.api = Limit::Off;
    settings.limits.exports = Limit::Off;
    settings.limits.invitations = Limit::Off;
    settings.limits.mails_recipient = Limit::Off;
    settings.limits.mails_form = Limit::Off;
    // Receivers of tests are on this machine.
    settings.outbound.allow_networks = vec!["127.0.0.0/8".parse().expect("a network")];
    settings.mail.folder = format!("{}/mail", database.folder.path().display());
    // The least that is taken: tests sign in often.
    settings.auth.password_memory_kib = 7 * 1024;
    settings.auth.password_passes = 1;
    settings.jobs.poll_ms = 100;
    // Debug builds hash slowly.
    settings.captcha.altcha_cost = 4;
    settings.captcha.altcha_max_cost = 400;
    if let Some(redis_url) = &database.redis_url {
        settings.redis.url.clone_from(redis_url);
    }
    settings
}

async fn listen(app: &App, settings: &settings::Settings, stop: Stop) -> SocketAddr {
    let listener = Listener::bind(&settings.server).await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    let router = formhold_web::router(compose::web(app.clone(), settings));
    tokio::spawn(listener.serve(router, stop));
    address
}

/// A definition of JSON; name and slug are filled in where they are missing.
///
/// # Panics
/// When the definition is wrong.
#[must_use]
pub fn form_of(definition: Value) -> FormDefinition {
    let mut whole = json!({ "name": "Test", "slug": "test" });
    if let (Some(whole), Value::Object(definition)) = (whole.as_object_mut(), definition) {
        whole.extend(definition);
    }
    serde_json::from_value(whole).expect("a definition")
}

/// A client that follows no redirect and no proxy.
///
/// # Panics
/// When it cannot be made.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "tests talk to loopback only")]
pub fn client() -> reqwest::Client {
    formhold_outbound::install_tls_provider();
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .build()
        .expect("a client")
}
