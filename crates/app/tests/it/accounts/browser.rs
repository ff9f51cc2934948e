//! A browser, as far as cookies and headers go: for tests of the pages.

use std::collections::BTreeMap;

use formhold_testkit::TestApp;
use http::{HeaderMap, StatusCode};
use serde_json::Value;

/// A browser, as far as cookies and headers go.
pub(crate) struct Browser<'a> {
    pub(crate) app: &'a TestApp,
    pub(crate) cookies: BTreeMap<String, String>,
    /// Replaces what a browser of today would send.
    pub(crate) headers: Vec<(&'static str, String)>,
}

pub(crate) struct Seen {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) html: String,
}

impl<'a> Browser<'a> {
    pub(crate) fn new(app: &'a TestApp) -> Self {
        let headers = vec![
            ("origin", format!("http://{}", app.address)),
            ("sec-fetch-site", "same-origin".to_owned()),
        ];
        Self { app, cookies: BTreeMap::new(), headers }
    }

    pub(crate) async fn get(&mut self, path: &str) -> Seen {
        self.send(self.app.client.get(self.app.url(path))).await
    }

    /// Posts a form with the token of the page that it is on.
    pub(crate) async fn post(&mut self, page: &str, path: &str, fields: &[(&str, &str)]) -> Seen {
        let csrf = self.get(page).await.csrf();
        self.post_with(&csrf, path, fields).await
    }

    pub(crate) async fn post_with(
        &mut self,
        csrf: &str,
        path: &str,
        fields: &[(&str, &str)],
    ) -> Seen {
        let mut fields = fields.to_vec();
        fields.push(("csrf", csrf));
        let mut request = self.app.client.post(self.app.url(path)).form(&fields);
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        self.send(request).await
    }

    /// Posts as the scripts of a page do, with the token of that page.
    pub(crate) async fn post_json(&mut self, csrf: &str, path: &str, body: &Value) -> Seen {
        let mut request = self.app.client.post(self.app.url(path)).json(body);
        request = request.header("x-csrf-token", csrf);
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        self.send(request).await
    }

    pub(crate) async fn send(&mut self, request: reqwest::RequestBuilder) -> Seen {
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let response = request.header("cookie", cookies.join("; ")).send().await.expect("a reply");
        let (status, headers) = (response.status(), response.headers().clone());
        for cookie in headers.get_all("set-cookie") {
            let cookie = cookie.to_str().expect("text");
            assert!(cookie.contains("; Path=/; Secure; HttpOnly; SameSite=Lax"), "{cookie}");
            let (name, value) =
                cookie.split(';').next().expect("a pair").split_once('=').expect("a pair");
            assert!(name.starts_with("__Host-"), "{name}");
            if cookie.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        Seen { status, headers, html: response.text().await.expect("a body") }
    }

    pub(crate) async fn sign_in(&mut self, email: &str, password: &str) -> Seen {
        self.post("/login", "/login", &[("email", email), ("password", password)]).await
    }

    pub(crate) fn session(&self) -> Option<&String> {
        self.cookies.get("__Host-formhold_session")
    }
}

impl Seen {
    pub(crate) fn csrf(&self) -> String {
        let (_, rest) = self.html.split_once("name=\"csrf\" value=\"").expect("a form's token");
        rest.split('"').next().expect("its end").to_owned()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.html).unwrap_or_else(|_| panic!("JSON, not {}", self.html))
    }

    pub(crate) fn location(&self) -> &str {
        self.headers.get("location").map_or("", |value| value.to_str().expect("text"))
    }
}
