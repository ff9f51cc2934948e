//! What a file is by its content, what a form accepts, and as what it may be shown.

/// What a file is, told by its first bytes and checked against what a form accepts.
#[derive(Debug, Clone, Copy)]
pub struct FileKind;

const UNKNOWN: &str = "application/octet-stream";
const TEXT: &str = "text/plain";
const HTML: &str = "text/html";
const XML: &str = "text/xml";

/// Types that a browser shows and never runs. The list is short on purpose: whatever is not on it
/// is downloaded.
const SHOWN: [(&str, &str); 6] = [
    ("image/png", "image/png"),
    ("image/jpeg", "image/jpeg"),
    ("image/gif", "image/gif"),
    ("image/webp", "image/webp"),
    ("application/pdf", "application/pdf"),
    (TEXT, "text/plain; charset=utf-8"),
];

/// Elements that begin a page. From the standard on MIME sniffing
/// (<https://mimesniff.spec.whatwg.org/#identifying-a-resource-with-an-unknown-mime-type>), and a
/// few more that run or load something.
const HTML_ELEMENTS: [&str; 32] = [
    "!doctype", "a", "applet", "audio", "b", "base", "body", "br", "button", "div", "embed",
    "font", "form", "h1", "head", "html", "iframe", "img", "input", "link", "math", "meta",
    "object", "p", "script", "span", "style", "table", "template", "textarea", "title", "video",
];

/// Endings that a desktop runs, or opens as a page that can run something.
const RUNNABLE: [&str; 38] = [
    "apk", "app", "bat", "chm", "cmd", "com", "cpl", "desktop", "dll", "dmg", "docm", "exe", "hta",
    "htm", "html", "iso", "jar", "js", "jse", "lnk", "mht", "mhtml", "msi", "msp", "php", "pif",
    "pptm", "ps1", "py", "reg", "scr", "sh", "svg", "url", "vbs", "wsf", "xhtml", "xlsm",
];

/// Endings that some web servers run wherever in the name they stand.
const RUN_BY_SERVERS: [&str; 8] = ["asp", "aspx", "cgi", "jsp", "phar", "php", "phtml", "shtml"];

/// Endings that people take for harmless.
const TRUSTED: [&str; 22] = [
    "bmp", "csv", "doc", "docx", "gif", "heic", "jpeg", "jpg", "mov", "mp3", "mp4", "odt", "pdf",
    "png", "ppt", "pptx", "rtf", "txt", "webp", "xls", "xlsx", "zip",
];

impl FileKind {
    /// How many bytes [`FileKind::of`] wants to see.
    pub const HEAD_BYTES: usize = 8192;

    /// The media type of a file by its first bytes: `text/html` or `text/xml` for markup (so for
    /// SVG, which is a document that can run scripts and never counts as an image), else by
    /// signature, else `text/plain` for UTF-8 text without control characters, else
    /// `application/octet-stream`.
    #[must_use]
    pub fn of(head: &[u8]) -> &'static str {
        if let Some(markup) = markup(head) {
            return markup;
        }
        if let Some(kind) = infer::get(head) {
            return kind.mime_type();
        }
        let text = match std::str::from_utf8(head) {
            Ok(text) => text,
            // The head may end in the middle of a character.
            Err(error) if error.error_len().is_none() => {
                std::str::from_utf8(&head[..error.valid_up_to()]).unwrap_or_default()
            }
            Err(_) => return UNKNOWN,
        };
        let printable = |c: char| !c.is_control() || matches!(c, '\n' | '\r' | '\t' | '\u{c}');
        if text.chars().all(printable) { TEXT } else { UNKNOWN }
    }

    /// The `Content-Type` to send a stored file with: its own for the few types that a browser
    /// shows and never runs, `application/octet-stream` for everything else.
    #[must_use]
    pub fn served_as(content_type: &str) -> &'static str {
        SHOWN.iter().find(|(known, _)| *known == content_type).map_or(UNKNOWN, |(_, sent)| sent)
    }

    /// True when a file of this content type and name fits one entry of an `accept` list as HTML
    /// defines it: `.pdf`, `image/*` or `image/png`.
    ///
    /// An extension must be the name's last one, and where the extension stands for a type that
    /// can be told by content, the content must be of it: `.png` refuses a script named `a.png`.
    #[must_use]
    pub fn accepted(accept: &str, content_type: &str, name: &str) -> bool {
        let accept = accept.trim().to_ascii_lowercase();
        if let Some(extension) = accept.strip_prefix('.') {
            return extension_of(name).as_deref() == Some(extension)
                && plausible(extension, content_type);
        }
        match accept.strip_suffix("/*") {
            Some(family) => content_type.split('/').next() == Some(family),
            None => content_type == accept,
        }
    }

    /// True when a name makes a file look like what it is not: something that runs behind the
    /// ending of a document (`invoice.pdf.exe`), endings pushed out of sight by spaces or dots, or
    /// characters that turn the direction of reading (`\u{202e}fdp.exe`).
    #[must_use]
    pub fn is_disguised(name: &str) -> bool {
        let turns = |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        if name.contains(turns) || name.contains("   ") || name.ends_with(['.', ' ']) {
            return true;
        }
        let endings: Vec<String> =
            name.split('.').skip(1).map(|part| part.trim().to_ascii_lowercase()).collect();
        let Some((last, before)) = endings.split_last() else { return false };
        let is = |list: &[&str], ending: &str| list.contains(&ending);
        before.iter().any(|ending| {
            is(&RUNNABLE, last) && is(&TRUSTED, ending)
                || is(&TRUSTED, last) && is(&RUN_BY_SERVERS, ending)
        })
    }
}

