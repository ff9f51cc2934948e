//! A connection that may not be silent for too long.
//!
//! hyper's own limit on the head of a request also ends connections that rest between two
//! requests, so that either slow senders or proxies that keep connections would suffer.

use std::{
    future::Future as _,
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::{Instant, Sleep},
};

/// How long each phase of a connection may last.
#[derive(Debug, Clone, Copy)]
pub(super) struct TimeLimits {
    pub(super) first_byte: Duration,
    pub(super) head: Duration,
    pub(super) idle: Duration,
}

/// Where a connection is, shared between the socket and the service.
#[derive(Debug, Clone)]
pub(super) struct Phase(Arc<AtomicU8>);

const NEW: u8 = 0;
const HEAD: u8 = 1;
const REQUEST: u8 = 2;
const IDLE: u8 = 3;

impl Phase {
    pub(super) fn new() -> Self {
        Self(Arc::new(AtomicU8::new(NEW)))
    }

    /// The head is complete; from here on the handler watches the clock.
    pub(super) fn request_is_read(&self) {
        self.0.store(REQUEST, Ordering::Relaxed);
    }

    /// The next bytes begin a new request.
    pub(super) fn reply_is_made(&self) {
        self.0.store(IDLE, Ordering::Relaxed);
    }
}

/// A socket whose reads fail once a phase took too long.
pub(super) struct TimedIo {
    stream: TcpStream,
    limits: TimeLimits,
    phase: Phase,
    /// The phase that the alarm is set for.
    timed: u8,
    alarm: Pin<Box<Sleep>>,
}

impl TimedIo {
    pub(super) fn new(stream: TcpStream, limits: TimeLimits, phase: Phase) -> Self {
        Self {
            stream,
            limits,
            phase,
            timed: NEW,
            alarm: Box::pin(tokio::time::sleep(limits.first_byte)),
        }
    }

    fn poll_alarm(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let phase = self.phase.0.load(Ordering::Relaxed);
        let limit = match phase {
            NEW => self.limits.first_byte,
            HEAD => self.limits.head,
            IDLE => self.limits.idle,
            _ => {
                self.timed = phase;
                return Poll::Pending;
            }
        };
        if self.timed != phase {
            self.timed = phase;
            self.alarm.as_mut().reset(Instant::now() + limit);
        }
        self.alarm.as_mut().poll(context)
    }
}

impl AsyncRead for TimedIo {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        if let Poll::Ready(result) = Pin::new(&mut self.stream).poll_read(context, buffer) {
            if buffer.filled().len() > before {
                let phase = &self.phase.0;
                for waiting in [NEW, IDLE] {
                    let _ =
                        phase.compare_exchange(waiting, HEAD, Ordering::Relaxed, Ordering::Relaxed);
                }
            }
            return Poll::Ready(result);
        }
        ready!(self.poll_alarm(context));
        Poll::Ready(Err(io::Error::new(
            io::ErrorKind::TimedOut,
            "the client was silent for too long",
        )))
    }
}

impl AsyncWrite for TimedIo {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
