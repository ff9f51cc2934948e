//! The latest lines of this node, for who looks at them while it runs.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::broadcast::{self, error::RecvError};
use tracing::Level;

use super::line::{Line, Value};

const MAX_LINES: usize = 10_000;
const MAX_BYTES: usize = 16 << 20;
/// How many lines somebody who follows may be behind.
const MAX_BEHIND: usize = 1_024;

/// Which lines somebody wants to see. What is not set takes all.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Lines that are at least as bad.
    pub level: Option<Level>,
    /// Lines of this part of the program and of those below it.
    pub target: Option<String>,
    /// Lines of one request.
    pub request_id: Option<String>,
    /// Lines that hold this text, in any case of letters.
    pub text: Option<String>,
}

impl Filter {
    /// Whether a line is wanted.
    #[must_use]
    pub fn takes(&self, line: &Line) -> bool {
        self.level.is_none_or(|level| line.level <= level)
            && self.target.as_deref().is_none_or(|target| is_below(line.target, target))
            && self.request_id.as_deref().is_none_or(|id| {
                line.request.as_ref().is_some_and(|request| request.id.as_str() == id)
            })
            && self.text.as_deref().is_none_or(|text| holds(line, &text.to_lowercase()))
    }
}

fn is_below(target: &str, above: &str) -> bool {
    target.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

fn holds(line: &Line, lower: &str) -> bool {
    let in_field = |(_, value): &(&str, Value)| match value {
        Value::Text(text) => text.to_lowercase().contains(lower),
        other => other.to_string().contains(lower),
    };
    line.message.to_lowercase().contains(lower) || line.fields.iter().any(in_field)
}

/// What comes next to somebody who follows.
#[derive(Debug, Clone)]
pub enum Followed {
    /// A line.
    Line(Arc<Line>),
    /// So many lines, wanted or not, that went by while nobody read.
    Missed(u64),
}

/// Hands out lines as they come.
pub struct Follow {
    filter: Filter,
    lines: broadcast::Receiver<Arc<Line>>,
}

impl Follow {
    /// Waits for the next one; none when the log has ended.
    pub async fn next(&mut self) -> Option<Followed> {
        loop {
            match self.lines.recv().await {
                Ok(line) if self.filter.takes(&line) => return Some(Followed::Line(line)),
                Ok(_) => {}
                Err(RecvError::Lagged(missed)) => return Some(Followed::Missed(missed)),
                Err(RecvError::Closed) => return None,
            }
        }
    }
}

/// The ring. Written by one thread only.
pub(super) struct Ring {
    kept: Mutex<Kept>,
    news: broadcast::Sender<Arc<Line>>,
}

#[derive(Default)]
struct Kept {
    lines: VecDeque<Arc<Line>>,
    bytes: usize,
}

impl Ring {
    pub(super) fn new() -> Self {
        Self { kept: Mutex::default(), news: broadcast::channel(MAX_BEHIND).0 }
    }

    pub(super) fn push(&self, line: &Arc<Line>) {
        let mut kept = self.kept();
        kept.bytes += line.size_bytes();
        kept.lines.push_back(Arc::clone(line));
        while kept.lines.len() > MAX_LINES || kept.bytes > MAX_BYTES {
            let Some(oldest) = kept.lines.pop_front() else { break };
            kept.bytes -= oldest.size_bytes();
        }
        // Still under the lock, so that nobody gets a line twice or never. Nobody may follow.
        let _ = self.news.send(Arc::clone(line));
    }

    /// The newest lines that the filter takes, at most so many, oldest first.
    pub(super) fn recent(&self, filter: &Filter, most: usize) -> Vec<Arc<Line>> {
        let lines = self.kept().lines.clone();
        newest(&lines, filter, most)
    }

    /// The same, and all that come after them.
    pub(super) fn follow(&self, filter: Filter, most: usize) -> (Vec<Arc<Line>>, Follow) {
        let (lines, news) = {
            let kept = self.kept();
            (kept.lines.clone(), self.news.subscribe())
        };
        (newest(&lines, &filter, most), Follow { filter, lines: news })
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Not under the lock: comparing text takes a while, and the log must go on.
fn newest(lines: &VecDeque<Arc<Line>>, filter: &Filter, most: usize) -> Vec<Arc<Line>> {
    let wanted = lines.iter().rev().filter(|line| filter.takes(line)).take(most);
    let mut lines: Vec<_> = wanted.cloned().collect();
    lines.reverse();
    lines
}
