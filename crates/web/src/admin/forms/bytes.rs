//! Sizes of files as people type them.

const UNITS: [(&str, u64); 3] = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)];

/// A number of bytes, in the greatest unit that loses nothing: `5 MiB`.
pub(super) fn write(bytes: u64) -> String {
    let unit = UNITS.iter().find(|(_, unit)| bytes > 0 && bytes.is_multiple_of(*unit));
    unit.map_or_else(|| bytes.to_string(), |(name, unit)| format!("{} {name}", bytes / unit))
}

/// The number of bytes; a unit of a thousand, as `MB`, is taken for the near one.
pub(super) fn read(text: &str) -> Option<u64> {
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let number: u64 = text[..end].parse().ok()?;
    let unit = match text[end..].trim().to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "k" | "kb" | "kib" => 1 << 10,
        "m" | "mb" | "mib" => 1 << 20,
        "g" | "gb" | "gib" => 1 << 30,
        _ => return None,
    };
    number.checked_mul(unit)
}

#[cfg(test)]
mod tests {
    use super::{read, write};

    #[test]
    fn sizes_come_back_as_they_were() {
        for bytes in [0, 1, 1023, 1024, 5 << 20, (5 << 20) + 1, 3 << 30] {
            assert_eq!(read(&write(bytes)), Some(bytes));
        }
        assert_eq!(
            (read("5MB"), read(" 10 KiB "), read("x"), read("5 pigs")),
            (Some(5 << 20), Some(10240), None, None)
        );
        assert_eq!(read("99999999999999 GiB"), None);
    }
}
