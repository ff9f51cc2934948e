//! Captchas. A provider is one file here and one line in [`ALL`]; the API, the pages and the
//! documents read `ALL`.

pub mod altcha;
mod hcaptcha;
mod hosts;
mod provider;
mod recaptcha;
mod recaptcha_v2;
mod recaptcha_v3;
mod settings;
mod siteverify;
mod turnstile;
mod verdict;

use std::{sync::Arc, time::Duration};

use formhold_domain::{Clock, Ids};
use formhold_outbound::{Client, OutboundError, ServiceSettings, service_client};

pub use self::altcha::Altcha;
pub use provider::{Answer, ContentSecurity, Kind, Provider, Widget};
pub use settings::Settings;
pub use verdict::{FailureCode, ReplayKey, Verdict};

/// All kinds of captcha.
pub const ALL: &[&Kind] =
    &[&altcha::KIND, &hcaptcha::KIND, &recaptcha_v2::KIND, &recaptcha_v3::KIND, &turnstile::KIND];

/// How long opening a connection to a verifier may take, whatever the whole call may.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// The captchas that are configured.
#[derive(Debug)]
pub struct Captchas {
    altcha: Arc<Altcha>,
    providers: Vec<Arc<dyn Provider>>,
}

/// What providers are made of.
pub(crate) struct Parts<'a> {
    pub(crate) settings: &'a Settings,
    pub(crate) client: &'a Client,
    pub(crate) altcha: &'a Arc<Altcha>,
}

impl Captchas {
    /// Sets up every provider that the settings have keys for. The built-in one needs none: its
    /// challenges are signed with `altcha_key`, which all nodes share and nobody else knows.
    ///
    /// # Errors
    /// When the HTTP client cannot be set up.
    pub fn new(
        settings: &Settings,
        altcha_key: &[u8; 32],
        clock: Arc<dyn Clock>,
        ids: Arc<dyn Ids>,
    ) -> Result<Self, OutboundError> {
        let total_timeout = Duration::from_millis(settings.timeout_ms);
        let client = service_client(ServiceSettings {
            connect_timeout: CONNECT_TIMEOUT.min(total_timeout),
            total_timeout,
        })?;
        let altcha = Arc::new(Altcha::new(settings, altcha_key, clock, ids));
        let parts = Parts { settings, client: &client, altcha: &altcha };
        let providers = ALL.iter().filter_map(|kind| (kind.build)(&parts)).collect();
        Ok(Self { altcha, providers })
    }

    /// The provider of this name; none where there is no such kind or the settings have no keys
    /// for it.
    #[must_use]
    pub fn provider(&self, name: &str) -> Option<&dyn Provider> {
        self.providers.iter().find(|provider| provider.kind().name == name).map(Arc::as_ref)
    }

    /// The providers that forms can ask for.
    pub fn providers(&self) -> impl Iterator<Item = &dyn Provider> {
        self.providers.iter().map(Arc::as_ref)
    }

    /// The built-in proof of work, which also hands out challenges.
    #[must_use]
    pub fn altcha(&self) -> &Altcha {
        &self.altcha
    }
}
