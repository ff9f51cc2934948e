//! Entries of the audit trail as rows, with the hashes that let somebody check the chain again.

use formhold_domain::audit::AuditRow;

use crate::{Cell, Column, ColumnKind, Row, Table};

const COLUMNS: [(&str, ColumnKind); 13] = [
    ("sequence", ColumnKind::Integer),
    ("at", ColumnKind::Time),
    ("action", ColumnKind::Text),
    ("actor_kind", ColumnKind::Text),
    ("actor_id", ColumnKind::Text),
    ("via", ColumnKind::Text),
    ("address", ColumnKind::Text),
    ("workspace_id", ColumnKind::Text),
    ("target_kind", ColumnKind::Text),
    ("target_id", ColumnKind::Text),
    ("details", ColumnKind::Text),
    ("details_hash", ColumnKind::Text),
    ("hash", ColumnKind::Text),
];

/// One entry of the audit trail. Its details are the very text that `details_hash` is of.
#[derive(Debug, Clone, Copy)]
pub struct AuditLine<'a>(pub &'a AuditRow);

impl AuditLine<'_> {
    /// The table of entries.
    #[must_use]
    pub fn table() -> Table {
        let columns = COLUMNS.map(|(name, kind)| Column::new(name, kind));
        Table { name: "Audit log".to_owned(), columns: columns.into() }
    }
}

impl Row for AuditLine<'_> {
    fn cells<'a>(&'a self, _: &'a [Column]) -> Vec<Cell<'a>> {
        let Self(row) = self;
        vec![
            Cell::Integer(i64::try_from(row.sequence).unwrap_or(i64::MAX)),
            Cell::Time(row.at_ms),
            Cell::from(row.action.as_str()),
            Cell::from(row.actor_kind.as_str()),
            Cell::from(row.actor_id.as_deref()),
            Cell::from(row.via.as_deref()),
            Cell::from(row.address.as_deref()),
            row.workspace_id.map_or(Cell::Empty, |id| Cell::from(id.to_string())),
            Cell::from(row.target_kind.as_deref()),
            Cell::from(row.target_id.as_deref()),
            Cell::from(row.details.as_deref()),
            Cell::from(hex(&row.details_hash)),
            Cell::from(hex(&row.hash)),
        ]
    }
}

fn hex(hash: &[u8]) -> String {
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}
