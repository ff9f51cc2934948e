//! The public endpoint: where forms of other sites post, and the form's own pages.

mod address;
mod body;
mod captcha;
mod challenge;
mod cors;
mod door;
mod forwarded;
mod negotiate;
mod pages;
mod reply;
mod schema;
mod submit;

pub(crate) use body::{BodyError, BodyReader, MemoryBudget};
pub(crate) use challenge::challenge;
pub(crate) use cors::preflight;
pub(crate) use pages::{fault, form_page, method_not_allowed, not_found, thanks_page};
pub(crate) use schema::schema;
pub(crate) use submit::{
    submit_ajax, submit_formcarry, submit_in_project, submit_named_in_body, submit_to_path,
};
