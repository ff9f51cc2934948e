//! What Formhold does, one function an action. No HTTP and no SQL here.

pub mod access;
mod account_mail;
pub mod audit;
mod auth_settings;
pub mod captchas;
pub mod channels;
pub mod csrf;
pub mod deliveries;
pub mod demo;
mod error;
mod export_stream;
pub mod exports;
pub mod factors;
pub mod first_run;
pub mod forgotten;
pub mod forms;
pub mod health;
pub mod invitations;
pub mod jobs;
pub mod letters;
pub mod limits;
pub mod links;
pub mod members;
mod new_accounts;
mod offences;
pub mod oidc;
pub mod own;
mod pace;
pub mod passkeys;
pub mod pictures;
mod proof;
pub mod registration;
pub mod request_keys;
pub mod retention;
pub mod scanning;
mod secrets;
pub mod sessions;
pub mod sign_in;
pub mod spam;
pub mod stats;
pub mod submissions;
mod tickets;
pub mod tokens;
pub mod uploads;
pub mod user_exports;
pub mod users;
pub mod workspaces;

use std::sync::Arc;

pub use auth_settings::AuthSettings;
pub use error::{InputProblem, ServiceError};
pub use export_stream::{ExportPiece, ExportStream};
use formhold_captcha::Captchas;
use formhold_domain::{Clock, Ids, spam::Counts};
use formhold_files::{Files, Scanner};
use formhold_identity::{oidc::Oidc, passkeys::Passkeys, passwords::Passwords};
use formhold_kv::{Kv, LocalCache, SharedCache};
pub use formhold_store::{InboxFilter, UserFilter, UserOrder, WorkspaceSummary};
use formhold_store::{SignedIn, Store};
pub use secrets::Secrets;

/// Everything that an action needs. Cheap to clone.
#[derive(Clone)]
pub struct App {
    /// The database.
    pub store: Store,
    /// The uploaded files.
    pub files: Files,
    /// What looks for malware in them.
    pub scanner: Option<Scanner>,
    /// State that nodes share for a while.
    pub kv: Kv,
    /// The captchas that forms can ask for.
    pub captchas: Arc<Captchas>,
    /// How many files a submission may have, and how large.
    pub file_limits: uploads::FileLimits,
    /// How often clients may do what.
    pub rate_limits: limits::RateLimits,
    /// The host under which people reach this, where the settings say it.
    pub public_host: Option<String>,
    /// The same with scheme and without a slash at the end; where the settings do not say it, that of
    /// the machine itself.
    pub public_url: String,
    /// How long one stays signed in.
    pub auth: AuthSettings,
    /// How long submissions are kept.
    pub retention: retention::Settings,
    /// Hashes passwords.
    pub passwords: Passwords,
    /// Registers and checks passkeys, where people reach this under an address that browsers make
    /// passkeys for.
    pub passkeys: Option<Arc<Passkeys>>,
    /// Signs people in by other providers.
    pub oidc: Arc<Oidc>,
    /// Takes mails about accounts to where they go.
    pub letters: Arc<dyn letters::LetterCarrier>,
    /// What notification channels send with.
    pub channels: formhold_channels::Tools,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Identifiers.
    pub ids: Arc<dyn Ids>,
    secrets: Arc<Secrets>,
    forms: LocalCache<forms::Found>,
    channel_lists: LocalCache<Arc<Vec<channels::Active>>>,
    lessons: LocalCache<Counts>,
    sessions: SharedCache<Option<SignedIn>>,
    set_up: Arc<first_run::OpenLink>,
    readiness: Arc<health::Readiness>,
    outcomes: Arc<submissions::Outcomes>,
    refusals: Arc<stats::Refusals>,
    news: Arc<submissions::news::News>,
}

/// What an [`App`] is put together from.
#[expect(missing_docs, reason = "the fields are those of `App`")]
pub struct Parts {
    pub store: Store,
    pub files: Files,
    pub scanner: Option<Scanner>,
    pub kv: Kv,
    pub captchas: Captchas,
    pub file_limits: uploads::FileLimits,
    pub rate_limits: limits::RateLimits,
    pub public_host: Option<String>,
    pub public_url: String,
    pub auth: AuthSettings,
    pub retention: retention::Settings,
    pub passwords: Passwords,
    pub passkeys: Option<Passkeys>,
    pub oidc: Oidc,
    pub letters: Arc<dyn letters::LetterCarrier>,
    pub channels: formhold_channels::Tools,
    pub secrets: Secrets,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn Ids>,
}

impl App {
    /// Puts the parts together.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        let Parts { store, files, scanner, kv, captchas, .. } = parts;
        Self {
            forms: kv.local_cache("forms", forms::CACHE),
            channel_lists: kv.local_cache("channels", channels::CACHE),
            lessons: kv.local_cache("lessons", spam::CACHE),
            sessions: kv.shared_cache("sessions", sessions::CACHE),
            store,
            files,
            scanner,
            kv,
            captchas: Arc::new(captchas),
            file_limits: parts.file_limits,
            rate_limits: parts.rate_limits,
            public_host: parts.public_host,
            public_url: parts.public_url,
            auth: parts.auth,
            retention: parts.retention,
            passwords: parts.passwords,
            passkeys: parts.passkeys.map(Arc::new),
            oidc: Arc::new(parts.oidc),
            letters: parts.letters,
            channels: parts.channels,
            secrets: Arc::new(parts.secrets),
            clock: parts.clock,
            ids: parts.ids,
            set_up: Arc::default(),
            readiness: Arc::default(),
            outcomes: Arc::default(),
            refusals: Arc::default(),
            news: Arc::default(),
        }
    }
}
