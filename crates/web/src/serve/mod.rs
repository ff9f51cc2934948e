//! The accept loop: a cap on connections, time limits on silent and slow ones, and a stop that
//! finishes what is under way. axum's own `serve` has neither.

mod timed_io;

use std::{convert::Infallible, io, net::SocketAddr, sync::Arc, time::Duration};

use axum::{Router, body::Body};
use hyper::{body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

use self::timed_io::{Phase, TimeLimits, TimedIo};
use crate::{ServerSettings, client::Peer, middleware};

/// Asks the accept loop to stop.
pub type Stop = CancellationToken;

/// A bound socket.
pub struct Listener {
    listener: TcpListener,
    permits: Arc<Semaphore>,
    limits: TimeLimits,
    drain: Duration,
}

impl Listener {
    /// Binds the address of the settings.
    ///
    /// # Errors
    /// When the address is taken or not ours.
    pub async fn bind(settings: &ServerSettings) -> io::Result<Self> {
        Self::bind_to(settings.listen, settings.max_connections, settings).await
    }

    /// Binds the address for metrics, where the settings name one.
    ///
    /// # Errors
    /// As [`Listener::bind`].
    pub async fn bind_metrics(settings: &ServerSettings) -> io::Result<Option<Self>> {
        // Whoever asks for metrics is one program, or a few.
        const MAX_CONNECTIONS: usize = 32;
        match settings.metrics_address() {
            Some(address) => Self::bind_to(address, MAX_CONNECTIONS, settings).await.map(Some),
            None => Ok(None),
        }
    }

    async fn bind_to(
        address: SocketAddr,
        max_connections: usize,
        settings: &ServerSettings,
    ) -> io::Result<Self> {
        Ok(Self {
            listener: TcpListener::bind(address).await?,
            permits: Arc::new(Semaphore::new(max_connections)),
            limits: TimeLimits {
                first_byte: Duration::from_secs(settings.first_byte_seconds),
                head: Duration::from_secs(settings.header_seconds),
                idle: Duration::from_secs(settings.idle_seconds),
            },
            drain: Duration::from_secs(settings.drain_seconds),
        })
    }

    /// The address that it listens on, with the port that was given for port 0.
    ///
    /// # Errors
    /// When the socket is gone.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves until `stop`, then finishes the requests under way, within the drain time.
    pub async fn serve(self, router: Router, stop: Stop) {
        let graceful = GracefulShutdown::new();
        while let Some((stream, peer, permit)) = self.accept(&stop).await {
            let connection = serve_connection(stream, peer, router.clone(), self.limits);
            let watcher = graceful.watcher();
            tokio::spawn(async move {
                let _permit = permit;
                // What ends a connection early is the client's doing and of no use to an operator.
                if let Err(error) = watcher.watch(connection).await {
                    tracing::trace!(%error, "a connection ended early");
                }
            });
        }
        drop(self.listener);
        let open = graceful.count();
        if tokio::time::timeout(self.drain, graceful.shutdown()).await.is_err() {
            tracing::warn!(open, "some requests did not finish within the drain time");
        }
    }

    /// The next connection; none when asked to stop. Survives running out of file descriptors.
    async fn accept(
        &self,
        stop: &Stop,
    ) -> Option<(TcpStream, SocketAddr, tokio::sync::OwnedSemaphorePermit)> {
        let accepting = async {
            let permit = Arc::clone(&self.permits).acquire_owned().await.ok()?;
            loop {
                match self.listener.accept().await {
                    Ok((stream, peer)) => return Some((stream, peer, permit)),
                    Err(error) => {
                        tracing::warn!(%error, "a connection could not be accepted");
                        tokio::time::sleep(Duration::from_millis(50)).await;
                    }
                }
            }
        };
        tokio::select! {
            () = stop.cancelled() => None,
            accepted = accepting => accepted,
        }
    }
}

fn serve_connection(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    limits: TimeLimits,
) -> impl hyper_util::server::graceful::GracefulConnection<Error = hyper::Error> {
    // Replies are small; waiting to fill a packet only makes them late.
    let _ = stream.set_nodelay(true);
    let phase = Phase::new();
    let io = TimedIo::new(stream, limits, phase.clone());
    let service = service_fn(move |mut request: http::Request<Incoming>| {
        request.extensions_mut().insert(Peer(peer));
        let (router, phase) = (router.clone(), phase.clone());
        async move {
            phase.request_is_read();
            let response = router.oneshot(request.map(Body::new)).await;
            phase.reply_is_made();
            Ok::<_, Infallible>(middleware::finish(response.unwrap_or_else(|never| match never {})))
        }
    });
    let mut http = hyper::server::conn::http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(None)
        .max_buf_size(64 * 1024)
        .half_close(false);
    http.serve_connection(TokioIo::new(io), service)
}
