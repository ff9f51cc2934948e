//! Submissions as files: what was chosen and nothing else, in every format, with a receipt.

use std::io::{Read as _, Write as _};

use formhold_testkit::on_both_stacks;
use http::Method;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::submissions::{filled, owner};
use crate::inbox::submitted;

on_both_stacks! {
    async fn an_export_holds_what_was_chosen_and_nothing_else(app: TestApp) {
        let program = owner(&app).await;
        let (form, all) = filled(&app, "contact", 3).await;
        submitted(&app, "contact", &[("name", "=1+1"), ("<b>", "late field")]).await;
        filled(&app, "other", 1).await;
        program.patch(&format!("/submissions/{}", all[0]), json!({ "state": "archive" })).await;
        let get = async |query: &str| {
            let request = program.request(Method::GET, &format!("/forms/{form}/export?{query}"));
            let response = request.send().await.expect("a reply");
            assert_eq!(response.status(), 200, "{query}");
            let headers = response.headers().clone();
            assert_eq!(headers["content-security-policy"], "default-src 'none'; sandbox");
            (headers, response.bytes().await.expect("a whole file"))
        };
        let lines = async |query: &str| -> Vec<Value> {
            let (_, bytes) = get(query).await;
            let text = String::from_utf8(bytes.to_vec()).expect("text");
            text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
        };
        let whole = lines("format=ndjson").await;
        assert_eq!(whole.len(), 4, "all of the form, wherever they lie");
        assert_eq!(whole[3]["id"], all[0].as_str(), "the newest first");
        let archived = lines("format=ndjson&state=archive").await;
        assert_eq!((archived.len(), &archived[0]["id"]), (1, &json!(all[0])));
        assert_eq!(lines("format=ndjson&state=spam").await.len(), 0);
        let (headers, bytes) = get("format=csv&state=inbox").await;
        assert_eq!(headers["content-disposition"], "attachment; filename=\"contact.csv\"");
        let text = String::from_utf8(bytes.to_vec()).expect("text");
        let head = text.lines().next().expect("a head");
        assert!(head.contains("name,number,<b>") || head.contains("name,<b>,number"), "also fields that only one has: {head}");
        assert!(text.contains(",'=1+1,"), "no formula: {text}");
        assert_eq!(text.lines().count(), 4);
        let (_, bytes) = get("format=json").await;
        assert_eq!(serde_json::from_slice::<Value>(&bytes).expect("JSON").as_array().map(Vec::len), Some(4));
        let (_, bytes) = get("format=xlsx").await;
        assert!(bytes.starts_with(b"PK"));
        for wrong in ["", "format=pdf", "format=csv&is_read=true", "format=csv&state=x", "format=csv&limit=3"] {
            assert_eq!(program.get(&format!("/forms/{form}/export?{wrong}")).await.status, 400, "{wrong}");
        }
        let noted = "SELECT COUNT(*) FROM audit_entries WHERE action = 'submission.export'";
        assert_eq!(app.database.number(noted).await, 6);
    }

    async fn the_trailers_state_what_was_sent(app: TestApp) {
        let program = owner(&app).await;
        let (form, _) = filled(&app, "contact", 3).await;
        let token = program.token.clone().expect("a token");
        let address = app.address;
        let reply = tokio::task::spawn_blocking(move || {
            let mut socket = std::net::TcpStream::connect(address).expect("a connection");
            let path = format!("/api/v1/forms/{form}/export?format=csv");
            write!(socket, "GET {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\nTE: trailers\r\nConnection: close\r\n\r\n").expect("sent");
            let mut reply = String::new();
            socket.read_to_string(&mut reply).expect("a reply");
            reply
        }).await.expect("a reply");
        let (head, mut rest) = reply.split_once("\r\n\r\n").expect("a body");
        assert!(head.to_lowercase().contains("trailer: formhold-export-rows, formhold-export-sha256"), "{head}");
        let mut content = String::new();
        loop {
            let (length, after) = rest.split_once("\r\n").expect("a chunk");
            let length = usize::from_str_radix(length, 16).expect("a length");
            if length == 0 {
                rest = after;
                break;
            }
            content.push_str(&after[..length]);
            rest = &after[length + 2..];
        }
        let sha256: String = Sha256::digest(&content).iter().map(|byte| format!("{byte:02x}")).collect();
        assert!(rest.contains("formhold-export-rows: 3\r\n"), "{rest}");
        assert!(rest.contains(&format!("formhold-export-sha256: {sha256}\r\n")), "{rest}");
        assert_eq!(content.lines().count(), 4);
    }
}
