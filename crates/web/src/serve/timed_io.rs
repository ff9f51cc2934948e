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
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll},
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

/// Where a connection is, shared between the socket and the service: the phase in the two lowest
/// bits, above them how often it changed.
#[derive(Debug, Clone)]
pub(super) struct Phase(Arc<AtomicU64>);

const NEW: u64 = 0;
const HEAD: u64 = 1;
const REQUEST: u64 = 2;
const IDLE: u64 = 3;
const BITS: u64 = 3;

impl Phase {
    pub(super) fn new() -> Self {
        Self(Arc::new(AtomicU64::new(NEW)))
    }

    /// The head is complete; from here on the handler watches the clock.
    pub(super) fn request_is_read(&self) {
        self.enter(REQUEST);
    }

    /// The next bytes begin a new request.
    pub(super) fn reply_is_made(&self) {
        self.enter(IDLE);
    }

    fn bytes_came(&self) {
        if matches!(self.now() & BITS, NEW | IDLE) {
            self.enter(HEAD);
        }
    }

    fn now(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    /// Socket and service run in one task, so nobody comes between the two steps.
    fn enter(&self, phase: u64) {
        self.0.store((self.now() | BITS) + 1 + phase, Ordering::Relaxed);
    }
}

/// A socket whose reads and writes fail once a phase took too long.
pub(super) struct TimedIo {
    stream: TcpStream,
    limits: TimeLimits,
    phase: Phase,
    /// The phase that the alarm is set for, and the how manieth; none: it must be set anew.
    timed: Option<u64>,
    alarm: Pin<Box<Sleep>>,
}

impl TimedIo {
    pub(super) fn new(stream: TcpStream, limits: TimeLimits, phase: Phase) -> Self {
        Self {
            stream,
            limits,
            phase,
            timed: Some(NEW),
            alarm: Box::pin(tokio::time::sleep(limits.first_byte)),
        }
    }

    /// Fails when the phase took too long, and else makes sure to be asked again then.
    fn poll_alarm(&mut self, context: &mut Context<'_>) -> Poll<io::Error> {
        let phase = self.phase.now();
        let limit = match phase & BITS {
            NEW => self.limits.first_byte,
            HEAD => self.limits.head,
            IDLE => self.limits.idle,
            _ => return Poll::Pending,
        };
        if self.timed != Some(phase) {
            self.timed = Some(phase);
            self.alarm.as_mut().reset(Instant::now() + limit);
        }
        self.alarm
            .as_mut()
            .poll(context)
            .map(|()| io::Error::new(io::ErrorKind::TimedOut, "the client was silent for too long"))
    }

    /// A reply that nobody takes is waited for as long as a connection may rest.
    fn poll_written(
        &mut self,
        context: &mut Context<'_>,
        written: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        if written.is_ready() {
            self.timed = None;
            return written;
        }
        self.poll_alarm(context).map(Err)
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
                self.phase.bytes_came();
            }
            return Poll::Ready(result);
        }
        self.poll_alarm(context).map(Err)
    }
}

impl AsyncWrite for TimedIo {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.poll_written(context, written)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        // After a reply hyper does not read again until something comes: the alarm is set here.
        let _ = self.poll_alarm(context);
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
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.poll_written(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
