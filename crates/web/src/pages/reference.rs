//! The reference of the API, for people.

use askama::Template;

use crate::public::assets;

/// The reference of the API.
#[derive(Debug, Template)]
#[template(path = "pages/reference.html", whitespace = "minimize")]
pub struct ReferencePage {
    /// What can be done, by what it is about.
    pub groups: Vec<OperationGroup>,
    /// What is sent and answered.
    pub schemas: Vec<SchemaView>,
    /// The codes of problems.
    pub problems: Vec<ProblemCode>,
}

/// Operations about one thing.
#[derive(Debug)]
pub struct OperationGroup {
    /// The heading.
    pub name: String,
    /// One sentence.
    pub about: String,
    /// The operations.
    pub operations: Vec<OperationView>,
}

/// One thing that can be done.
#[derive(Debug)]
pub struct OperationView {
    /// Its stable name.
    pub id: String,
    /// `GET`, `POST` and so on.
    pub method: String,
    /// The address.
    pub path: String,
    /// What it does.
    pub summary: String,
    /// More about that; empty where there is no more to say.
    pub about: String,
    /// The name of the body's schema.
    pub body: Option<String>,
    /// What the address and the head of a request may hold.
    pub parameters: Vec<PropertyView>,
    /// What may be answered.
    pub replies: Vec<ReplyView>,
}

/// An answer.
#[derive(Debug)]
pub struct ReplyView {
    /// Its status.
    pub status: String,
    /// When it comes.
    pub about: String,
    /// The name of its schema.
    pub schema: Option<String>,
}

/// A parameter, or a field of an object.
#[derive(Debug)]
pub struct PropertyView {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub kind: String,
    /// Whether it must be there.
    pub is_required: bool,
    /// What it means.
    pub about: String,
}

/// An object.
#[derive(Debug)]
pub struct SchemaView {
    /// Its name.
    pub name: String,
    /// What it is.
    pub about: String,
    /// Its fields.
    pub fields: Vec<PropertyView>,
}

/// A code of a problem.
#[derive(Debug)]
pub struct ProblemCode {
    /// The code.
    pub code: &'static str,
    /// The status that it comes with.
    pub status: u16,
    /// What it means.
    pub title: &'static str,
}

impl OperationGroup {
    fn anchor(&self) -> String {
        self.name.to_lowercase().replace(' ', "-")
    }
}
