//! The phases: each starts what it measures, loads it for a bounded time, and checks the count.

use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

use anyhow::ensure;

use crate::{
    bare::{self, BATCH, Until},
    database::{Database, Place, Template},
    load::Load,
    process::{cpu_seconds, cpu_seconds_of_all, memory_mib},
    request,
    server::{Limits, Server, import_form},
    stats::Latency,
};

const WARM_UP: Duration = Duration::from_secs(1);

/// What all phases share.
pub(crate) struct Bench {
    /// Formhold's program.
    pub(crate) binary: PathBuf,
    /// Where throw-away data lies.
    pub(crate) folder: PathBuf,
    /// How many connections the load has.
    pub(crate) connections: usize,
    /// How long a phase lasts.
    pub(crate) duration: Duration,
}

/// What one phase under load measured.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sample {
    /// Acknowledged submissions a second.
    pub(crate) rate: f64,
    /// Times to the reply.
    pub(crate) latency: Latency,
    /// Processor seconds of the server for 1,000 submissions.
    pub(crate) cpu: f64,
    /// The same of the database's process, where it has one.
    pub(crate) database_cpu: Option<f64>,
    /// The same of the load itself.
    pub(crate) load_cpu: f64,
    /// How much of the machine's processors went to what is no part of the measurement, besides
    /// the kernel's own work: where this is high, the other figures say little.
    pub(crate) elsewhere: f64,
    /// The most memory that the server ever had, in MiB.
    pub(crate) peak_mib: f64,
}

/// What one start measured, in milliseconds from the start of the process.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Start {
    /// To the first reply.
    pub(crate) first_reply_ms: f64,
    /// To the first stored submission.
    pub(crate) first_stored_ms: f64,
    /// Memory after that and a moment of rest, in MiB.
    pub(crate) idle_mib: f64,
}

impl Bench {
    /// Formhold under load: as fast as it can, or at a pace.
    ///
    /// # Errors
    /// When a submission failed, or was acknowledged and is not there.
    pub(crate) async fn formhold(
        &self,
        place: &Place,
        database: &Database,
        limits: &Limits,
        rate: Option<f64>,
    ) -> anyhow::Result<Sample> {
        let before = database.count().await?;
        let mut server = Server::formhold(&self.binary, database, limits)?;
        server.ready().await?;
        let (sample, acknowledged) = self.observe(&server, place.version().await?.1, rate).await?;
        let stored = database.count().await? - before;
        ensure!(
            stored == acknowledged,
            "{acknowledged} submissions were acknowledged, but {stored} are stored"
        );
        server.stop()?;
        Ok(sample)
    }

    /// The HTTP side alone under load.
    ///
    /// # Errors
    /// When a request failed.
    pub(crate) async fn http_limit(&self) -> anyhow::Result<Sample> {
        let mut server = Server::http_limit(&self.folder)?;
        server.ready().await?;
        Ok(self.observe(&server, None, None).await?.0)
    }

