//! The files that pages refer to, embedded in the binary, and their addresses.

/// A file served under a fixed path.
#[derive(Debug)]
pub struct Asset {
    /// The path that it is served under, as `/static/page.css`.
    pub path: &'static str,
    /// Its media type, for the `Content-Type` header.
    pub content_type: &'static str,
    /// Its content.
    pub bytes: &'static [u8],
    hash: u64,
}

impl Asset {
    const fn new(path: &'static str, content_type: &'static str, bytes: &'static [u8]) -> Self {
        Self { path, content_type, bytes, hash: fnv1a(bytes) }
    }

    /// The address that pages use: the path, and a hash of the content so that the answer can be
    /// cached for ever.
    #[must_use]
    pub fn url(&self) -> String {
        format!("{}?v={:016x}", self.path, self.hash)
    }
}

/// The stylesheet of the forms' pages, and what all other pages build on.
pub static PAGE_CSS: Asset = Asset::new(
    "/static/page.css",
    "text/css; charset=utf-8",
    include_bytes!("../../static/page.css"),
);

/// What pages of people who sign in add to it.
pub static APP_CSS: Asset = Asset::new(
    "/static/app.css",
    "text/css; charset=utf-8",
    // Several files to read, one to load.
    concat!(
        include_str!("../../static/app/ground.css"),
        include_str!("../../static/app/frame.css"),
        include_str!("../../static/app/controls.css"),
        include_str!("../../static/app/parts.css"),
        include_str!("../../static/app/tables.css"),
        include_str!("../../static/app/once.css"),
        include_str!("../../static/app/delivery.css"),
        include_str!("../../static/app/numbers.css"),
        include_str!("../../static/app/forms.css"),
        include_str!("../../static/app/inbox.css"),
    )
    .as_bytes(),
);

/// Signs in with a passkey, and adds one to an account.
pub static PASSKEYS_JS: Asset = Asset::new(
    "/static/passkeys.js",
    "text/javascript; charset=utf-8",
    include_bytes!("../../static/passkeys.js"),
);

/// Buttons that copy a text, where a script can.
pub static COPY_JS: Asset = Asset::new(
    "/static/copy.js",
    "text/javascript; charset=utf-8",
    include_bytes!("../../static/copy.js"),
);

/// Moves fields of a form by dragging, and keeps its preview up to date.
pub static FIELDS_JS: Asset = Asset::new(
    "/static/fields.js",
    "text/javascript; charset=utf-8",
    include_bytes!("../../static/fields.js"),
);

/// What improves a form's inbox where scripts run.
pub static INBOX_JS: Asset = Asset::new(
    "/static/inbox.js",
    "text/javascript; charset=utf-8",
    include_bytes!("../../static/inbox.js"),
);

/// What improves the form page where scripts run.
pub static FORM_JS: Asset = Asset::new(
    "/static/form.js",
    "text/javascript; charset=utf-8",
    include_bytes!("../../static/form.js"),
);

/// The proof of work of forms that post here, on the hosted page and on any site.
pub static ALTCHA_JS: Asset = Asset::new(
    "/static/altcha.js",
    "text/javascript; charset=utf-8",
    include_bytes!("../../static/altcha.js"),
);

/// What [`ALTCHA_JS`] loads where the browser has no hash function of its own.
pub static ALTCHA_PLAIN_JS: Asset = Asset::new(
    "/static/altcha_plain.js",
    "text/javascript; charset=utf-8",
    include_bytes!("../../static/altcha_plain.js"),
);

/// Asks reCAPTCHA version 3 for a token when the form is sent.
pub static RECAPTCHA_V3_JS: Asset = Asset::new(
    "/static/recaptcha_v3.js",
    "text/javascript; charset=utf-8",
    include_bytes!("../../static/recaptcha_v3.js"),
);

/// The icon of the browser's tab.
pub static ICON_SVG: Asset =
    Asset::new("/static/icon.svg", "image/svg+xml", include_bytes!("../../static/icon.svg"));

/// All of them.
pub const ALL: &[&Asset] = &[
    &PAGE_CSS,
    &APP_CSS,
    &FORM_JS,
    &PASSKEYS_JS,
    &COPY_JS,
    &FIELDS_JS,
    &INBOX_JS,
    &ALTCHA_JS,
    &ALTCHA_PLAIN_JS,
    &RECAPTCHA_V3_JS,
    &ICON_SVG,
];

/// The one that is served under this path.
#[must_use]
pub fn at(path: &str) -> Option<&'static Asset> {
    ALL.iter().copied().find(|asset| asset.path == path)
}

/// The 64-bit FNV-1a hash; it tells versions of a file apart and protects nothing.
const fn fnv1a(bytes: &[u8]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut index = 0;
    while index < bytes.len() {
        hash = (hash ^ bytes[index] as u64).wrapping_mul(0x0100_0000_01b3);
        index += 1;
    }
    hash
}
