//! What others may ask of us when they want a message later. When else it is tried again is for the jobs
//! to say.

use std::time::Duration;

/// The longest that anybody may ask us to wait.
pub(crate) const MAX_RETRY_AFTER: Duration = Duration::from_secs(24 * 60 * 60);
