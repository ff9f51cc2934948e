//! The few words that Formhold itself says in notifications; all others are in templates.

use formhold_domain::Language;

/// The words of one language. A language is one line in [`texts`].
pub(crate) struct Texts {
    /// Before the name of a form.
    pub(crate) new_submission: &'static str,
    /// Before the same, where somebody tries a channel out.
    pub(crate) test: &'static str,
    /// The link to the submission.
    pub(crate) open: &'static str,
    /// Where something is left out.
    pub(crate) cut: &'static str,
    /// The files of a submission.
    pub(crate) files: &'static str,
    /// Above a mail that was written with our template, because the form's own fails.
    pub(crate) template_failed: &'static str,
}

const ENGLISH: Texts = Texts {
    new_submission: "New submission",
    test: "Test",
    open: "Open the submission",
    cut: "(more on the submission's page)",
    files: "Files",
    template_failed: "This mail was written with Formhold's own template, because the channel's fails",
};

const GERMAN: Texts = Texts {
    new_submission: "Neue Einsendung",
    test: "Test",
    open: "Einsendung öffnen",
    cut: "(mehr auf der Seite der Einsendung)",
    files: "Dateien",
    template_failed: "Diese Mail folgt Formholds eigener Vorlage, weil die des Kanals scheitert",
};

/// The words of a language.
pub(crate) fn texts(language: Language) -> &'static Texts {
    match language.tag() {
        "de" => &GERMAN,
        _ => &ENGLISH,
    }
}
