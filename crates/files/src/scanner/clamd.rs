//! The protocol of clamd: `INSTREAM` sends content in pieces, each with its length before it
//! (`man 8 clamd`). Existing clients give back the reply as bytes and wait for ever; what matters
//! here is what a reply means, and that each step ends.

use std::{io, time::Duration};

use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::{TcpStream, UnixStream},
    time::timeout,
};

use super::{Address, Verdict};

pub(super) const CONNECT_TIME: Duration = Duration::from_secs(5);
/// How long the scanner may stand still while content is sent.
const PROGRESS_TIME: Duration = Duration::from_secs(30);
const PIECE_BYTES: usize = 64 << 10;
/// Longer replies are none of clamd's.
const MAX_REPLY_BYTES: u64 = 4096;

/// Both kinds of connection.
trait Connection: AsyncRead + AsyncWrite + Unpin + Send {}
impl Connection for TcpStream {}
impl Connection for UnixStream {}

/// Sends content and reads the verdict.
pub(super) async fn scan(
    address: &Address,
    max_bytes: u64,
    mut content: impl AsyncRead + Unpin,
) -> io::Result<Verdict> {
    let mut clamd = connect(address).await?;
    let sent = send(&mut clamd, max_bytes, &mut content).await;
    match sent {
        Ok(true) => {}
        Ok(false) => return Ok(Verdict::TooLarge),
        Err(Failed::Content(error)) => return Err(error),
        // It may have refused and closed while we were still sending: its word is in the buffer.
        Err(Failed::Clamd(error)) => {
            let reply = reply(&mut clamd).await.unwrap_or_default();
            return if reply.is_empty() { Err(error) } else { Ok(verdict_of(&reply)) };
        }
    }
    Ok(verdict_of(&reply(&mut clamd).await?))
}

/// Asks for a sign of life.
pub(super) async fn ping(address: &Address) -> io::Result<()> {
    let mut clamd = connect(address).await?;
    clamd.write_all(b"zPING\0").await?;
    match reply(&mut clamd).await?.as_str() {
        "PONG" => Ok(()),
        other => Err(io::Error::other(format!("it said `{}`", shown(other)))),
    }
}

enum Failed {
    Content(io::Error),
    Clamd(io::Error),
}

/// Says whether all was sent; not where it is more than what may be scanned.
async fn send(
    clamd: &mut Box<dyn Connection>,
    max_bytes: u64,
    content: &mut (impl AsyncRead + Unpin),
) -> Result<bool, Failed> {
    let put = async |clamd: &mut Box<dyn Connection>, bytes: &[u8]| {
        let written = timeout(PROGRESS_TIME, clamd.write_all(bytes)).await;
        written.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into())).map_err(Failed::Clamd)
    };
    put(clamd, b"zINSTREAM\0").await?;
    // The length of a piece stands in the four bytes before it.
    let mut piece = vec![0; 4 + PIECE_BYTES];
    let mut sent_bytes = 0;
    loop {
        let count = content.read(&mut piece[4..]).await.map_err(Failed::Content)?;
        sent_bytes += count as u64;
        if sent_bytes > max_bytes {
            return Ok(false);
        }
        let length = u32::try_from(count).map_err(io::Error::other).map_err(Failed::Content)?;
        piece[..4].copy_from_slice(&length.to_be_bytes());
        put(clamd, &piece[..4 + count]).await?;
        if count == 0 {
            return timeout(PROGRESS_TIME, clamd.flush())
                .await
                .unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
                .map_err(Failed::Clamd)
                .map(|()| true);
        }
    }
}

async fn connect(address: &Address) -> io::Result<Box<dyn Connection>> {
    let connecting = async {
        io::Result::Ok(match address {
            Address::Tcp(place) => {
                Box::new(TcpStream::connect(place).await?) as Box<dyn Connection>
            }
            Address::Unix(path) => Box::new(UnixStream::connect(path).await?),
        })
    };
    match timeout(CONNECT_TIME, connecting).await {
        Ok(connected) => connected,
        Err(_) => Err(io::Error::new(io::ErrorKind::TimedOut, "no connection in time")),
    }
}

/// One reply, up to its NUL or the end of the connection.
async fn reply(clamd: &mut Box<dyn Connection>) -> io::Result<String> {
    let mut bytes = Vec::new();
    let mut limited = clamd.take(MAX_REPLY_BYTES);
    let mut piece = [0; 512];
    loop {
        let count = limited.read(&mut piece).await?;
        bytes.extend_from_slice(&piece[..count]);
        if count == 0 || piece[..count].contains(&0) {
            break;
        }
    }
    let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    Ok(String::from_utf8_lossy(&bytes[..end]).trim().to_owned())
}

/// What a reply to `INSTREAM` means. Whatever is not understood is not clean.
fn verdict_of(reply: &str) -> Verdict {
    if reply == "stream: OK" {
        return Verdict::Clean;
    }
    let found = reply.strip_prefix("stream: ").and_then(|rest| rest.strip_suffix(" FOUND"));
    if let Some(signature) = found {
        // clamd's own word that it gave up on a file that is too large (`AlertExceedsMax`).
        return if signature.starts_with("Heuristics.Limits.Exceeded") {
            Verdict::TooLarge
        } else {
            Verdict::Infected(shown(signature))
        };
    }
    if reply.contains("size limit exceeded") {
        return Verdict::TooLarge;
    }
    Verdict::Unavailable(match reply {
        "" => "it closed the connection without a word".to_owned(),
        reply => format!("it said `{}`", shown(reply)),
    })
}

/// A text from outside, short and without control characters, for logs and pages.
fn shown(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::{Verdict, verdict_of};

    #[test]
    fn only_one_reply_means_clean() {
        assert_eq!(verdict_of("stream: OK"), Verdict::Clean);
        let found = Verdict::Infected("Eicar-Test".to_owned());
        assert_eq!(verdict_of("stream: Eicar-Test FOUND"), found);
        for large in [
            "INSTREAM size limit exceeded. ERROR",
            "stream: Heuristics.Limits.Exceeded.MaxFileSize FOUND",
        ] {
            assert_eq!(verdict_of(large), Verdict::TooLarge);
        }
        for other in [
            "",
            "OK",
            "stream: ok",
            "stream: OK\u{1b}[2J",
            "UNKNOWN COMMAND",
            "<html>stream: OK</html>",
            "stream: OK FOUND OK",
            "Can't allocate memory ERROR",
        ] {
            assert!(matches!(verdict_of(other), Verdict::Unavailable(_)), "{other}");
        }
    }
}
