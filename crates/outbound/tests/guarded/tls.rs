//! Certificates that nobody trusts.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use formhold_outbound::{Failure, install_tls_provider};
use tokio::{io::AsyncReadExt as _, net::TcpListener};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, pki_types::PrivateKeyDer},
};

use crate::peer::{local_client, post};

#[tokio::test]
async fn nothing_is_told_to_a_server_whose_certificate_is_not_trusted() {
    install_tls_provider();
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).expect("a key");
    let config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .expect("a configuration");
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let (calls, heard) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let counts = (Arc::clone(&calls), Arc::clone(&heard));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            counts.0.fetch_add(1, Ordering::SeqCst);
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            let mut bytes = [0; 1024];
            let count = stream.read(&mut bytes).await.unwrap_or_default();
            counts.1.fetch_add(count, Ordering::SeqCst);
        }
    });
    let answer = local_client().call(post(&format!("https://localhost:{port}/secret"))).await;
    assert_eq!(answer.err(), Some(Failure::Tls));
    assert_eq!((calls.load(Ordering::SeqCst), heard.load(Ordering::SeqCst)), (1, 0));
}
