//! The program `formhold`.

use std::process::ExitCode;

fn main() -> ExitCode {
    formhold::commands::main()
}
