//! EXIF that holds an orientation and nothing else.

use image::metadata::Orientation;

/// The most of an EXIF block that is looked at; in a JPEG it cannot be longer.
pub(super) const MAX_BYTES: u64 = 64 << 10;

/// The same orientation as an EXIF block (a TIFF file, CIPA DC-008), alone in a new one; none where
/// the picture stands upright.
pub(super) fn orientation_only(tiff: &[u8]) -> Option<[u8; 26]> {
    let orientation = Orientation::from_exif_chunk(tiff)?;
    if orientation == Orientation::NoTransforms {
        return None;
    }
    let mut new = *b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\0\0\0\0\0\0\0";
    new[19] = orientation.to_exif();
    Some(new)
}
