//! Every metric that there is. `docs/METRICS.md` is made of this, and a test compares them.

/// What a metric is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Only rises while the process lives.
    Counter,
    /// Goes up and down.
    Gauge,
    /// How many values were how large.
    Histogram,
}

impl Kind {
    /// The kind's name in the text format.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
        }
    }
}

/// A metric.
#[derive(Debug)]
pub struct Description {
    /// Its name (<https://prometheus.io/docs/practices/naming/>).
    pub name: &'static str,
    /// What it is.
    pub kind: Kind,
    /// The names of its labels. Their values come from lists that are bounded.
    pub labels: &'static [&'static str],
    /// What it counts or measures.
    pub help: &'static str,
}

macro_rules! catalogue {
    ($($id:ident = $kind:ident $name:literal [$($label:literal),*] $help:literal;)*) => {
        $(
            #[doc = $help]
            pub static $id: Description = Description {
                name: $name,
                kind: Kind::$kind,
                labels: &[$($label),*],
                help: $help,
            };
        )*
        /// All of them.
        pub static ALL: &[&Description] = &[$(&$id),*];
    };
}

catalogue! {
    REQUEST_SECONDS = Histogram "formhold_http_request_duration_seconds" ["route", "method", "status"]
        "How long requests took until their reply was made, by the template of the route and the class of the status.";
    REQUESTS_IN_FLIGHT = Gauge "formhold_http_requests_in_flight" []
        "Requests that are being worked on.";
    BODY_MEMORY_BYTES = Gauge "formhold_http_body_memory_bytes" []
        "Bytes of text that requests under way hold in memory.";
    BODIES_SHED = Counter "formhold_http_requests_shed_total" []
        "Requests that were turned away because the memory for bodies was full.";

    SUBMISSIONS = Counter "formhold_submissions_total" ["form", "result"]
        "Submissions by the form's key and what became of them; the first forms that got one have a series of their own, the rest is called other.";
    SUBMISSION_PROBLEMS = Counter "formhold_submission_problems_total" ["code"]
        "Problems of single fields that submissions were refused for, by code.";
    SPAM_SIGNALS = Counter "formhold_spam_signals_total" ["layer"]
        "Submissions in the spam folder that each spam layer spoke against.";

    WRITER_QUEUE_ROWS = Gauge "formhold_writer_queue_submissions" []
        "Submissions that wait for the writer.";
    WRITER_QUEUE_BYTES = Gauge "formhold_writer_queue_bytes" []
        "Bytes of submissions that wait for the writer or are being written.";
    WRITER_BATCH_ROWS = Histogram "formhold_writer_batch_submissions" []
        "Submissions in one transaction of the writer.";
    WRITER_BATCH_SECONDS = Histogram "formhold_writer_batch_duration_seconds" []
        "How long a transaction of the writer took, with its commit.";
    WRITER_REFUSED = Counter "formhold_writer_refused_total" []
        "Submissions that were turned away because too many were waiting.";
    WRITER_FAILED = Counter "formhold_writer_failed_total" []
        "Submissions that the database did not take.";
    POOL_CONNECTIONS = Gauge "formhold_database_connections" ["pool", "state"]
        "Connections to the database, in use and idle.";
    POOL_MAX = Gauge "formhold_database_connections_max" ["pool"]
        "The most connections that a pool opens.";
    WAL_BYTES = Gauge "formhold_sqlite_wal_bytes" []
        "The size of SQLite's write-ahead log.";

    KV_HITS = Counter "formhold_kv_hits_total" ["name"]
        "Caches: found. limits: allowed. uses: first uses. locks: taken.";
    KV_MISSES = Counter "formhold_kv_misses_total" ["name"]
        "Caches: had to be loaded. limits: refused. uses: used before. locks: held by another.";
    KV_EVICTIONS = Counter "formhold_kv_evictions_total" ["name"]
        "Forgotten before their time because there was no more room.";
    KV_ERRORS = Counter "formhold_kv_errors_total" ["name"]
        "Calls to Redis that failed or took too long.";
    KV_FALLBACKS = Counter "formhold_kv_fallbacks_total" ["name"]
        "Decisions of this node alone because Redis does not answer.";
    KV_SECONDS = Histogram "formhold_kv_duration_seconds" ["name"]
        "How long uses took; of a cache with the loading.";
    REDIS_UP = Gauge "formhold_redis_up" []
        "1 when Redis answers, 0 when it does not; missing where there is none.";
    NODES = Gauge "formhold_nodes" []
        "Nodes that share the Redis, as it was when it last answered.";

    SPOOL_FILES = Gauge "formhold_files_spool_files" []
        "Files that wait for S3.";
    SPOOL_BYTES = Gauge "formhold_files_spool_bytes" []
        "Bytes that wait for S3 or are being written.";

    LOG_DROPPED = Counter "formhold_log_lines_dropped_total" []
        "Log lines that were dropped because they could not be written fast enough.";
    PANICS = Counter "formhold_panics_total" []
        "Panics in any part of the program.";
    BUILD_INFO = Gauge "formhold_build_info" ["version"]
        "Always 1; its label is the version of the program.";
    PROCESS_CPU = Counter "process_cpu_seconds_total" []
        "Processor time of the process, of the user and of the system.";
    PROCESS_RSS = Gauge "process_resident_memory_bytes" []
        "Memory of the process that is in use.";
    PROCESS_VSIZE = Gauge "process_virtual_memory_bytes" []
        "Memory that the process has addresses for.";
    PROCESS_FDS = Gauge "process_open_fds" []
        "Open file descriptors.";
    PROCESS_MAX_FDS = Gauge "process_max_fds" []
        "The most file descriptors that may be open.";
    PROCESS_START = Gauge "process_start_time_seconds" []
        "When the process started, in seconds since the Unix epoch.";
    PROCESS_THREADS = Gauge "process_threads" []
        "Threads of the process.";
}

/// The table of `docs/METRICS.md`.
#[must_use]
pub fn table() -> String {
    let mut table = String::from("| metric | kind | labels | what |\n| --- | --- | --- | --- |\n");
    for metric in ALL {
        let labels: Vec<_> = metric.labels.iter().map(|label| format!("`{label}`")).collect();
        let (name, kind, help) = (metric.name, metric.kind.as_str(), metric.help);
        table.push_str(&format!("| `{name}` | {kind} | {} | {help} |\n", labels.join(", ")));
    }
    table
}
