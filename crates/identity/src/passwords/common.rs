//! The bundled list of passwords that many people use.

/// Sorted, one password a line, folded to lower case; `scripts/update_common_passwords.sh` writes it,
/// and its first lines name the source and the licence.
static LIST: &str = include_str!("common.txt");

/// True when many people use this password. It must be folded to lower case.
///
/// Reads the whole list: that is nothing beside the hashing that follows.
pub(super) fn is_common(folded: &str) -> bool {
    passwords().any(|password| password == folded)
}

fn passwords() -> impl Iterator<Item = &'static str> {
    LIST.lines().filter(|line| !line.starts_with('#'))
}

#[cfg(test)]
mod tests {
    use super::{is_common, passwords};

    #[test]
    fn the_list_is_sorted_folded_and_has_only_what_is_long_enough_to_be_tried() {
        assert_eq!(passwords().count(), 10_000);
        let all: Vec<&str> = passwords().collect();
        for pair in all.windows(2) {
            assert!(pair[0] < pair[1], "{} before {}", pair[0], pair[1]);
        }
        for password in all {
            assert!(password.len() >= 8 && password == password.to_lowercase(), "{password}");
        }
    }

    #[test]
    fn common_passwords_are_found_and_near_ones_are_not() {
        for password in ["password", "12345678", "1qaz2wsx", "qwertyuiop", "trustno1"] {
            assert!(is_common(password), "{password}");
        }
        for password in ["", "passwor", "password ", "mit Senf und Kraut", "# Source"] {
            assert!(!is_common(password), "{password}");
        }
    }
}
