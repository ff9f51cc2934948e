//! A Redis that speaks TLS only, with a certificate of a private authority.

use std::{path::Path, process::Command, time::Duration};

use formhold_kv::RedisState;

use crate::scene::{PATIENT, nodes, open, quota, until};
use formhold_testkit::{RedisServer, free_port, redis_is_there};

/// A certificate for 127.0.0.1 that stands for itself.
fn make_certificate(folder: &Path) -> bool {
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"])
        .args(["-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"])
        .args(["-addext", "subjectAltName=IP:127.0.0.1", "-addext", "basicConstraints=CA:FALSE"])
        .arg("-keyout")
        .arg(folder.join("key.pem"))
        .arg("-out")
        .arg(folder.join("certificate.pem"))
        .output();
    made.is_ok_and(|it| it.status.success())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_with_tls_is_trusted_by_the_file_that_the_address_names_and_by_no_other() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    if !redis_is_there() || !make_certificate(folder.path()) {
        return;
    }
    let (certificate, key) = (folder.path().join("certificate.pem"), folder.path().join("key.pem"));
    let port = free_port().to_string();
    let arguments = [
        ["--tls-port", &port],
        ["--tls-cert-file", &certificate.display().to_string()],
        ["--tls-key-file", &key.display().to_string()],
        ["--tls-auth-clients", "no"],
    ];
    let _redis = RedisServer::start_with(&arguments.concat());
    let trusting = format!("rediss://127.0.0.1:{port}?ca_file={}", certificate.display());
    let [kv] = nodes(&trusting, PATIENT).await;
    assert!(kv.limit("test", "a", &quota("1/min")).await.allowed);
    assert!(!kv.limit("test", "a", &quota("1/min")).await.allowed);

    let doubting = open(&format!("rediss://127.0.0.1:{port}"), PATIENT);
    until("the reason is known", || match doubting.redis_state() {
        RedisState::Degraded { reason, .. } => reason.to_lowercase().contains("certificate"),
        _ => false,
    })
    .await;
    assert!(!doubting.connected(Duration::ZERO).await);
}
