//! Requests by route: how many, with which outcome, how long they took.

use std::{
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use formhold_domain::meters::{Histogram, Slots};

use super::{Reading, Source, catalogue};

/// How many pairs of route and method there may be; the routes of the program are far fewer, and no
/// request can make one.
const MAX_ROUTES: usize = 1_024;

/// The upper bounds of how long requests take, in microseconds.
const BOUNDS_US: &[u64] = &[
    500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000,
    2_500_000, 10_000_000,
];

const CLASSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];

/// Counts requests.
pub struct RequestMeters {
    routes: Slots<RouteMeter>,
    beyond: RouteMeter,
    in_flight: AtomicU64,
}

/// Counts the requests of one method to one route.
pub struct RouteMeter {
    /// The route's template, as `/f/{form}`.
    pub route: Arc<str>,
    method: &'static str,
    classes: [OnceLock<Histogram>; CLASSES.len()],
}

impl RouteMeter {
    fn new(route: &str, method: &'static str) -> Self {
        Self { route: route.into(), method, classes: [const { OnceLock::new() }; CLASSES.len()] }
    }

    /// Counts a reply.
    pub fn observe(&self, status: u16, took: Duration) {
        let class = usize::from(status / 100).clamp(1, CLASSES.len()) - 1;
        self.classes[class].get_or_init(|| Histogram::new(BOUNDS_US)).observe_us(took);
    }
}

impl Default for RequestMeters {
    fn default() -> Self {
        Self {
            routes: Slots::new(MAX_ROUTES),
            beyond: RouteMeter::new("other", "OTHER"),
            in_flight: AtomicU64::new(0),
        }
    }
}

impl RequestMeters {
    /// The meter of a route. Methods come from a fixed list; see [`method_label`].
    #[must_use]
    pub fn route(&self, route: &str, method: &'static str) -> &RouteMeter {
        self.routes
            .get_or_make(
                &(route, method),
                |meter| &*meter.route == route && meter.method == method,
                || RouteMeter::new(route, method),
            )
            .unwrap_or(&self.beyond)
    }

    /// One more request is being worked on.
    pub fn begin(&self) {
        self.in_flight.fetch_add(1, Relaxed);
    }

    /// One fewer.
    pub fn end(&self) {
        self.in_flight.fetch_sub(1, Relaxed);
    }
}

/// A method as a label: those that everybody knows, and one word for all others.
#[must_use]
pub fn method_label(method: &str) -> &'static str {
    const KNOWN: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    KNOWN.into_iter().find(|known| *known == method).unwrap_or("OTHER")
}

impl Source for Arc<RequestMeters> {
    fn read(&self, reading: &mut Reading) {
        reading.number(&catalogue::REQUESTS_IN_FLIGHT, &[], self.in_flight.load(Relaxed));
        for meter in self.routes.iter().chain([&self.beyond]) {
            for (class, histogram) in CLASSES.iter().zip(&meter.classes) {
                let Some(histogram) = histogram.get() else { continue };
                let labels = [&*meter.route, meter.method, class];
                let values = histogram.read();
                reading.histogram(&catalogue::REQUEST_SECONDS, &labels, 1_000_000, &values);
            }
        }
    }
}
