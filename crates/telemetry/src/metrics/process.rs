//! The process: processor time, memory, open files, its start, its version.

use prometheus::{
    core::Collector as _,
    process_collector::ProcessCollector,
    proto::{MetricFamily, MetricType},
};

use super::{Reading, Source, catalogue};
use crate::panics;

/// Reads `/proc`.
pub(super) struct Process(ProcessCollector);

impl Process {
    pub(super) fn new() -> Self {
        Self(ProcessCollector::for_self())
    }
}

impl Source for Process {
    fn read(&self, reading: &mut Reading) {
        for family in self.0.collect() {
            let known = catalogue::ALL.iter().find(|metric| metric.name == family.name());
            if let (Some(metric), Some(value)) = (known, value(&family)) {
                reading.float(metric, &[], value);
            }
        }
        reading.number(&catalogue::BUILD_INFO, &[env!("CARGO_PKG_VERSION")], 1);
        reading.number(&catalogue::PANICS, &[], panics::count());
    }
}

fn value(family: &MetricFamily) -> Option<f64> {
    let metric = family.get_metric().first()?;
    Some(match family.get_field_type() {
        MetricType::COUNTER => metric.get_counter().get_value(),
        _ => metric.get_gauge().get_value(),
    })
}
