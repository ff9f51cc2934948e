//! Jobs: what follows from a change is done, once where that can be had, and seen by whoever may.

mod commands;
mod killed;
mod letters;
mod million;
mod retention;
mod rights;
mod schedules;
mod worker;

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use async_trait::async_trait;
use formhold_domain::{
    EmailAddress, JobId, Language,
    access::Caller,
    job::{About, JobKind, JobPayload, JobState, Lane, NewJob},
    letters::{Letter, LetterSubject},
};
use formhold_jobs::{Settings, Worker};
use formhold_service::{
    App, jobs,
    letters::{LetterCarrier, NotCarried, Sealed},
};
use formhold_testkit::TestApp;

fn operator() -> Caller {
    Caller::system("test")
}

/// What a job of these tests is to do stands in its letter's name.
#[derive(Default)]
struct Carrier {
    begun: Mutex<Vec<String>>,
    carried: Mutex<Vec<(String, Instant)>>,
}

#[async_trait]
impl LetterCarrier for Carrier {
    async fn carry(&self, Sealed { letter, .. }: Sealed<'_>) -> Result<(), NotCarried> {
        self.begun.lock().expect("no panic").push(letter.name.clone());
        match letter.name.split_once(' ').map_or("", |(what, _)| what) {
            "hang" => std::future::pending().await,
            "fail" => Err(NotCarried::Later { reason: "no".to_owned(), not_within: None }),
            "panic" => panic!("a carrier that is broken"),
            _ => {
                self.carried.lock().expect("no panic").push((letter.name.clone(), Instant::now()));
                Ok(())
            }
        }
    }
}

impl Carrier {
    fn count(&self, name: &str) -> usize {
        self.carried.lock().expect("no panic").iter().filter(|(it, _)| it == name).count()
    }

    fn begun(&self) -> usize {
        self.begun.lock().expect("no panic").len()
    }
}

fn settings() -> Settings {
    Settings {
        concurrency: 128,
        per_lane: 4,
        poll_ms: 50,
        drain_seconds: 0,
        keep_days: 7,
        keep_failed_days: 90,
    }
}

/// A node with a carrier of the test's, and nobody else who does jobs.
async fn node(app: &TestApp) -> (App, Arc<Carrier>) {
    app.stop_worker().await;
    let carrier = Arc::new(Carrier::default());
    let mut node = app.second_node().await;
    node.letters = carrier.clone();
    tokio::spawn(jobs::announce(node.clone()));
    (node, carrier)
}

fn worker(node: &App) -> Worker {
    Worker::start_without_schedules(node.clone(), settings())
}

fn letter(name: &str) -> Letter {
    Letter {
        to: EmailAddress::parse("ada@example.org").expect("an address"),
        name: name.to_owned(),
        language: Language::default(),
        subject: LetterSubject::ResetPassword { link: "https://x/reset?token=s3cret".to_owned() },
    }
}

async fn enqueue(node: &App, lane: &str, name: &str) -> JobId {
    enqueue_about(node, lane, name, About::default()).await
}

async fn enqueue_about(node: &App, lane: &str, name: &str, about: About) -> JobId {
    let id = JobId(node.ids.uuid_at(node.clock.now_ms()));
    let payload = JobPayload::Letter(letter(name));
    let mut change = node.store.begin(node.clock.now_ms()).await.expect("a change");
    change.enqueue(NewJob::new(id, Lane::host(lane), payload).about(about));
    change.commit().await.expect("stored");
    id
}

async fn job(node: &App, id: JobId) -> jobs::Job {
    node.store.find_job(id).await.expect("read").expect("there")
}

/// How many schedules there are.
fn schedule_count() -> usize {
    JobKind::ALL.iter().filter(|kind| kind.rules().schedule.is_some()).count()
}

/// Waits until something is so.
async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !is_so().await {
        assert!(Instant::now() < deadline, "not within a minute: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

async fn until_state(node: &App, id: JobId, state: JobState) {
    until(state.as_str(), async || job(node, id).await.state == state).await;
}
