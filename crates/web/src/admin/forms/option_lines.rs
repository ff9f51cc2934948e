//! Lists that people type, one thing a line, without losing a character of what is in a definition.

use formhold_domain::ChoiceOption;

/// One option a line: `value | what people read`, or one text for both. A backslash before `|`, `\` or
/// a space at an end means just that; `\n` is a line break.
pub(super) fn write_options(options: &[ChoiceOption]) -> String {
    let line = |option: &ChoiceOption| match option {
        ChoiceOption::Plain(value) => escaped(value),
        ChoiceOption::Labelled { value, label } => {
            format!("{} | {}", escaped(value), escaped(label))
        }
    };
    options.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// The options of such lines; empty lines do not count.
pub(super) fn read_options(text: &str) -> Vec<ChoiceOption> {
    let lines = text.lines().map(split).filter(|parts| !parts.iter().all(String::is_empty));
    let option = |mut parts: Vec<String>| match parts.len() {
        1 => ChoiceOption::Plain(parts.remove(0)),
        _ => {
            let label = parts.split_off(1).join(" | ");
            ChoiceOption::Labelled { value: parts.remove(0), label }
        }
    };
    lines.map(option).collect()
}

/// One value a line.
pub(super) fn write_lines(values: &[String]) -> String {
    values.iter().map(|value| escaped(value)).collect::<Vec<_>>().join("\n")
}

/// The values of such lines; empty lines do not count.
pub(super) fn read_lines(text: &str) -> Vec<String> {
    let whole = |line: &str| split(line).join(" | ");
    text.lines().map(whole).filter(|line| !line.is_empty()).collect()
}

fn escaped(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | '|' => line.extend(['\\', c]),
            '\n' => line.push_str("\\n"),
            '\r' => line.push_str("\\r"),
            c => line.push(c),
        }
    }
    // Spaces at the ends would be lost to who types them by accident.
    let start = line.len() - line.trim_start().len();
    let end = line.trim_end().len();
    if start == 0 && end == line.len() {
        return line;
    }
    let mut kept = String::new();
    for (at, c) in line.char_indices() {
        if at < start || at >= end {
            kept.push('\\');
        }
        kept.push(c);
    }
    kept
}

/// The parts between bars, without the spaces around them.
fn split(line: &str) -> Vec<String> {
    // Each part, and how long it is up to what was escaped last.
    let mut parts = vec![(String::new(), 0_usize)];
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        let Some((part, kept)) = parts.last_mut() else { break };
        match c {
            '|' => parts.push((String::new(), 0)),
            '\\' => {
                match chars.next() {
                    Some('n') => part.push('\n'),
                    Some('r') => part.push('\r'),
                    Some(other) => part.push(other),
                    None => part.push('\\'),
                }
                *kept = part.len();
            }
            c if c.is_whitespace() && part.is_empty() => {}
            c => part.push(c),
        }
    }
    let trimmed = |(part, kept): (String, usize)| {
        let end = part.trim_end().len().max(kept);
        part[..end].to_owned()
    };
    parts.into_iter().map(trimmed).collect()
}

#[cfg(test)]
mod tests {
    use formhold_domain::ChoiceOption;

    use super::{read_lines, read_options, write_lines, write_options};

    fn labelled(value: &str, label: &str) -> ChoiceOption {
        ChoiceOption::Labelled { value: value.to_owned(), label: label.to_owned() }
    }

    #[test]
    fn options_come_back_as_they_were_written() {
        let hostile = [
            "",
            " ",
            "a|b",
            "a | b",
            "\\",
            "\\n",
            "a\nb",
            "\r\n",
            " a ",
            "\u{2003}a\u{2003}",
            "|",
            "a\\",
            "\u{202e}x",
            "\\ ",
            "  \\",
            "a  b",
            "\t",
            "\u{85}x",
        ];
        for first in hostile {
            for second in hostile {
                let options = vec![
                    ChoiceOption::Plain(format!("x{first}")),
                    labelled(&format!("{first}y"), second),
                    labelled(&format!("{second}z{first}"), "L"),
                ];
                assert_eq!(read_options(&write_options(&options)), options, "{first:?} {second:?}");
                let lines = vec![format!("{first}.{second}"), format!("{second}.")];
                assert_eq!(read_lines(&write_lines(&lines)), lines);
            }
        }
    }

    #[test]
    fn what_people_type_is_read_as_they_mean_it() {
        let typed = "Red\r\n  Blue  \n\n g | Green \n a | b | c\n";
        assert_eq!(
            read_options(typed),
            [
                ChoiceOption::Plain("Red".into()),
                ChoiceOption::Plain("Blue".into()),
                labelled("g", "Green"),
                labelled("a", "b | c"),
            ]
        );
        assert_eq!(read_lines(" a \n\n b | c"), ["a", "b | c"]);
    }
}
