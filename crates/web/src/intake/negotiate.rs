//! Redirect or JSON: what kind of client is this?

use http::{HeaderMap, header};

/// How the client wants to be answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wants {
    /// A script: JSON.
    Json,
    /// A person in a browser: a redirect or a page.
    Page,
}

/// Decides for paths that do not decide it. The first rule that applies counts:
/// `X-Requested-With`, the order of `json` and `html` in `Accept`, a JSON body, and for any or no
/// `Accept` Fetch Metadata (<https://www.w3.org/TR/fetch-metadata/>).
pub(super) fn negotiate(headers: &HeaderMap, json_body: bool) -> Wants {
    let text =
        |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if text("x-requested-with").eq_ignore_ascii_case("XMLHttpRequest") {
        return Wants::Json;
    }
    let accept = headers
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
        .to_ascii_lowercase();
    match (accept.find("json"), accept.find("html")) {
        (Some(json), Some(html)) if json < html => return Wants::Json,
        (Some(_), None) => return Wants::Json,
        (_, Some(_)) => return Wants::Page,
        (None, None) => {}
    }
    if json_body {
        return Wants::Json;
    }
    match text("sec-fetch-mode") {
        "" | "navigate" => Wants::Page,
        _ => Wants::Json,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_rule_that_applies_counts() {
        let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
        type Headers<'a> = &'a [(&'static str, &'a str)];
        let cases: &[(Headers<'_>, bool, Wants)] = &[
            (&[("accept", browser)], false, Wants::Page),
            (&[("accept", browser), ("x-requested-with", "xmlhttprequest")], false, Wants::Json),
            (&[("accept", "application/json, text/html")], false, Wants::Json),
            (&[("accept", "text/html, application/json")], true, Wants::Page),
            (&[("accept", "application/json")], false, Wants::Json),
            (&[("accept", browser)], true, Wants::Page),
            (&[("accept", "*/*")], true, Wants::Json),
            (&[], true, Wants::Json),
            (&[("accept", "*/*"), ("sec-fetch-mode", "navigate")], false, Wants::Page),
            (&[("accept", "*/*"), ("sec-fetch-mode", "cors")], false, Wants::Json),
            (&[("sec-fetch-mode", "no-cors")], false, Wants::Json),
            (&[("accept", "*/*")], false, Wants::Page),
            (&[], false, Wants::Page),
        ];
        for (headers, json_body, expected) in cases {
            let mut map = HeaderMap::new();
            for (name, value) in *headers {
                map.insert(*name, value.parse().unwrap());
            }
            assert_eq!(negotiate(&map, *json_body), *expected, "{headers:?} {json_body}");
        }
    }
}
