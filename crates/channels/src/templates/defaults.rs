//! Our own templates, one pair of files a purpose and language. People may take them as a start.

use formhold_domain::Language;

use super::Template;

/// What a mail is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Tells the form's owner.
    Owner,
    /// Tells the submitter that it arrived. It repeats nothing of what was submitted: anybody may
    /// enter anybody's address, and would have us send them any text.
    Confirmation,
}

/// Our template for a purpose, in a language.
#[must_use]
pub fn default_template(purpose: Purpose, language: Language) -> Template<'static> {
    match (purpose, language.tag()) {
        (Purpose::Owner, "de") => OWNER_DE,
        (Purpose::Owner, _) => OWNER_EN,
        (Purpose::Confirmation, "de") => CONFIRMATION_DE,
        (Purpose::Confirmation, _) => CONFIRMATION_EN,
    }
}

const OWNER_EN: Template<'_> = Template {
    subject: "{% if is_test %}Test: {% endif %}{{ subject or 'New submission: ' ~ form_name }}",
    text: include_str!("owner.en.txt"),
    html: include_str!("owner.en.html"),
};

const OWNER_DE: Template<'_> = Template {
    subject: "{% if is_test %}Test: {% endif %}{{ subject or 'Neue Einsendung: ' ~ form_name }}",
    text: include_str!("owner.de.txt"),
    html: include_str!("owner.de.html"),
};

const CONFIRMATION_EN: Template<'_> = Template {
    subject: "We have received your message: {{ form_name }}",
    text: include_str!("confirmation.en.txt"),
    html: include_str!("confirmation.en.html"),
};

const CONFIRMATION_DE: Template<'_> = Template {
    subject: "Ihre Nachricht ist angekommen: {{ form_name }}",
    text: include_str!("confirmation.de.txt"),
    html: include_str!("confirmation.de.html"),
};
