//! Web origins.

use url::Url;

/// The origin of an address as browsers write it in the `Origin` header: `https://example.org`,
/// with a port only where it is not the scheme's own. None for anything but http and https.
#[must_use]
pub fn origin_of(address: &str) -> Option<String> {
    let url = Url::parse(address).ok()?;
    matches!(url.scheme(), "http" | "https").then(|| url.origin().ascii_serialization())
}
