//! Pictures: floods of pixels, thumbnails, and copies that tell no place.

use std::io::Cursor;

use exif::{In, Tag};
use formhold_domain::Dimensions;
use formhold_files::{Files, ImageError, LocationRemoval, Settings, Thumbnail};
use image::{DynamicImage, ImageDecoder as _, ImageFormat, ImageReader, metadata::Orientation};

use crate::scene::{new_id, read, store};

/// What no copy may hold any more.
const PLACE: &str = "51.4778 N 0.0014 W";

pub(crate) fn png(width: u32, height: u32) -> Vec<u8> {
    encode(&picture(width, height), ImageFormat::Png)
}

fn picture(width: u32, height: u32) -> DynamicImage {
    let pixel = |x: u32, y: u32| image::Rgb([(x * 7) as u8, (y * 5) as u8, (x + y) as u8]);
    image::RgbImage::from_fn(width, height, pixel).into()
}

fn encode(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).expect("encoded");
    bytes.into_inner()
}

/// EXIF as a telephone writes it: turned by a quarter, with coordinates and a maker's note.
fn exif() -> Vec<u8> {
    let mut tiff = b"II*\0\x08\0\0\0".to_vec();
    let entry = |tag: u16, kind: u16, count: u32, value: u32| {
        let mut entry = tag.to_le_bytes().to_vec();
        entry.extend(kind.to_le_bytes());
        entry.extend(count.to_le_bytes());
        entry.extend(value.to_le_bytes());
        entry
    };
    let place = PLACE.len() as u32 + 1;
    // IFD0 at 8: orientation, description, position of the GPS IFD.
    let gps_at = 8 + 2 + 3 * 12 + 4;
    let data_at = gps_at + 2 + 2 * 12 + 4;
    tiff.extend(3_u16.to_le_bytes());
    tiff.extend(entry(0x010e, 2, place, data_at + 24));
    tiff.extend(entry(0x0112, 3, 1, 6));
    tiff.extend(entry(0x8825, 4, 1, gps_at));
    tiff.extend([0; 4]);
    tiff.extend(2_u16.to_le_bytes());
    tiff.extend(entry(0x0001, 2, 2, u32::from_le_bytes(*b"N\0\0\0")));
    tiff.extend(entry(0x0002, 5, 3, data_at));
    tiff.extend([0; 4]);
    for (numerator, denominator) in [(51_u32, 1_u32), (28, 1), (4008, 100)] {
        tiff.extend(numerator.to_le_bytes());
        tiff.extend(denominator.to_le_bytes());
    }
    tiff.extend(PLACE.as_bytes());
    tiff.push(0);
    tiff
}

fn xmp() -> String {
    format!(
        "<x:xmpmeta xmlns:x='adobe:ns:meta/'><exif:GPSLatitude>{PLACE}</exif:GPSLatitude></x:xmpmeta>"
    )
}

fn jpeg_with_place() -> Vec<u8> {
    let plain = encode(&picture(60, 40), ImageFormat::Jpeg);
    let segment = |marker: u8, content: &[u8]| {
        let length = u16::try_from(content.len() + 2).expect("a short segment");
        [&[0xff, marker], &length.to_be_bytes()[..], content].concat()
    };
    [
        &plain[..2],
        &segment(0xe1, &[b"Exif\0\0", &exif()[..]].concat()),
        &segment(0xe1, &[b"http://ns.adobe.com/xap/1.0/\0", xmp().as_bytes()].concat()),
        &segment(0xe2, &[b"ICC_PROFILE\0\x01\x01", &b"a colour profile"[..]].concat()),
        &segment(0xe2, &[b"MPF\0", PLACE.as_bytes()].concat()),
        &segment(0xed, &[b"Photoshop 3.0\0", PLACE.as_bytes()].concat()),
        &segment(0xe5, PLACE.as_bytes()),
        &segment(0xfe, PLACE.as_bytes()),
        &plain[2..],
        // A second picture behind the end, as telephones append.
        &plain[..2],
        PLACE.as_bytes(),
    ]
    .concat()
}

