//! What every database must do, run on each.

use std::{
    collections::HashSet,
    sync::atomic::{AtomicUsize, Ordering},
};

use formhold_domain::{
    Answers, Context, Dimensions, FormDefinition, FormId, FormKey, Ids as _, RandomIds, Scan,
    Submission, SubmissionId, SubmissionState, Upload, UploadId, WorkspaceId,
    access::Caller,
    spam::{Counts, Lesson},
};
use formhold_store::{
    HistoryActor, Idempotency, NewForm, NewSubmission, Outcome, Remembered, Settings, Store,
    StoreError, Taught, Unavailable,
};
use formhold_testkit::{Stack, TestDatabase};
use futures_util::future::join_all;

const NOW_MS: i64 = 1_780_315_200_000;
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// Runs a test on each database, and again on a second handle as another node has one.
macro_rules! on_each_database {
    ($($(#[$meta:meta])* async fn $name:ident($context:ident: Database) $body:block)+) => {$(
        #[tokio::test(flavor = "multi_thread")]
        async fn $name() {
            async fn run($context: Database) $body
            for stack in Stack::all() {
                run(Database::new(stack).await).await;
            }
        }
    )+};
}

struct Database {
    store: Store,
    test: TestDatabase,
}

impl Database {
    async fn new(stack: Stack) -> Self {
        let test = TestDatabase::new(stack).await;
        Self { store: open(&test).await, test }
    }

    async fn form(&self, slug: &str) -> NewForm {
        let form = NewForm {
            id: FormId(RandomIds.uuid()),
            workspace_id: WorkspaceId::FIRST,
            key: RandomIds.form_key(),
            definition: definition(slug),
        };
        create_form(&self.store, &form).await.expect("a form");
        form
    }

    async fn all(&self, form: &NewForm) -> Vec<Submission> {
        let mut snapshot = self.store.export_snapshot(form.id).await.expect("a snapshot");
        let mut all = Vec::new();
        loop {
            let page = snapshot.next_page().await.expect("a page");
            if page.is_empty() {
                return all;
            }
            all.extend(page);
        }
    }
}

async fn open(test: &TestDatabase) -> Store {
    Store::open(&Settings { url: test.url.clone(), max_connections: 4 }).await.expect("a store")
}

fn definition(slug: &str) -> FormDefinition {
    serde_json::from_value(serde_json::json!({ "name": "Näme 🦀", "slug": slug }))
        .expect("a definition")
}

async fn create_form(store: &Store, form: &NewForm) -> Result<(), StoreError> {
    let change = store.begin(NOW_MS).await?;
    change.insert_form(form).await?;
    change.commit().await
}

async fn update_form(
    store: &Store,
    id: FormId,
    version: u32,
    definition: &FormDefinition,
) -> Result<bool, StoreError> {
    let change = store.begin(NOW_MS).await?;
    let updated = change.update_form(id, version, definition).await?;
    change.commit().await?;
    Ok(updated)
}

async fn delete_form(store: &Store, id: FormId) -> Result<bool, StoreError> {
    let change = store.begin(NOW_MS).await?;
    let deleted = change.delete_form(id).await?;
    change.commit().await?;
    Ok(deleted)
}

fn new(form: &NewForm, value: &str) -> NewSubmission {
    let submission = Submission {
        id: SubmissionId(RandomIds.uuid()),
        form_id: form.id,
        form_version: 1,
        state: SubmissionState::Inbox,
        received_at_ms: NOW_MS,
        answers: Answers::from(vec![("v".to_owned(), value.to_owned())]),
        undeclared: Answers::default(),
        context: Context::default(),
        uploads: Vec::new(),
    };
    NewSubmission {
        submission,
        idempotency: None,
        owner: None,
        max_submissions: None,
        jobs: Vec::new(),
    }
}

fn keyed(form: &NewForm, key: u8, content: u8) -> NewSubmission {
    NewSubmission {
        idempotency: Some(Idempotency { key_hash: [key; 32], content_hash: [content; 32] }),
        ..new(form, "x")
    }
}

fn upload(name: &str) -> Upload {
    let id = UploadId(RandomIds.uuid());
    Upload {
        id,
        field: "f".to_owned(),
        name: name.to_owned(),
        content_type: "text/plain".to_owned(),
        size_bytes: u64::from(u32::MAX) * 4,
        sha256: "a".repeat(64),
        dimensions: Some(Dimensions { width: 640, height: 480 }),
        scan: Scan::Infected("Test-Signature".to_owned()),
    }
}

on_each_database! {
    async fn what_is_written_is_read_back_to_the_byte(db: Database) {
        let form = db.form("exact").await;
        let values = ["", " trailing \r\n", "NUL \0 inside", "ÄÖÜ äöü ß ﬀ", "𝕫 🦀 👩‍👩‍👧", "'; DROP TABLE forms; --", "\u{feff}bom", "%_\\", &"x".repeat(1 << 20), &"\0".repeat(1 << 20)];
        for value in values {
            let mut written = new(&form, value);
            written.submission.answers = Answers::from(vec![("b".to_owned(), value.to_owned()), ("a".to_owned(), "1".to_owned()), ("b".to_owned(), String::new())]);
            written.submission.undeclared = Answers::from(vec![("u".to_owned(), value.to_owned())]);
            written.submission.context = Context { user_agent: Some(value[..value.floor_char_boundary(100)].to_owned()), client_address: Some("2001:db8::1".parse().expect("an address")), ..Context::default() };
            written.submission.uploads = vec![upload("z"), upload("a"), upload("ü")];
            assert_eq!(db.store.write_submission(&written).await.expect("stored"), Outcome::Stored);
            let read = db.store.find_submission(form.id, written.submission.id).await.expect("read").expect("there");
            assert_eq!(read, written.submission);
        }
        let other = db.form("other").await;
        let first = db.all(&form).await.remove(0);
        assert_eq!(db.store.find_submission(other.id, first.id).await.expect("read"), None, "never without its form");
        let ids: Vec<_> = first.uploads.iter().map(|upload| upload.id).collect();
        let known = db.store.known_uploads(&[ids[0], UploadId(RandomIds.uuid())]).await.expect("read");
        assert_eq!(known, [ids[0]]);
    }

    async fn forms_are_found_by_key_and_slug_to_the_letter(db: Database) {
        let form = db.form("contact").await;
        for name in [form.key.as_str(), "contact"] {
            let found = db.store.find_form(name).await.expect("read").expect("there");
            assert_eq!((found.id, found.version, &found.definition), (form.id, 1, &form.definition));
        }
        let swapped: String = form.key.as_str().chars().map(|c| if c.is_lowercase() { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() }).collect();
        for name in [swapped.as_str(), "Contact", "contact ", "contac_", ""] {
            assert_eq!(db.store.find_form(name).await.expect("read"), None, "{name}");
        }
        let same_slug = NewForm { id: FormId(RandomIds.uuid()), workspace_id: WorkspaceId::FIRST, key: RandomIds.form_key(), definition: definition("contact") };
        assert!(matches!(create_form(&db.store, &same_slug).await, Err(StoreError::Conflict { .. })));
        let same_key = NewForm { id: FormId(RandomIds.uuid()), workspace_id: WorkspaceId::FIRST, key: form.key.clone(), definition: definition("third") };
        assert!(matches!(create_form(&db.store, &same_key).await, Err(StoreError::Conflict { .. })));
        // A slug may look like another form's key; the key counts.
        let slug = "abcdefghij";
        let lookalike = NewForm { id: FormId(RandomIds.uuid()), workspace_id: WorkspaceId::FIRST, key: FormKey::parse(slug).expect("a key"), definition: definition("fourth") };
        create_form(&db.store, &lookalike).await.expect("a form");
        db.form(slug).await;
        assert_eq!(db.store.find_form(slug).await.expect("read").expect("there").id, lookalike.id);
    }

    async fn of_two_changes_at_once_one_counts(db: Database) {
        let form = db.form("first").await;
        let other = open(&db.test).await;
        let (a, b) = (definition("second"), definition("third"));
        let (one, two) = tokio::join!(update_form(&db.store, form.id, 1, &a), update_form(&other, form.id, 1, &b));
        assert_eq!([one.expect("an answer"), two.expect("an answer")].iter().filter(|changed| **changed).count(), 1);
        let found = db.store.find_form(form.key.as_str()).await.expect("read").expect("there");
        assert_eq!(found.version, 2);
        assert_eq!(db.store.find_form("first").await.expect("read"), None);
        db.form("taken").await;
        assert!(matches!(update_form(&db.store, form.id, 2, &definition("taken")).await, Err(StoreError::Conflict { .. })));
        assert!(delete_form(&db.store, form.id).await.expect("deleted"));
        assert!(!delete_form(&db.store, form.id).await.expect("an answer"), "only once");
        assert!(!update_form(&db.store, form.id, 2, &definition("x")).await.expect("an answer"));
        assert_eq!(db.store.find_form(form.key.as_str()).await.expect("read").expect("there").deleted_at_ms, Some(NOW_MS));
        other.close().await;
    }

    async fn forms_are_listed_in_pages_with_their_counts(db: Database) {
        for index in 0..5 {
            let form = db.form(&format!("form-{index}")).await;
            for _ in 0..index {
                db.store.write_submission(&new(&form, "x")).await.expect("stored");
            }
            let mut spam = new(&form, "spam");
            spam.submission.state = SubmissionState::Spam;
            db.store.write_submission(&spam).await.expect("stored");
        }
        let first = db.store.list_forms(None, 2).await.expect("a page");
        let rest = db.store.list_forms(Some(&first[1].slug), 10).await.expect("a page");
        let seen: Vec<_> = first.iter().chain(&rest).map(|form| (form.slug.as_str(), form.accepted)).collect();
        assert_eq!(seen, [("form-0", 0), ("form-1", 1), ("form-2", 2), ("form-3", 3), ("form-4", 4)]);
    }

    async fn a_key_stands_for_one_submission_for_a_day(db: Database) {
        let (form, other) = (db.form("one").await, db.form("two").await);
        let first = keyed(&form, 1, 1);
        assert_eq!(db.store.write_submission(&first).await.expect("stored"), Outcome::Stored);
        let again = keyed(&form, 1, 1);
        assert_eq!(db.store.write_submission(&again).await.expect("an answer"), Outcome::Replayed(first.submission.id));
        assert_eq!(db.store.write_submission(&keyed(&form, 1, 2)).await.expect("an answer"), Outcome::KeyReused);
        assert_eq!(db.store.write_submission(&keyed(&other, 1, 1)).await.expect("stored"), Outcome::Stored);
        let known = Idempotency { key_hash: [1; 32], content_hash: [1; 32] };
        let find = |now_ms| db.store.find_idempotency(form.id, &known, now_ms);
        assert_eq!(find(NOW_MS).await.expect("read"), Some(Remembered::Same(first.submission.id)));
        assert_eq!(find(NOW_MS + DAY_MS).await.expect("read"), None);
        let mut late = keyed(&form, 1, 2);
        late.submission.received_at_ms = NOW_MS + DAY_MS;
        assert_eq!(db.store.write_submission(&late).await.expect("stored"), Outcome::Stored);
        assert_eq!(db.all(&form).await.len(), 2);
    }

    async fn equal_keys_at_once_make_one_row_on_two_nodes(db: Database) {
        let form = db.form("race").await;
        let other = open(&db.test).await;
        for key in 0..5 {
            let stores = [&db.store, &other];
            let results = join_all((0..50).map(|index| {
                let (store, new) = (stores[index % 2], keyed(&form, key, 1));
                async move { store.write_submission(&new).await.expect("an answer") }
            })).await;
            assert_eq!(results.iter().filter(|outcome| **outcome == Outcome::Stored).count(), 1);
            let replayed: HashSet<_> = results.iter().filter_map(|outcome| if let Outcome::Replayed(id) = outcome { Some(*id) } else { None }).collect();
            assert_eq!(replayed.len(), 1);
        }
        assert_eq!(db.all(&form).await.len(), 5);
        other.close().await;
    }

    async fn a_form_takes_exactly_as_many_as_it_may_on_two_nodes(db: Database) {
        let form = db.form("full").await;
        let other = open(&db.test).await;
        // Counted before there was a maximum, by whichever writer.
        join_all((0..10).map(|_| async { other.write_submission(&new(&form, "early")).await.expect("stored") })).await;
        let stores = [&db.store, &other];
        let results = join_all((0..120).map(|index| {
            let (store, new) = (stores[index % 2], NewSubmission { max_submissions: Some(37), ..new(&form, "late") });
            async move { store.write_submission(&new).await.expect("an answer") }
        })).await;
        assert_eq!(results.iter().filter(|outcome| **outcome == Outcome::Stored).count(), 27);
        assert_eq!(db.all(&form).await.len(), 37);
        let mut spam = NewSubmission { max_submissions: Some(37), ..new(&form, "spam") };
        spam.submission.state = SubmissionState::Spam;
        assert_eq!(db.store.write_submission(&spam).await.expect("stored"), Outcome::Stored, "spam does not count");
        other.close().await;
    }

    async fn one_bad_row_does_not_fail_its_neighbours(db: Database) {
        let form = db.form("neighbours").await;
        let first = new(&form, "first");
        db.store.write_submission(&first).await.expect("stored");
        let results = join_all((0..40).map(|index| {
            let mut one = new(&form, "neighbour");
            if index == 20 {
                one.submission.id = first.submission.id;
            }
            async { db.store.write_submission(&{ one }).await }
        })).await;
        assert!(matches!(results[20], Err(StoreError::Conflict { .. })), "{:?}", results[20]);
        assert_eq!(results.iter().filter(|result| matches!(result, Ok(Outcome::Stored))).count(), 39);
        assert_eq!(db.all(&form).await.len(), 40);
        assert_eq!(db.store.list_forms(None, 1).await.expect("a page")[0].accepted, 40);
    }

    async fn a_full_queue_refuses_at_once_and_the_rest_is_stored(db: Database) {
        let form = db.form("flood").await;
        let held = db.test.hold_writes().await;
        let refusals = AtomicUsize::new(0);
        let writes = join_all((0..12_000).map(|_| async {
            let result = db.store.write_submission(&new(&form, "x")).await;
            refusals.fetch_add(usize::from(result.is_err()), Ordering::SeqCst);
            result
        }));
        // Refusals come while nothing can be stored; what waits is stored after.
        let release = async {
            while refusals.load(Ordering::SeqCst) == 0 {
                tokio::task::yield_now().await;
            }
            held.release().await;
        };
        let (results, ()) = tokio::join!(writes, release);
        let stored = results.iter().filter(|result| matches!(result, Ok(Outcome::Stored))).count();
        let refused = results.iter().filter(|result| matches!(result, Err(StoreError::Unavailable(Unavailable::QueueFull)))).count();
        assert_eq!(stored + refused, 12_000);
        assert!(refused > 0 && stored >= 4_096, "{stored} stored, {refused} refused");
        assert_eq!(db.all(&form).await.len(), stored);
    }

    async fn an_export_sees_one_moment(db: Database) {
        let form = db.form("moment").await;
        join_all((0..1_203).map(|_| async { db.store.write_submission(&new(&form, "before")).await.expect("stored") })).await;
        let mut snapshot = db.store.export_snapshot(form.id).await.expect("a snapshot");
        assert_eq!(snapshot.count().await.expect("a count"), 1_203);
        join_all((0..50).map(|_| async { db.store.write_submission(&new(&form, "after")).await.expect("stored") })).await;
        for _ in 0..2 {
            let mut seen = Vec::new();
            loop {
                let page = snapshot.next_page().await.expect("a page");
                if page.is_empty() {
                    break;
                }
                seen.extend(page);
            }
            assert_eq!(seen.len(), 1_203);
            assert!(seen.windows(2).all(|pair| pair[0].id < pair[1].id), "oldest first, each once");
            assert!(seen.iter().all(|submission| submission.answers.first("v") == Some("before")));
            snapshot.rewind();
        }
        drop(snapshot);
        assert_eq!(db.all(&form).await.len(), 1_253);
    }

    async fn a_closed_store_has_committed_what_it_took_in(db: Database) {
        let form = db.form("closing").await;
        let rows: Vec<_> = (0..500).map(|_| new(&form, "x")).collect();
        let writing = join_all(rows.iter().map(|row| db.store.write_submission(row)));
        let (results, ()) = tokio::join!(writing, async {
            tokio::task::yield_now().await;
            db.store.close().await;
        });
        let stored = results.iter().filter(|result| result.is_ok()).count();
        let reopened = Database { store: open(&db.test).await, test: db.test };
        assert_eq!(reopened.all(&form).await.len(), stored);
        assert!(matches!(db.store.write_submission(&rows[0]).await, Err(StoreError::Unavailable(_))));
    }

    async fn a_commit_can_be_probed_and_a_healthy_database_is_whole(db: Database) {
        for now_ms in [NOW_MS, NOW_MS + 1] {
            db.store.probe_commit(now_ms).await.expect("a commit");
        }
        assert_eq!(db.store.check_integrity().await.expect("an answer"), None);
        assert!(db.store.description().starts_with("SQLite 3.5") || db.store.description().starts_with("Maria") || db.store.description().starts_with("MySQL"));
    }

    async fn nodes_agree_on_a_secret_that_is_random(db: Database) {
        let other = open(&db.test).await;
        for name in ["a", "b", "c"] {
            let (one, two) = tokio::join!(
                db.store.instance_secret(name, &RandomIds),
                other.instance_secret(name, &RandomIds)
            );
            let one = one.expect("a secret");
            assert_eq!(one, two.expect("a secret"), "{name}");
            assert_eq!(one, db.store.instance_secret(name, &RandomIds).await.expect("a secret"));
            assert_ne!(one, [0; 32]);
        }
        let a = db.store.instance_secret("a", &RandomIds).await.expect("a secret");
        assert_ne!(a, db.store.instance_secret("b", &RandomIds).await.expect("a secret"));
    }

    async fn a_scan_is_recorded_once(db: Database) {
        let form = db.form("scans").await;
        let mut waiting = new(&form, "x");
        waiting.submission.uploads = vec![Upload { scan: Scan::Waiting, ..upload("w") }, upload("known")];
        let id = waiting.submission.uploads[0].id;
        db.store.write_submission(&waiting).await.expect("stored");
        assert_eq!(db.store.uploads_to_scan(None, 10).await.expect("a list"), [id]);
        assert!(db.store.record_scan(id, &Scan::Clean).await.expect("recorded"));
        assert!(!db.store.record_scan(id, &Scan::Infected("late".to_owned())).await.expect("recorded"));
        let (submission, found) = db.store.find_upload(id).await.expect("a query").expect("a file");
        assert_eq!((submission, found.scan), (waiting.submission.id, Scan::Clean));
        assert!(db.store.uploads_to_scan(None, 10).await.expect("a list").is_empty());
    }

    async fn what_is_learnt_is_counted_once_and_can_be_taken_back(db: Database) {
        let form = db.form("learns").await;
        let (one, two) = (new(&form, "x"), new(&form, "y"));
        for submission in [&one, &two] {
            db.store.write_submission(submission).await.expect("stored");
        }
        let actor = HistoryActor::of(&Caller::system("test"));
        let teach = async |new: &NewSubmission, lesson| {
            let change = db.store.begin(NOW_MS).await.expect("a change");
            let taught = change.teach((&RandomIds, &actor), form.id, new.submission.id, &[u64::MAX, 1, 0], lesson).await;
            change.commit().await.expect("committed");
            taught.expect("taught")
        };
        let learnt = async || {
            let learnt = db.store.learnt(form.id, &[0, 1, u64::MAX, 77]).await.expect("a query");
            assert!(!learnt.tokens.contains_key(&77));
            (learnt.totals, learnt.tokens.get(&u64::MAX).copied().unwrap_or_default())
        };
        assert_eq!(learnt().await, (Counts::default(), Counts::default()));
        assert_eq!(teach(&one, Lesson::Spam).await, Taught::Learnt);
        assert_eq!(teach(&one, Lesson::Spam).await, Taught::KnownAlready);
        assert_eq!(teach(&two, Lesson::Spam).await, Taught::Learnt);
        let twice = Counts { spam: 2, ham: 0 };
        assert_eq!(learnt().await, (twice, twice));
        assert_eq!(teach(&one, Lesson::Ham).await, Taught::Learnt);
        let each = Counts { spam: 1, ham: 1 };
        assert_eq!(learnt().await, (each, each));
        let states = async |state| {
            let list = db.store.list_submissions(form.id, state, None, 10).await.expect("a list");
            list.into_iter().map(|one| one.id).collect::<Vec<_>>()
        };
        assert_eq!(states(SubmissionState::Inbox).await, [one.submission.id]);
        assert_eq!(states(SubmissionState::Spam).await, [two.submission.id]);
        let nobody = SubmissionId(RandomIds.uuid());
        let change = db.store.begin(NOW_MS).await.expect("a change");
        let taught = change.teach((&RandomIds, &actor), form.id, nobody, &[1], Lesson::Spam).await.expect("a query");
        assert_eq!(taught, Taught::NoSubmission);
    }
}
