//! The hosted page of a form.

use askama::Template;
use formhold_domain::{
    Answers, CompiledForm, FieldProblem, FieldType, Language, Texts, Undeclared,
};

use super::{
    assets::{self, Asset},
    field_view::{Control, FieldView, FieldViews},
    fill::fill_one,
};

/// The page `GET /f/{form}`, also shown again when a submission has problems. A form that declares
/// no fields shows how to point one's own form at it.
#[derive(Debug)]
pub struct FormPage<'a> {
    /// The form.
    pub form: &'a CompiledForm,
    /// The language to show it in; where it is not the form's own, the page asks for replies in it.
    pub language: Language,
    /// The path that the form posts to, as `/f/KEY`.
    pub action: &'a str,
    /// The same address with scheme and host, for pasting into another site.
    pub action_url: &'a str,
    /// What was submitted, where the page is shown again.
    pub filled: Option<&'a FilledIn>,
    /// The form's captcha, where the page shows one.
    pub captcha: Option<&'a CaptchaView>,
    /// When the page was handed out, signed; it comes back with the form.
    pub stamp: &'a str,
}

/// A captcha on the page.
#[derive(Debug, Clone)]
pub struct CaptchaView {
    /// The service's script.
    pub script_url: Option<String>,
    /// A script of our own.
    pub own_script: Option<&'static Asset>,
    /// Attributes of the element that the service's script looks for.
    pub attributes: Vec<(&'static str, String)>,
    /// True where nothing is accepted without its answer, so that people without JavaScript should
    /// know.
    pub needed: bool,
    /// True where the page is shown again for want of its answer.
    pub missed: bool,
}

/// A submission that was not accepted.
#[derive(Debug, Clone, Default)]
pub struct FilledIn {
    /// What was answered, undeclared fields included.
    pub answers: Answers,
    /// What is wrong with fields.
    pub problems: Vec<FieldProblem>,
    /// What is wrong with the submission as a whole, beyond its fields' problems.
    pub error: Option<String>,
    /// Control fields to send along again, as `_next`.
    pub controls: Vec<(String, String)>,
    /// True when files came with it: browsers do not keep them.
    pub had_files: bool,
}

impl FormPage<'_> {
    /// The page as HTML.
    ///
    /// # Errors
    /// Only when a template fails, which none does for any data.
    pub fn render(&self) -> Result<String, askama::Error> {
        let (form, language) = (self.form, self.language);
        if form.takes_anything() {
            let name = &form.definition.name;
            return SnippetTemplate { language, name, action_url: self.action_url }.render();
        }
        let views = FieldViews { form, language, filled: self.filled };
        let fields = views.build();
        let summary = self.filled.and_then(|filled| Summary::of(filled, &views));
        let name = &form.definition.name;
        let title = match &summary {
            Some(_) => fill_one(language.texts().page.title_with_problems, name),
            None => name.clone(),
        };
        FormTemplate {
            language,
            texts: language.texts(),
            name,
            title,
            action: self.action,
            multipart: form.takes_files(),
            marks_required: fields.iter().any(|field| field.required),
            hidden: self.hidden(&views),
            fields,
            summary,
            captcha: self.captcha,
        }
        .render()
    }

    /// The first page's stamp, where it is shown again: whoever corrects a field is not in a hurry.
    fn stamp(&self) -> &str {
        let first = self.filled.and_then(|filled| {
            filled.controls.iter().find(|(name, _)| name == "_stamp").map(|(_, stamp)| &**stamp)
        });
        first.unwrap_or(self.stamp)
    }

    /// Hidden fields, controls, and answers that no field of the page shows but the form keeps.
    fn hidden<'a>(&'a self, views: &FieldViews<'a>) -> Vec<(&'a str, &'a str)> {
        let form = self.form;
        let mut hidden = Vec::new();
        for field in &form.fields {
            let definition = &field.definition;
            if definition.kind == FieldType::Hidden {
                hidden.extend(
                    views.values(field).into_iter().map(|value| (&*definition.name, value)),
                );
            }
        }
        if let Some(filled) = self.filled {
            let kept = filled.controls.iter().filter(|(name, _)| name != "_stamp");
            hidden.extend(kept.map(|(name, value)| (&**name, &**value)));
            if form.definition.undeclared == Undeclared::KeepApart {
                hidden.extend(filled.answers.iter().filter(|(name, _)| !form.declares(name)));
            }
        }
        hidden.push(("_stamp", self.stamp()));
        let language_known = hidden.iter().any(|(name, _)| *name == "_language");
        if self.language != form.definition.language && !language_known {
            hidden.push(("_language", self.language.tag()));
        }
        hidden
    }
}

#[derive(Template)]
#[template(path = "public/form.html", whitespace = "minimize")]
struct FormTemplate<'a> {
    language: Language,
    texts: &'static Texts,
    name: &'a str,
    title: String,
    action: &'a str,
    multipart: bool,
    marks_required: bool,
    summary: Option<Summary<'a>>,
    fields: Vec<FieldView<'a>>,
    hidden: Vec<(&'a str, &'a str)>,
    captcha: Option<&'a CaptchaView>,
}

#[derive(Template)]
#[template(path = "public/snippet.html", whitespace = "minimize")]
struct SnippetTemplate<'a> {
    language: Language,
    name: &'a str,
    action_url: &'a str,
}

/// What stands at the top of a page with problems.
struct Summary<'a> {
    error: Option<&'a str>,
    count: String,
    problems: Vec<ProblemView<'a>>,
    files_again: bool,
}

/// A problem, with a link to the field where the page shows it.
struct ProblemView<'a> {
    id: Option<String>,
    label: &'a str,
    message: String,
}

impl<'a> Summary<'a> {
    fn of(filled: &'a FilledIn, views: &FieldViews<'a>) -> Option<Self> {
        if filled.problems.is_empty() && filled.error.is_none() {
            return None;
        }
        let form = views.form;
        let texts = &views.language.texts().page;
        let problem = |problem: &'a FieldProblem| {
            let index = form.fields.iter().position(|f| f.definition.name == problem.field);
            let definition = index.map(|index| &form.fields[index].definition);
            let visible = definition.is_some_and(|d| d.kind != FieldType::Hidden);
            ProblemView {
                id: index.filter(|_| visible).map(FieldViews::id),
                label: definition.map_or(&problem.field, |definition| definition.label()),
                message: problem.problem.message(views.language),
            }
        };
        Some(Self {
            error: filled.error.as_deref(),
            count: match filled.problems.len() {
                1 => texts.problems_one.to_owned(),
                many => fill_one(texts.problems_many, many),
            },
            problems: filled.problems.iter().map(problem).collect(),
            files_again: filled.had_files && form.takes_files(),
        })
    }
}
