//! Sign-in by other providers, with OpenID Connect: the code flow with PKCE,
//! <https://openid.net/specs/openid-connect-core-1_0.html>.

mod http;
mod kept;
mod problem;
mod provider;
mod token;

use std::{collections::BTreeMap, fmt, sync::Arc, time::Duration};

use formhold_domain::{Clock, Ids};
use formhold_outbound::{OutboundError, ServiceSettings, service_client};
use openidconnect::{
    AuthorizationCode, CsrfToken, Nonce, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope,
    core::CoreAuthenticationFlow,
};
use serde::Deserialize;
use tokio::time::timeout;
use url::Url;

use crate::Settings;

use self::{http::Http, kept::Kept, provider::Provider};
pub use problem::OidcProblem;

/// How long opening a connection to a provider may take, whatever the whole step may.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// Signs people in by other providers.
pub struct Oidc {
    providers: BTreeMap<String, Provider>,
    /// Of a whole step.
    time_limit: Duration,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn Ids>,
}

/// The first step of a sign-in.
#[derive(Clone, PartialEq, Eq)]
pub struct Begun {
    /// Where the person is to be sent.
    pub url: Url,
    /// What the second step needs, as JSON. It is of this browser alone, the person must not be able
    /// to change it, and it is to be used once.
    pub state: String,
}

impl fmt::Debug for Begun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Begun").field("state", &"***").finish_non_exhaustive()
    }
}

/// What the provider put into the address that it sent the person back to.
#[derive(Clone, Default, Deserialize)]
pub struct Callback {
    /// What we gave it.
    #[serde(default)]
    pub state: String,
    /// What is exchanged for the proof.
    pub code: Option<String>,
    /// Who it says that it is, by RFC 9207.
    pub iss: Option<String>,
    /// Why there is no code.
    pub error: Option<String>,
}

impl fmt::Debug for Callback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Callback").field("iss", &self.iss).finish_non_exhaustive()
    }
}

/// What a provider says of a person. Nobody else has this issuer and subject together; addresses and
/// names may be anybody's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claims {
    /// The provider.
    pub issuer: String,
    /// The person, for this provider and for ever: up to 255 bytes.
    pub subject: String,
    /// The person's mail address.
    pub email: Option<String>,
    /// The provider has seen that the address is the person's. Without, it may be anybody's.
    pub email_verified: bool,
    /// What the person is called.
    pub name: Option<String>,
}

impl Oidc {
    /// Sets up the providers of the settings. None is asked before somebody signs in by it.
    ///
    /// # Errors
    /// When the HTTP client cannot be set up.
    pub fn new(
        settings: &Settings,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn Ids>,
    ) -> Result<Self, OutboundError> {
        let time_limit = Duration::from_millis(settings.oidc_timeout_ms);
        let client = service_client(ServiceSettings {
            connect_timeout: CONNECT_TIMEOUT.min(time_limit),
            total_timeout: time_limit,
        })?;
        let providers = settings
            .oidc
            .iter()
            .map(|(id, settings)| {
                let http = Http::new(client.clone(), &settings.issuer);
                (id.clone(), Provider::new(settings.clone(), http, Arc::clone(&clock)))
            })
            .collect();
        Ok(Self { providers, time_limit, clock, ids })
    }

    /// The ids and names of the providers, sorted by id.
    pub fn providers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.providers.iter().map(|(id, provider)| {
            let name = provider.settings.name.as_str();
            (id.as_str(), if name.is_empty() { id.as_str() } else { name })
        })
    }

    /// Begins a sign-in. The provider will send the person back to `redirect_url`, which it knows;
    /// each provider should have one of its own.
    ///
    /// # Errors
    /// When there is no such provider, or it cannot be asked how to speak with it.
    pub async fn begin(&self, provider: &str, redirect_url: &Url) -> Result<Begun, OidcProblem> {
        let found = self.provider(provider)?;
        let metadata = self.in_time(found.metadata()).await?;
        let kept = Kept {
            provider: provider.to_owned(),
            redirect_url: redirect_url.clone(),
            state: kept::random(&*self.ids),
            nonce: kept::random(&*self.ids),
            verifier: kept::random(&*self.ids),
            begun_at_ms: self.clock.now_ms(),
        };
        let verifier = PkceCodeVerifier::new(kept.verifier.clone());
        let (state, nonce) = (kept.state.clone(), kept.nonce.clone());
        let scopes = found.settings.scopes.iter().filter(|scope| *scope != "openid");
        let (url, _, _) = found
            .client(&metadata)
            .set_redirect_uri(RedirectUrl::from_url(redirect_url.clone()))
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                || CsrfToken::new(state),
                || Nonce::new(nonce),
            )
            .add_scopes(scopes.cloned().map(Scope::new))
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier))
            .url();
        Ok(Begun { url, state: kept.to_json() })
    }

    /// Finishes a sign-in: exchanges the code for the proof, and checks it.
    ///
    /// # Errors
    /// When the person did not come from this sign-in, said no, or nothing is proved; when the
    /// provider cannot be asked.
    pub async fn finish(
        &self,
        provider: &str,
        state: &str,
        callback: &Callback,
    ) -> Result<Claims, OidcProblem> {
        let found = self.provider(provider)?;
        let kept = Kept::check(state, provider, callback, self.clock.now_ms())?;
        self.in_time(async {
            let metadata = found.metadata().await?;
            problem::check_issuer(&metadata, callback)?;
            let code = problem::code(callback)?;
            let code = AuthorizationCode::new(code.to_owned());
            let redirect_url = RedirectUrl::from_url(kept.redirect_url.clone());
            let tokens = found
                .client(&metadata)
                .set_redirect_uri(redirect_url)
                .exchange_code(code)
                .map_err(|_| OidcProblem::rubbish("names no address for codes"))?
                .set_pkce_verifier(PkceCodeVerifier::new(kept.verifier.clone()))
                .request_async(&found.http)
                .await
                .map_err(OidcProblem::from_exchange)?;
            token::claims(found, metadata, &tokens, &Nonce::new(kept.nonce)).await
        })
        .await
    }

    fn provider(&self, id: &str) -> Result<&Provider, OidcProblem> {
        self.providers.get(id).ok_or(OidcProblem::UnknownProvider)
    }

    async fn in_time<T>(
        &self,
        step: impl Future<Output = Result<T, OidcProblem>>,
    ) -> Result<T, OidcProblem> {
        match timeout(self.time_limit, step).await {
            Ok(result) => result,
            Err(_) => Err(OidcProblem::rubbish("did not answer in time")),
        }
    }
}
