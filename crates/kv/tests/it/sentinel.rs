//! A real master with a replica, and three sentinels that watch over them.

use std::{
    fs::File,
    process::{Child, Command, Stdio},
    time::Duration,
};

use formhold_kv::{Message, RedisState};
use tempfile::TempDir;

use crate::scene::{PATIENT, nodes, quota};
use formhold_testkit::{RedisServer, free_port, redis_cli, redis_is_there, wait_for};

const MINUTE: Duration = Duration::from_secs(60);

struct Sentinel {
    port: u16,
    child: Child,
    _folder: TempDir,
}

impl Sentinel {
    fn start(master_port: u16) -> Self {
        let (port, folder) = (free_port(), tempfile::tempdir().expect("a temporary folder"));
        let settings = folder.path().join("sentinel.conf");
        let text = format!(
            "port {port}\nbind 127.0.0.1\nsentinel monitor main 127.0.0.1 {master_port} 2\n\
             sentinel down-after-milliseconds main 500\nsentinel failover-timeout main 3000\n\
             sentinel auth-pass main s3cret\n"
        );
        std::fs::write(&settings, text).expect("the settings are written");
        let log = File::create(folder.path().join("sentinel.log")).expect("a log");
        let child = Command::new("redis-server")
            .arg(&settings)
            .arg("--sentinel")
            .stdout(log)
            .stderr(Stdio::inherit())
            .spawn()
            .expect("a sentinel starts");
        wait_for(port, &["ping"], |answer| answer.contains("PONG"));
        Self { port, child, _folder: folder }
    }

    fn master_port(&self) -> String {
        let answer = redis_cli(self.port, &["sentinel", "get-master-addr-by-name", "main"]);
        answer.lines().last().unwrap_or_default().to_owned()
    }
}

impl Drop for Sentinel {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sentinels_lead_to_the_master_and_after_a_fail_over_to_the_new_one() {
    if !redis_is_there() {
        return;
    }
    let login = ["--requirepass", "s3cret", "--masterauth", "s3cret"];
    let mut master = RedisServer::start_with(&login);
    let replica = RedisServer::start_with(&login);
    let in_replica = |arguments: &[&str]| {
        let mut all = vec!["-a", "s3cret", "--no-auth-warning"];
        all.extend_from_slice(arguments);
        replica.cli(&all)
    };
    in_replica(&["replicaof", "127.0.0.1", &master.port.to_string()]);
    let info = ["-a", "s3cret", "--no-auth-warning", "info", "replication"];
    replica.wait_for(&info, |info| info.contains("master_link_status:up"));
    let sentinels: Vec<_> = (0..3).map(|_| Sentinel::start(master.port)).collect();
    for sentinel in &sentinels {
        let known = ["sentinel", "master", "main"];
        wait_for(sentinel.port, &known, |answer| {
            let lines: Vec<&str> = answer.lines().collect();
            let value = |key| {
                lines.iter().position(|it| *it == key).and_then(|at| lines.get(at + 1).copied())
            };
            value("num-other-sentinels") == Some("2") && value("num-slaves") == Some("1")
        });
    }

    let hosts: Vec<_> = sentinels.iter().map(|it| format!("127.0.0.1:{}", it.port)).collect();
    let url = format!("redis+sentinel://:s3cret@{}/main?db=1", hosts.join(","));
    let [one, two] = nodes(&url, PATIENT).await;
    let quota = quota("2/hour");
    assert!(one.limit("test", "a", &quota).await.allowed);
    assert!(two.limit("test", "a", &quota).await.allowed);
    assert!(!one.limit("test", "a", &quota).await.allowed);
    assert!(one.first_use("test", "a", MINUTE).await);
    assert!(!two.first_use("test", "a", MINUTE).await);
    let mut there = two.subscribe("a");
    one.publish("a", "before").await;
    assert_eq!(there.next().await, Some(Message::Payload("before".into())));

    master.kill();
    let new_port = replica.port.to_string();
    wait_for(sentinels[0].port, &["ping"], |_| sentinels[0].master_port() == new_port);
    for kv in [&one, &two] {
        assert!(kv.connected(Duration::from_secs(30)).await, "{:?}", kv.redis_state());
        let RedisState::Connected { url, .. } = kv.redis_state() else { panic!("connected") };
        assert!(url.ends_with("/main?db=1") && !url.contains("s3cret"), "{url}");
    }
    assert_eq!(there.next().await, Some(Message::Missed));
    one.publish("a", "after").await;
    assert_eq!(there.next().await, Some(Message::Payload("after".into())));
    assert!(!two.limit("test", "a", &quota).await.allowed, "the replica knows what was used");
    assert!(one.limit("test", "b", &quota).await.allowed);
    assert!(two.limit("test", "b", &quota).await.allowed);
    assert!(!one.limit("test", "b", &quota).await.allowed);
    assert_eq!(in_replica(&["-n", "1", "exists", "formhold:limit:test:b"]).trim(), "1");
}
