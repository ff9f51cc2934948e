//! Makes, solves and checks challenges for the tests in `e2e/`, which set other people's programs
//! against ours. The key is no secret.
//!
//! ```text
//! altcha challenge VERSION COST LIFETIME_SECONDS   prints a challenge
//! altcha solve                                     reads a challenge, prints its answer
//! altcha verify LEAST_COST                         reads an answer, prints the verdict
//! altcha secrets                                   prints what signs the challenges
//! ```

#[path = "../tests/support/solver.rs"]
mod solver;

use std::{
    io::{Read as _, Write as _, stdin, stdout},
    process::ExitCode,
    sync::Arc,
};

use formhold_captcha::{
    Answer, Captchas, Settings, Verdict,
    altcha::{ChallengeRequest, Version},
};
use formhold_domain::{FormId, RandomIds, SystemClock};
use serde_json::{Value, json};

const KEY: &[u8; 32] = b"a key for tests that all may see";
const FORM: &str = "0197a2b0-0000-7000-8000-000000000001";

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match run(&arguments).await {
        Ok(output) => {
            let _ = writeln!(stdout(), "{output}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "{error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: &[&str]) -> Result<String, Box<dyn std::error::Error>> {
    let form: FormId = FORM.parse()?;
    let captchas = |lifetime_seconds| {
        let settings =
            Settings { altcha_lifetime_seconds: lifetime_seconds, ..Settings::default() };
        Captchas::new(&settings, KEY, Arc::new(SystemClock), Arc::new(RandomIds))
    };
    match arguments {
        ["challenge", version, cost, lifetime_seconds] => {
            let version = if *version == "1" { Version::One } else { Version::Two };
            let request = ChallengeRequest { form, cost: cost.parse()?, version };
            Ok(captchas(lifetime_seconds.parse()?)?.altcha().challenge(&request))
        }
        ["solve"] => Ok(solver::token(&solver::solve(&input()?))),
        ["verify", least_cost] => {
            let captchas = captchas(1200)?;
            let provider = captchas.provider("altcha").ok_or("it is always there")?;
            let token = input()?;
            let least_cost = least_cost.parse()?;
            let answer = Answer { token: &token, client: None, hosts: &[], form, least_cost };
            Ok(shown(provider.verify(&answer).await).to_string())
        }
        ["secrets"] => {
            let secrets = captchas(1200)?.altcha().signing_secrets();
            Ok(json!({
                "version1": secrets.version_1,
                "version2": secrets.version_2,
                "solution": secrets.solution,
            })
            .to_string())
        }
        _ => Err("say challenge, solve, verify or secrets".into()),
    }
}

fn input() -> std::io::Result<String> {
    let mut text = String::new();
    stdin().read_to_string(&mut text)?;
    Ok(text.trim().to_owned())
}

fn shown(verdict: Verdict) -> Value {
    match verdict {
        Verdict::Passed { replay_key, .. } => {
            json!({ "passed": true, "replayKey": replay_key.map(|key| key.text) })
        }
        Verdict::Failed { code, reason } => {
            json!({ "passed": false, "code": code.as_str(), "reason": reason })
        }
        Verdict::Unverifiable { reason } => json!({ "passed": null, "reason": reason }),
    }
}
