//! Where `tracing` hands its events over. Nothing here waits: what finds no room is counted.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
    mpsc::SyncSender,
};

use formhold_domain::Clock;
use tracing::{Event, Subscriber, span};
use tracing_subscriber::{Layer, layer::Context, registry::LookupSpan};

use super::line::{Collected, Line, Value};
use crate::request;

/// Makes lines of events.
pub(super) struct LineLayer {
    pub(super) queue: SyncSender<super::collector::Message>,
    pub(super) dropped: Arc<AtomicU64>,
    pub(super) clock: Arc<dyn Clock>,
}

/// The fields of a span.
struct SpanFields(Vec<(&'static str, Value)>);

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for LineLayer {
    fn on_new_span(
        &self,
        attributes: &span::Attributes<'_>,
        id: &span::Id,
        context: Context<'_, S>,
    ) {
        let Some(span) = context.span(id) else { return };
        let mut collected = Collected::default();
        attributes.record(&mut collected);
        span.extensions_mut().insert(SpanFields(collected.fields));
    }

    fn on_record(&self, id: &span::Id, values: &span::Record<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let mut collected = Collected::default();
        values.record(&mut collected);
        if let Some(SpanFields(fields)) = span.extensions_mut().get_mut() {
            fields.retain(|(name, _)| !collected.fields.iter().any(|(new, _)| new == name));
            fields.extend(collected.fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let metadata = event.metadata();
        let mut collected = Collected::default();
        event.record(&mut collected);
        for span in context.event_scope(event).into_iter().flatten() {
            if let Some(SpanFields(fields)) = span.extensions().get() {
                collected.fields.extend(fields.iter().cloned());
            }
        }
        let line = Line {
            number: 0,
            at_ms: self.clock.now_ms(),
            level: *metadata.level(),
            target: metadata.target(),
            message: collected.message,
            fields: collected.fields,
            request: request::current(),
        };
        if self.queue.try_send(super::collector::Message::Line(line)).is_err() {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }
}
