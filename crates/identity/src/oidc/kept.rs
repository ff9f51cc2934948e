//! What is kept of a sign-in while the person is at the provider.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use formhold_domain::Ids;
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq as _;
use url::Url;

use super::{Callback, OidcProblem};

/// Who takes longer begins again.
const LIFETIME_MS: i64 = 15 * 60 * 1000;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Kept {
    pub(super) provider: String,
    pub(super) redirect_url: Url,
    pub(super) state: String,
    pub(super) nonce: String,
    pub(super) verifier: String,
    pub(super) begun_at_ms: i64,
}

impl Kept {
    pub(super) fn to_json(&self) -> String {
        serde_json::to_string(self).expect("texts and numbers can be written")
    }

    /// Reads what was kept, where the person came back from just that.
    pub(super) fn check(
        text: &str,
        provider: &str,
        callback: &Callback,
        now_ms: i64,
    ) -> Result<Self, OidcProblem> {
        let kept: Self = serde_json::from_str(text).map_err(|_| OidcProblem::WrongState)?;
        let is_same = bool::from(kept.state.as_bytes().ct_eq(callback.state.as_bytes()));
        let age_ms = now_ms.saturating_sub(kept.begun_at_ms);
        if !is_same || kept.provider != provider {
            return Err(OidcProblem::WrongState);
        }
        // A clock that was set back is no reason to refuse.
        if age_ms > LIFETIME_MS { Err(OidcProblem::WrongState) } else { Ok(kept) }
    }
}

/// 256 bits that nobody can guess, as 43 letters that may stand in an address.
pub(super) fn random(ids: &dyn Ids) -> String {
    URL_SAFE_NO_PAD.encode(ids.secret())
}
