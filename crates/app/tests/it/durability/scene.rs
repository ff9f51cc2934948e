//! A database with one form, the real program on it, and a client that remembers what it was told.

use formhold_domain::access::Caller;
use std::{net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use formhold::compose;
use formhold_domain::{CompiledForm, RandomIds, Submission, SystemClock};
use formhold_service::{App, forms, uploads};
use formhold_testkit::{
    Program, Running, Stack, TestDatabase, client, files_below, form_of, settings_for,
    submissions_of,
};
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// What a client was told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Told {
    /// It is stored; with the id, unless the reply broke off.
    Ok(Option<String>),
    /// It is not.
    Refused(u16),
    /// No reply came.
    Unknown,
}

/// One submission with its key, which is also an answer of it.
#[derive(Debug, Clone)]
pub(super) struct Sent {
    pub(super) key: String,
    pub(super) file: Option<Vec<u8>>,
}

impl Sent {
    pub(super) fn text(key: impl Into<String>) -> Self {
        Self { key: key.into(), file: None }
    }

    pub(super) fn with_file(key: impl Into<String>, size_bytes: usize) -> Self {
        let key = key.into();
        let file = key.bytes().cycle().take(size_bytes).collect();
        Self { key, file: Some(file) }
    }

    pub(super) async fn post(&self, address: SocketAddr) -> Told {
        let request = client()
            .post(format!("http://{address}/f/test"))
            .timeout(Duration::from_secs(20))
            .header("accept", "application/json")
            .header("idempotency-key", &self.key);
        let request = match &self.file {
            None => request.form(&[("key", self.key.as_str()), ("text", "Grüße")]),
            Some(bytes) => {
                let part = Part::bytes(bytes.clone()).file_name("a.bin");
                request.multipart(Form::new().text("key", self.key.clone()).part("file", part))
            }
        };
        let Ok(response) = request.send().await else { return Told::Unknown };
        if !response.status().is_success() {
            return Told::Refused(response.status().as_u16());
        }
        let body: Option<Value> = response.json().await.ok();
        Told::Ok(body.and_then(|body| Some(body["id"].as_str()?.to_owned())))
    }
}

/// A database with the form `test` in it.
pub(super) struct Scene {
    pub(super) database: TestDatabase,
    pub(super) form: CompiledForm,
    program: Program,
}

impl Scene {
    pub(super) async fn new(stack: Stack) -> Self {
        let database = TestDatabase::new(stack).await;
        let app = open(&database).await;
        let (form, _) = forms::import_form(&app, &Caller::system("test"), None, form_of(json!({})))
            .await
            .expect("a form");
        app.store.close().await;
        // Calls are counted: only those of a submission should be there.
        let program = Program::new(env!("CARGO_BIN_EXE_formhold"), &database).without_worker();
        Self { database, form, program }
    }

    /// All requests on one thread, so that calls are counted in the order of one request.
    pub(super) fn on_one_thread(mut self) -> Self {
        self.program = self.program.setting("TOKIO_WORKER_THREADS", "1");
        self
    }

    pub(super) fn serve(&self) -> Running {
        self.program.serve().expect("the program starts")
    }

    /// How many rows hold this key among their answers.
    pub(super) async fn rows(&self, key: &str) -> i64 {
        let sql = format!("SELECT COUNT(*) FROM submissions WHERE answers LIKE '%\"{key}\"%'");
        self.database.number(&sql).await
    }

    pub(super) fn files_folder(&self) -> PathBuf {
        self.database.folder.path().join("files")
    }

    /// What is in the database after the sweep for left-over files; each file of it was compared
    /// with its hash, and no other file is there.
    pub(super) async fn stored_and_swept(&self) -> Vec<Submission> {
        let app = open(&self.database).await;
        uploads::sweep_older_than(&app, Duration::ZERO).await.expect("the sweep");
        let stored = submissions_of(&app, self.form.identity.id).await;
        app.store.close().await;
        let mut files = files_below(&self.files_folder());
        for upload in stored.iter().flat_map(|submission| &submission.uploads) {
            let name = upload.id.to_string();
            let is_it = |path: &PathBuf| path.file_name().is_some_and(|file| *file == *name);
            let at = files.iter().position(is_it).expect("the file of a row is there");
            let bytes = std::fs::read(files.swap_remove(at)).expect("a file");
            assert_eq!(hex(&bytes), upload.sha256, "the file of a row is whole");
            assert_eq!(bytes.len() as u64, upload.size_bytes);
        }
        assert!(files.is_empty(), "files without a row: {files:?}");
        stored
    }
}

async fn open(database: &TestDatabase) -> App {
    let ids = Arc::new(RandomIds);
    compose::app_with(&settings_for(database), Arc::new(SystemClock), ids).await.expect("it opens")
}

/// SHA-256 in hex.
pub(super) fn hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
