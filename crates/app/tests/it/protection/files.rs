//! Files on their way in and out: what they show, what is in them, who gets them.

use std::io::Write as _;

use formhold_domain::{LinkPurpose, Scan, Upload, access::Caller};
use formhold_service::{links, scanning};
use formhold_testkit::{Stack, TestApp, on_both_stacks};
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

pub(crate) const PLACE: &[u8] = b"52 deg 31' N, 13 deg 24' E";
/// Names a clamd that knows the EICAR test file and takes 1 MiB at most.
const CLAMD_VARIABLE: &str = "FORMHOLD_TEST_CLAMD_TCP";

#[expect(clippy::disallowed_methods, reason = "the test runner hands the scanner over there")]
fn clamd() -> Option<String> {
    std::env::var(CLAMD_VARIABLE).ok()
}

/// The test file of the European Institute for Computer Antivirus Research, put together here so
/// that no scanner stops at this source.
fn eicar() -> Vec<u8> {
    [r"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STAND", "ARD-ANTIVIRUS-TEST-FILE!$H+H*"].concat().into()
}

fn chunk(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let body = [kind.as_slice(), data].concat();
    let mut crc = flate2::Crc::new();
    crc.update(&body);
    let length = u32::try_from(data.len()).expect("short").to_be_bytes();
    [length.as_slice(), &body, &crc.sum().to_be_bytes()].concat()
}

/// A picture of 2 x 1 pixels that says where it was taken, claiming other dimensions in its head.
pub(crate) fn picture(width: u32, height: u32) -> Vec<u8> {
    let mut pixels = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    pixels.write_all(&[0, 255, 0, 0, 0, 255, 0]).expect("compressed");
    let head = [&width.to_be_bytes()[..], &height.to_be_bytes()[..], &[8, 2, 0, 0, 0]].concat();
    let place = [b"GPSPosition\0".as_slice(), PLACE].concat();
    [
        b"\x89PNG\r\n\x1a\n".to_vec(),
        chunk(b"IHDR", &head),
        chunk(b"tEXt", &place),
        chunk(b"IDAT", &pixels.finish().expect("compressed")),
        chunk(b"IEND", b""),
    ]
    .concat()
}

async fn send(app: &TestApp, path: &str, name: &str, bytes: Vec<u8>) -> (u16, Value) {
    let form = Form::new().part("file", Part::bytes(bytes).file_name(name.to_owned()));
    let request = app.client.post(app.url(path)).header("accept", "application/json");
    let response = request.multipart(form).send().await.expect("a reply");
    (response.status().as_u16(), response.json().await.expect("JSON"))
}

async fn last_upload(app: &TestApp) -> Upload {
    let form = formhold_service::forms::get_form(&app.app, "test").await.expect("the form");
    app.submissions(&form).await.pop().expect("a submission").uploads.remove(0)
}

/// Status, headers and content behind a link.
async fn get(app: &TestApp, path: &str) -> (u16, reqwest::header::HeaderMap, Vec<u8>) {
    let response = app.client.get(app.url(path)).send().await.expect("a reply");
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    (status, headers, response.bytes().await.expect("content").to_vec())
}

