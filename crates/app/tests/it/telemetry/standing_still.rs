//! A standard error that nobody reads stops no request.

use std::{
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use formhold_testkit::{Stack, client};

use super::{Scene, number};

/// Ends with the test.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn lines_that_nobody_reads_are_dropped_counted_and_told_while_requests_go_on() {
    let scene = Scene::new(Stack::Sqlite).await;
    let mut server = Server(
        Command::new(&scene.program.binary)
            .arg("serve")
            .env_clear()
            .envs(scene.program.environment.iter().cloned())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts"),
    );
    let mut stderr = BufReader::new(server.0.stderr.take().expect("standard error"));
    let mut line = String::new();
    while !line.contains("listening on http://") {
        line.clear();
        assert!(stderr.read_line(&mut line).expect("a line") > 0, "it ended");
    }
    let address = line.rsplit("http://").next().expect("an address").trim().to_owned();

    // From here on nobody reads. A pipe holds 64 KiB, and the program some more.
    let url = format!("http://{address}/hops");
    let client = client();
    let give_up = Instant::now() + Duration::from_secs(120);
    let mut dropped = 0.0;
    while dropped == 0.0 {
        assert!(Instant::now() < give_up, "nothing was ever dropped");
        for _ in 0..500 {
            let reply = client.get(&url).timeout(Duration::from_secs(5)).send().await;
            assert_eq!(reply.expect("a reply although nobody reads").status().as_u16(), 200);
        }
        let text = scene.scrape().await;
        dropped = number(&text, "formhold_log_lines_dropped_total").expect("a number");
    }

    // Somebody reads again, and is told how much is missing.
    let (sender, told) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        for line in stderr.lines().map_while(Result::ok) {
            if line.contains("log lines were dropped") {
                let _ = sender.send(line);
            }
        }
    });
    let mut sum = 0.0;
    while sum < dropped {
        assert!(Instant::now() < give_up, "{sum} of {dropped} were told");
        // Nothing else needs to happen for that.
        let line = told.recv_timeout(Duration::from_secs(30)).expect("a line");
        let count = line.rsplit("dropped=").next().expect("a number");
        sum += count.parse::<f64>().unwrap_or_else(|_| panic!("{line}"));
    }
}
