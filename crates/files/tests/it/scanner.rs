//! The scanner: a real clamd where one is there, and others that misbehave.

use std::{io::Write as _, sync::Once, time::Duration};

use formhold_files::{Scanner, Settings, Verdict};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream, UnixListener},
};

use crate::scene::content;

/// Name a clamd that knows the EICAR test file, and has the limits of scripts/test_clamd.sh.
const TCP_VARIABLE: &str = "FORMHOLD_TEST_CLAMD_TCP";
const SOCKET_VARIABLE: &str = "FORMHOLD_TEST_CLAMD_SOCKET";

/// The test file of the European Institute for Computer Antivirus Research, put together here so
/// that no scanner stops at this source.
fn eicar() -> String {
    let (one, two) = (r"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STAND", "ARD-ANTIVIRUS-TEST-FILE!$H+H*");
    format!("{one}{two}")
}

fn scanner(clamd: &str, max_scan_bytes: u64) -> Scanner {
    let nowhere = std::net::SocketAddr::from(([127, 0, 0, 1], 9));
    let settings = crate::scene::settings(std::path::Path::new("none"), nowhere);
    let settings = Settings { clamd: clamd.to_owned(), max_scan_bytes, ..settings };
    assert_eq!(settings.problems(), []);
    Scanner::new(&settings).expect("a scanner")
}

#[expect(clippy::disallowed_methods, reason = "the test runner hands the scanner over there")]
fn real() -> Vec<Scanner> {
    static SAID: Once = Once::new();
    let there: Vec<_> = [TCP_VARIABLE, SOCKET_VARIABLE]
        .into_iter()
        .filter_map(|variable| std::env::var(variable).ok())
        .map(|address| scanner(&address, 10 << 20))
        .collect();
    if there.is_empty() {
        // Not by a macro: the test runner would swallow it.
        SAID.call_once(|| {
            let _ = writeln!(
                std::io::stderr(),
                "left out: the tests with ClamAV, because {TCP_VARIABLE} is not set; `make test` runs them"
            );
        });
    }
    there
}

#[tokio::test]
async fn clamd_finds_what_it_knows_and_nothing_else() {
    for scanner in real() {
        scanner.check().await.expect("it answers");
        assert_eq!(scanner.scan(&b"harmless"[..]).await, Verdict::Clean);
        assert_eq!(scanner.scan(&b""[..]).await, Verdict::Clean);
        assert_eq!(scanner.scan(&content(500_000)[..]).await, Verdict::Clean);
        match scanner.scan(eicar().as_bytes()).await {
            Verdict::Infected(name) => assert!(name.starts_with("Eicar-Test"), "{name}"),
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn a_file_that_clamd_does_not_take_as_a_whole_is_not_clean() {
    for scanner in real() {
        // It is told to look into 600 KiB of a file at most, and to say when there was more.
        assert_eq!(scanner.scan(&content(900_000)[..]).await, Verdict::TooLarge);
        // It takes 1 MiB at most, our limit is higher; the reply comes while much is still to be sent.
        let large = [eicar().into_bytes(), content(8 << 20)].concat();
        for _ in 0..5 {
            assert_eq!(scanner.scan(&large[..]).await, Verdict::TooLarge);
        }
    }
}

#[tokio::test]
async fn clamd_serves_many_at_once() {
    for scanner in real() {
        let scans = (0..30).map(|index| {
            let scanner = scanner.clone();
            tokio::spawn(async move {
                if index % 2 == 0 {
                    matches!(scanner.scan(eicar().as_bytes()).await, Verdict::Infected(_))
                } else {
                    scanner.scan(&content(100_000 + index)[..]).await == Verdict::Clean
                }
            })
        });
        for scan in scans.collect::<Vec<_>>() {
            assert!(scan.await.expect("no panic"));
        }
    }
}

/// A server that reads what it is told to, and answers so.
async fn fake(read_bytes: usize, answer: &'static [u8]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            tokio::spawn(async move {
                let _ = socket.read_exact(&mut vec![0; read_bytes]).await;
                let _ = socket.write_all(answer).await;
                let _ = socket.shutdown().await;
                // Let the answer be read before the connection is reset.
                let _ = tokio::io::copy(&mut socket, &mut tokio::io::sink()).await;
            });
        }
    });
    format!("tcp://{address}")
}