fn png_with_place() -> Vec<u8> {
    let plain = png(60, 40);
    let chunk = |name: &[u8; 4], content: &[u8]| {
        let named = [name, content].concat();
        let length = u32::try_from(content.len()).expect("a short chunk");
        [&length.to_be_bytes()[..], &named, &crc32fast::hash(&named).to_be_bytes()].concat()
    };
    // After the signature and IHDR.
    let (head, rest) = plain.split_at(33);
    [
        head,
        &chunk(b"pHYs", &[0, 0, 11, 19, 0, 0, 11, 19, 1]),
        &chunk(b"eXIf", &exif()),
        &chunk(b"tEXt", format!("Location\0{PLACE}").as_bytes()),
        &chunk(b"iTXt", format!("XML:com.adobe.xmp\0\0\0\0\0{}", xmp()).as_bytes()),
        &chunk(b"tIME", &[7, 232, 1, 1, 0, 0, 0]),
        &chunk(b"prVt", PLACE.as_bytes()),
        rest,
        PLACE.as_bytes(),
    ]
    .concat()
}

fn webp_with_place() -> Vec<u8> {
    let plain = encode(&picture(60, 41), ImageFormat::WebP);
    let chunk = |name: &[u8; 4], content: &[u8]| {
        let length = u32::try_from(content.len()).expect("a short chunk");
        [name, &length.to_le_bytes()[..], content, &[0][..content.len() % 2]].concat()
    };
    let extended = [0x08 | 0x04, 0, 0, 0, 59, 0, 0, 40, 0, 0];
    let chunks = [
        chunk(b"VP8X", &extended),
        // The encoder's only chunk, as it is.
        plain[12..].to_vec(),
        chunk(b"EXIF", &exif()),
        chunk(b"XMP ", xmp().as_bytes()),
        chunk(b"priv", PLACE.as_bytes()),
    ]
    .concat();
    let size = u32::try_from(chunks.len() + 4).expect("a small file");
    [b"RIFF", &size.to_le_bytes()[..], b"WEBP", &chunks, PLACE.as_bytes()].concat()
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

/// Pixels as they are stored, and how they are to be turned.
fn decoded(bytes: &[u8]) -> (DynamicImage, Orientation) {
    let reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().expect("a format");
    let mut decoder = reader.into_decoder().expect("a picture");
    let orientation = decoder.orientation().expect("an orientation");
    (DynamicImage::from_decoder(decoder).expect("pixels"), orientation)
}

/// How many fields of EXIF another reader finds, and whether one is a latitude.
fn exif_fields(bytes: &[u8]) -> (usize, bool) {
    let found = exif::Reader::new().read_from_container(&mut Cursor::new(bytes));
    let Ok(found) = found else { return (0, false) };
    (found.fields().count(), found.get_field(Tag::GPSLatitude, In::PRIMARY).is_some())
}

fn open(folder: &std::path::Path) -> Files {
    let nowhere = std::net::SocketAddr::from(([127, 0, 0, 1], 9));
    let settings = crate::scene::settings(&folder.join("spool"), nowhere);
    let url = format!("file://{}/files", folder.display());
    Files::open(&Settings { url, ..settings }).expect("files")
}

#[tokio::test]
async fn a_copy_without_place_shows_the_same_picture_the_same_way_round() {
    let folder = tempfile::tempdir().expect("a folder");
    let files = open(folder.path());
    for (name, original) in
        [("jpeg", jpeg_with_place()), ("png", png_with_place()), ("webp", webp_with_place())]
    {
        assert!(holds(&original, PLACE));
        let (fields, located) = exif_fields(&original);
        assert!(fields == 4 && located, "{name}: the original has coordinates");
        let id = new_id();
        let mut incoming = files.begin(id).await.expect("begun");
        incoming.write(&original).await.expect("written");
        let removal = incoming.remove_location().await.expect("rewritten");
        assert_eq!(removal, LocationRemoval::Done, "{name}");
        let stored = incoming.finish().await.expect("finished");
        let copy = read(&files, id).await.expect("there");
        assert!(!holds(&copy, PLACE) && !holds(&copy, "GPS"), "{name}");
        assert_eq!(exif_fields(&copy), (1, false), "{name}: the orientation alone");
        let ((before, turned_before), (after, turned_after)) = (decoded(&original), decoded(&copy));
        assert!(before == after, "{name}: pixels stay");
        assert_eq!((turned_before, turned_after), (Orientation::Rotate90, Orientation::Rotate90));
        assert_eq!(stored.size_bytes, copy.len() as u64);
        assert_eq!(stored.sha256, crate::scene::sha256(&copy));
        assert_eq!(stored.dimensions.map(|size| size.width), Some(60));
    }
    assert!(holds(&read_back(&files, &jpeg_with_place()).await, "a colour profile"));
    assert!(holds(&read_back(&files, &png_with_place()).await, "pHYs"));
}

async fn read_back(files: &Files, original: &[u8]) -> Vec<u8> {
    let id = new_id();
    let mut incoming = files.begin(id).await.expect("begun");
    incoming.write(original).await.expect("written");
    incoming.remove_location().await.expect("rewritten");
    incoming.finish().await.expect("finished");
    read(files, id).await.expect("there")
}

#[tokio::test]
async fn a_picture_without_metadata_stays_byte_for_byte() {
    let folder = tempfile::tempdir().expect("a folder");
    let files = open(folder.path());
    for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP] {
        let original = encode(&picture(33, 17), format);
        assert!(read_back(&files, &original).await == original, "{format:?}");
    }
}

