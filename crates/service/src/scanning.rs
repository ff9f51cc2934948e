//! Scanning files for malware: before they are taken in, or while they are locked.

use std::time::Duration;

use formhold_domain::{CompiledForm, Scan, ScanFiles, UploadId};
use formhold_files::Verdict;

use crate::{App, ServiceError, submissions::Refusal, uploads::ReceivedUploads};

/// Longer than any scan takes.
const LOCKED_FOR: Duration = Duration::from_secs(300);
const FAILURES_WINDOW: Duration = Duration::from_secs(24 * 60 * 60);
const MAX_FAILURES: u64 = 5;
/// How many waiting files are looked up at once.
const PAGE: u64 = 100;

/// Takes locations out of the pictures of a submission, and scans its files or marks them as waiting
/// for a scan, as the form asks.
///
/// # Errors
/// Why the submission cannot be taken in.
pub(crate) async fn admit(
    app: &App,
    form: &CompiledForm,
    uploads: &mut ReceivedUploads,
) -> Result<(), Refusal> {
    let rules = &form.definition.protection.files;
    if rules.remove_location {
        uploads.remove_locations(app).await?;
    }
    match rules.scan {
        ScanFiles::Never => {}
        ScanFiles::Quarantine => {
            let unlocked = uploads.uploads_mut().filter(|upload| upload.scan.may_be_read());
            unlocked.for_each(|upload| upload.scan = Scan::Waiting);
        }
        ScanFiles::Require => {
            for upload in uploads.uploads_mut().filter(|upload| upload.scan.may_be_read()) {
                upload.scan = match scan(app, upload.id).await? {
                    Outcome::Known(scan) => scan,
                    Outcome::Later(reason) => return Err(Refusal::Unavailable(reason)),
                };
                if !upload.scan.may_be_read() {
                    return Err(Refusal::UnsafeFile(upload.field.clone()));
                }
            }
        }
    }
    Ok(())
}

enum Outcome {
    /// What the scanner says.
    Known(Scan),
    /// It cannot say yet, for this reason.
    Later(String),
}

async fn scan(app: &App, id: UploadId) -> Result<Outcome, ServiceError> {
    let Some(scanner) = &app.scanner else {
        return Ok(Outcome::Later("no scanner is set up (files.clamd)".to_owned()));
    };
    let Some(file) = app.files.read(id).await? else {
        return Ok(Outcome::Known(Scan::Unscannable("the file is missing".to_owned())));
    };
    Ok(match scanner.scan(file).await {
        Verdict::Clean => Outcome::Known(Scan::Clean),
        Verdict::Infected(name) => Outcome::Known(Scan::Infected(name)),
        Verdict::TooLarge => {
            Outcome::Known(Scan::Unscannable("larger than the scanner takes".to_owned()))
        }
        Verdict::Unavailable(reason) => Outcome::Later(format!("the scanner: {reason}")),
    })
}

/// Scans the files that wait for it. Answers how many it could tell about; ends early when the
/// scanner is away. A file that makes trouble holds up no other.
///
/// # Errors
/// When database or files fail.
pub async fn scan_waiting(app: &App) -> Result<u64, ServiceError> {
    let (mut after, mut done) = (None, 0);
    loop {
        let waiting = app.store.uploads_to_scan(after, PAGE).await?;
        let Some(last) = waiting.last() else { return Ok(done) };
        after = Some(*last);
        for id in waiting {
            // Of several nodes one scans a file.
            let Some(_lock) = app.kv.lock("scan", &id.to_string(), LOCKED_FOR).await else {
                continue;
            };
            let scan = match scan(app, id).await {
                Ok(Outcome::Known(scan)) => scan,
                Ok(Outcome::Later(reason)) => {
                    if !scanner_answers(app).await {
                        tracing::warn!(reason, "files wait for a scan");
                        return Ok(done);
                    }
                    match give_up(app, id, reason).await {
                        Some(scan) => scan,
                        None => continue,
                    }
                }
                // On its way to S3 from another node, perhaps: others need not wait for it.
                Err(error) => {
                    tracing::warn!(upload = %id, %error, "a file cannot be read for its scan yet");
                    continue;
                }
            };
            if let Scan::Infected(name) = &scan {
                tracing::warn!(upload = %id, name, "a file holds malware; it stays locked");
            }
            done += u64::from(app.store.record_scan(id, &scan).await?);
        }
    }
}

async fn scanner_answers(app: &App) -> bool {
    match &app.scanner {
        Some(scanner) => scanner.check().await.is_ok(),
        None => false,
    }
}

/// A file that the scanner fails on again and again while it is well is not scannable.
async fn give_up(app: &App, id: UploadId, reason: String) -> Option<Scan> {
    let tries = app.kv.count("scan_failures", &id.to_string(), FAILURES_WINDOW).await;
    (tries >= MAX_FAILURES).then_some(Scan::Unscannable(reason))
}
