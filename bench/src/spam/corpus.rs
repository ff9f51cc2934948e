//! Mails as if somebody had put them into a form: sender, subject and text, nothing else.

use std::{collections::HashSet, fs, path::Path, sync::LazyLock};

use anyhow::Context as _;
use formhold_domain::Answers;
use mail_parser::{MessageParser, PartType};
use regex::Regex;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

/// Too few say nothing.
const LEAST: usize = 1_000;

/// A mail of the corpus.
pub(super) struct Message {
    /// The group that it is in, as `hard-ham-1`.
    pub(super) group: String,
    /// Whether its collectors say that it is spam.
    pub(super) spam: bool,
    /// Which half it belongs to, by the hash of its text: equal texts are in the same half.
    pub(super) first_half: bool,
    /// The form that it would have been.
    pub(super) answers: Answers,
}

#[derive(Deserialize)]
struct Raw {
    group: String,
    text: String,
}

static ADDRESSES: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?i)<a\s[^>]*?href\s*=\s*["']?([^"'\s>]+)"#).expect("a fixed pattern")
});

/// Reads all messages below a folder; of those with equal texts only the first.
///
/// # Errors
/// When there are too few, or one cannot be read.
pub(super) fn read(folder: &Path) -> anyhow::Result<Vec<Message>> {
    let mut paths = Vec::new();
    collect(folder, &mut paths).with_context(|| format!("cannot read {}", folder.display()))?;
    paths.sort();
    let mut seen = HashSet::new();
    let mut messages = Vec::new();
    for path in paths {
        let bytes = fs::read(&path)?;
        // Beside the messages lie lists of them.
        let Ok(raw) = serde_json::from_slice::<Raw>(&bytes) else { continue };
        let (message, hash) = message(raw).with_context(|| path.display().to_string())?;
        if seen.insert(hash) {
            messages.push(message);
        }
    }
    let count = messages.len();
    anyhow::ensure!(count >= LEAST, "{} has {count} messages, too few", folder.display());
    Ok(messages)
}

fn collect(folder: &Path, paths: &mut Vec<std::path::PathBuf>) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, paths)?;
        } else if path.extension().is_some_and(|extension| extension == "json") {
            paths.push(path);
        }
    }
    Ok(())
}

fn message(raw: Raw) -> anyhow::Result<(Message, [u8; 32])> {
    let mail = MessageParser::default().parse(&raw.text).context("is no mail")?;
    let mut text = mail.body_text(0).unwrap_or_default().into_owned();
    // A page keeps the addresses of its links in tags, which are not part of its text.
    if let Some(PartType::Html(html)) = mail.text_part(0).map(|part| &part.body) {
        for link in ADDRESSES.captures_iter(html) {
            text.push('\n');
            text.push_str(&link[1]);
        }
    }
    let hash: [u8; 32] = Sha256::digest(text.trim()).into();
    let sender = mail.from().and_then(|from| from.first()?.address().map(str::to_owned));
    let subject = mail.subject().unwrap_or_default();
    let answers = vec![
        ("email".to_owned(), sender.unwrap_or_default()),
        ("message".to_owned(), format!("{subject}\n{text}")),
    ];
    let message = Message {
        spam: raw.group.starts_with("spam"),
        group: raw.group,
        first_half: hash[0].is_multiple_of(2),
        answers: answers.into(),
    };
    Ok((message, hash))
}
