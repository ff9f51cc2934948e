//! The chain: each entry's hash covers the entry and the hash before it.
//!
//! Details are covered by a hash of their own, so that they can be taken out later (a person's data
//! that must be erased) without breaking the chain.

use sha2::{Digest as _, Sha256};

use super::AuditRow;

/// SHA-256.
pub type AuditHash = [u8; 32];

/// The hash before the first entry.
pub const START: AuditHash = [0; 32];

/// The hash of an entry's details; of none it is that of the empty text.
#[must_use]
pub fn details_hash(details: Option<&str>) -> AuditHash {
    Sha256::digest(details.unwrap_or_default()).into()
}

/// The hash of an entry, given that of the entry before. Each part is preceded by its length, so
/// that no two entries write the same bytes.
#[must_use]
pub fn entry_hash(before: &AuditHash, row: &AuditRow) -> AuditHash {
    let mut hash = Sha256::new();
    hash.update(before);
    hash.update(row.sequence.to_be_bytes());
    hash.update(row.at_ms.to_be_bytes());
    let workspace = row.workspace_id.map(|id| id.to_string());
    let parts = [
        Some(row.action.as_str()),
        Some(row.actor_kind.as_str()),
        row.actor_id.as_deref(),
        row.via.as_deref(),
        row.address.as_deref(),
        workspace.as_deref(),
        row.target_kind.as_deref(),
        row.target_id.as_deref(),
    ];
    for part in parts {
        match part {
            None => hash.update([0]),
            Some(text) => {
                hash.update([1]);
                hash.update((text.len() as u64).to_be_bytes());
                hash.update(text);
            }
        }
    }
    hash.update(row.details_hash);
    hash.finalize().into()
}
