//! Who counts what: the numbers that the parts keep, under the names of the metrics.

use formhold_domain::meters::HistogramReading;
use formhold_files::Files;
use formhold_kv::{Kv, LATENCY_BOUNDS_US, RedisState};
use formhold_service::{
    App,
    submissions::{self, SubmissionResult},
};
use formhold_store::Store;
use formhold_telemetry::{
    logs::Logs,
    metrics::{Metrics, Reading, catalogue as of},
};
use formhold_web::WebState;

/// How many microseconds a second has: parts count in these, Prometheus wants seconds.
const SECOND_US: u32 = 1_000_000;

/// Everything that one node counts; so many forms have numbers of their own.
#[must_use]
pub fn of(app: &App, web: &WebState, logs: &Logs, forms: usize) -> Metrics {
    let metrics = Metrics::default();
    metrics.add(web.clone());
    let (app, logs) = (app.clone(), logs.clone());
    metrics.add(move |reading: &mut Reading| {
        read_submissions(&app, forms, reading);
        read_store(&app.store, reading);
        read_kv(&app.kv, reading);
        read_files(&app.files, reading);
        reading.number(&of::LOG_DROPPED, &[], logs.dropped());
    });
    metrics
}

fn read_submissions(app: &App, own: usize, reading: &mut Reading) {
    let outcomes = submissions::outcomes(app);
    let mut others = [0; SubmissionResult::ALL.len()];
    for (at, (key, counts)) in outcomes.forms.iter().enumerate() {
        match key.as_ref().filter(|_| at < own) {
            Some(key) => add_results(key.as_str(), counts, reading),
            None => others.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count),
        }
    }
    add_results("other", &others, reading);
    for (code, count) in &outcomes.problems {
        reading.number(&of::SUBMISSION_PROBLEMS, &[code], *count);
    }
    for (layer, count) in &outcomes.signals {
        reading.number(&of::SPAM_SIGNALS, &[layer], *count);
    }
}

/// Results that never were are left out; `accepted` is there from the start.
fn add_results(form: &str, counts: &[u64; SubmissionResult::ALL.len()], reading: &mut Reading) {
    for (result, count) in SubmissionResult::ALL.into_iter().zip(counts) {
        if *count > 0 || result == SubmissionResult::Accepted {
            reading.number(&of::SUBMISSIONS, &[form, result.as_str()], *count);
        }
    }
}

fn read_store(store: &Store, reading: &mut Reading) {
    let stats = store.stats();
    let writer = &stats.writer;
    reading.number(&of::WRITER_QUEUE_ROWS, &[], writer.queue_rows as u64);
    reading.number(&of::WRITER_QUEUE_BYTES, &[], writer.queue_bytes as u64);
    reading.histogram(&of::WRITER_BATCH_ROWS, &[], 1, &writer.batch_rows);
    reading.histogram(&of::WRITER_BATCH_SECONDS, &[], SECOND_US, &writer.batch_us);
    reading.number(&of::WRITER_REFUSED, &[], writer.refused);
    reading.number(&of::WRITER_FAILED, &[], writer.failed);
    for pool in &stats.pools {
        let used = u64::from(pool.open - pool.idle);
        reading.number(&of::POOL_CONNECTIONS, &[pool.name, "used"], used);
        reading.number(&of::POOL_CONNECTIONS, &[pool.name, "idle"], u64::from(pool.idle));
        reading.number(&of::POOL_MAX, &[pool.name], u64::from(pool.max));
    }
    if let Some(bytes) = stats.wal_bytes {
        reading.number(&of::WAL_BYTES, &[], bytes);
    }
}

fn read_kv(kv: &Kv, reading: &mut Reading) {
    // The first one is the sum of all, which Prometheus makes itself.
    for stats in kv.stats().into_iter().skip(1) {
        let name = [stats.name.as_str()];
        reading.number(&of::KV_HITS, &name, stats.hits);
        reading.number(&of::KV_MISSES, &name, stats.misses);
        reading.number(&of::KV_EVICTIONS, &name, stats.evictions);
        reading.number(&of::KV_ERRORS, &name, stats.errors);
        reading.number(&of::KV_FALLBACKS, &name, stats.fallbacks);
        let latency = HistogramReading {
            bounds: &LATENCY_BOUNDS_US,
            counts: stats.latency.buckets.to_vec(),
            sum: stats.latency.sum_us,
        };
        reading.histogram(&of::KV_SECONDS, &name, SECOND_US, &latency);
    }
    let state = kv.redis_state();
    if state != RedisState::Memory {
        let up = matches!(state, RedisState::Connected { .. });
        reading.number(&of::REDIS_UP, &[], u64::from(up));
    }
    reading.number(&of::NODES, &[], u64::from(kv.nodes_last_seen()));
}

fn read_files(files: &Files, reading: &mut Reading) {
    if let Some(spool) = files.spool_usage() {
        reading.number(&of::SPOOL_FILES, &[], spool.files as u64);
        reading.number(&of::SPOOL_BYTES, &[], spool.bytes);
    }
}
