//! What a provider's proof says, once it is checked.

use std::sync::Arc;

use chrono::DateTime;
use openidconnect::{
    ClaimsVerificationError, EndUserName, LocalizedClaim, Nonce, OAuth2TokenResponse as _,
    SignatureVerificationError, TokenResponse as _,
    core::{
        CoreIdTokenClaims, CoreJwsSigningAlgorithm as Algorithm, CoreTokenResponse,
        CoreUserInfoClaims,
    },
};

use super::{
    Claims, OidcProblem,
    provider::{Metadata, Provider},
};

/// Those with a key that only the provider has. With a shared one, a leaked secret of ours would sign
/// anybody in.
const ALGORITHMS: [Algorithm; 9] = [
    Algorithm::RsaSsaPkcs1V15Sha256,
    Algorithm::RsaSsaPkcs1V15Sha384,
    Algorithm::RsaSsaPkcs1V15Sha512,
    Algorithm::RsaSsaPssSha256,
    Algorithm::RsaSsaPssSha384,
    Algorithm::RsaSsaPssSha512,
    Algorithm::EcdsaP256Sha256,
    Algorithm::EcdsaP384Sha384,
    Algorithm::EdDsa,
];

/// <https://openid.net/specs/openid-connect-core-1_0.html#IDToken>
const MAX_SUBJECT_BYTES: usize = 255;

/// Checks the proof, and asks the provider who the person is where the proof does not say it.
pub(super) async fn claims(
    provider: &Provider,
    metadata: Arc<Metadata>,
    tokens: &CoreTokenResponse,
    nonce: &Nonce,
) -> Result<Claims, OidcProblem> {
    let (metadata, proved) = match verified(provider, &metadata, tokens, nonce) {
        Err(Unproved::UnknownKey) => {
            let newer = provider.newer_metadata(&metadata).await?;
            let proved = verified(provider, &newer, tokens, nonce)?;
            (newer, proved)
        }
        other => {
            let proved = other?;
            (metadata, proved)
        }
    };
    let mut claims = Claims {
        issuer: proved.issuer().to_string(),
        subject: proved.subject().to_string(),
        email: proved.email().map(|email| email.to_string()),
        email_verified: proved.email_verified().unwrap_or(false),
        name: any(proved.name()),
    };
    if claims.subject.is_empty() || claims.subject.len() > MAX_SUBJECT_BYTES {
        return Err(OidcProblem::BadProof("its subject is empty or too long".to_owned()));
    }
    if claims.email.is_none() && metadata.userinfo_endpoint().is_some() {
        let told = user_info(provider, &metadata, tokens, proved).await?;
        claims.email = told.email().map(|email| email.to_string());
        claims.email_verified = told.email_verified().unwrap_or(false);
        claims.name = claims.name.or_else(|| any(told.name()));
    }
    claims.email_verified &= claims.email.is_some();
    Ok(claims)
}

enum Unproved {
    /// The provider may have new keys.
    UnknownKey,
    Other(OidcProblem),
}

impl From<Unproved> for OidcProblem {
    fn from(unproved: Unproved) -> Self {
        match unproved {
            Unproved::UnknownKey => ClaimsVerificationError::SignatureVerification(
                SignatureVerificationError::NoMatchingKey,
            )
            .into(),
            Unproved::Other(problem) => problem,
        }
    }
}

fn verified<'t>(
    provider: &Provider,
    metadata: &Metadata,
    tokens: &'t CoreTokenResponse,
    nonce: &Nonce,
) -> Result<&'t CoreIdTokenClaims, Unproved> {
    let missing = || Unproved::Other(OidcProblem::BadProof("there is none".to_owned()));
    let token = tokens.id_token().ok_or_else(missing)?;
    let now = DateTime::from_timestamp_millis(provider.clock.now_ms()).unwrap_or_default();
    let client = provider.client(metadata);
    let verifier = client.id_token_verifier().set_allowed_algs(ALGORITHMS).set_time_fn(move || now);
    token.claims(&verifier, nonce).map_err(|error| match error {
        ClaimsVerificationError::SignatureVerification(
            SignatureVerificationError::NoMatchingKey,
        ) => Unproved::UnknownKey,
        error => Unproved::Other(error.into()),
    })
}

async fn user_info(
    provider: &Provider,
    metadata: &Metadata,
    tokens: &CoreTokenResponse,
    proved: &CoreIdTokenClaims,
) -> Result<CoreUserInfoClaims, OidcProblem> {
    provider
        .client(metadata)
        .user_info(tokens.access_token().clone(), Some(proved.subject().clone()))
        .map_err(|_| OidcProblem::rubbish("does not tell who the person is"))?
        .request_async(&provider.http)
        .await
        .map_err(OidcProblem::from_user_info)
}

/// The name without a language, or else in any.
fn any(names: Option<&LocalizedClaim<EndUserName>>) -> Option<String> {
    let names = names?;
    let name = names.get(None).or_else(|| names.iter().next().map(|(_, name)| name));
    name.map(|name| name.to_string())
}
