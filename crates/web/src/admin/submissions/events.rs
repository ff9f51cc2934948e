//! `GET /admin/forms/{id}/submissions/events`: tells an open page that something came, as server-sent
//! events (<https://html.spec.whatwg.org/multipage/server-sent-events.html>).

use std::{convert::Infallible, pin::Pin, time::Duration};

use axum::{
    body::Body,
    extract::{Path, State},
    response::Response,
};
use bytes::Bytes;
use formhold_domain::{Bearer, FormId, access::Caller};
use formhold_service::{
    health, sessions,
    submissions::news::{self, Watching},
};
use futures_util::stream;
use http::{HeaderValue, header};
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at};

use super::{parse, watchers::Place};
use crate::{
    WebState,
    admin::Shown,
    pages::ErrorKind,
    visit::{Visit, reply},
};

/// Less than what proxies, and our own connections, wait for a byte.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// How long one connection lasts at most; browsers come back by themselves.
const LIFETIME: Duration = Duration::from_secs(60 * 60);

/// Somebody who is told.
struct Told {
    state: WebState,
    form_id: FormId,
    caller: Caller,
    session: Bearer,
    watching: Watching,
    heartbeat: Interval,
    ends_at: Instant,
    draining: Pin<Box<dyn Future<Output = ()> + Send>>,
    _place: Place,
}

/// `GET /admin/forms/{id}/submissions/events`. It ends with the session, and with the right to look.
pub(super) async fn watch_inbox(
    State(state): State<WebState>,
    Path(id): Path<String>,
    visit: Visit,
) -> Shown {
    let form_id: FormId = parse(&id)?;
    let app = &state.0.app;
    let watching = news::watch(app, &visit.caller, form_id).await;
    let watching = watching.map_err(|failure| visit.failed(&failure))?;
    // Only a session has these pages.
    let session = Bearer::parse(visit.browser());
    let session = session.ok_or_else(|| reply::error(ErrorKind::Forbidden))?;
    let place = visit.caller.person().and_then(|it| state.0.watchers.enter(it.user_id));
    let Some(place) = place else {
        let mut response = reply::error(ErrorKind::Unavailable);
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("30"));
        return Err(response);
    };
    let now = Instant::now();
    let mut heartbeat = interval_at(now + HEARTBEAT, HEARTBEAT);
    heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let told = Told {
        form_id,
        caller: visit.caller,
        session,
        watching,
        heartbeat,
        ends_at: now + LIFETIME,
        draining: Box::pin(health::draining(app)),
        _place: place,
        state,
    };
    Ok(reply(told))
}

fn reply(told: Told) -> Response {
    let events = stream::unfold((told, true), async |(mut told, is_first)| {
        // Sent at once, so that the browser knows that it is connected.
        let text = if is_first { "retry: 5000\n\n" } else { told.next().await? };
        Some((Ok::<_, Infallible>(Bytes::from_static(text.as_bytes())), (told, false)))
    });
    let mut response = Response::new(Body::from_stream(events));
    for (name, value) in [
        (header::CONTENT_TYPE, "text/event-stream"),
        (header::CACHE_CONTROL, "no-store"),
        // nginx passes on at once what says so.
        (http::HeaderName::from_static("x-accel-buffering"), "no"),
    ] {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

impl Told {
    /// What is sent next; none at the end.
    async fn next(&mut self) -> Option<&'static str> {
        let text = tokio::select! {
            goes_on = self.watching.next() => if goes_on { "event: arrived\ndata: \n\n" } else { return None },
            _ = self.heartbeat.tick() => ": still here\n\n",
            () = tokio::time::sleep_until(self.ends_at) => return None,
            () = &mut self.draining => return None,
        };
        self.may_go_on().await.then_some(text)
    }

    async fn may_go_on(&mut self) -> bool {
        let app = &self.state.0.app;
        let Ok(actor) = sessions::actor_who_waits(app, &self.session).await else { return false };
        self.caller.actor = actor;
        news::may_watch(app, &self.caller, self.form_id).await.is_ok()
    }
}
