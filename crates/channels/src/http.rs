//! Posting to an address that a user typed, and what its answer means.

use std::time::{Duration, UNIX_EPOCH};

use ::http::{HeaderMap, header::RETRY_AFTER};
use formhold_outbound::{Answer, Failure, Request};

use crate::{
    Outcome, Report, Tools,
    report::{KEPT_BYTES, excerpt},
    retry::MAX_RETRY_AFTER,
};

/// Sends a request. What its answer means, the channel says; where there is none, it is tried
/// again, except to addresses that nobody may send to.
pub(crate) async fn post(
    tools: &Tools,
    request: Request,
    judge: impl FnOnce(&Answer, Option<Duration>) -> Outcome,
) -> Report {
    let started = tools.clock.monotonic();
    let result = tools.outbound.notify(request, KEPT_BYTES).await;
    let duration = tools.clock.monotonic().saturating_sub(started);
    match result {
        Ok(answer) => {
            let asked = retry_after(&answer.headers, tools.clock.now_ms());
            let outcome = judge(&answer, asked);
            let status = answer.status.as_u16();
            let problem = (outcome != Outcome::Delivered).then(|| Failure::Status(status).into());
            let answer = excerpt(&answer.body);
            Report { outcome, status: Some(status), duration, answer, problem }
        }
        Err(failure) => {
            let outcome = match failure {
                Failure::Refused => Outcome::Failed { permanent: false },
                _ => Outcome::Retry { after: None },
            };
            let (status, answer, problem) = (None, String::new(), Some(failure.into()));
            Report { outcome, status, duration, answer, problem }
        }
    }
}

/// What the answer of a chat service means: what it refuses it will refuse again, and where it no
/// longer knows the channel, all others, too.
pub(crate) fn judge_chat(answer: &Answer, asked: Option<Duration>) -> Outcome {
    match answer.status.as_u16() {
        200..=299 => Outcome::Delivered,
        408 | 425 | 429 | 500.. => Outcome::Retry { after: asked },
        401 | 403 | 404 | 410 => Outcome::Failed { permanent: true },
        _ => Outcome::Failed { permanent: false },
    }
}

/// `Retry-After` in seconds or as a date (RFC 9110, 10.2.3), a day at most.
pub(crate) fn retry_after(headers: &HeaderMap, now_ms: i64) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let asked = if let Ok(seconds) = text.parse::<f64>() {
        // Some services send fractions.
        Duration::try_from_secs_f64(seconds.max(0.0)).unwrap_or(MAX_RETRY_AFTER)
    } else {
        let at = httpdate::parse_http_date(text).ok()?.duration_since(UNIX_EPOCH).ok()?;
        at.saturating_sub(Duration::from_millis(u64::try_from(now_ms).unwrap_or_default()))
    };
    Some(asked.min(MAX_RETRY_AFTER))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_seconds_or_a_date_and_a_day_at_most() {
        let now_ms = 1_445_412_480_000; // Wed, 21 Oct 2015 07:28:00 GMT
        let table = [
            ("120", Some(120.0)),
            (" 3 ", Some(3.0)),
            ("0.25", Some(0.25)),
            ("-5", Some(0.0)),
            ("Wed, 21 Oct 2015 07:28:30 GMT", Some(30.0)),
            ("Wed, 21 Oct 2015 07:00:00 GMT", Some(0.0)),
            ("Fri, 21 Oct 2095 07:28:00 GMT", Some(86_400.0)),
            ("99999999999999999999", Some(86_400.0)),
            ("inf", Some(86_400.0)),
            ("NaN", Some(0.0)),
            ("soon", None),
            ("", None),
        ];
        for (text, seconds) in table {
            let headers = HeaderMap::from_iter([(RETRY_AFTER, text.parse().expect("a value"))]);
            let expected = seconds.map(Duration::from_secs_f64);
            assert_eq!(retry_after(&headers, now_ms), expected, "{text}");
        }
        assert_eq!(retry_after(&HeaderMap::new(), now_ms), None);
    }
}
