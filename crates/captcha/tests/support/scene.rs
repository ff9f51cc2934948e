//! Captchas with a clock that can be moved and ids that can be foretold.

use std::sync::{
    Arc,
    atomic::{AtomicI64, AtomicU64, Ordering},
};

use formhold_captcha::{Answer, Captchas, Settings};
use formhold_domain::{Clock, FormId, FormKey, Ids};
use uuid::Uuid;

/// 2026-06-01 12:00 UTC.
pub const START_MS: i64 = 1_780_315_200_000;

pub const KEY: [u8; 32] = *b"thirty-two bytes that are secret";

#[derive(Debug)]
pub struct MovedClock(AtomicI64);

impl MovedClock {
    pub fn advance_ms(&self, by_ms: i64) {
        self.0.fetch_add(by_ms, Ordering::SeqCst);
    }
}

impl Clock for MovedClock {
    fn now_ms(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }

    fn monotonic(&self) -> std::time::Duration {
        std::time::Duration::from_millis(self.now_ms().unsigned_abs())
    }
}

/// Counts.
#[derive(Debug, Default)]
struct CountedIds(AtomicU64);

impl Ids for CountedIds {
    fn uuid(&self) -> Uuid {
        Uuid::from_u64_pair(1, self.0.fetch_add(1, Ordering::SeqCst))
    }

    fn uuid_at(&self, _at_ms: i64) -> Uuid {
        self.uuid()
    }

    fn form_key(&self) -> FormKey {
        FormKey::parse("abcdefghij").expect("a fixed key")
    }

    fn secret(&self) -> [u8; 32] {
        KEY
    }
}

pub struct Scene {
    pub captchas: Captchas,
    pub clock: Arc<MovedClock>,
}

impl Scene {
    pub fn new(settings: &Settings) -> Self {
        Self::with_key(settings, &KEY)
    }

    pub fn with_key(settings: &Settings, key: &[u8; 32]) -> Self {
        let clock = Arc::new(MovedClock(AtomicI64::new(START_MS)));
        let handed: Arc<dyn Clock> = Arc::<MovedClock>::clone(&clock);
        let captchas = Captchas::new(settings, key, handed, Arc::new(CountedIds::default()))
            .expect("a client");
        Self { captchas, clock }
    }
}

pub fn form(number: u64) -> FormId {
    FormId(Uuid::from_u64_pair(7, number))
}

/// An answer on form 1, from nowhere in particular.
pub fn answer(token: &str) -> Answer<'_> {
    Answer { token, client: None, hosts: &[], form: form(1), least_cost: 0 }
}
