//! What speaks against a network: spam, wrong answers to captchas, too many requests.

use std::{net::IpAddr, time::Duration};

use formhold_kv::client_key;

use crate::App;

/// For so long a network's offences make its proofs of work dearer.
const WINDOW: Duration = Duration::from_secs(15 * 60);
const SCOPE: &str = "offences";

/// Remembers that this client's network sent spam, a wrong answer, or too much.
pub(crate) async fn note(app: &App, client: Option<IpAddr>) {
    if let Some(client) = client {
        app.kv.count(SCOPE, &client_key(client), WINDOW).await;
    }
}

/// How many offences of this client's network are remembered.
pub(crate) async fn count(app: &App, client: IpAddr) -> u64 {
    app.kv.counted(SCOPE, &client_key(client)).await
}
