//! Mails about accounts, as they lie in their folder.

use std::time::{Duration, Instant};

use formhold_testkit::{TestApp, files_below};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Letter {
    pub(super) to: String,
    pub(super) subject: String,
    pub(super) text: String,
}

impl Letter {
    /// The path and query of its link.
    pub(super) fn path(&self) -> &str {
        let start = self.text.find("http").expect("a link");
        let link = self.text[start..].split_whitespace().next().expect("its end");
        let below = link.splitn(4, '/').nth(3).expect("a path");
        &link[link.len() - below.len() - 1..]
    }

    /// The secret in its link.
    pub(super) fn token(&self) -> &str {
        self.path().split_once("?token=").expect("a token").1
    }
}

/// All letters to an address, oldest first, when there are so many: they are written beside requests.
pub(super) async fn letters_to(app: &TestApp, email: &str, count: usize) -> Vec<Letter> {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        let found: Vec<Letter> = all(app).into_iter().filter(|it| it.to == email).collect();
        if found.len() >= count {
            assert_eq!(found.len(), count, "{found:?}");
            return found;
        }
        assert!(Instant::now() < deadline, "{count} letters to {email}, not {found:?}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// The newest of so many letters to an address.
pub(super) async fn letter_to(app: &TestApp, email: &str, count: usize) -> Letter {
    letters_to(app, email, count).await.pop().expect("a letter")
}

/// Waits for a letter to an address that says this.
pub(super) async fn letter(app: &TestApp, email: &str, says: &str) -> Letter {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        let all = all(app);
        let found = all.iter().find(|it| it.to == email && it.text.contains(says));
        if let Some(found) = found {
            return found.clone();
        }
        assert!(Instant::now() < deadline, "no letter to {email} says `{says}`: {all:?}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// All letters, oldest first.
pub(super) fn all(app: &TestApp) -> Vec<Letter> {
    let folder = app.database.folder.path().join("mail");
    if !folder.exists() {
        return Vec::new();
    }
    let mut files = files_below(&folder);
    // Their names begin with the time.
    files.sort();
    let texts = files.iter().map(|file| std::fs::read_to_string(file).expect("text"));
    texts.filter(|text| text.ends_with(".\n")).map(|text| read(&text)).collect()
}

fn read(text: &str) -> Letter {
    let (head, text) = text.split_once("\n\n").expect("a head");
    let (to, subject) = head.split_once("\nSubject: ").expect("a subject");
    let to = to.strip_prefix("To: ").expect("an address");
    Letter { to: to.to_owned(), subject: subject.to_owned(), text: text.to_owned() }
}
