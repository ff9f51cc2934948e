//! Where secrets may travel.

use url::{Host, Url};

/// True for https, and for http on this machine.
pub(crate) fn is_safe_address(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| url.scheme() == "https" || is_plain_and_here(&url))
}

/// True for http on this machine.
pub(crate) fn is_plain_and_here(url: &Url) -> bool {
    let here = match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    };
    url.scheme() == "http" && here
}
