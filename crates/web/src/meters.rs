//! What the HTTP side counts, for metrics.

use std::sync::Arc;

use formhold_telemetry::metrics::{Reading, Source, catalogue};

use crate::WebState;

impl Source for WebState {
    fn read(&self, reading: &mut Reading) {
        Arc::clone(&self.0.meters).read(reading);
        let (held_bytes, refused) = self.0.memory.stats();
        reading.number(&catalogue::BODY_MEMORY_BYTES, &[], held_bytes);
        reading.number(&catalogue::BODIES_SHED, &[], refused);
    }
}
