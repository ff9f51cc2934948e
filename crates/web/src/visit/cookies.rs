//! The cookies of these pages. `__Host-`: only over HTTPS (or on the machine itself), only for this
//! very host, never set by a neighbour below the same domain.

use std::time::Duration;

use formhold_domain::Bearer;
use formhold_service::sessions::Opened;
use http::{HeaderMap, HeaderValue, header};

/// Opens a session.
pub(crate) const SESSION: &str = "__Host-formhold_session";
/// What forms of a browser are bound to before anybody signed in.
pub(crate) const VISIT: &str = "__Host-formhold_visit";
/// Which workspace somebody works in: its id, which gives no rights.
pub(crate) const WORKSPACE: &str = "__Host-formhold_workspace";
/// Between the password and the second factor.
pub(crate) const TICKET: &str = "__Host-formhold_ticket";
/// While somebody adds codes to an app, until the first right one.
pub(crate) const TOTP: &str = "__Host-formhold_totp";
/// While somebody is at another provider.
pub(crate) const PROVIDER: &str = "__Host-formhold_provider";

/// The value of a cookie.
pub(crate) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(known, value)| (known == name).then_some(value))
}

/// The secret in a cookie.
pub(crate) fn secret(headers: &HeaderMap, name: &str) -> Option<Bearer> {
    Bearer::parse(cookie(headers, name)?)
}

/// Sets a cookie that no script can read and no other site's form sends along. Without `lifetime` it
/// goes with the browser's window.
pub(crate) fn set(headers: &mut HeaderMap, name: &str, value: &str, lifetime: Option<Duration>) {
    let age = lifetime.map_or_else(String::new, |it| format!("; Max-Age={}", it.as_secs()));
    let cookie = format!("{name}={value}; Path=/; Secure; HttpOnly; SameSite=Lax{age}");
    // Names and values are our own: letters, digits, `-` and `_`.
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        headers.append(header::SET_COOKIE, cookie);
    }
}

/// Hands over a session, and ends what was before it.
pub(crate) fn open_session(headers: &mut HeaderMap, opened: &Opened) {
    let lifetime_ms = opened.session.expires_at_ms - opened.session.created_at_ms;
    let lifetime = Duration::from_millis(lifetime_ms.unsigned_abs());
    set(headers, SESSION, &opened.secret.expose(), Some(lifetime));
    clear(headers, VISIT);
    clear(headers, TICKET);
}

/// Takes a cookie away.
pub(crate) fn clear(headers: &mut HeaderMap, name: &str) {
    set(headers, name, "", Some(Duration::ZERO));
}
