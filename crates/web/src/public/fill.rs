//! Putting values into the places of a text.

/// Replaces the places `{}`, `{max}` and so on, all in one pass: a value that looks like a place
/// stays as it is. The key of `{}` is the empty string.
pub(super) fn fill(text: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, (key, after))) =
        rest.split_once('{').and_then(|(before, rest)| Some((before, rest.split_once('}')?)))
    {
        filled.push_str(before);
        let value = values.iter().find(|(name, _)| *name == key);
        filled.push_str(value.map_or("", |(_, value)| value));
        rest = after;
    }
    filled.push_str(rest);
    filled
}

/// Fills a text that has the one place `{}`.
pub(super) fn fill_one(text: &str, value: impl ToString) -> String {
    fill(text, &[("", &value.to_string())])
}

#[cfg(test)]
mod tests {
    use super::fill;

    #[test]
    fn a_value_that_looks_like_a_place_stays_as_it_is() {
        assert_eq!(
            fill("“{}” is {value}.", &[("", "{value}"), ("value", "{}")]),
            "“{value}” is {}."
        );
    }
}
