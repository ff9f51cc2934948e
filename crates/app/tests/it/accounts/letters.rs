//! The mails about accounts that were kept.

use std::time::{Duration, Instant};

use formhold_testkit::{TestApp, files_below};

/// Waits for a mail to this address that says this: mails are written beside the request.
pub(super) async fn letter(app: &TestApp, to: &str, says: &str) -> String {
    let folder = app.database.folder.path().join("mail");
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        let files = if folder.is_dir() { files_below(&folder) } else { Vec::new() };
        let texts = files.iter().filter_map(|file| std::fs::read_to_string(file).ok());
        let mut texts: Vec<String> = texts.collect();
        if let Some(at) = texts
            .iter()
            .position(|text| text.starts_with(&format!("To: {to}\n")) && text.contains(says))
        {
            return texts.swap_remove(at);
        }
        assert!(Instant::now() < deadline, "no mail to {to} says `{says}`: {texts:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
