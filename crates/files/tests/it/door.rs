//! A door before a server: what goes through it can be shut out, held up, cut off or changed.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::watch,
    time::sleep,
};

/// What the door does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Door {
    /// Lets everything through.
    Open,
    /// Closes each connection at once, also those that stand.
    Shut,
    /// Takes connections and what is sent, and says nothing.
    Silent,
    /// Is shut after so many bytes towards the server, of all connections.
    CutAfter(usize),
    /// Holds up each piece towards the server.
    Slow(Duration),
    /// Changes the content of long replies.
    Lying,
}

/// A door that stands.
pub(crate) struct Doorway {
    pub(crate) address: SocketAddr,
    state: Arc<watch::Sender<Door>>,
}

impl Doorway {
    pub(crate) async fn before(server: SocketAddr, state: Door) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let state = Arc::new(watch::Sender::new(state));
        let doors = Arc::clone(&state);
        let passed = Arc::new(AtomicUsize::new(0));
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (mut state, passed) = (doors.subscribe(), Arc::clone(&passed));
                tokio::spawn(async move {
                    let standing = *state.borrow_and_update();
                    tokio::select! {
                        () = through(client, server, standing, &passed) => {}
                        // Whoever changes the door closes what went through it.
                        _ = state.changed() => {}
                    }
                });
            }
        });
        Self { address, state }
    }

    pub(crate) fn set(&self, door: Door) {
        self.state.send_replace(door);
    }
}

async fn through(client: TcpStream, server: SocketAddr, door: Door, passed: &AtomicUsize) {
    let is_cut = |more| match door {
        Door::CutAfter(bytes) => passed.fetch_add(more, Ordering::Relaxed) + more > bytes,
        _ => false,
    };
    if door == Door::Shut || is_cut(0) {
        return;
    }
    let Ok(server) = TcpStream::connect(server).await else { return };
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    if door == Door::Silent {
        let mut from_client = from_client;
        let _ = tokio::io::copy(&mut from_client, &mut tokio::io::sink()).await;
        return;
    }
    tokio::select! {
        () = forth(from_client, to_server, door, is_cut) => {}
        () = back(from_server, to_client, door) => {}
    }
}

async fn forth(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    door: Door,
    is_cut: impl Fn(usize) -> bool,
) {
    let mut piece = vec![0; 64 << 10];
    while let Ok(count @ 1..) = from.read(&mut piece).await {
        if is_cut(count) {
            return;
        }
        if let Door::Slow(pause) = door {
            sleep(pause).await;
        }
        if to.write_all(&piece[..count]).await.is_err() {
            return;
        }
    }
}

async fn back(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, door: Door) {
    let mut piece = vec![0; 64 << 10];
    while let Ok(count @ 1..) = from.read(&mut piece).await {
        // Heads of replies are shorter.
        if door == Door::Lying && count > 4000 {
            piece[count - 1] ^= 1;
        }
        if to.write_all(&piece[..count]).await.is_err() {
            return;
        }
    }
}
