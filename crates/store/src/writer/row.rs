//! A submission as it goes into the database, made before it waits in the queue.

use formhold_domain::{Answers, SubmissionState};
use serde::Serialize;
use uuid::Uuid;

use super::NewSubmission;
use crate::{
    Idempotency, StoreError,
    entities::{idempotency_keys, jobs, submission_owners, submissions, uploads},
    forms::signed,
    jobs::job_row,
};

#[derive(Clone)]
pub(super) struct Row {
    pub(super) submission: submissions::Model,
    pub(super) uploads: Vec<uploads::Model>,
    pub(super) idempotency: Option<Idempotency>,
    pub(super) key: Option<idempotency_keys::Model>,
    pub(super) owner: Option<submission_owners::Model>,
    /// What follows from it, stored only with it.
    pub(super) jobs: Vec<jobs::Model>,
    pub(super) max_submissions: Option<u64>,
    /// Roughly what it takes in memory.
    pub(super) bytes: usize,
}

impl Row {
    pub(super) fn new(new: &NewSubmission) -> Result<Self, StoreError> {
        let submission = &new.submission;
        let answers = json(&submission.answers)?;
        let undeclared = Some(&submission.undeclared)
            .filter(|answers: &&Answers| !answers.is_empty())
            .map(json)
            .transpose()?;
        let context = json(&submission.context)?;
        let jobs: Vec<_> =
            new.jobs.iter().map(|job| job_row(job, submission.received_at_ms)).collect();
        let bytes = 256
            + answers.len()
            + undeclared.as_ref().map_or(0, String::len)
            + context.len()
            + 512 * submission.uploads.len()
            + jobs.iter().map(|job| 512 + job.payload.len()).sum::<usize>();
        let uploads = submission.uploads.iter().zip(0..).map(|(upload, position)| uploads::Model {
            id: upload.id.0,
            submission_id: submission.id.0,
            position,
            field: upload.field.clone(),
            name: upload.name.clone(),
            content_type: upload.content_type.clone(),
            size_bytes: i64::try_from(upload.size_bytes).unwrap_or(i64::MAX),
            sha256: upload.sha256.clone(),
            width: upload.dimensions.map(|size| signed(size.width)),
            height: upload.dimensions.map(|size| signed(size.height)),
            scan: upload.scan.name().map(str::to_owned),
            scan_finding: upload.scan.finding().map(str::to_owned),
        });
        Ok(Self {
            uploads: uploads.collect(),
            submission: submissions::Model {
                id: submission.id.0,
                form_id: submission.form_id.0,
                form_version: signed(submission.form_version),
                state: submission.state.as_str().to_owned(),
                received_at_ms: submission.received_at_ms,
                answers,
                undeclared,
                context,
            },
            key: new.idempotency.map(|idempotency| idempotency_keys::Model {
                form_id: submission.form_id.0,
                key_hash: idempotency.key_hash.to_vec(),
                content_hash: idempotency.content_hash.to_vec(),
                submission_id: submission.id.0,
                created_at_ms: submission.received_at_ms,
            }),
            owner: new.owner.map(|owner| submission_owners::Model {
                user_id: owner.0,
                submission_id: submission.id.0,
            }),
            idempotency: new.idempotency,
            jobs,
            max_submissions: new.max_submissions,
            bytes,
        })
    }

    pub(super) fn form_id(&self) -> Uuid {
        self.submission.form_id
    }

    /// Spam does not use up what a form takes.
    pub(super) fn counts(&self) -> bool {
        self.submission.state == SubmissionState::Inbox.as_str()
    }
}

fn json(value: &impl Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Other(error.to_string()))
}
