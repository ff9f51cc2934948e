//! `formhold openapi`: the description of the API, as `/api/openapi.json` shows it.

use std::process::ExitCode;

use super::{fail, print_json};

pub(super) fn run() -> ExitCode {
    match print_json(formhold_web::openapi()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error),
    }
}
