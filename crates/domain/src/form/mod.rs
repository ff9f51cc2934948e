//! Forms: how their owners define them, what that compiles to, and how answers are checked.

mod check;
mod compile;
mod definition;
mod difference;
mod field;
mod notation;
mod protection;
mod rules;
mod scalar;

pub use check::{Checked, Rejection};
pub use compile::{Availability, CompiledForm, DefinitionProblem, Identity};
pub use definition::{
    Bound, ChoiceOption, Condition, FieldDefinition, FieldType, FormDefinition, FormLimits,
    FormState, Retention, Undeclared,
};
pub use difference::Difference;
pub use field::CompiledField;
pub(crate) use field::is_given;
pub use notation::Notation;
pub use protection::{
    AskCaptcha, CaptchaRules, FileRules, Limit, Protection, ScanFiles, WhenDown, WithoutAnswer,
};
pub use scalar::Scalar;
