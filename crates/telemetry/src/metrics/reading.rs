//! The numbers of one moment, gathered for one reply.

use std::collections::BTreeMap;

use formhold_domain::meters::HistogramReading;
use prometheus::{
    TextEncoder,
    proto::{Bucket, Counter, Gauge, Histogram, LabelPair, Metric, MetricFamily, MetricType},
};

use super::{Description, Kind};

/// Collects numbers, by metric.
#[derive(Default)]
pub struct Reading {
    families: BTreeMap<&'static str, MetricFamily>,
}

impl Reading {
    /// Adds one number of a counter or a gauge. Labels stand in the order of the description.
    pub fn number(&mut self, of: &'static Description, labels: &[&str], value: u64) {
        self.float(of, labels, value as f64);
    }

    /// As [`Reading::number`], for what is no whole number.
    pub fn float(&mut self, of: &'static Description, labels: &[&str], value: f64) {
        let mut metric = labelled(of, labels);
        if of.kind == Kind::Counter {
            let mut counter = Counter::default();
            counter.set_value(value);
            metric.set_counter(counter);
        } else {
            let mut gauge = Gauge::default();
            gauge.set_value(value);
            metric.set_gauge(gauge);
        }
        self.add(of, metric);
    }

    /// Adds a distribution. Bounds and sum are divided by `units`, as 1,000,000 where seconds were
    /// counted in microseconds.
    pub fn histogram(
        &mut self,
        of: &'static Description,
        labels: &[&str],
        units: u32,
        values: &HistogramReading,
    ) {
        let units = f64::from(units);
        let mut below = 0;
        let mut buckets = Vec::with_capacity(values.bounds.len());
        for (bound, count) in values.bounds.iter().zip(&values.counts) {
            below += count;
            let mut bucket = Bucket::default();
            bucket.set_upper_bound(*bound as f64 / units);
            bucket.set_cumulative_count(below);
            buckets.push(bucket);
        }
        let mut histogram = Histogram::default();
        histogram.set_bucket(buckets);
        histogram.set_sample_count(values.counts.iter().sum());
        histogram.set_sample_sum(values.sum as f64 / units);
        let mut metric = labelled(of, labels);
        metric.set_histogram(histogram);
        self.add(of, metric);
    }

    pub(super) fn render(self) -> String {
        let families: Vec<_> = self.families.into_values().collect();
        // Fails only for a metric without a number or a name, and there are none.
        TextEncoder::new().encode_to_string(&families).unwrap_or_default()
    }

    fn add(&mut self, of: &'static Description, metric: Metric) {
        let family = self.families.entry(of.name).or_insert_with(|| {
            let mut family = MetricFamily::default();
            family.set_name(of.name.to_owned());
            family.set_help(of.help.to_owned());
            family.set_field_type(match of.kind {
                Kind::Counter => MetricType::COUNTER,
                Kind::Gauge => MetricType::GAUGE,
                Kind::Histogram => MetricType::HISTOGRAM,
            });
            family
        });
        family.mut_metric().push(metric);
    }
}

fn labelled(of: &'static Description, values: &[&str]) -> Metric {
    debug_assert_eq!(of.labels.len(), values.len(), "the labels of {}", of.name);
    let pair = |(name, value): (&&str, &&str)| {
        let mut pair = LabelPair::default();
        pair.set_name((*name).to_owned());
        pair.set_value((*value).to_owned());
        pair
    };
    Metric::from_label(of.labels.iter().zip(values).map(pair).collect())
}
