//! The thread between those who log and the output: it numbers lines, keeps the latest ones, and
//! renders them.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
        mpsc::{Receiver, RecvTimeoutError, Sender},
    },
    time::Duration,
};

use formhold_domain::Clock;
use tracing::Level;

use super::{
    format::Renderer,
    level_control::LevelControl,
    line::{Line, Value},
    output::{BATCH_BYTES, Batch, Output},
    ring::Ring,
};

/// How many lines may wait to be looked at.
pub(super) const QUEUE_LINES: usize = 8_192;
/// How long lines are gathered while some come: waking this thread for each one would cost those who
/// log more than the line does.
const GATHER: Duration = Duration::from_millis(5);
/// How long to wait before saying again that lines were dropped, where there was no room to.
const TELL_AGAIN: Duration = Duration::from_secs(1);
const LONG: Duration = Duration::from_secs(3600);

pub(super) enum Message {
    Line(Line),
    /// Answer when all that came before is written, or after this time.
    Flush(Sender<()>, Duration),
    /// The levels changed; look at the clock.
    Look,
}

pub(super) struct Collector {
    pub(super) queue: Receiver<Message>,
    pub(super) dropped: Arc<AtomicU64>,
    pub(super) ring: Arc<Ring>,
    pub(super) output: Output,
    pub(super) renderer: Renderer,
    pub(super) levels: Arc<LevelControl>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) number: u64,
    pub(super) dropped_told: u64,
}

impl Collector {
    /// Runs until nobody can log any more.
    pub(super) fn run(mut self) {
        loop {
            let level_ends = self.levels.expire().unwrap_or(LONG);
            let rest = if self.dropped_untold() == 0 { LONG } else { TELL_AGAIN };
            match self.queue.recv_timeout(level_ends.min(rest)) {
                Ok(first) => self.gather(first),
                Err(RecvTimeoutError::Timeout) => self.tell_of_dropped(),
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    /// Works as long as something comes, then rests in the queue again.
    fn gather(&mut self, first: Message) {
        let mut next = Some(first);
        while let Some(message) = next {
            let mut batch = Batch::default();
            self.take(message, &mut batch);
            // Bounded, so that who logs without end does not keep it from what follows.
            for _ in 0..QUEUE_LINES {
                let Ok(message) = self.queue.try_recv() else { break };
                self.take(message, &mut batch);
            }
            self.output.write(batch);
            self.tell_of_dropped();
            self.levels.expire();
            std::thread::sleep(GATHER);
            next = self.queue.try_recv().ok();
        }
    }

    fn take(&mut self, message: Message, batch: &mut Batch) {
        match message {
            Message::Line(line) => self.add(line, batch),
            Message::Flush(tell, patience) => {
                self.output.write(std::mem::take(batch));
                self.output.flush(patience);
                let _ = tell.send(());
            }
            Message::Look => {}
        }
    }

    fn add(&mut self, mut line: Line, batch: &mut Batch) {
        self.number += 1;
        line.number = self.number;
        self.renderer.render(&line, &mut batch.bytes);
        batch.lines += 1;
        self.ring.push(&Arc::new(line));
        if batch.bytes.len() >= BATCH_BYTES {
            self.output.write(std::mem::take(batch));
        }
    }

    fn dropped_untold(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed) - self.dropped_told
    }

    /// Says how many lines are missing, once there is room to say so.
    fn tell_of_dropped(&mut self) {
        let dropped = self.dropped_untold();
        if dropped == 0 {
            return;
        }
        let line = Line {
            number: self.number + 1,
            at_ms: self.clock.now_ms(),
            level: Level::WARN,
            target: module_path!(),
            message: "log lines were dropped because they could not be written fast enough"
                .to_owned(),
            fields: vec![("dropped", Value::Unsigned(dropped))],
            request: None,
        };
        let mut batch = Batch { lines: 1, ..Batch::default() };
        self.renderer.render(&line, &mut batch.bytes);
        if self.output.offer(batch) {
            self.number += 1;
            self.dropped_told += dropped;
            self.ring.push(&Arc::new(line));
        }
    }
}
