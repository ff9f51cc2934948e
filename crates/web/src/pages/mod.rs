//! The pages of people who sign in, as pure functions from data to HTML: accounts and management.
//!
//! A page is a struct with what it shows; [`Template::render`] makes the HTML. Handlers are not
//! here, and neither is a rule about the product.

pub mod account;
pub mod admin;
mod chart;
mod confirm_act;
mod confirm_email;
mod forgot;
mod form_state;
mod frame;
mod invitation;
mod labels;
mod login;
mod login_factor;
mod message;
mod navigation;
mod policy;
mod reference;
mod register;
mod reset;
mod setup;
mod time_view;

pub use askama::Template;

pub use confirm_act::{Act, ConfirmActPage};
pub use confirm_email::{ConfirmEmailPage, Confirmation};
pub use forgot::ForgotPage;
pub use form_state::{FieldProblem, FormState};
pub use frame::{Access, Card, Flash, Frame, Link, Named, Person};
pub use invitation::{InvitationPage, Visitor};
pub use login::{LoginPage, ProviderView};
pub use login_factor::FactorPage;
pub use message::{ErrorKind, MessagePage, SignedInMessagePage};
pub use policy::content_security_policy;
pub use reference::{
    OperationGroup, OperationView, ProblemCode, PropertyView, ReferencePage, ReplyView, SchemaView,
};
pub use register::{InvitedView, RegisterPage};
pub use reset::ResetPage;
pub use setup::SetupPage;
pub use time_view::TimeView;