on_both_stacks! {
    async fn a_file_goes_out_by_a_signed_link_as_an_attachment_only(app: TestApp) {
        app.form(json!({})).await;
        let page = b"<!doctype html><script>alert(1)</script>".to_vec();
        assert_eq!(send(&app, "/f/test", "Grüße\".html", page.clone()).await.0, 200);
        let upload = last_upload(&app).await;
        let path = links::link(&app.app, upload.id, LinkPurpose::Download, 60);
        let (status, headers, content) = get(&app, &path).await;
        assert_eq!((status, &content), (200, &page));
        let head = |name: &str| headers[name].to_str().expect("text").to_owned();
        assert_eq!(head("content-type"), "application/octet-stream");
        assert_eq!(head("x-content-type-options"), "nosniff");
        assert_eq!(head("content-security-policy"), "default-src 'none'; sandbox");
        assert_eq!(head("cross-origin-resource-policy"), "same-origin");
        let disposition = head("content-disposition");
        assert!(disposition.starts_with("attachment; filename=\"Gr__e_.html\""), "{disposition}");
        assert!(disposition.ends_with("filename*=UTF-8''Gr%C3%BC%C3%9Fe%22.html"), "{disposition}");
    }

    async fn a_link_that_was_changed_in_any_part_leads_nowhere(app: TestApp) {
        app.form(json!({})).await;
        for name in ["one.txt", "two.txt"] {
            assert_eq!(send(&app, "/f/test", name, b"text".to_vec()).await.0, 200);
        }
        let form = formhold_service::forms::get_form(&app.app, "test").await.expect("the form");
        let ids: Vec<_> = app.submissions(&form).await.iter().map(|one| one.uploads[0].id).collect();
        let path = links::link(&app.app, ids[0], LinkPurpose::Download, 60);
        assert_eq!(get(&app, &path).await.0, 200);
        let signature = path.split("signature=").nth(1).expect("a signature").to_owned();
        let first = signature.chars().next().expect("a digit");
        let other = if first == '0' { "1" } else { "0" };
        for changed in [
            path.replace(&ids[0].to_string(), &ids[1].to_string()),
            path.replace("purpose=download", "purpose=thumbnail"),
            path.replace("expires=1", "expires=2"),
            path.replace(&signature, &format!("{other}{}", &signature[1..])),
            path.replace(&signature, &signature.to_uppercase()),
            path.replace(&signature, ""),
            path.replace("&signature=", "&other="),
            path.replace(&ids[0].to_string(), "../../formhold.db"),
            format!("/uploads/{}", ids[0]),
        ] {
            assert_eq!(get(&app, &changed).await.0, 404, "{changed}");
        }
        app.clock.advance_ms(60_000);
        assert_eq!(get(&app, &path).await.0, 410);
    }

    async fn a_picture_forgets_where_it_was_taken_where_the_owner_wants_it_so(app: TestApp) {
        for (slug, remove) in [("test", true), ("keeps", false)] {
            let files = json!({ "remove_location": remove });
            app.form(json!({ "slug": slug, "protection": { "files": files } })).await;
        }
        assert_eq!(send(&app, "/f/keeps", "p.png", picture(2, 1)).await.0, 200);
        assert_eq!(send(&app, "/f/test", "p.png", picture(2, 1)).await.0, 200);
        let upload = last_upload(&app).await;
        assert_eq!(upload.dimensions.map(|size| (size.width, size.height)), Some((2, 1)));
        let (_, _, content) = get(&app, &links::link(&app.app, upload.id, LinkPurpose::Download, 60)).await;
        assert_eq!(content.len() as u64, upload.size_bytes);
        assert!(!content.windows(PLACE.len()).any(|window| window == PLACE));
        use sha2::Digest as _;
        let hash: String = sha2::Sha256::digest(&content).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hash, upload.sha256);
        assert_eq!(app.files_on_disk().len(), 2, "nothing of the first copy is left");
        let (status, headers, _) = get(&app, &links::link(&app.app, upload.id, LinkPurpose::Thumbnail, 60)).await;
        assert_eq!((status, headers["content-type"].to_str().expect("text")), (200, "image/jpeg"));
    }

    async fn who_had_enough_stores_no_file(app: TestApp) {
        app.form(json!({ "protection": { "limit": "1/min" } })).await;
        assert_eq!(send(&app, "/f/test", "a.txt", b"first".to_vec()).await.0, 200);
        for _ in 0..3 {
            let (status, body) = send(&app, "/f/test", "b.bin", vec![7; 1 << 20]).await;
            assert_eq!((status, body["errors"][0]["code"].as_str()), (429, Some("TOO_MANY_REQUESTS")));
        }
        assert_eq!(app.files_on_disk().len(), 1);
    }

    async fn a_picture_that_claims_to_be_huge_is_stored_and_never_decoded(app: TestApp) {
        app.form(json!({})).await;
        assert_eq!(send(&app, "/f/test", "flood.png", picture(65_535, 65_535)).await.0, 200);
        let upload = last_upload(&app).await;
        let thumbnail = links::link(&app.app, upload.id, LinkPurpose::Thumbnail, 60);
        let (status, _, text) = get(&app, &thumbnail).await;
        assert_eq!(status, 422, "{}", String::from_utf8_lossy(&text));
    }

    async fn all_files_of_a_form_come_in_one_zip_file_without_those_that_are_locked(app: TestApp) {
        app.form(json!({})).await;
        app.form(json!({ "slug": "locked", "protection": { "files": { "scan": "quarantine" } } })).await;
        for name in ["a.txt", "../a.txt"] {
            assert_eq!(send(&app, "/f/test", name, name.as_bytes().to_vec()).await.0, 200);
        }
        assert_eq!(send(&app, "/f/locked", "c.txt", b"c".to_vec()).await.0, 200);
        let (_, count) = links::zip_of_form(&app.app, &Caller::system("test"), "test").await.expect("a ZIP file");
        assert_eq!(count, 2);
        let (_, count) = links::zip_of_form(&app.app, &Caller::system("test"), "locked").await.expect("a ZIP file");
        assert_eq!(count, 0);
    }
}