fn extension_of(name: &str) -> Option<String> {
    name.rsplit_once('.').map(|(_, last)| last.to_ascii_lowercase())
}

/// Whether content of this type can have this ending.
fn plausible(extension: &str, content_type: &str) -> bool {
    let office = |last: &str| {
        content_type.strip_prefix("application/vnd.openxmlformats-officedocument.") == Some(last)
    };
    let open =
        |last: &str| content_type.strip_prefix("application/vnd.oasis.opendocument.") == Some(last);
    match extension {
        "png" => content_type == "image/png",
        "jpg" | "jpeg" => content_type == "image/jpeg",
        "gif" => content_type == "image/gif",
        "webp" => content_type == "image/webp",
        "bmp" => content_type == "image/bmp",
        "tif" | "tiff" => content_type == "image/tiff",
        "ico" => content_type == "image/vnd.microsoft.icon",
        "avif" => content_type == "image/avif",
        "heic" | "heif" => content_type == "image/heif",
        "pdf" => content_type == "application/pdf",
        "zip" => content_type == "application/zip",
        "docx" => office("wordprocessingml.document"),
        "xlsx" => office("spreadsheetml.sheet"),
        "pptx" => office("presentationml.presentation"),
        "odt" => open("text"),
        "ods" => open("spreadsheet"),
        "odp" => open("presentation"),
        "svg" | "xml" => content_type == XML,
        // A page of Markdown may begin with HTML.
        "txt" | "csv" | "md" => content_type.starts_with("text/"),
        _ => true,
    }
}

/// HTML or XML by how the text begins, as browsers tell it, whatever stands before the first
/// element: byte order mark, space, comments, processing instructions.
fn markup(head: &[u8]) -> Option<&'static str> {
    let mut rest = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    let mut is_xml = false;
    loop {
        rest = rest.trim_ascii_start();
        if let Some(after) = rest.strip_prefix(b"<!--") {
            // A comment that does not end in the head may hide anything; a browser calls it HTML.
            let Some(end) = position(after, b"-->") else { return Some(HTML) };
            rest = &after[end + 3..];
        } else if let Some(after) = rest.strip_prefix(b"<?") {
            is_xml |= after.len() >= 3 && after[..3].eq_ignore_ascii_case(b"xml");
            let Some(end) = position(after, b">") else { return is_xml.then_some(XML) };
            rest = &after[end + 1..];
        } else {
            break;
        }
    }
    let name = rest.strip_prefix(b"<")?;
    let end = name.iter().position(|byte| byte.is_ascii_whitespace() || b">/".contains(byte));
    let end = end.unwrap_or(name.len());
    let element = String::from_utf8_lossy(&name[..end]).to_ascii_lowercase();
    if element == "!doctype" {
        let of_html = name[end..].trim_ascii_start().get(..4);
        let of_html = of_html.is_some_and(|text| text.eq_ignore_ascii_case(b"html"));
        return Some(if of_html { HTML } else { XML });
    }
    if HTML_ELEMENTS.contains(&element.as_str()) {
        // XHTML is XML that shows as a page.
        return Some(HTML);
    }
    let local = element.rsplit(':').next().unwrap_or_default();
    (is_xml || local == "svg").then_some(XML)
}

fn position(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len()).position(|window| window == wanted)
}

