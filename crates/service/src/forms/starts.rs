//! What a new form may begin with.

use formhold_domain::{FormDefinition, Slug};

use crate::{App, ServiceError};

/// Something to begin with.
#[derive(Debug, Clone, Copy)]
pub struct Start {
    /// Its stable name.
    pub name: &'static str,
    /// What people read.
    pub label: &'static str,
    /// What is in it.
    pub text: &'static str,
    definition: &'static str,
}

/// All of them.
pub const STARTS: &[Start] = &[
    Start {
        name: "contact",
        label: "Contact",
        text: "Name, e-mail address and a message.",
        definition: include_str!("starts/contact.json"),
    },
    Start {
        name: "feedback",
        label: "Feedback",
        text: "A rating, a comment, and an address where somebody wants an answer.",
        definition: include_str!("starts/feedback.json"),
    },
    Start {
        name: "application",
        label: "Application",
        text: "A letter with documents, and a consent.",
        definition: include_str!("starts/application.json"),
    },
    Start {
        name: "nothing",
        label: "Nothing",
        text: "An empty form. Until it has fields it takes whatever your own page sends.",
        definition: "{ \"name\": \"Form\", \"slug\": \"form\" }",
    },
];

/// The definition of a start with a name of its own, and with a slug that nobody has where none is
/// given.
///
/// # Errors
/// [`ServiceError::Invalid`] when there is no such start, or the slug is none.
pub async fn start(
    app: &App,
    start: &str,
    name: &str,
    slug: &str,
) -> Result<FormDefinition, ServiceError> {
    let start = STARTS.iter().find(|it| it.name == start);
    let start = start.ok_or_else(|| ServiceError::invalid("start", "UNKNOWN", "must be chosen"))?;
    let definition: FormDefinition = serde_json::from_str(start.definition)
        .map_err(|error| ServiceError::Internal(error.to_string()))?;
    let slug = match slug.trim() {
        "" => free_slug(app, name).await?,
        slug => super::change::parse_slug(slug)?,
    };
    Ok(FormDefinition { name: name.trim().to_owned(), slug, ..definition })
}

/// A slug for this name that nobody has, not even a form in the trash.
async fn free_slug(app: &App, name: &str) -> Result<Slug, ServiceError> {
    const MOST_TRIES: u32 = 50;
    let wanted = Slug::suggest(name);
    for number in 1..=MOST_TRIES {
        let text = match number {
            1 => wanted.to_string(),
            number => format!("{wanted}-{number}"),
        };
        let slug = super::change::parse_slug(&text)?;
        if app.store.find_form(slug.as_str()).await?.is_none() {
            return Ok(slug);
        }
    }
    Err(ServiceError::invalid("slug", "TAKEN", "must be chosen: many forms have this name already"))
}

#[cfg(test)]
mod tests {
    use formhold_domain::{CompiledForm, FormId, FormKey, Identity};

    use super::STARTS;

    #[test]
    fn every_start_makes_sense() {
        for start in STARTS {
            let definition = serde_json::from_str(start.definition).expect(start.name);
            let key = FormKey::parse("abcdefgh23").expect("a key");
            let identity = Identity { id: FormId(uuid::Uuid::nil()), key, version: 1 };
            CompiledForm::compile(identity, definition).expect(start.name);
        }
    }
}
