//! Export formats through the crate's public door, read back by other hands.

mod full_disk;
mod submissions;
mod texts;
mod things;
mod workbook;
