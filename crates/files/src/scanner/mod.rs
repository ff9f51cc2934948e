//! Asks ClamAV whether a file is known to be harmful.

mod address;
mod clamd;

use std::time::Duration;

use tokio::{io::AsyncRead, time::timeout};

pub(crate) use address::Address;

use crate::Settings;

/// How long the scanner may take for a file.
const SCAN_TIME: Duration = Duration::from_secs(120);

/// What the scanner says of a file. Only [`Verdict::Clean`] is clean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It was looked at as a whole, and nothing was found.
    Clean,
    /// It holds what this signature describes.
    Infected(String),
    /// It is larger than what is scanned, by our settings or by the scanner's.
    TooLarge,
    /// Nobody looked at it; the text says why. Asking again later may help.
    Unavailable(String),
}

/// The scanner. Cheap to clone; each scan has a connection of its own.
#[derive(Debug, Clone)]
pub struct Scanner {
    address: Address,
    max_bytes: u64,
}

impl Scanner {
    /// The scanner of the settings; none where they name none, or name it wrongly, which
    /// [`Settings::problems`] tells.
    #[must_use]
    pub fn new(settings: &Settings) -> Option<Self> {
        let address = Address::parse(&settings.clamd).ok().flatten()?;
        Some(Self { address, max_bytes: settings.max_scan_bytes })
    }

    /// Sends content to the scanner in pieces and waits for its word, two minutes at most.
    pub async fn scan(&self, content: impl AsyncRead + Unpin) -> Verdict {
        match timeout(SCAN_TIME, clamd::scan(&self.address, self.max_bytes, content)).await {
            Ok(Ok(verdict)) => verdict,
            Ok(Err(error)) => Verdict::Unavailable(error.to_string()),
            Err(_) => {
                Verdict::Unavailable(format!("no answer within {} seconds", SCAN_TIME.as_secs()))
            }
        }
    }

    /// Asks the scanner whether it is there.
    ///
    /// # Errors
    /// Why it is not, in words.
    pub async fn check(&self) -> Result<(), String> {
        match timeout(clamd::CONNECT_TIME, clamd::ping(&self.address)).await {
            Ok(done) => done.map_err(|error| error.to_string()),
            Err(_) => Err("no answer".to_owned()),
        }
    }
}
