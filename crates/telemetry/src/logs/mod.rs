//! Log lines: made where something happens, written by threads of their own.
//!
//! ```text
//! tracing -> layer (a bounded queue, never waits) -> collector (numbers, ring) -> output (standard error)
//! ```

mod collector;
mod format;
mod layer;
mod level_control;
mod levels;
mod line;
mod output;
mod ring;

use std::{
    io::Write,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
        mpsc::{SyncSender, channel, sync_channel},
    },
    time::Duration,
};

use formhold_domain::Clock;
use tracing::{Dispatch, level_filters::LevelFilter};
use tracing_subscriber::{Registry, layer::SubscriberExt as _, reload};

pub use levels::LevelChange;
pub(crate) use levels::parse_levels;
pub use line::{Line, Value};
pub use ring::{Filter, Follow, Followed};

use self::{
    collector::{Collector, Message, QUEUE_LINES},
    format::Renderer,
    layer::LineLayer,
    level_control::LevelControl,
    output::Output,
    ring::Ring,
};
use crate::{Format, Settings};

/// How long the end of the program waits for its last lines.
const FLUSH_PATIENCE: Duration = Duration::from_secs(2);

/// The running log. Cheap to clone.
#[derive(Clone)]
pub struct Logs {
    queue: SyncSender<Message>,
    dropped: Arc<AtomicU64>,
    ring: Arc<Ring>,
    levels: Arc<LevelControl>,
}

impl Logs {
    /// Starts logging to standard error, for the whole process.
    ///
    /// # Errors
    /// When a thread cannot be started, or something logs already.
    pub fn start(settings: &Settings, clock: Arc<dyn Clock>) -> std::io::Result<Self> {
        let colours = std::io::IsTerminal::is_terminal(&std::io::stderr());
        let (logs, dispatch) = Self::to(Box::new(std::io::stderr()), settings, colours, clock)?;
        tracing::dispatcher::set_global_default(dispatch).map_err(std::io::Error::other)?;
        Ok(logs)
    }

    /// Starts a log that writes to `target`, and gives back what `tracing` must be handed.
    ///
    /// # Errors
    /// When a thread cannot be started.
    pub fn to(
        target: Box<dyn Write + Send>,
        settings: &Settings,
        colours: bool,
        clock: Arc<dyn Clock>,
    ) -> std::io::Result<(Self, Dispatch)> {
        let set = parse_levels(&settings.log_level).map_err(std::io::Error::other)?;
        let (filter, handle) = reload::Layer::new(set.clone());
        let levels = Arc::new(LevelControl::new(set, handle, Arc::clone(&clock)));
        let (queue, messages) = sync_channel(QUEUE_LINES);
        let (dropped, ring) = (Arc::<AtomicU64>::default(), Arc::new(Ring::new()));
        let collector = Collector {
            queue: messages,
            dropped: Arc::clone(&dropped),
            ring: Arc::clone(&ring),
            output: Output::start(target, Arc::clone(&dropped))?,
            renderer: Renderer::new(settings.log_format, colours),
            levels: Arc::clone(&levels),
            clock: Arc::clone(&clock),
            number: 0,
            dropped_told: 0,
        };
        std::thread::Builder::new().name("log".to_owned()).spawn(move || collector.run())?;
        let lines = LineLayer { queue: queue.clone(), dropped: Arc::clone(&dropped), clock };
        let dispatch = Dispatch::new(Registry::default().with(filter).with(lines));
        Ok((Self { queue, dropped, ring, levels }, dispatch))
    }

    /// Waits until what was logged so far is written, for two seconds at most.
    pub fn flush(&self) {
        let (tell, told) = channel();
        if self.queue.send(Message::Flush(tell, FLUSH_PATIENCE)).is_ok() {
            let _ = told.recv_timeout(FLUSH_PATIENCE);
        }
    }

    /// How many lines were dropped, because they came faster than they could be written.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    /// The newest lines of this node that the filter takes, at most so many, oldest first. It keeps
    /// 10,000 lines or 16 MiB of them.
    #[must_use]
    pub fn recent(&self, filter: &Filter, most: usize) -> Vec<Arc<Line>> {
        self.ring.recent(filter, most)
    }

    /// The same, and all that come after them, without a gap and none twice.
    #[must_use]
    pub fn follow(&self, filter: Filter, most: usize) -> (Vec<Arc<Line>>, Follow) {
        self.ring.follow(filter, most)
    }

    /// Changes the level of a part of the program, or with no target that of all that have none of
    /// their own, for a while; then the settings are in force again.
    ///
    /// # Errors
    /// When the target is no name, or too many changes are in force; in words.
    pub fn change_level(
        &self,
        target: Option<&str>,
        level: LevelFilter,
        lasts: Duration,
    ) -> Result<(), String> {
        self.levels.change(target, level, lasts)?;
        self.look();
        Ok(())
    }

    /// Ends a change before its time. Says whether there was one.
    pub fn restore_level(&self, target: Option<&str>) -> bool {
        self.levels.take_back(target)
    }

    /// The changes that are in force.
    #[must_use]
    pub fn level_changes(&self) -> Vec<LevelChange> {
        self.levels.changes()
    }

    /// Lets the collector see when the next change ends.
    fn look(&self) {
        // With a full queue it does not rest anyway.
        let _ = self.queue.try_send(Message::Look);
    }
}

/// A line as JSON without a line's end, as it is written with `log_format = "json"`.
#[must_use]
pub fn to_json(line: &Line) -> String {
    let mut bytes = Vec::new();
    Renderer::new(Format::Json, false).render(line, &mut bytes);
    bytes.pop();
    String::from_utf8(bytes).unwrap_or_default()
}