#[cfg(test)]
mod tests {
    use super::FileKind;

    #[test]
    fn a_file_is_what_its_content_says() {
        assert_eq!(FileKind::of(b"\x89PNG\r\n\x1a\n0000"), "image/png");
        assert_eq!(FileKind::of("Grüße".as_bytes()), "text/plain");
        assert_eq!(FileKind::of(&"Grü".as_bytes()[..3]), "text/plain");
        assert_eq!(FileKind::of(b"\x00\x01\x02"), "application/octet-stream");
        assert_eq!(
            FileKind::of(b"MZ\x90\0\x03\0"),
            "application/vnd.microsoft.portable-executable"
        );
    }

    #[test]
    fn markup_is_never_an_image_and_never_plain_text() {
        let svg = "<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>";
        let cases = [
            ("<!DOCTYPE html><p>", "text/html"),
            ("\u{feff}\n\t <HTML>", "text/html"),
            ("<!-- x --><script>alert(1)</script>", "text/html"),
            ("<!-- never ends", "text/html"),
            ("<ScRiPt\n>alert(1)", "text/html"),
            ("<img src=x onerror=alert(1)>", "text/html"),
            ("<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'>", "text/html"),
            (svg, "text/xml"),
            ("<?xml version='1.0'?>\n<!-- by an editor -->\n<svg>", "text/xml"),
            ("<!DOCTYPE svg PUBLIC '-//W3C//DTD SVG 1.1//EN' ''><svg>", "text/xml"),
            ("<s:svg xmlns:s='http://www.w3.org/2000/svg'>", "text/xml"),
            ("<?xml version='1.0'?><note/>", "text/xml"),
            ("a < b and c > d", "text/plain"),
            ("<unknown> is how a mail address begins", "text/plain"),
        ];
        for (text, expected) in cases {
            let found = FileKind::of(text.as_bytes());
            assert_eq!(found, expected, "{text}");
            assert!(!FileKind::accepted("image/*", found, "a.svg"), "{text}");
            assert!(!FileKind::accepted("image/svg+xml", found, "a.svg"), "{text}");
            assert!(!FileKind::accepted(".png", found, "a.png"), "{text}");
        }
        assert!(FileKind::accepted(".svg", FileKind::of(svg.as_bytes()), "a.svg"));
        assert!(!FileKind::accepted(".svg", "text/html", "a.svg"));
    }

    #[test]
    fn an_extension_does_not_make_a_script_an_image() {
        assert!(FileKind::accepted(".png", "image/png", "a.PNG"));
        assert!(!FileKind::accepted(".png", "text/plain", "a.png"));
        assert!(!FileKind::accepted(".png", "image/png", "a.png.exe"));
        assert!(!FileKind::accepted(".docx", "application/zip", "a.docx"));
        assert!(FileKind::accepted(".md", "text/html", "README.md"));
        assert!(FileKind::accepted("image/*", "image/webp", "whatever"));
        assert!(!FileKind::accepted("image/*", "text/plain", "a.png"));
    }

    #[test]
    fn what_a_browser_might_run_is_served_as_bytes() {
        for content_type in
            ["image/png", "image/jpeg", "image/gif", "image/webp", "application/pdf"]
        {
            assert_eq!(FileKind::served_as(content_type), content_type);
        }
        assert_eq!(FileKind::served_as("text/plain"), "text/plain; charset=utf-8");
        for content_type in [
            "text/html",
            "text/xml",
            "image/svg+xml",
            "IMAGE/PNG",
            "image/png; x=y",
            "application/x-shockwave-flash",
            "application/javascript",
            "",
        ] {
            assert_eq!(FileKind::served_as(content_type), "application/octet-stream");
        }
    }

    #[test]
    fn a_name_that_hides_its_ending_is_told() {
        for name in [
            "invoice.pdf.exe",
            "photo.JPG.scr",
            "a.pdf      .exe",
            "a.exe.",
            "a.pdf ",
            "cod\u{202e}fdp.exe",
            "shell.php.jpg",
        ] {
            assert!(FileKind::is_disguised(name), "{name}");
        }
        for name in [
            "a.pdf",
            "setup.exe",
            "backup.tar.gz",
            "v1.2.final.pdf",
            "main.js.map",
            "page.html",
            ".profile",
            "x",
            "Report 3.14.docx",
            "jquery.min.js",
            "example.com.pdf",
        ] {
            assert!(!FileKind::is_disguised(name), "{name}");
        }
    }
}
