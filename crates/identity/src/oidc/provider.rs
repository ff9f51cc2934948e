//! One provider: how to speak with it, as it says itself, and its keys.

use std::{sync::Arc, time::Duration};

use formhold_domain::Clock;
use openidconnect::{
    AdditionalProviderMetadata, AuthType, ClientId, ClientSecret, EndpointMaybeSet, EndpointNotSet,
    EndpointSet, IssuerUrl, ProviderMetadata,
    core::{
        CoreAuthDisplay, CoreClaimName, CoreClaimType, CoreClient, CoreClientAuthMethod,
        CoreGrantType, CoreJsonWebKey, CoreJweContentEncryptionAlgorithm,
        CoreJweKeyManagementAlgorithm, CoreResponseMode, CoreResponseType,
        CoreSubjectIdentifierType,
    },
};
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;

use super::{OidcProblem, http::Http};
use crate::settings::ProviderSettings;

/// How long what a provider says of itself is believed. Keys that are not known are looked up at once.
const MAX_AGE: Duration = Duration::from_secs(3600);

/// What a provider says of itself, with its keys.
pub(super) type Metadata = ProviderMetadata<
    Further,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

/// A client of a provider, which may have addresses for codes and for who a person is.
type Client = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// What the library does not read.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Further {
    #[serde(rename = "authorization_response_iss_parameter_supported", default)]
    pub(super) names_itself: bool,
}

impl AdditionalProviderMetadata for Further {}

pub(super) struct Provider {
    pub(super) settings: ProviderSettings,
    pub(super) http: Http,
    pub(super) clock: Arc<dyn Clock>,
    /// Held while the provider is asked, so that it is asked once.
    cached: Mutex<Option<Cached>>,
}

struct Cached {
    metadata: Arc<Metadata>,
    fetched_at: Duration,
}

impl Provider {
    pub(super) fn new(settings: ProviderSettings, http: Http, clock: Arc<dyn Clock>) -> Self {
        Self { settings, http, clock, cached: Mutex::new(None) }
    }

    /// What the provider says of itself, at most an hour ago.
    pub(super) async fn metadata(&self) -> Result<Arc<Metadata>, OidcProblem> {
        let mut cached = self.cached.lock().await;
        match &*cached {
            Some(known) if self.clock.monotonic().saturating_sub(known.fetched_at) < MAX_AGE => {
                Ok(Arc::clone(&known.metadata))
            }
            _ => self.fetch(&mut cached).await,
        }
    }

    /// What the provider says of itself now, or said since it said this.
    pub(super) async fn newer_metadata(
        &self,
        than: &Arc<Metadata>,
    ) -> Result<Arc<Metadata>, OidcProblem> {
        let mut cached = self.cached.lock().await;
        match &*cached {
            Some(known) if !Arc::ptr_eq(&known.metadata, than) => Ok(Arc::clone(&known.metadata)),
            _ => self.fetch(&mut cached).await,
        }
    }

    async fn fetch(&self, cached: &mut Option<Cached>) -> Result<Arc<Metadata>, OidcProblem> {
        let fetched_at = self.clock.monotonic();
        let issuer = IssuerUrl::new(self.settings.issuer.clone())
            .map_err(|_| OidcProblem::rubbish("has no address in the settings"))?;
        let metadata = Metadata::discover_async(issuer, &self.http)
            .await
            .map_err(OidcProblem::from_discovery)?;
        if !self.http.is_safe(metadata.authorization_endpoint().url()) {
            return Err(OidcProblem::rubbish("sends people to an address that is not https"));
        }
        let metadata = Arc::new(metadata);
        *cached = Some(Cached { metadata: Arc::clone(&metadata), fetched_at });
        Ok(metadata)
    }

    pub(super) fn client(&self, metadata: &Metadata) -> Client {
        let secret = &self.settings.client_secret;
        let client = Client::from_provider_metadata(
            metadata.clone(),
            ClientId::new(self.settings.client_id.clone()),
            (!secret.is_empty()).then(|| ClientSecret::new(secret.expose().to_owned())),
        );
        client.set_auth_type(auth_type(metadata))
    }
}

/// The header is what every provider must take, unless it says otherwise.
fn auth_type(metadata: &Metadata) -> AuthType {
    use CoreClientAuthMethod::{ClientSecretBasic, ClientSecretPost};
    match metadata.token_endpoint_auth_methods_supported() {
        Some(all) if !all.contains(&ClientSecretBasic) && all.contains(&ClientSecretPost) => {
            AuthType::RequestBody
        }
        _ => AuthType::BasicAuth,
    }
}
