//! Mails about accounts: sent like any other, or kept in a folder as long as no mail server is set.

use std::{path::PathBuf, sync::Arc};

use async_trait::async_trait;
use formhold_channels::{
    Outcome, Report,
    mail::{Mail, Mailer},
};
use formhold_service::letters::{LetterCarrier, NotCarried, Sealed};
use tokio::io::AsyncWriteExt as _;

/// Sends letters by mail, or keeps them as files that only this program's user can read: their links
/// open accounts.
pub(crate) struct Letters {
    mailer: Option<Arc<Mailer>>,
    folder: Option<PathBuf>,
}

impl Letters {
    pub(crate) fn new(mailer: Option<Arc<Mailer>>, folder: &str) -> Self {
        Self { mailer, folder: (!folder.is_empty()).then(|| PathBuf::from(folder)) }
    }

    async fn keep(&self, sealed: Sealed<'_>) -> Result<(), String> {
        let written = sealed.letter.write();
        let Some(folder) = &self.folder else {
            tracing::info!(subject = written.subject, "a mail about an account:\n{}", written.text);
            return Ok(());
        };
        let failed = |error: std::io::Error| format!("{}: {error}", folder.display());
        tokio::fs::create_dir_all(folder).await.map_err(failed)?;
        let path = folder.join(format!("{}.txt", sealed.id));
        let mut options = tokio::fs::OpenOptions::new();
        // A try before this one may have ended in the middle.
        let options = options.write(true).create(true).truncate(true).mode(0o600);
        let mut file = options.open(&path).await.map_err(failed)?;
        let to = &sealed.letter.to;
        let text = format!("To: {to}\nSubject: {}\n\n{}", written.subject, written.text);
        file.write_all(text.as_bytes()).await.map_err(failed)?;
        file.sync_all().await.map_err(failed)?;
        tracing::info!(file = %path.display(), "kept a mail about an account");
        Ok(())
    }
}

#[async_trait]
impl LetterCarrier for Letters {
    async fn carry(&self, sealed: Sealed<'_>) -> Result<(), NotCarried> {
        let Some(mailer) = &self.mailer else {
            let later = |reason| NotCarried::Later { reason, not_within: None };
            return self.keep(sealed).await.map_err(later);
        };
        let written = sealed.letter.write();
        let mail = Mail {
            id: sealed.id.0,
            written_at_ms: sealed.written_at_ms,
            to: sealed.letter.to.clone(),
            from_name: None,
            reply_to: None,
            subject: written.subject,
            text: written.text,
            html: None,
            unsubscribe_link: None,
            is_reply: true,
            attachments: Vec::new(),
        };
        let Report { outcome, problem, .. } = mailer.send(&mail).await;
        // What the server says may quote the mail, and its link with it.
        let reason = problem.map_or_else(|| "it was refused".to_owned(), |it| it.to_string());
        match outcome {
            Outcome::Delivered => Ok(()),
            Outcome::Retry { after } => Err(NotCarried::Later { reason, not_within: after }),
            Outcome::Failed { .. } => Err(NotCarried::Never(reason)),
        }
    }
}
