//! Reading an answer that may be larger than anyone wants.

use reqwest::Response;
use thiserror::Error;

/// Why an answer could not be read.
#[derive(Debug, Error)]
pub enum ReadError {
    /// It has more bytes than were asked for; the connection is given up.
    #[error("the answer is larger than {max_bytes} bytes")]
    TooLarge {
        /// The limit.
        max_bytes: usize,
    },
    /// It broke off, or the time was up.
    #[error("the answer broke off: {0}")]
    Broken(reqwest::Error),
}

/// Reads the body of an answer up to a limit, counted after decompression.
///
/// # Errors
/// When the body is larger than the limit, breaks off, or is not there in time.
pub async fn read_capped(mut response: Response, max_bytes: usize) -> Result<Vec<u8>, ReadError> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(ReadError::Broken)? {
        if body.len() + chunk.len() > max_bytes {
            return Err(ReadError::TooLarge { max_bytes });
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}