#[tokio::test]
async fn broken_and_other_files_are_left_as_they_are_and_said_to_be() {
    let folder = tempfile::tempdir().expect("a folder");
    let files = open(folder.path());
    let mut short_chunk = webp_with_place();
    short_chunk[16..20].copy_from_slice(&u32::MAX.to_le_bytes());
    let mut no_marker = jpeg_with_place();
    no_marker[20] = 0;
    no_marker[4..6].copy_from_slice(&14_u16.to_be_bytes());
    let cases = [
        (b"some text".to_vec(), LocationRemoval::OtherKind),
        (b"GIF89a\x01\0\x01\0\0\0\0;".to_vec(), LocationRemoval::OtherKind),
        (png_with_place()[..60].to_vec(), LocationRemoval::Broken),
        (jpeg_with_place()[..60].to_vec(), LocationRemoval::Broken),
        (short_chunk, LocationRemoval::Broken),
        (no_marker, LocationRemoval::Broken),
    ];
    for (original, expected) in cases {
        let id = new_id();
        let mut incoming = files.begin(id).await.expect("begun");
        incoming.write(&original).await.expect("written");
        assert_eq!(incoming.remove_location().await.expect("looked at"), expected);
        incoming.finish().await.expect("finished");
        assert!(read(&files, id).await.expect("there") == original);
    }
    assert_eq!(crate::scene::files_below(&folder.path().join("files/incoming")).len(), 0);
}

async fn thumbnail(files: &Files, content: &[u8]) -> Result<Thumbnail, ImageError> {
    let id = new_id();
    store(files, id, content).await;
    files.thumbnail(id).await.map(|found| found.expect("there"))
}

#[tokio::test]
async fn a_thumbnail_is_small_upright_and_without_metadata() {
    let folder = tempfile::tempdir().expect("a folder");
    let files = open(folder.path());
    for (original, size) in [
        (encode(&picture(800, 400), ImageFormat::Jpeg), (320, 160)),
        (png(300, 900), (107, 320)),
        (encode(&picture(640, 640), ImageFormat::WebP), (320, 320)),
        (encode(&picture(50, 20), ImageFormat::Gif), (50, 20)),
        // 60 x 40, to be turned by a quarter.
        (jpeg_with_place(), (40, 60)),
        (png_with_place(), (40, 60)),
    ] {
        let small = thumbnail(&files, &original).await.expect("a thumbnail");
        assert_eq!(small.dimensions, Dimensions { width: size.0, height: size.1 });
        let (shown, turned) = decoded(&small.content);
        assert_eq!(((shown.width(), shown.height()), turned), (size, Orientation::NoTransforms));
        assert_eq!(exif_fields(&small.content), (0, false));
        assert!(!holds(&small.content, PLACE));
    }
    let see_through = DynamicImage::new_rgba8(10, 10);
    let small = thumbnail(&files, &encode(&see_through, ImageFormat::Png)).await;
    assert_eq!(small.expect("a thumbnail").content_type, "image/png");
    assert!(files.thumbnail(new_id()).await.expect("an answer").is_none());
}

