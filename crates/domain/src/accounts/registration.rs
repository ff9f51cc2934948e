//! Who may make an account for themselves.

use serde::{Deserialize, Serialize};

/// Who may make an account for themselves; administrators make them for others in any case.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Registration {
    /// Nobody.
    #[default]
    Closed,
    /// Whoever was invited to a workspace.
    Invite,
    /// Everybody.
    Open,
}