    /// The database alone; rows a second.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn database_limit(
        &self,
        place: &Place,
        template: &Template,
    ) -> anyhow::Result<f64> {
        let database = place.make().await?;
        let until = Until::Elapsed(self.duration);
        let rate = bare::write(&database, template, vec![7; 16], BATCH, until).await?;
        database.remove().await?;
        Ok(rate)
    }

    /// A database with the form.
    ///
    /// # Errors
    /// When the form cannot be made.
    pub(crate) async fn with_form(&self, place: &Place) -> anyhow::Result<Database> {
        let database = place.make().await?;
        import_form(&self.binary, &database)?;
        Ok(database)
    }

    /// Adds rows to a database with the form, by the bare loop.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn fill(
        &self,
        database: &Database,
        template: &Template,
        rows: u64,
    ) -> anyhow::Result<()> {
        let form_id = database.form_id().await?;
        bare::write(database, template, form_id, BATCH, Until::Rows(rows)).await.map(drop)
    }

    /// A row as Formhold stores it.
    ///
    /// # Errors
    /// When it does not store one.
    pub(crate) async fn template(&self, place: &Place) -> anyhow::Result<Template> {
        let database = self.with_form(place).await?;
        self.start(&database).await?;
        let template = database.template().await?;
        database.remove().await?;
        Ok(template)
    }

    /// One start of Formhold, up to a stored submission.
    ///
    /// # Errors
    /// When it does not start, or refuses the submission.
    pub(crate) async fn start(&self, database: &Database) -> anyhow::Result<Start> {
        let start = Instant::now();
        let mut server = Server::formhold(&self.binary, database, &Limits::Off)?;
        let mut connection = server.ready().await?;
        let first_reply_ms = start.elapsed().as_secs_f64() * 1000.0;
        let status = connection.exchange(&request::submission()).await?;
        let first_stored_ms = start.elapsed().as_secs_f64() * 1000.0;
        ensure!(status == 303, "the first submission was answered with {status}");
        tokio::time::sleep(Duration::from_millis(300)).await;
        let (_, idle_mib) = memory_mib(server.pid())?;
        server.stop()?;
        Ok(Start { first_reply_ms, first_stored_ms, idle_mib })
    }

    /// Warms the server up, loads it, and looks what that cost. Answers also how many submissions
    /// were acknowledged in all.
    async fn observe(
        &self,
        server: &Server,
        database_pid: Option<u32>,
        rate: Option<f64>,
    ) -> anyhow::Result<(Sample, u64)> {
        let (address, connections) = (server.address, self.connections);
        let warm_up = Load { address, connections, duration: WARM_UP, rate };
        let warm_up = warm_up.run().await?;
        let before = Cpu::now(server.pid(), database_pid)?;
        let outcome = Load { address, connections, duration: self.duration, rate }.run().await?;
        let used = Cpu::now(server.pid(), database_pid)?.since(&before);
        for load in [&warm_up, &outcome] {
            let failure = load.failure.as_deref().unwrap_or_default();
            ensure!(
                load.failed == 0,
                "{} submissions failed, one with `{failure}`; the server's log:\n{}",
                load.failed,
                server.log()
            );
        }
        #[expect(clippy::cast_precision_loss, reason = "far fewer than 2^52")]
        let acknowledged = outcome.acknowledged as f64;
        let seconds = outcome.elapsed.as_secs_f64();
        #[expect(clippy::cast_precision_loss, reason = "a few cores")]
        let capacity = seconds * std::thread::available_parallelism()?.get() as f64;
        let per_1000 = |seconds: f64| seconds * 1000.0 / acknowledged;
        let sample = Sample {
            rate: acknowledged / seconds,
            latency: Latency::of(&outcome),
            cpu: per_1000(used.server),
            database_cpu: used.database.map(per_1000),
            load_cpu: per_1000(used.load),
            elsewhere: used.elsewhere() / capacity,
            peak_mib: memory_mib(server.pid())?.0,
        };
        Ok((sample, warm_up.acknowledged + outcome.acknowledged))
    }
}

/// Processor time in seconds, by who used it.
struct Cpu {
    server: f64,
    database: Option<f64>,
    load: f64,
    all: f64,
}

impl Cpu {
    fn now(server: u32, database: Option<u32>) -> anyhow::Result<Self> {
        Ok(Self {
            server: cpu_seconds(server)?,
            database: database.map(cpu_seconds).transpose()?,
            load: cpu_seconds(std::process::id())?,
            all: cpu_seconds_of_all()?,
        })
    }

    fn since(self, before: &Self) -> Self {
        Self {
            server: self.server - before.server,
            database: self.database.zip(before.database).map(|(after, before)| after - before),
            load: self.load - before.load,
            all: self.all - before.all,
        }
    }

    fn elsewhere(&self) -> f64 {
        (self.all - self.server - self.database.unwrap_or(0.0) - self.load).max(0.0)
    }
}
