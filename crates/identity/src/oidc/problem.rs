//! What can go wrong with another provider.

use openidconnect::{
    ClaimsVerificationError, DiscoveryError, RequestTokenError, UserInfoError,
    core::{CoreErrorResponseType, CoreRequestTokenError},
};
use thiserror::Error;

use super::{Callback, http::HttpError, provider::Metadata};

/// Why nobody was signed in.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum OidcProblem {
    /// The settings name no such provider.
    #[error("there is no such provider")]
    UnknownProvider,
    /// The person did not come from the sign-in that was begun in this browser, or took too long.
    #[error("this is not the sign-in that was begun here, or it took too long")]
    WrongState,
    /// The person said no, at the provider.
    #[error("the person declined at the provider")]
    Declined,
    /// The person was sent back by another provider than they were sent to.
    #[error("the answer is of another provider")]
    WrongIssuer,
    /// The provider does not take the code: it was used before, came too late, or is somebody else's.
    #[error("the provider does not take the code")]
    CodeRefused,
    /// The provider refuses, for another reason, which it names.
    #[error("the provider refuses: {0}")]
    Refused(String),
    /// What the provider says proves nothing.
    #[error("the provider's proof is not good: {0}")]
    BadProof(String),
    /// The provider is down, slow or talks nonsense.
    #[error("the provider {0}")]
    Unavailable(String),
}

impl OidcProblem {
    pub(super) fn rubbish(what: &str) -> Self {
        Self::Unavailable(what.to_owned())
    }

    pub(super) fn from_discovery(error: DiscoveryError<HttpError>) -> Self {
        match error {
            DiscoveryError::Request(error) => error.into(),
            DiscoveryError::Response(status, ..) => Self::Unavailable(format!(
                "does not tell how to speak with it, status {}",
                status.as_u16()
            )),
            DiscoveryError::Validation(_) => {
                Self::rubbish("calls itself otherwise than the settings call it")
            }
            _ => Self::rubbish("does not tell how to speak with it"),
        }
    }

    pub(super) fn from_exchange(error: CoreRequestTokenError<HttpError>) -> Self {
        match error {
            RequestTokenError::ServerResponse(answer) => match answer.error() {
                CoreErrorResponseType::InvalidGrant => Self::CodeRefused,
                code => Self::Refused(shown(code.as_ref())),
            },
            RequestTokenError::Request(error) => error.into(),
            _ => Self::rubbish("answers a code with something else than a proof"),
        }
    }

    pub(super) fn from_user_info(error: UserInfoError<HttpError>) -> Self {
        match error {
            UserInfoError::Request(error) => error.into(),
            UserInfoError::ClaimsVerification(error) => error.into(),
            _ => Self::rubbish("does not tell who the person is"),
        }
    }
}

impl From<HttpError> for OidcProblem {
    fn from(error: HttpError) -> Self {
        Self::Unavailable(error.to_string())
    }
}

impl From<ClaimsVerificationError> for OidcProblem {
    fn from(error: ClaimsVerificationError) -> Self {
        use ClaimsVerificationError as Wrong;
        let why = match error {
            Wrong::Expired(_) => "it is expired",
            Wrong::InvalidAudience(_) => "it is for somebody else",
            Wrong::InvalidIssuer(_) => "it is of another issuer",
            Wrong::InvalidNonce(_) => "it is of another sign-in",
            Wrong::InvalidSubject(_) => "it is of another person",
            Wrong::SignatureVerification(_) => "it is not signed by the provider",
            _ => "it cannot be read",
        };
        Self::BadProof(why.to_owned())
    }
}

/// The issuer must name itself where it says that it does, and must be right where it does:
/// <https://www.rfc-editor.org/rfc/rfc9207>.
pub(super) fn check_issuer(metadata: &Metadata, callback: &Callback) -> Result<(), OidcProblem> {
    let is_right = match &callback.iss {
        Some(iss) => iss == metadata.issuer().as_str(),
        None => !metadata.additional_metadata().names_itself,
    };
    if is_right { Ok(()) } else { Err(OidcProblem::WrongIssuer) }
}

/// The code that the person brought.
pub(super) fn code(callback: &Callback) -> Result<&str, OidcProblem> {
    match (&callback.error, &callback.code) {
        (Some(error), _) if error == "access_denied" => Err(OidcProblem::Declined),
        (Some(error), _) => Err(OidcProblem::Refused(shown(error))),
        (None, Some(code)) if !code.is_empty() => Ok(code),
        (None, _) => Err(OidcProblem::Refused("no code".to_owned())),
    }
}

/// A code of theirs, in a sentence of ours.
fn shown(code: &str) -> String {
    let is_plain = |letter: &char| letter.is_ascii_alphanumeric() || "_-.".contains(*letter);
    code.chars().filter(is_plain).take(60).collect()
}
