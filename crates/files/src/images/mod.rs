//! Pictures: their size without decoding, small copies of them, and copies that tell no place.

pub(crate) mod dimensions;
pub(crate) mod location;
pub(crate) mod thumbnail;

pub use location::LocationRemoval;
pub use thumbnail::{ImageError, Thumbnail};
