//! Where uploaded files live, and what is done with their content: written, synced and in place
//! before their row is committed; told by their content; scanned, shown small, packed.

mod error;
mod files;
pub mod images;
mod incoming;
mod kinds;
mod local;
mod reading;
mod remote;
mod scanner;
mod settings;
mod zip;

pub use error::FilesError;
pub use files::Files;
pub use images::{ImageError, LocationRemoval, Thumbnail};
pub use incoming::{Incoming, StoredFile};
pub use reading::{ByteStream, Reading};
pub use remote::{Moved, SpoolUsage};
pub use scanner::{Scanner, Verdict};
pub use settings::Settings;
pub use zip::{ZipEntry, zip};