#[tokio::test]
async fn a_locked_file_is_handed_out_once_a_scan_found_it_clean() {
    let Some(clamd) = clamd() else { return };
    let app = TestApp::start_with(Stack::Sqlite, |settings| settings.files.clamd = clamd).await;
    let form = app.form(json!({ "protection": { "files": { "scan": "quarantine" } } })).await;
    assert_eq!(send(&app, "/f/test", "good.txt", b"good".to_vec()).await.0, 200);
    assert_eq!(send(&app, "/f/test", "bad.txt", eicar()).await.0, 200);
    assert_eq!(send(&app, "/f/test", "large.bin", vec![7; 2 << 20]).await.0, 200);
    let uploads = || async {
        app.submissions(&form)
            .await
            .into_iter()
            .map(|mut one| one.uploads.remove(0))
            .collect::<Vec<_>>()
    };
    let links: Vec<_> = uploads()
        .await
        .iter()
        .map(|upload| links::link(&app.app, upload.id, LinkPurpose::Download, 60))
        .collect();
    for link in &links {
        assert_eq!(get(&app, link).await.0, 423, "nobody gets what waits");
    }
    assert_eq!(scanning::scan_waiting(&app.app).await.expect("scanned"), 3);
    let scans: Vec<_> = uploads().await.into_iter().map(|upload| upload.scan).collect();
    assert_eq!(scans[0], Scan::Clean);
    assert!(matches!(&scans[1], Scan::Infected(name) if name.contains("Eicar")), "{scans:?}");
    assert!(matches!(&scans[2], Scan::Unscannable(_)), "too large is not clean: {scans:?}");
    let statuses =
        [get(&app, &links[0]).await.0, get(&app, &links[1]).await.0, get(&app, &links[2]).await.0];
    assert_eq!(statuses, [200, 423, 423]);
    assert_eq!(scanning::scan_waiting(&app.app).await.expect("scanned"), 0);
}

#[tokio::test]
async fn a_form_that_requires_a_scan_takes_what_is_clean_and_nothing_while_nobody_can_tell() {
    let required = json!({ "protection": { "files": { "scan": "require" } } });
    let down = TestApp::start_with(Stack::Sqlite, |settings| {
        settings.files.clamd = "tcp://127.0.0.1:1".to_owned();
    })
    .await;
    down.form(required.clone()).await;
    assert_eq!(send(&down, "/f/test", "a.txt", b"good".to_vec()).await.0, 503);
    assert!(down.files_on_disk().is_empty(), "nothing of what was refused is left");
    let text = [("a", "1")];
    assert_eq!(super::post(&down, "/f/test", &text).await.0, 200, "text needs no scanner");
    let Some(clamd) = clamd() else { return };
    let up = TestApp::start_with(Stack::Sqlite, |settings| settings.files.clamd = clamd).await;
    up.form(required).await;
    assert_eq!(send(&up, "/f/test", "a.txt", b"good".to_vec()).await.0, 200);
    assert_eq!(last_upload(&up).await.scan, Scan::Clean);
    let (status, body) = send(&up, "/f/test", "a.txt", eicar()).await;
    assert_eq!((status, body["errors"][0]["code"].as_str()), (422, Some("UNSAFE_FILE")));
    assert_eq!(up.files_on_disk().len(), 1);
}