#[tokio::test]
async fn whatever_is_not_clamds_word_is_not_clean() {
    let rubbish: [&'static [u8]; 7] = [
        b"HTTP/1.1 200 OK\r\n\r\nstream: OK",
        b"\xff\xfe\0",
        b"OK\0",
        b"stream: OKAY\0",
        b"stream:OK\0",
        b"\0stream: OK\0",
        b"INSTREAM: Can't open file ERROR\0",
    ];
    for answer in rubbish {
        let verdict = scanner(&fake(10, answer).await, 1000).scan(&b"content"[..]).await;
        assert!(matches!(verdict, Verdict::Unavailable(_)), "{answer:?}: {verdict:?}");
    }
    let endless: &'static [u8] = Vec::leak(vec![b'x'; 1 << 20]);
    let verdict = scanner(&fake(10, endless).await, 1000).scan(&b"content"[..]).await;
    assert!(matches!(verdict, Verdict::Unavailable(reason) if reason.len() < 400));
}

#[tokio::test]
async fn a_file_over_our_own_limit_is_too_large_before_all_of_it_is_sent() {
    let address = fake(10, b"stream: OK\0").await;
    let scanner = scanner(&address, 1000);
    assert_eq!(scanner.scan(&content(1001)[..]).await, Verdict::TooLarge);
    assert_eq!(scanner.scan(&content(1000)[..]).await, Verdict::Clean);
}

#[tokio::test]
async fn a_scanner_that_is_down_or_hangs_up_is_unavailable() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    drop(listener);
    let folder = tempfile::tempdir().expect("a folder");
    let socket = folder.path().join("clamd.ctl");
    let hanging_up = UnixListener::bind(&socket).expect("a socket");
    tokio::spawn(async move {
        while let Ok((connection, _)) = hanging_up.accept().await {
            drop(connection);
        }
    });
    for clamd in [
        format!("tcp://{address}"),
        format!("unix://{}/nothing", folder.path().display()),
        format!("unix://{}", socket.display()),
    ] {
        let scanner = scanner(&clamd, 1 << 20);
        let verdict = scanner.scan(&content(500_000)[..]).await;
        assert!(matches!(verdict, Verdict::Unavailable(_)), "{clamd} {verdict:?}");
        assert!(scanner.check().await.is_err());
    }
}

#[tokio::test]
async fn a_scanner_that_hangs_is_given_up() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let scanner =
        scanner(&format!("tcp://{}", listener.local_addr().expect("an address")), 1 << 20);
    let scan = tokio::spawn(async move { scanner.scan(&content(500_000)[..]).await });
    let (mut socket, _): (TcpStream, _) = listener.accept().await.expect("a connection");
    // It takes everything and never answers. The clock is moved on, nobody waits two minutes.
    let mut taken = vec![0; 500_000];
    socket.read_exact(&mut taken).await.expect("content");
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(119)).await;
    assert!(!scan.is_finished());
    tokio::time::advance(Duration::from_secs(2)).await;
    match scan.await.expect("no panic") {
        Verdict::Unavailable(reason) => assert!(reason.contains("no answer"), "{reason}"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn content_that_cannot_be_read_is_not_clean() {
    struct Broken;
    impl tokio::io::AsyncRead for Broken {
        fn poll_read(
            self: std::pin::Pin<&mut Self>,
            _: &mut std::task::Context<'_>,
            _: &mut tokio::io::ReadBuf<'_>,
        ) -> std::task::Poll<std::io::Result<()>> {
            std::task::Poll::Ready(Err(std::io::Error::other("the disk is broken")))
        }
    }
    let scanner = scanner(&fake(10, b"stream: OK\0").await, 1000);
    let verdict = scanner.scan(Broken).await;
    assert_eq!(verdict, Verdict::Unavailable("the disk is broken".to_owned()));
}
