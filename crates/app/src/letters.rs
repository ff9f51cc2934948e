//! Mails about accounts, kept in a folder and shown in the log: what there is as long as no mail
//! server is set.

use std::{path::PathBuf, sync::Arc};

use async_trait::async_trait;
use formhold_domain::{Ids, letters::Letter};
use formhold_service::letters::LetterCarrier;
use serde::{Deserialize, Serialize};
use tokio::io::AsyncWriteExt as _;

/// The section `[mail]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Where mails about accounts are kept; empty: nowhere.
    pub folder: String,
}

/// Keeps letters as files that only this program's user can read. Their links open accounts.
pub(crate) struct LetterFolder {
    folder: Option<PathBuf>,
    ids: Arc<dyn Ids>,
}

impl LetterFolder {
    pub(crate) fn new(settings: &Settings, ids: Arc<dyn Ids>) -> Self {
        let folder = (!settings.folder.is_empty()).then(|| PathBuf::from(&settings.folder));
        Self { folder, ids }
    }
}

#[async_trait]
impl LetterCarrier for LetterFolder {
    async fn carry(&self, letter: &Letter) -> Result<(), String> {
        let written = letter.write();
        let Some(folder) = &self.folder else {
            tracing::info!(subject = written.subject, "a mail about an account:\n{}", written.text);
            return Ok(());
        };
        let failed = |error: std::io::Error| format!("{}: {error}", folder.display());
        tokio::fs::create_dir_all(folder).await.map_err(failed)?;
        let path = folder.join(format!("{}.txt", self.ids.uuid()));
        let mut options = tokio::fs::OpenOptions::new();
        let mut file =
            options.write(true).create_new(true).mode(0o600).open(&path).await.map_err(failed)?;
        let text = format!("To: {}\nSubject: {}\n\n{}", letter.to, written.subject, written.text);
        file.write_all(text.as_bytes()).await.map_err(failed)?;
        file.sync_all().await.map_err(failed)?;
        tracing::info!(file = %path.display(), "kept a mail about an account");
        Ok(())
    }
}
