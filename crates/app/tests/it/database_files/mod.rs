//! Promise P8 and damaged databases: nothing is touched that should not be, and a start that was
//! cut short can be made again.

mod killed_migration;
mod migrate;
mod refusals;
mod starting;

use formhold_domain::access::Caller;
use std::{collections::BTreeMap, ffi::OsString, path::PathBuf, sync::Arc};

use formhold::compose;
use formhold_domain::{RandomIds, SystemClock};
use formhold_service::{App, forms};
use formhold_testkit::{Program, Stack, TestDatabase, files_below, form_of, settings_for};
use serde_json::json;

fn program(database: &TestDatabase) -> Program {
    Program::new(env!("CARGO_BIN_EXE_formhold"), database)
}

/// Runs a command and gives back its exit status and all that it wrote; the status is 124 should
/// it serve against expectations.
fn outcome(database: &TestDatabase, arguments: &[&str]) -> (i32, String) {
    let mut program = program(database);
    program.wrapper = ["timeout", "30"].map(OsString::from).to_vec();
    let output = program.run(arguments);
    let text = [output.stdout, output.stderr].concat();
    (output.status.code().unwrap_or(-1), String::from_utf8_lossy(&text).into_owned())
}

/// A database with the form `test` and nothing open on it.
async fn good_database(stack: Stack) -> TestDatabase {
    let database = TestDatabase::new(stack).await;
    let app = open(&database).await;
    forms::import_form(&app, &Caller::system("test"), None, form_of(json!({})))
        .await
        .expect("a form");
    app.store.close().await;
    database
}

async fn open(database: &TestDatabase) -> App {
    let ids = Arc::new(RandomIds);
    compose::app_with(&settings_for(database), Arc::new(SystemClock), ids).await.expect("it opens")
}

/// Every file in the folder of a database, with its bytes; without the index of the log
/// (`-shm`), which holds no data and which SQLite makes anew whenever it opens one.
fn contents(database: &TestDatabase) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = files_below(database.folder.path());
    files.retain(|path| !path.to_string_lossy().ends_with("-shm"));
    files.into_iter().map(|path| (path.clone(), std::fs::read(path).expect("a file"))).collect()
}
