//! What a rate limit costs: `cargo bench -p formhold-kv -- [address of a Redis]`.

use std::{
    io::Write as _,
    sync::Arc,
    time::{Duration, Instant},
};

use formhold_domain::{RandomIds, SystemClock};
use formhold_kv::{Kv, Quota, Settings};

const CLIENTS: usize = 10_000;
const AT_ONCE: usize = 64;

fn main() {
    let address = std::env::args().nth(1).filter(|argument| argument.contains("://"));
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let quota: Quota = "5/min".parse().expect("a quota");
        let memory = Kv::memory(Arc::new(SystemClock), Arc::new(RandomIds));
        say(&format!(
            "memory, one at a time: {} ns",
            one_at_a_time(&memory, &quota, 3_000_000).await
        ));
        if let Some(url) = address {
            let ids = Arc::new(RandomIds);
            let redis =
                Kv::open(&Settings { url }, Arc::new(SystemClock), ids).expect("an address");
            assert!(redis.connected(Duration::from_secs(5)).await, "Redis answers");
            say(&format!(
                "Redis, one at a time: {} ns",
                one_at_a_time(&redis, &quota, 20_000).await
            ));
            say(&format!("Redis, {AT_ONCE} at once: {} a second", at_once(&redis, quota).await));
            say(&format!("errors: {}", redis.stats()[0].errors));
        }
    });
}

async fn one_at_a_time(kv: &Kv, quota: &Quota, times: usize) -> u128 {
    let keys: Vec<String> =
        (0..CLIENTS).map(|it| format!("192.0.{}.{}", it / 256, it % 256)).collect();
    let start = Instant::now();
    let mut allowed = 0;
    for number in 0..times {
        allowed += usize::from(kv.limit("bench", &keys[number % CLIENTS], quota).await.allowed);
    }
    let each = start.elapsed().as_nanos() / u128::try_from(times).unwrap_or(1);
    assert!(allowed > 0, "some were allowed");
    each
}

async fn at_once(kv: &Kv, quota: Quota) -> u128 {
    const EACH: usize = 2_000;
    let start = Instant::now();
    let tasks: Vec<_> = (0..AT_ONCE)
        .map(|task| {
            let kv = kv.clone();
            tokio::spawn(async move {
                for number in 0..EACH {
                    kv.limit("bench", &format!("{task}/{number}"), &quota).await;
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.expect("no panic");
    }
    let all = u128::try_from(AT_ONCE * EACH).unwrap_or(0);
    all * 1_000_000 / start.elapsed().as_micros().max(1)
}

fn say(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}
