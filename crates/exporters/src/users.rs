//! Accounts as rows: what administrators see of them, and nothing that opens one.

use formhold_domain::accounts::User;

use crate::{Cell, Column, ColumnKind, Row, Table};

const COLUMNS: [(&str, ColumnKind); 11] = [
    ("id", ColumnKind::Text),
    ("name", ColumnKind::Text),
    ("email", ColumnKind::Text),
    ("email_confirmed_at", ColumnKind::Time),
    ("role", ColumnKind::Text),
    ("state", ColumnKind::Text),
    ("language", ColumnKind::Text),
    ("has_password", ColumnKind::Boolean),
    ("has_totp", ColumnKind::Boolean),
    ("created_at", ColumnKind::Time),
    ("signed_in_at", ColumnKind::Time),
];

/// The table of accounts.
#[must_use]
pub fn user_table() -> Table {
    let columns = COLUMNS.into_iter().map(|(name, kind)| Column::new(name, kind)).collect();
    Table { name: "Users".to_owned(), columns }
}

impl Row for User {
    fn cells<'a>(&'a self, _: &'a [Column]) -> Vec<Cell<'a>> {
        let time = |at_ms: Option<i64>| at_ms.map_or(Cell::Empty, Cell::Time);
        vec![
            Cell::from(self.id.to_string()),
            Cell::from(self.name.as_str()),
            Cell::from(self.email.as_str()),
            time(self.email_confirmed_at_ms),
            Cell::from(self.role.as_str()),
            Cell::from(self.state.as_str()),
            Cell::from(self.language.tag()),
            Cell::Boolean(self.has_password),
            Cell::Boolean(self.has_totp),
            Cell::Time(self.created_at_ms),
            time(self.signed_in_at_ms),
        ]
    }
}
