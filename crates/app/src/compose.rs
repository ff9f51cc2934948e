//! The one place where the parts are put together, for the program and for its tests.

use std::sync::Arc;

use anyhow::Context as _;
use formhold_captcha::Captchas;
use formhold_channels::{Tools, mail::Mailer};
use formhold_domain::{Clock, Ids, RandomIds, SystemClock};
use formhold_files::{Files, Scanner};
use formhold_identity::{
    oidc::Oidc,
    passkeys::Passkeys,
    passwords::{Concurrency, Parameters, Passwords},
};
use formhold_kv::Kv;
use formhold_outbound::GuardedClient;
use formhold_service::{App, Parts, Secrets, limits::RateLimits, uploads::FileLimits};
use formhold_store::Store;
use formhold_web::WebState;

use crate::{letters::Letters, settings::Settings};

/// Opens the database and the files, and makes the app of them.
///
/// # Errors
/// When one of them cannot be opened; the text says what to do.
pub async fn app(settings: &Settings) -> anyhow::Result<App> {
    app_with(settings, Arc::new(SystemClock), Arc::new(RandomIds)).await
}

/// As [`app`], with a clock and ids of the caller's.
///
/// # Errors
/// As [`app`].
pub async fn app_with(
    settings: &Settings,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn Ids>,
) -> anyhow::Result<App> {
    let store = Store::open(&settings.database).await.context("the database cannot be opened")?;
    let files = Files::open_with(&settings.files, Arc::clone(&clock))
        .with_context(|| format!("the files at `{}` cannot be opened", settings.files.url))?;
    let kv = Kv::open(&settings.redis, Arc::clone(&clock), Arc::clone(&ids))?;
    let secrets = Secrets::load(&store, &*ids).await?;
    let (captcha_clock, captcha_ids) = (Arc::clone(&clock), Arc::clone(&ids));
    let captchas = Captchas::new(&settings.captcha, &secrets.captcha, captcha_clock, captcha_ids)?;
    let mailer = Mailer::new(&settings.mail, Arc::clone(&clock))?.map(Arc::new);
    let outbound = GuardedClient::new(&settings.outbound)?;
    let (files_settings, limits) = (&settings.files, &settings.limits);
    Ok(App::new(Parts {
        store,
        files,
        scanner: Scanner::new(files_settings),
        kv,
        captchas,
        file_limits: FileLimits {
            max_files: files_settings.max_files,
            max_file_bytes: files_settings.max_file_bytes,
        },
        rate_limits: RateLimits {
            submissions: limits.submissions,
            form_submissions: limits.form_submissions,
            challenges: limits.challenges,
            login: limits.login,
            login_account: limits.login_account,
            api: limits.api,
            exports: limits.exports,
            invitations: limits.invitations,
            mails_recipient: limits.mails_recipient,
            mails_form: limits.mails_form,
        },
        public_host: settings
            .server
            .public_address()
            .and_then(|url| url.host_str().map(str::to_owned)),
        public_url: public_url(settings),
        auth: settings.auth.clone(),
        retention: settings.retention,
        passwords: Passwords::new(
            Parameters {
                memory_kib: settings.auth.password_memory_kib,
                passes: settings.auth.password_passes,
                lanes: 1,
            },
            Concurrency::default(),
            Arc::clone(&ids),
        )?,
        passkeys: passkeys(settings),
        oidc: Oidc::new(&settings.auth.providers(), Arc::clone(&clock), Arc::clone(&ids))?,
        letters: Arc::new(Letters::new(mailer.clone(), &settings.mail.folder)),
        channels: Tools { outbound, mailer, clock: Arc::clone(&clock) },
        secrets,
        clock,
        ids,
    }))
}

/// Where people reach this, without a slash at the end.
fn public_url(settings: &Settings) -> String {
    let set = settings.server.public_address().map(|url| url.to_string());
    let url = set.unwrap_or_else(|| format!("http://{}", settings.server.listen));
    url.trim_end_matches('/').to_owned()
}

/// Passkeys belong to the name in the public address. Where none is set and nobody else can reach this
/// machine, to `localhost`; under another name nobody could say which one is right.
fn passkeys(settings: &Settings) -> Option<Passkeys> {
    const NAME: &str = "Formhold";
    match settings.server.public_address() {
        Some(url) => Passkeys::new(&url, NAME).ok(),
        None if settings.server.listen.ip().is_loopback() => Passkeys::on_this_machine(NAME).ok(),
        None => None,
    }
}

/// The state of the HTTP side.
#[must_use]
pub fn web(app: App, settings: &Settings) -> WebState {
    WebState::new(app, settings.server.clone(), settings.limits.clone())
}
