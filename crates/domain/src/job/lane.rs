//! What jobs take turns by.

use std::fmt;

/// Jobs of one lane share a bound on how many of them run at once, and lanes take turns: a receiver
/// that hangs, or has a million jobs waiting, holds up its own lane only.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Lane(String);

/// No host name is longer.
const MAX_BYTES: usize = 255;

impl Lane {
    /// Formhold's own work.
    #[must_use]
    pub fn own() -> Self {
        Self("self".to_owned())
    }

    /// The mail server.
    #[must_use]
    pub fn smtp() -> Self {
        Self("smtp".to_owned())
    }

    /// A receiver's host; its letters are folded, as DNS does.
    #[must_use]
    pub fn host(host: &str) -> Self {
        let folded = format!("host/{}", host.trim_end_matches('.').to_ascii_lowercase());
        Self(folded[..folded.floor_char_boundary(MAX_BYTES)].to_owned())
    }

    /// A lane by the name that it is stored under.
    #[must_use]
    pub fn stored(name: &str) -> Self {
        Self(name.to_owned())
    }

    /// The lane's stable name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Lane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::Lane;

    #[test]
    fn a_host_has_one_lane_however_it_is_written() {
        assert_eq!(Lane::host("Hooks.Example.org."), Lane::host("hooks.example.org"));
        assert_ne!(Lane::host("self"), Lane::own(), "no host gets the turns of our own work");
        assert!(Lane::host(&"ä".repeat(300)).as_str().len() <= 255);
    }
}