/// A few bytes that claim 65,535 x 65,535 pixels.
fn floods() -> Vec<(&'static str, Vec<u8>)> {
    let most = 65_535_u32;
    let mut of_png = png(1, 1);
    of_png[16..20].copy_from_slice(&most.to_be_bytes());
    of_png[20..24].copy_from_slice(&most.to_be_bytes());
    let sum = crc32fast::hash(&of_png[12..29]);
    of_png[29..33].copy_from_slice(&sum.to_be_bytes());
    let mut of_gif = encode(&picture(1, 1), ImageFormat::Gif);
    of_gif[6..10].fill(0xff);
    let mut of_jpeg = encode(&picture(8, 8), ImageFormat::Jpeg);
    let frame = of_jpeg.windows(2).position(|pair| pair == [0xff, 0xc0]).expect("a frame");
    of_jpeg[frame + 5..frame + 9].fill(0xff);
    let mut of_webp = webp_with_place();
    of_webp[24..30].copy_from_slice(&[0xfe, 0xff, 0, 0xfe, 0xff, 0]);
    let mut of_bmp = b"BM\x3a\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0".to_vec();
    of_bmp.extend([most.to_le_bytes(), most.to_le_bytes()].concat());
    of_bmp.extend([1, 0, 24, 0]);
    of_bmp.extend([0; 28]);
    let mut of_tiff = b"II*\0\x08\0\0\0\x02\0".to_vec();
    of_tiff.extend([&b"\0\x01\x04\0\x01\0\0\0"[..], &most.to_le_bytes()].concat());
    of_tiff.extend([&b"\x01\x01\x04\0\x01\0\0\0"[..], &most.to_le_bytes()].concat());
    of_tiff.extend([0; 8]);
    vec![
        ("image/png", of_png),
        ("image/gif", of_gif),
        ("image/jpeg", of_jpeg),
        ("image/webp", of_webp),
        ("image/bmp", of_bmp),
        ("image/tiff", of_tiff),
    ]
}

#[tokio::test]
async fn a_flood_of_pixels_is_told_by_its_head_and_never_decoded() {
    let folder = tempfile::tempdir().expect("a folder");
    let files = open(folder.path());
    for (content_type, flood) in floods() {
        let id = new_id();
        let stored = store(&files, id, &flood).await;
        assert_eq!(stored.content_type, content_type);
        let size = stored.dimensions.unwrap_or_else(|| panic!("{content_type} has a size"));
        assert_eq!(size.pixels(), 65_535 * 65_535, "{content_type}");
        let refused = files.thumbnail(id).await;
        match content_type {
            "image/bmp" | "image/tiff" => {
                assert!(matches!(refused, Err(ImageError::NoPicture(_))), "{refused:?}");
            }
            _ => assert!(
                matches!(refused, Err(ImageError::TooLarge(_))),
                "{content_type} {refused:?}"
            ),
        }
    }
}

#[tokio::test]
async fn an_icon_that_holds_a_flood_is_not_decoded() {
    let folder = tempfile::tempdir().expect("a folder");
    let files = open(folder.path());
    let flood = floods().remove(0).1;
    let length = u32::try_from(flood.len()).expect("small").to_le_bytes();
    let icon =
        [b"\0\0\x01\0\x01\0\0\0\0\0\x01\0\x20\0", &length[..], b"\x16\0\0\0", &flood].concat();
    let id = new_id();
    assert_eq!(store(&files, id, &icon).await.content_type, "image/vnd.microsoft.icon");
    assert!(matches!(files.thumbnail(id).await, Err(ImageError::NoPicture(_))));
}

#[tokio::test]
async fn what_is_no_picture_has_no_thumbnail() {
    let folder = tempfile::tempdir().expect("a folder");
    let files = open(folder.path());
    for content in
        [&b"<svg xmlns='http://www.w3.org/2000/svg'/>"[..], b"", b"text", &png(9, 9)[..40]]
    {
        let refused = thumbnail(&files, content).await;
        assert!(matches!(refused, Err(ImageError::NoPicture(_))), "{refused:?}");
    }
}
