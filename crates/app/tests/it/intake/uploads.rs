//! Files that come with a submission.

use std::time::Duration;

use formhold_testkit::{TestApp, on_both_stacks};
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};
use tokio::io::AsyncReadExt as _;

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";

fn file(name: &str, bytes: &[u8]) -> Part {
    // What the sender says of the type is never believed.
    Part::bytes(bytes.to_vec())
        .file_name(name.to_owned())
        .mime_str("application/x-lie")
        .expect("a type")
}

async fn post(app: &TestApp, path: &str, form: Form) -> (u16, Value) {
    let response = app
        .client
        .post(app.url(path))
        .header("accept", "application/json")
        .multipart(form)
        .send()
        .await
        .expect("a reply");
    (response.status().as_u16(), response.json().await.expect("JSON"))
}

on_both_stacks! {
    async fn a_file_is_stored_beside_the_answers(app: TestApp) {
        let form = app.form(json!({})).await;
        let content: Vec<u8> = (0..300_000_u32).flat_map(u32::to_le_bytes).collect();
        let sent = Form::new().text("a", "1").part("big", file("../../evil.bin", &content)).part("pic", file("p.png", PNG)).text("b", "2");
        assert_eq!(post(&app, "/f/test", sent).await.0, 200);
        let submission = app.submissions(&form).await.remove(0);
        assert_eq!(submission.answers.iter().collect::<Vec<_>>(), [("a", "1"), ("b", "2")]);
        let facts: Vec<_> = submission.uploads.iter().map(|upload| (upload.field.as_str(), upload.name.as_str(), upload.content_type.as_str(), upload.size_bytes)).collect();
        assert_eq!(facts, [("big", "evil.bin", "application/octet-stream", 1_200_000), ("pic", "p.png", "image/png", PNG.len() as u64)]);
        let mut read = Vec::new();
        app.app.files.read(submission.uploads[0].id).await.expect("storage").expect("the file").read_to_end(&mut read).await.expect("its bytes");
        assert_eq!(read, content);
        assert_eq!(app.files_on_disk().len(), 2);
    }

    async fn a_refused_submission_leaves_no_file_behind(app: TestApp) {
        let fields = json!([
            { "name": "n", "type": "integer" },
            { "name": "pic", "type": "file", "accept": ["image/*"], "max_bytes": 100, "max_files": 2 }
        ]);
        let form = app.form(json!({ "fields": fields })).await;
        app.form(json!({ "slug": "none", "fields": [{ "name": "n", "type": "integer" }] })).await;
        app.form(json!({ "slug": "small", "limits": { "max_file_bytes": 50, "max_files": 1 } })).await;
        let picture = || file("p.png", PNG);
        let large = || file("p.png", &[PNG, &[0; 200]].concat());
        let eleven = (0..11).fold(Form::new(), |form, index| form.part(format!("f{index}"), picture()));
        let cases = [
            ("/f/test", Form::new().text("n", "x").part("pic", picture()), 422, "TYPE_NUMERIC"),
            ("/f/test", Form::new().part("pic", file("p.png", b"<script>alert(1)</script>")), 422, "FILE_TYPE"),
            ("/f/test", Form::new().part("pic", large()), 422, "FILES_TOO_BIG"),
            ("/f/test", Form::new().part("pic", file("p.png", b"")), 422, "FILE_EMPTY"),
            ("/f/test", Form::new().part("pic", picture()).part("pic", picture()).part("pic", picture()), 422, "TOO_MANY_FILES"),
            ("/f/test", Form::new().part("n", picture()), 422, "FILE_NOT_EXPECTED"),
            ("/f/test", Form::new().part("unknown", picture()), 422, "FILE_NOT_EXPECTED"),
            ("/f/none", Form::new().part("n", picture()), 422, "NO_FILE_UPLOADS"),
            ("/f/small", Form::new().part("x", large()), 413, "FILES_TOO_BIG"),
            ("/f/small", Form::new().part("x", picture()).part("y", picture()), 413, "TOO_MANY_FILES"),
            ("/f/small", eleven, 413, "TOO_MANY_FILES"),
        ];
        for (path, sent, status, code) in cases {
            let (got, body) = post(&app, path, sent).await;
            assert_eq!((got, body["errors"][0]["code"].as_str()), (status, Some(code)), "{path} {body}");
            assert_eq!(app.files_on_disk(), Vec::<std::path::PathBuf>::new(), "{path} {code}");
        }
        assert!(app.submissions(&form).await.is_empty());
    }

    async fn a_file_is_a_file_however_its_name_ends(app: TestApp) {
        let form = app.form(json!({})).await;
        let part = |disposition: &str, content: &str| format!("--x\r\nContent-Disposition: form-data; {disposition}\r\n\r\n{content}\r\n");
        let body = [part(r#"name="a\""#, "1"), part(r#"name="f"; filename="b\""#, "2"), "--x--\r\n".to_owned()].concat();
        let request = app.client.post(app.url("/f/test.json")).header("content-type", "multipart/form-data; boundary=x");
        assert_eq!(request.body(body).send().await.expect("a reply").status().as_u16(), 200);
        let submission = app.submissions(&form).await.remove(0);
        assert_eq!(submission.answers.iter().collect::<Vec<_>>(), [("a\\", "1")]);
        // What may be a path loses its folders; here nothing is left of the name.
        assert_eq!(submission.uploads[0].name, "file");
    }

    async fn a_file_that_is_too_large_for_the_server_is_refused(app: TestApp) {
        app.form(json!({})).await;
        let (status, body) = post(&app, "/f/test", Form::new().part("x", file("x", &vec![0; (10 << 20) + 1]))).await;
        assert_eq!((status, &body["errors"][0]["code"], &body["errors"][0]["file_field"]), (413, &json!("FILES_TOO_BIG"), &json!("x")));
        let three = (0..3).fold(Form::new(), |form, index| form.part(format!("f{index}"), file("x", &vec![0; 9 << 20])));
        let (status, body) = post(&app, "/f/test", three).await;
        assert_eq!((status, &body["errors"][0]["code"]), (413, &json!("BODY_TOO_LARGE")));
        assert!(app.files_on_disk().is_empty());
    }

    async fn what_a_killed_process_left_behind_is_swept(app: TestApp) {
        let form = app.form(json!({})).await;
        post(&app, "/f/test", Form::new().part("keep", file("k", b"kept"))).await;
        let mut received = formhold_service::uploads::ReceivedUploads::none(&app.app);
        let mut orphan = received.begin(&app.app, "f".to_owned(), "orphan").await.expect("begun");
        orphan.write(b"orphan").await.expect("written");
        received.finish(orphan).await.expect("in place");
        let half = received.begin(&app.app, "f".to_owned(), "half").await.expect("begun");
        std::mem::forget((received, half));
        assert_eq!(app.files_on_disk().len(), 3);
        assert_eq!(formhold_service::uploads::sweep_orphans(&app.app).await.expect("swept"), 0, "what is young may still be under way");
        assert_eq!(formhold_service::uploads::sweep_older_than(&app.app, Duration::ZERO).await.expect("swept"), 1);
        assert_eq!(app.files_on_disk().len(), 1);
        assert_eq!(app.submissions(&form).await[0].uploads[0].name, "k");
    }
}
