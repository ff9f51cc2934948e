//! An export under way: rows go in, a receipt comes out.

use std::io::{self, Write};

use crate::{Column, Options, Receipt, Row, RowWriter, Start, Table, receipt::Receiver};

/// An export under way. Only one that was finished is complete.
pub struct Export<W> {
    receiver: Receiver<W>,
    writer: Box<dyn RowWriter>,
    columns: Vec<Column>,
    rows: u64,
}

impl<W: Write + Send> Export<W> {
    pub(crate) fn start(
        start: Start,
        output: W,
        table: Table,
        options: &Options,
    ) -> io::Result<Self> {
        let mut receiver = Receiver::new(output);
        let writer = start(&mut receiver, &table, options)?;
        Ok(Self { receiver, writer, columns: table.columns, rows: 0 })
    }

    /// Adds a row.
    ///
    /// # Errors
    /// When the output or a temporary file cannot be written. The export cannot be continued then.
    pub fn row(&mut self, row: &dyn Row) -> io::Result<()> {
        self.writer.row(&mut self.receiver, &self.columns, row)?;
        self.rows += 1;
        Ok(())
    }

    /// How many rows were added.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Writes what is left, and states what was written.
    ///
    /// # Errors
    /// When the output or a temporary file cannot be written.
    pub fn finish(mut self) -> io::Result<(W, Receipt)> {
        self.writer.finish(&mut self.receiver)?;
        self.receiver.finish(self.rows)
    }
}
