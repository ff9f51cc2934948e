//! What the job table must do, run on each database.

use std::collections::{BTreeMap, BTreeSet};

use formhold_domain::{
    Answers, Context, EmailAddress, FormId, Ids as _, JobId, Language, RandomIds, Submission,
    SubmissionId, SubmissionState, WorkspaceId,
    job::{About, JobKind, JobPayload, JobState, Lane, NewJob, TryOutcome},
    letters::{Letter, LetterSubject},
};
use formhold_store::{
    Claimed, EndedTry, Idempotency, JobFilter, NewForm, NewSubmission, Outcome, Round, Settings,
    Store, TryEnd,
};
use formhold_testkit::{Stack, TestDatabase};

const NOW_MS: i64 = 1_780_315_200_000;
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

struct Database {
    store: Store,
    test: TestDatabase,
}

macro_rules! on_each_database {
    ($($(#[$meta:meta])* async fn $name:ident($db:ident: Database) $body:block)+) => {$(
        $(#[$meta])*
        #[tokio::test(flavor = "multi_thread")]
        async fn $name() {
            async fn run($db: Database) $body
            for stack in Stack::all() {
                let test = TestDatabase::new(stack).await;
                run(Database { store: open(&test).await, test }).await;
            }
        }
    )+};
}

async fn open(test: &TestDatabase) -> Store {
    Store::open(&Settings { url: test.url.clone(), max_connections: 4 }).await.expect("a store")
}

fn letter() -> JobPayload {
    JobPayload::Letter(Letter {
        to: EmailAddress::parse("ada@example.org").expect("an address"),
        name: "Ada".to_owned(),
        language: Language::default(),
        subject: LetterSubject::ResetPassword { link: "https://x/reset?token=s3cret".to_owned() },
    })
}

fn job(lane: &str) -> NewJob {
    NewJob::new(JobId(RandomIds.uuid_at(NOW_MS)), Lane::host(lane), letter())
}

fn plain(kind: JobKind) -> NewJob {
    NewJob::new(JobId(RandomIds.uuid_at(NOW_MS)), Lane::own(), JobPayload::Plain(kind))
}

impl Database {
    async fn add(&self, jobs: impl IntoIterator<Item = NewJob>) {
        let mut change = self.store.begin(NOW_MS).await.expect("a change");
        jobs.into_iter().for_each(|job| change.enqueue(job));
        change.commit().await.expect("stored");
    }

    async fn secrets(&self) -> i64 {
        self.test.number("SELECT COUNT(*) FROM jobs WHERE payload LIKE '%s3cret%'").await
    }
}

/// One worker's round as the worker does it: look whose turn it is, then claim.
async fn claim(
    store: &Store,
    node: &str,
    after: &str,
    room: usize,
    most: usize,
) -> (Vec<Claimed>, String) {
    let turns = store.next_turns(after, |_| room, most, 64).await.expect("turns");
    let (claimed, _) = store
        .work_round(Round { lanes: &turns.lanes, most, ..round(node) })
        .await
        .expect("a round");
    (claimed, turns.cursor)
}

fn round(node: &str) -> Round<'_> {
    Round {
        node,
        now_ms: NOW_MS,
        ended: &[],
        lanes: &[],
        most: 0,
        kinds: &JobKind::ALL,
        look_for_due: false,
    }
}

fn ended(claimed: &Claimed, end: TryEnd) -> EndedTry {
    EndedTry {
        claim: claimed.claim,
        kind: claimed.kind,
        end,
        at_ms: NOW_MS,
        duration_ms: 12,
        status: Some(503),
        excerpt: "busy".to_owned(),
    }
}

async fn end(store: &Store, ended: &[EndedTry]) -> Vec<JobId> {
    store.work_round(Round { ended, ..round("n") }).await.expect("a round").1
}

async fn state(store: &Store, id: JobId) -> (JobState, u32) {
    let job = store.find_job(id).await.expect("read").expect("there");
    (job.state, job.attempts)
}

on_each_database! {
    async fn lanes_take_turns_and_none_starts_more_than_it_may(db: Database) {
        db.add((0..30).map(|_| job("a"))).await;
        db.add(["b", "c", "c", "d"].map(job)).await;
        let lanes = |claimed: &[Claimed]| {
            let mut count = BTreeMap::new();
            claimed.iter().for_each(|one| *count.entry(one.lane.clone()).or_insert(0) += 1);
            count.into_iter().map(|(lane, count)| (lane.replace("host/", ""), count)).collect::<Vec<_>>()
        };
        let (first, cursor) = claim(&db.store, "n", "", 2, 4).await;
        assert_eq!(lanes(&first), [("a".to_owned(), 2), ("b".to_owned(), 1)], "b could have started two");
        let (second, cursor) = claim(&db.store, "n", &cursor, 2, 4).await;
        assert_eq!(lanes(&second), [("c".to_owned(), 2), ("d".to_owned(), 1)]);
        let (third, _) = claim(&db.store, "n", &cursor, 2, 4).await;
        assert_eq!(lanes(&third), [("a".to_owned(), 2)], "around once, and no lane twice");
        assert_eq!(first[0].attempt, 1);
        assert_eq!(first[0].claim.fence, 1);
    }

    async fn a_job_that_failed_waits_and_goes_behind_new_ones(db: Database) {
        let failing = job("a");
        db.add([failing.clone()]).await;
        let (claimed, _) = claim(&db.store, "n", "", 9, 9).await;
        assert!(end(&db.store, &[ended(&claimed[0], TryEnd::Retry(NOW_MS + 5_000))]).await.is_empty());
        assert_eq!(state(&db.store, failing.id).await, (JobState::Later, 1));
        assert_eq!(db.store.waiting_jobs().await.expect("read").next_at_ms, Some(NOW_MS + 5_000));
        let later = Round { now_ms: NOW_MS + 4_999, look_for_due: true, ..round("n") };
        db.store.work_round(later).await.expect("a round");
        assert_eq!(state(&db.store, failing.id).await.0, JobState::Later, "not before its time");
        db.store.work_round(Round { now_ms: NOW_MS + 5_000, ..later }).await.expect("a round");
        assert_eq!(state(&db.store, failing.id).await.0, JobState::Ready);
        let new = job("a");
        db.add([new.clone()]).await;
        let (claimed, _) = claim(&db.store, "n", "", 1, 1).await;
        assert_eq!(claimed[0].claim.job_id, new.id);
        let (claimed, _) = claim(&db.store, "n", "", 1, 1).await;
        assert_eq!((claimed[0].claim.job_id, claimed[0].attempt, claimed[0].claim.fence), (failing.id, 2, 2));
        let tries = db.store.job_tries(failing.id).await.expect("read");
        assert_eq!((tries.len(), tries[0].outcome, tries[0].status, tries[0].excerpt.as_str()), (1, TryOutcome::Retry, Some(503), "busy"));
    }

    async fn who_holds_an_older_claim_has_no_effect(db: Database) {
        let one = job("a");
        db.add([one.clone()]).await;
        let (frozen, _) = claim(&db.store, "frozen", "", 9, 9).await;
        let beats = db.store.beats().await.expect("read");
        assert_eq!(db.store.let_go(&beats, NOW_MS).await.expect("let go"), 1);
        assert_eq!(db.store.let_go(&beats, NOW_MS).await.expect("let go"), 0, "once");
        let (other, _) = claim(&db.store, "other", "", 9, 9).await;
        assert_eq!((other[0].claim.job_id, other[0].claim.fence), (one.id, 2));
        for outcome in [TryEnd::Done, TryEnd::Dead, TryEnd::Retry(0), TryEnd::HandedBack] {
            assert_eq!(end(&db.store, &[ended(&frozen[0], outcome)]).await, [one.id]);
        }
        assert_eq!(state(&db.store, one.id).await, (JobState::Running, 2));
        assert_eq!(db.store.beat("frozen", &[frozen[0].claim]).await.expect("an answer"), [one.id], "told that it is not its own");
        assert!(db.store.beat("other", &[other[0].claim]).await.expect("an answer").is_empty());
        let change = db.store.begin(NOW_MS).await.expect("a change");
        assert!(!change.holds(frozen[0].claim).await.expect("an answer"));
        assert!(change.holds(other[0].claim).await.expect("an answer"));
        change.roll_back().await.expect("rolled back");
        assert!(end(&db.store, &[ended(&other[0], TryEnd::Done)]).await.is_empty());
        assert_eq!(end(&db.store, &[ended(&other[0], TryEnd::Dead)]).await, [one.id], "an end is the end");
        assert_eq!(state(&db.store, one.id).await, (JobState::Done, 2));
        let outcomes: Vec<_> = db.store.job_tries(one.id).await.expect("read").into_iter().map(|it| (it.attempt, it.outcome)).collect();
        assert_eq!(outcomes, [(1, TryOutcome::Lost), (2, TryOutcome::Done)]);
    }

    async fn a_sign_of_life_keeps_a_job_from_being_let_go(db: Database) {
        db.add([job("a"), job("b")]).await;
        let (claimed, _) = claim(&db.store, "n", "", 9, 99).await;
        let before = db.store.beats().await.expect("read");
        db.store.beat("n", &[claimed[0].claim]).await.expect("an answer");
        assert_eq!(db.store.let_go(&before, NOW_MS).await.expect("let go"), 1);
        assert_eq!(state(&db.store, claimed[0].claim.job_id).await.0, JobState::Running);
        assert_eq!(state(&db.store, claimed[1].claim.job_id).await.0, JobState::Ready);
    }

    async fn a_job_that_ends_its_node_each_time_fails_for_good_and_its_secrets_go(db: Database) {
        let one = job("a");
        db.add([one.clone()]).await;
        assert_eq!(db.secrets().await, 1);
        for attempt in 1..=JobKind::Letter.rules().back_off.max_attempts() {
            let (claimed, _) = claim(&db.store, "n", "", 9, 9).await;
            assert_eq!(claimed[0].attempt, attempt);
            let beats = db.store.beats().await.expect("read");
            db.store.let_go(&beats, NOW_MS).await.expect("let go");
        }
        assert_eq!(state(&db.store, one.id).await.0, JobState::Dead);
        assert_eq!(db.secrets().await, 0);
    }

    async fn secrets_go_when_a_letter_has_ended_in_any_way(db: Database) {
        let all: Vec<_> = (0..4).map(|_| job("a")).collect();
        db.add(all.clone()).await;
        let (claimed, _) = claim(&db.store, "n", "", 3, 3).await;
        end(&db.store, &[
            ended(&claimed[0], TryEnd::Done),
            ended(&claimed[1], TryEnd::Dead),
            ended(&claimed[2], TryEnd::Retry(NOW_MS)),
        ]).await;
        assert_eq!(db.secrets().await, 2, "of the one that is tried again, and the one that waits");
        let change = db.store.begin(NOW_MS).await.expect("a change");
        change.cancel_job(all[3].id).await.expect("called off");
        change.cancel_job(claimed[2].claim.job_id).await.expect("called off");
        change.commit().await.expect("stored");
        assert_eq!(db.secrets().await, 0);
        let job = db.store.find_job(claimed[1].claim.job_id).await.expect("read").expect("there");
        assert!(!job.can_run);
    }

    async fn jobs_are_stored_with_their_submission_or_not_at_all(db: Database) {
        let form = NewForm {
            id: FormId(RandomIds.uuid()),
            workspace_id: WorkspaceId::FIRST,
            key: RandomIds.form_key(),
            definition: serde_json::from_value(serde_json::json!({ "name": "F", "slug": "f" })).expect("a definition"),
        };
        let change = db.store.begin(NOW_MS).await.expect("a change");
        change.insert_form(&form).await.expect("a form");
        change.commit().await.expect("stored");
        let new = |key: u8, content: u8, max_submissions| {
            let submission = Submission {
                id: SubmissionId(RandomIds.uuid()),
                form_id: form.id,
                form_version: 1,
                state: SubmissionState::Inbox,
                received_at_ms: NOW_MS,
                answers: Answers::default(),
                undeclared: Answers::default(),
                context: Context::default(),
                uploads: Vec::new(),
            };
            let about = About { form_id: Some(form.id), submission_id: Some(submission.id), ..About::default() };
            let idempotency = Some(Idempotency { key_hash: [key; 32], content_hash: [content; 32] });
            let jobs = ["a", "b"].map(|lane| job(lane).about(about)).to_vec();
            NewSubmission { submission, idempotency, owner: None, max_submissions, jobs }
        };
        // The quick way, then the careful one.
        for (round, max) in [(0, None), (1, Some(3))] {
            let stored = new(round, 0, max);
            assert_eq!(db.store.write_submission(&stored).await.expect("stored"), Outcome::Stored);
            let replay = new(round, 0, max);
            assert_eq!(db.store.write_submission(&replay).await.expect("known"), Outcome::Replayed(stored.submission.id));
            assert_eq!(db.store.write_submission(&new(round, 1, max)).await.expect("refused"), Outcome::KeyReused);
            assert_eq!(db.test.number("SELECT COUNT(*) FROM jobs").await, 2 * i64::from(round + 1));
            let filter = JobFilter { submission_id: Some(stored.submission.id), ..JobFilter::default() };
            assert_eq!(db.store.list_jobs(&filter, None, 9).await.expect("read").len(), 2);
        }
        db.store.write_submission(&new(7, 0, Some(3))).await.expect("stored");
        assert_eq!(db.store.write_submission(&new(8, 0, Some(3))).await.expect("refused"), Outcome::FormFull);
        assert_eq!(db.test.number("SELECT COUNT(*) FROM jobs").await, 6);
        let lanes = db.store.new_work().await;
        assert_eq!(lanes, BTreeSet::from([Lane::host("a"), Lane::host("b")]), "whoever wakes workers is told");
    }

    async fn of_two_workers_each_does_its_own_part_of_2000_jobs(db: Database) {
        for part in 0..4 {
            db.add((0..500).map(|number| job(&format!("l{}", (part + number) % 7)))).await;
        }
        let other = open(&db.test).await;
        let work = |store: Store, node: &'static str| async move {
            let (mut done, mut cursor) = (Vec::new(), String::new());
            loop {
                let (claimed, next) = claim(&store, node, &cursor, 10, 40).await;
                cursor = next;
                if claimed.is_empty() && !store.waiting_jobs().await.expect("read").ready {
                    return done;
                }
                done.extend(claimed.iter().map(|one| one.claim));
                let ends: Vec<_> = claimed.iter().map(|one| ended(one, TryEnd::Done)).collect();
                assert!(end(&store, &ends).await.is_empty());
            }
        };
        let (one, two) = tokio::join!(work(db.store.clone(), "one"), work(other.clone(), "two"));
        assert_eq!(one.len() + two.len(), 2000, "none twice: {} and {}", one.len(), two.len());
        assert!(one.iter().chain(&two).all(|claim| claim.fence == 1));
        let once: BTreeSet<_> = one.iter().chain(&two).map(|claim| claim.job_id).collect();
        assert_eq!(once.len(), 2000);
        assert_eq!(db.test.number("SELECT COUNT(*) FROM jobs WHERE state = 'done' AND attempts = 1").await, 2000);
        other.close().await;
    }

    async fn kinds_of_a_newer_program_are_left_alone(db: Database) {
        db.add([job("a"), job("a")]).await;
        db.test.execute("UPDATE jobs SET kind = 'of-tomorrow'").await;
        let late = job("a");
        db.add([late.clone()]).await;
        let (claimed, _) = claim(&db.store, "n", "", 9, 9).await;
        assert_eq!(claimed.iter().map(|one| one.claim.job_id).collect::<Vec<_>>(), [late.id]);
        let listed = db.store.list_jobs(&JobFilter::default(), None, 9).await.expect("read");
        assert_eq!(listed.iter().filter(|job| job.kind == "of-tomorrow" && job.state == JobState::Ready && job.attempts == 0).count(), 2);
    }

    async fn a_stop_hands_back_what_is_not_finished_and_counts_no_try(db: Database) {
        db.add([job("a")]).await;
        let (claimed, _) = claim(&db.store, "n", "", 9, 9).await;
        end(&db.store, &[ended(&claimed[0], TryEnd::HandedBack)]).await;
        assert_eq!(state(&db.store, claimed[0].claim.job_id).await, (JobState::Ready, 0));
        let (again, _) = claim(&db.store, "n", "", 9, 9).await;
        assert_eq!((again[0].attempt, again[0].claim.fence), (1, 2));
    }

    async fn failed_jobs_are_tried_again_by_hand_but_not_those_whose_content_is_gone(db: Database) {
        let all = [plain(JobKind::ForgetKeys), plain(JobKind::ForgetKeys), job("a")];
        db.add(all.clone()).await;
        let (claimed, _) = claim(&db.store, "n", "", 9, 99).await;
        let ends: Vec<_> = claimed.iter().map(|one| ended(one, TryEnd::Dead)).collect();
        end(&db.store, &ends).await;
        let retry = |from_ms, to_ms| {
            let store = db.store.clone();
            async move {
                let mut change = store.begin(NOW_MS + 1).await.expect("a change");
                let (count, last) = change.retry_dead_jobs(from_ms, to_ms, None).await.expect("retried");
                let (none, end) = change.retry_dead_jobs(from_ms, to_ms, last).await.expect("retried");
                assert_eq!((none, end), (0, None));
                change.commit().await.expect("stored");
                count
            }
        };
        assert_eq!(retry(NOW_MS + 1, NOW_MS + 9).await, 0, "none failed then");
        assert_eq!(retry(NOW_MS, NOW_MS).await, 2);
        assert_eq!(state(&db.store, all[0].id).await, (JobState::Ready, 0));
        assert_eq!(state(&db.store, all[2].id).await.0, JobState::Dead);
    }

    async fn what_ended_long_ago_is_removed_in_small_bites(db: Database) {
        db.add((0..25).map(|_| job("a"))).await;
        let (claimed, _) = claim(&db.store, "n", "", 20, 20).await;
        let ends: Vec<_> = claimed.iter().map(|one| ended(one, TryEnd::Done)).collect();
        end(&db.store, &ends).await;
        let remove = |before_ms| db.store.remove_ended_jobs(JobState::Done, before_ms, 15);
        assert_eq!(remove(NOW_MS).await.expect("removed"), 0, "not yet");
        assert_eq!(remove(NOW_MS + DAY_MS).await.expect("removed"), 15);
        assert_eq!(remove(NOW_MS + DAY_MS).await.expect("removed"), 5);
        assert_eq!(db.test.number("SELECT COUNT(*) FROM jobs").await, 5, "those that wait stay");
        assert_eq!(db.test.number("SELECT COUNT(*) FROM job_tries").await, 0);
    }

    async fn one_process_works_a_sqlite_database_and_finds_what_a_dead_one_left(db: Database) {
        db.add([job("a")]).await;
        let lock = db.store.lock_worker(NOW_MS).await.expect("an answer").expect("the lock");
        let (claimed, _) = claim(&db.store, "n", "", 9, 9).await;
        let other = open(&db.test).await;
        let second = other.lock_worker(NOW_MS).await.expect("an answer");
        assert_eq!(second.is_some(), db.test.redis_url.is_some() || !db.test.url.starts_with("sqlite"));
        assert_eq!(state(&db.store, claimed[0].claim.job_id).await.0, JobState::Running);
        drop((lock, second));
        let _lock = other.lock_worker(NOW_MS).await.expect("an answer").expect("the lock");
        let left = if db.test.url.starts_with("sqlite") { JobState::Ready } else { JobState::Running };
        assert_eq!(state(&db.store, claimed[0].claim.job_id).await.0, left);
        other.close().await;
    }

    async fn jobs_of_a_workspace_are_listed_newest_first_and_page_by_page(db: Database) {
        let about = About { workspace_id: Some(WorkspaceId::FIRST), ..About::default() };
        let all: Vec<_> = (0..9).map(|at| {
            let id = JobId(RandomIds.uuid_at(NOW_MS + at));
            NewJob { id, ..job("a") }.about(if at % 3 == 2 { About::default() } else { about })
        }).collect();
        db.add(all.clone()).await;
        let (claimed, _) = claim(&db.store, "n", "", 4, 4).await;
        end(&db.store, &[ended(&claimed[0], TryEnd::Done), ended(&claimed[1], TryEnd::Dead)]).await;
        let filter = JobFilter { workspace_id: Some(WorkspaceId::FIRST), ..JobFilter::default() };
        let (mut seen, mut before) = (Vec::new(), None);
        loop {
            let page = db.store.list_jobs(&filter, before, 2).await.expect("read");
            let Some(last) = page.last() else { break };
            before = Some(last.id);
            seen.extend(page.into_iter().map(|job| job.id));
        }
        let expected: Vec<_> = all.iter().rev().filter(|job| job.about == about).map(|job| job.id).collect();
        assert_eq!(seen, expected);
        let dead = JobFilter { state: Some(JobState::Dead), ..filter };
        let dead = db.store.list_jobs(&dead, None, 9).await.expect("read");
        assert_eq!((dead.len(), dead[0].last_error.as_deref()), (1, Some("busy")));
    }
}
