//! The pages that people see who fill in a form, as pure functions from data to HTML.

pub mod assets;
mod field_view;
mod fill;
mod form_page;
mod input_attributes;
mod message_page;
mod notes;
mod thanks_page;

#[cfg(test)]
mod tests;

pub use form_page::{CaptchaView, FilledIn, FormPage};
pub use message_page::MessagePage;
pub use thanks_page::ThanksPage;
