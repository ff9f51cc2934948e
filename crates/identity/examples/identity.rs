//! Does what a server would do with this crate, for the tests in `e2e/`, which set other people's
//! programs against it: a real provider, and a real browser.
//!
//! Its arguments are the settings as JSON and the public address. Each line that it reads is an order
//! as JSON, see [`Order`]; it answers each with a line: what came of it, or `{"problem", "reason"}`.

use std::{
    error::Error,
    io::{Write as _, stdin, stdout},
    sync::Arc,
};

use formhold_domain::{RandomIds, SystemClock};
use formhold_identity::{
    Settings,
    oidc::{Callback, Oidc, OidcProblem},
    passkeys::{Owner, PasskeyProblem, Passkeys},
};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::task::spawn_blocking;
use url::Url;
use uuid::Uuid;

#[derive(Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", rename_all_fields = "camelCase")]
enum Order {
    OidcBegin { provider: String, redirect_url: Url },
    OidcFinish { provider: String, state: String, callback: Callback },
    PasskeyBeginRegistration { owner: Uuid, name: String, existing: Vec<Vec<u8>> },
    PasskeyFinishRegistration { state: String, response: String },
    PasskeyBeginSignIn,
    PasskeyClaimed { response: String },
    PasskeyFinishSignIn { state: String, response: String, owner: Uuid, credential: String },
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [settings, public_url] = &arguments[..] else {
        return Err("say the settings and the public address".into());
    };
    let settings: Settings = serde_json::from_str(settings)?;
    if !settings.problems().is_empty() {
        return Err(format!("{:?}", settings.problems()).into());
    }
    let oidc = Oidc::new(&settings, Arc::new(SystemClock), Arc::new(RandomIds))?;
    let passkeys = Passkeys::new(&Url::parse(public_url)?, "Formhold")?;
    // Waiting on a thread of its own lets the client notice connections that were closed meanwhile.
    while let Some(line) = spawn_blocking(|| stdin().lines().next()).await? {
        let answer = match serde_json::from_str(&line?)? {
            order @ (Order::OidcBegin { .. } | Order::OidcFinish { .. }) => {
                by_provider(&oidc, order).await.unwrap_or_else(|problem| shown(&problem))
            }
            order => by_passkey(&passkeys, order).unwrap_or_else(|problem| shown(&problem)),
        };
        writeln!(stdout(), "{answer}")?;
    }
    Ok(())
}

async fn by_provider(oidc: &Oidc, order: Order) -> Result<Value, OidcProblem> {
    match order {
        Order::OidcBegin { provider, redirect_url } => {
            let begun = oidc.begin(&provider, &redirect_url).await?;
            Ok(json!({ "url": begun.url, "state": begun.state }))
        }
        Order::OidcFinish { provider, state, callback } => {
            let claims = oidc.finish(&provider, &state, &callback).await?;
            Ok(json!({
                "issuer": claims.issuer,
                "subject": claims.subject,
                "email": claims.email,
                "emailVerified": claims.email_verified,
                "name": claims.name,
            }))
        }
        _ => Ok(Value::Null),
    }
}

fn by_passkey(passkeys: &Passkeys, order: Order) -> Result<Value, PasskeyProblem> {
    match order {
        Order::PasskeyBeginRegistration { owner, name, existing } => {
            let owner = Owner { id: owner, name: &name, display_name: &name };
            let begun = passkeys.begin_registration(owner, &existing)?;
            Ok(json!({ "options": begun.options, "state": begun.state }))
        }
        Order::PasskeyFinishRegistration { state, response } => {
            let registered = passkeys.finish_registration(&state, &response)?;
            let (id, credential) = (registered.credential_id, registered.credential);
            Ok(json!({ "credentialId": id, "credential": credential }))
        }
        Order::PasskeyBeginSignIn => {
            let begun = passkeys.begin_sign_in()?;
            Ok(json!({ "options": begun.options, "state": begun.state }))
        }
        Order::PasskeyClaimed { response } => {
            let claimed = passkeys.claimed(&response)?;
            Ok(json!({ "owner": claimed.owner, "credentialId": claimed.credential_id }))
        }
        Order::PasskeyFinishSignIn { state, response, owner, credential } => {
            let signed_in = passkeys.finish_sign_in(&state, &response, owner, &credential)?;
            Ok(json!({ "changedCredential": signed_in.changed_credential }))
        }
        _ => Ok(Value::Null),
    }
}

/// The problem by its name, and what it says to people.
fn shown(problem: &impl Error) -> Value {
    let name = format!("{problem:?}");
    let name = name.split('(').next().unwrap_or_default();
    json!({ "problem": name, "reason": problem.to_string() })
}
