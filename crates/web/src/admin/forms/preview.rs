//! A form's page as it will look: by the very templates of the page, also while it is being edited.

use formhold_domain::{CompiledForm, DefinitionProblem, FormDefinition, Identity};

use crate::public::FormPage;

/// The page of a form.
pub(super) struct Preview {
    /// A whole document; none where nothing can be shown.
    pub(super) html: Option<String>,
    /// Whether fields with problems are missing there.
    pub(super) is_partial: bool,
    /// What is wrong with the definition.
    pub(super) problems: Vec<DefinitionProblem>,
}

/// The page of a form with this definition. Fields that make no sense yet are left out.
pub(super) fn preview(identity: &Identity, definition: &FormDefinition) -> Preview {
    if definition.fields.is_empty() {
        return Preview { html: None, is_partial: false, problems: Vec::new() };
    }
    let problems = match CompiledForm::compile(identity.clone(), definition.clone()) {
        Ok(form) => {
            return Preview { html: render(&form), is_partial: false, problems: Vec::new() };
        }
        Err(problems) => problems,
    };
    let mut whole = definition.clone();
    let mut found = problems.clone();
    // To leave a field out may take away what another one refers to.
    for _ in 0..definition.fields.len() {
        let mut wrong: Vec<_> = found.iter().filter_map(field_of).collect();
        wrong.sort_unstable();
        wrong.dedup();
        if wrong.is_empty() {
            break;
        }
        let fields = std::mem::take(&mut whole.fields).into_iter().enumerate();
        let kept = fields.filter(|(at, _)| wrong.binary_search(at).is_err());
        whole.fields = kept.map(|(_, field)| field).collect();
        if whole.fields.is_empty() {
            break;
        }
        match CompiledForm::compile(identity.clone(), whole.clone()) {
            Ok(form) => return Preview { html: render(&form), is_partial: true, problems },
            Err(problems) => found = problems,
        }
    }
    Preview { html: None, is_partial: true, problems }
}

/// The place of the field that a problem is about, from 0.
pub(super) fn field_of(problem: &DefinitionProblem) -> Option<usize> {
    let (at, _) = problem.place.strip_prefix("fields[")?.split_once(']')?;
    at.parse().ok()
}

fn render(form: &CompiledForm) -> Option<String> {
    let page = FormPage {
        form,
        language: form.definition.language,
        action: "",
        action_url: "",
        filled: None,
        captcha: None,
        stamp: "",
    };
    page.render().ok()
}
