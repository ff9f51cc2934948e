//! File names that are meant to do harm: they are shown, never used.

use formhold_testkit::TestApp;
use serde_json::json;

use super::{Raw, app, head, refused};

const MULTIPART: &str = "content-type: multipart/form-data; boundary=b\r\n";

fn body(name: &[u8]) -> Vec<u8> {
    let before = b"--b\r\ncontent-disposition: form-data; name=\"f\"; filename=\"".as_slice();
    [before, name, b"\"\r\n\r\ncontent\r\n--b--\r\n"].concat()
}

/// Posts a file with this name and gives back the name that was kept, if it was taken in.
async fn kept_name(app: &TestApp, name: &[u8]) -> Option<String> {
    let form = app.form(json!({})).await;
    let mut raw = Raw::connect(app.address).await;
    let body = body(name);
    raw.send(head(&format!("{MULTIPART}content-length: {}\r\n", body.len()))).await;
    raw.send(&body).await;
    let reply = raw.reply().await.expect("a reply");
    if reply.status != 200 {
        reply.assert(400, "MALFORMED");
        return None;
    }
    Some(app.submissions(&form).await.last()?.uploads.first()?.name.clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn no_name_of_a_file_leads_anywhere() {
    let app = app().await;
    let folder = app.database.folder.path();
    let names: [&[u8]; 12] = [
        b"../../../../../../../../tmp/evil.txt",
        b"..\\..\\evil.txt",
        b"/etc/passwd",
        b"a\0b.txt",
        b"evil.txt%00.png",
        b"....//....//evil.txt",
        b"con.txt",
        b"file:///etc/passwd",
        b".",
        b"..",
        "ev\u{202e}txt.exe".as_bytes(),
        b"\xff\xfe.txt",
    ];
    let mut taken = 0;
    for name in names {
        let Some(kept) = kept_name(&app, name).await else { continue };
        taken += 1;
        let harmless = !kept.is_empty()
            && kept.len() <= 255
            && !kept.contains(['/', '\\'])
            && !kept.chars().any(char::is_control);
        assert!(harmless, "{name:?} is kept as {kept:?}");
    }
    assert!(taken >= 8, "{taken}");
    // Every file stands under its own id, below its day, and nowhere else.
    let files = app.files_on_disk();
    assert_eq!(files.len(), taken);
    for file in files {
        let relative = file.strip_prefix(folder.join("files/objects")).expect("in its place");
        assert_eq!(relative.components().count(), 2, "{relative:?}");
    }
    assert!(!folder.join("evil.txt").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_of_four_kibibytes_is_shortened_with_its_extension_kept() {
    let app = app().await;
    let long = format!("{}.pdf", "n".repeat(4092));
    let kept = kept_name(&app, long.as_bytes()).await.expect("it is taken in");
    assert!(kept.len() <= 255 && kept.ends_with("n.pdf"), "{kept}");
    let no_end = format!("a.{}", "n".repeat(4094));
    let kept = kept_name(&app, no_end.as_bytes()).await.expect("it is taken in");
    assert!(kept.len() <= 255, "{kept}");
}

#[tokio::test(flavor = "multi_thread")]
async fn names_of_fields_that_are_too_long_are_refused() {
    let app = app().await;
    let name = "n".repeat(257);
    let part = |more: &str| {
        format!(
            "--b\r\ncontent-disposition: form-data; name=\"{name}\"{more}\r\n\r\nx\r\n--b--\r\n"
        )
    };
    for body in [part(""), part("; filename=\"a.txt\"")] {
        refused(&app, MULTIPART, body.as_bytes()).await.assert(413, "FIELD_NAME_TOO_LONG");
    }
}
