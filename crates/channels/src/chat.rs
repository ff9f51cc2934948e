//! A message as chat services show it: a title, lines, a link. Nothing in it is markup.

use crate::{Event, Message, texts::texts};

/// The title: what happened at which form.
pub(crate) fn title(message: &Message, max_chars: usize) -> String {
    let texts = texts(message.language);
    let form = one_line(&message.form.name);
    let title = format!("{}: {form}", texts.new_submission);
    let title = match message.event {
        Event::SubmissionCreated => title,
        Event::Test => format!("{}: {title}", texts.test),
    };
    cut(&title, max_chars)
}

/// The answers, one a line, and the names of files.
pub(crate) fn lines(message: &Message, max_chars: usize) -> String {
    let mut lines: Vec<String> = message
        .answers
        .iter()
        .map(|answer| format!("{}: {}", one_line(&answer.label), answer.values.join(", ")))
        .collect();
    if !message.files.is_empty() {
        let names: Vec<_> = message.files.iter().map(|file| one_line(&file.name)).collect();
        lines.push(format!("{}: {}", texts(message.language).files, names.join(", ")));
    }
    let text = lines.join("\n");
    if text.chars().count() <= max_chars {
        return text;
    }
    let more = format!("\n{}", texts(message.language).cut);
    cut(&text, max_chars.saturating_sub(more.chars().count())) + &more
}

/// Title, answers and link as one text.
pub(crate) fn plain(message: &Message, max_chars: usize) -> String {
    let title = title(message, 200);
    let link = message.link.as_ref().map(|link| format!("\n\n{link}")).unwrap_or_default();
    let used = title.chars().count() + 2 + link.chars().count();
    format!("{title}\n\n{}{link}", lines(message, max_chars.saturating_sub(used)))
}

fn one_line(text: &str) -> String {
    text.replace(char::is_control, " ")
}

/// At most so many characters; the last one tells that there were more.
pub(crate) fn cut(text: &str, max_chars: usize) -> String {
    match text.char_indices().nth(max_chars) {
        None => text.to_owned(),
        Some(_) => text.chars().take(max_chars.saturating_sub(1)).chain(['…']).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_between_characters() {
        assert_eq!(cut("häuser", 6), "häuser");
        assert_eq!(cut("häuser", 3), "hä…");
        assert_eq!(cut("👩‍👩‍👧", 1), "…");
        assert_eq!(cut("", 0), "");
    }
}
