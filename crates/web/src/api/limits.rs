//! What replies say of limits (<https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/>).

use std::time::Duration;

use formhold_domain::Quota;
use http::{HeaderMap, HeaderValue};

/// Says how much of a limit is left, and when all of it is there again.
pub(super) fn add_headers(
    headers: &mut HeaderMap,
    name: &str,
    quota: &Quota,
    remaining: u32,
    reset_after: Duration,
) {
    let window = quota.period().as_secs();
    let policy = format!("\"{name}\";q={};w={window}", quota.limit());
    let state = format!("\"{name}\";r={remaining};t={}", whole_seconds(reset_after));
    for (header, text) in [("ratelimit-policy", policy), ("ratelimit", state)] {
        if let Ok(value) = HeaderValue::from_str(&text) {
            headers.insert(header, value);
        }
    }
}

/// Rounded up.
pub(super) fn whole_seconds(time: Duration) -> u32 {
    let seconds = time.as_secs() + u64::from(time.subsec_nanos() > 0);
    u32::try_from(seconds).unwrap_or(u32::MAX)
}
