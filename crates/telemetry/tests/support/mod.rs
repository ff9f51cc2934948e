//! A log into memory, and a clock that is moved by hand.

use std::{
    io::{self, Write},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use formhold_domain::Clock;
use formhold_telemetry::{Format, Settings, logs::Logs};
use tracing::Dispatch;

/// Stands still until it is moved.
#[derive(Default)]
pub(crate) struct HandClock(AtomicU64);

impl HandClock {
    #[allow(dead_code, reason = "not every test moves it")]
    pub(crate) fn advance(&self, seconds: u64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }
}

impl Clock for HandClock {
    fn now_ms(&self) -> i64 {
        1_780_315_200_000
    }

    fn monotonic(&self) -> Duration {
        Duration::from_secs(self.0.load(Ordering::SeqCst))
    }
}

/// Where lines go.
#[derive(Clone, Default)]
pub(crate) struct Written(Arc<Mutex<Vec<u8>>>);

impl Written {
    /// What was written so far.
    pub(crate) fn lines(&self) -> Vec<String> {
        let bytes = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        String::from_utf8(bytes).expect("UTF-8").split_terminator('\n').map(str::to_owned).collect()
    }
}

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A log with these levels.
pub(crate) struct Scene {
    pub(crate) logs: Logs,
    pub(crate) dispatch: Dispatch,
    pub(crate) written: Written,
    #[allow(dead_code, reason = "not every test moves it")]
    pub(crate) clock: Arc<HandClock>,
}

impl Scene {
    pub(crate) fn new(log_format: Format, log_level: &str) -> Self {
        let settings = Settings { log_format, log_level: log_level.to_owned(), metrics_forms: 1 };
        let (written, clock) = (Written::default(), Arc::<HandClock>::default());
        let (logs, dispatch) =
            Logs::to(Box::new(written.clone()), &settings, false, clock.clone()).expect("a log");
        Self { logs, dispatch, written, clock }
    }

    /// Logs, and gives back all lines once they are written.
    #[allow(dead_code, reason = "not every test logs so")]
    pub(crate) fn log(&self, work: impl FnOnce()) -> Vec<String> {
        tracing::dispatcher::with_default(&self.dispatch, work);
        self.logs.flush();
        self.written.lines()
    }
}
