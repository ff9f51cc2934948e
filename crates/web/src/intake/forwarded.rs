//! `Formhold-Client-IP`: the visitor's address, as a server of the form's owner names it.

use std::net::IpAddr;

use formhold_domain::{Bearer, CompiledForm};
use formhold_service::{App, submissions::forward};
use http::{HeaderMap, header};

use super::BodyError;

const CLIENT_IP: &str = "formhold-client-ip";

/// Who sends a submission, as far as it is known before its form is.
#[derive(Debug, Clone)]
pub(super) struct Sender {
    /// The client on the other side of the connection, behind trusted proxies.
    address: IpAddr,
    claim: Option<Claim>,
}

/// A visitor's address that somebody names, and the token that is to allow it.
#[derive(Debug, Clone)]
struct Claim {
    address: Option<IpAddr>,
    token: Bearer,
}

impl Sender {
    /// The sender of a request from this client.
    pub(super) fn new(address: IpAddr, headers: &HeaderMap) -> Self {
        Self { address, claim: claim(headers) }
    }

    /// The address of whoever sends, before anybody knows to which form.
    pub(super) fn address(&self) -> IpAddr {
        self.address
    }

    /// Whose submission to this form it is: the visitor's that is named, where the token allows to
    /// name one in the form's workspace. What no such token goes with is as if it were not there.
    ///
    /// # Errors
    /// When the token allows it and what is named is no address, or the database fails.
    pub(super) async fn client_of(
        &self,
        app: &App,
        form: &CompiledForm,
    ) -> Result<IpAddr, BodyError> {
        let Some(claim) = &self.claim else { return Ok(self.address) };
        let allowed = forward::may_forward(app, &claim.token, form).await;
        if !allowed.map_err(BodyError::Storage)? {
            return Ok(self.address);
        }
        let wrong = "the header Formhold-Client-IP is no single IP address";
        claim.address.ok_or_else(|| BodyError::Malformed(wrong.to_owned()))
    }
}

/// Without the header nothing else is looked at.
fn claim(headers: &HeaderMap) -> Option<Claim> {
    let mut named = headers.get_all(CLIENT_IP).iter();
    let first = named.next()?;
    let authorization = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = authorization.split_once(' ')?;
    let token = Bearer::parse_token(token.trim())?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return None;
    }
    let address = first.to_str().ok().filter(|_| named.next().is_none());
    let address = address.and_then(|text| text.trim().parse::<IpAddr>().ok());
    Some(Claim { address: address.map(|address| address.to_canonical()), token })
}
