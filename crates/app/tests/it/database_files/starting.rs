//! Starting: two at once on a new database, and after a kill in the middle of load.

use std::{
    io::Write as _,
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    time::{Duration, Instant},
};

use formhold_testkit::{Running, Stack, TestDatabase, client};

use super::{good_database, program};

#[test]
fn two_that_start_at_once_on_a_new_database_both_come_up() {
    for stack in Stack::all() {
        for round in 0..10 {
            let runtime = tokio::runtime::Runtime::new().unwrap();
            let database = runtime.block_on(TestDatabase::new(stack));
            let started: Vec<Result<Running, String>> = std::thread::scope(|scope| {
                let threads = [(); 2].map(|()| scope.spawn(|| program(&database).serve()));
                threads.map(|thread| thread.join().expect("no panic")).into()
            });
            for result in started {
                let running = result.unwrap_or_else(|log| panic!("{stack:?} {round}: {log}"));
                let ready = format!("http://{}/readyz", running.address);
                let reply = runtime.block_on(client().get(ready).send()).expect("a reply");
                assert_eq!(reply.status(), 200, "{stack:?} {round}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_kill_in_the_middle_of_load_it_opens_at_once_with_all_it_acknowledged() {
    for stack in Stack::all() {
        let database = good_database(stack).await;
        let acknowledged = AtomicU64::new(0);
        for round in 0..3 {
            let running = program(&database).serve().expect("it starts");
            let post = format!("http://{}/f/test", running.address);
            let goal = acknowledged.load(Ordering::SeqCst) + 150;
            let stop = AtomicBool::new(false);
            let write = async || {
                let client = client();
                while !stop.load(Ordering::SeqCst) {
                    let request = client.post(&post).header("accept", "application/json");
                    match request.form(&[("text", "x".repeat(3_000))]).send().await {
                        Ok(response) if response.status().is_success() => {
                            acknowledged.fetch_add(1, Ordering::SeqCst);
                        }
                        _ => break,
                    }
                }
            };
            let kill = async {
                while acknowledged.load(Ordering::SeqCst) < goal {
                    tokio::time::sleep(Duration::from_millis(2)).await;
                }
                running.signal("KILL");
                stop.store(true, Ordering::SeqCst);
            };
            tokio::join!(kill, write(), write(), write(), write());
            let _ = running.wait();

            let start = Instant::now();
            let again = program(&database).serve().expect("it starts again");
            let took = start.elapsed();
            assert!(took < Duration::from_secs(5), "{stack:?} {round}: opening took {took:?}");
            let _ = writeln!(std::io::stderr(), "{stack:?}: opened {took:?} after a kill in load");
            let rows = database.number("SELECT COUNT(*) FROM submissions").await;
            let acknowledged = acknowledged.load(Ordering::SeqCst);
            assert!(u64::try_from(rows).unwrap() >= acknowledged, "{acknowledged} ok, {rows} rows");
            drop(again);
        }
    }
}
