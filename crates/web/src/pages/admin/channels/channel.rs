//! `/admin/channels/{id}`: one channel, made from the fields that its kind declares.

use askama::Template;
use formhold_service::channels::{About, Field, FieldKind};

use crate::{
    pages::{FormState, Frame, TimeView, admin::FormFrame, labels},
    public::assets,
};

/// Makes a channel. Fields: `kind`, `name`, and those that the kind declares.
#[derive(Debug, Template)]
#[template(path = "pages/admin/channels/new.html", whitespace = "minimize")]
pub struct NewChannelPage<'a> {
    /// What surrounds the page.
    pub frame: Frame<'a>,
    /// The form.
    pub about: FormFrame<'a>,
    /// Its kind.
    pub kind: &'static About,
    /// What was entered.
    pub form: &'a FormState,
}

/// One channel. Changed by `version`, `name`, `is_on` and the fields that its kind declares.
#[derive(Debug, Template)]
#[template(path = "pages/admin/channels/channel.html", whitespace = "minimize")]
pub struct ChannelPage<'a> {
    /// What surrounds the page.
    pub frame: Frame<'a>,
    /// The form.
    pub about: FormFrame<'a>,
    /// Its kind.
    pub kind: &'static About,
    /// Its id.
    pub id: &'a str,
    /// What people call it.
    pub name: &'a str,
    /// The version that is shown: what was changed by somebody else since is not overwritten.
    pub version: u32,
    /// The form that changes it.
    pub form: &'a FormState,
    /// The names of the secrets that are stored.
    pub stored: &'a [&'a str],
    /// Whether anything is sent.
    pub is_on: bool,
    /// Why Formhold switched it off.
    pub off_reason: Option<&'a str>,
    /// Since when every delivery fails.
    pub failing_since: Option<TimeView>,
    /// What came of a test just now.
    pub tried: Option<TriedView<'a>>,
}

/// What came of a test.
#[derive(Debug, Clone, Copy)]
pub struct TriedView<'a> {
    /// Whether it arrived.
    pub has_arrived: bool,
    /// The receiver's status code.
    pub status: Option<u16>,
    /// What the receiver said, or why it did not arrive.
    pub said: &'a str,
}

/// A signing secret, right after it was made.
#[derive(Debug, Template)]
#[template(path = "pages/admin/channels/secret.html", whitespace = "minimize")]
pub struct SigningSecretPage<'a> {
    /// What surrounds the page.
    pub frame: Frame<'a>,
    /// The form.
    pub about: FormFrame<'a>,
    /// The channel's id.
    pub id: &'a str,
    /// What people call it.
    pub name: &'a str,
    /// The secret itself.
    pub secret: &'a str,
    /// Whether another one was there before, which signs for a day.
    pub replaces: bool,
}

impl NewChannelPage<'_> {
    fn here(&self) -> &'static str {
        "/admin/forms"
    }

    fn is_stored(&self, _: &str) -> bool {
        false
    }
}

impl ChannelPage<'_> {
    fn here(&self) -> &'static str {
        "/admin/forms"
    }

    fn is_stored(&self, name: &str) -> bool {
        self.stored.contains(&name)
    }

    fn path(&self, end: &str) -> String {
        format!("/admin/channels/{}{end}", self.id)
    }

    fn signs(&self) -> bool {
        self.kind.fields.iter().any(|field| field.kind == FieldKind::SigningSecret)
    }
}

impl SigningSecretPage<'_> {
    fn here(&self) -> &'static str {
        "/admin/forms"
    }
}

/// The fields that people fill in, in order.
fn asked(kind: &About) -> Vec<&Field> {
    kind.fields.iter().filter(|field| !field.is_own && !is_template(field)).collect()
}

/// The templates among the fields: most people never need them.
fn templates(kind: &About) -> Vec<&Field> {
    kind.fields.iter().filter(|field| !field.is_own && is_template(field)).collect()
}

fn is_template(field: &Field) -> bool {
    matches!(field.kind, FieldKind::Template(_))
}

/// Whether the templates are to be seen: some is filled in, or wrong.
fn shows_templates(kind: &About, form: &FormState) -> bool {
    let is_in_use =
        |field: &Field| !form.value(field.name).is_empty() || form.problem(field.name).is_some();
    templates(kind).into_iter().any(is_in_use)
}

/// What is said about a field.
fn hint(field: &Field, is_stored: &bool) -> String {
    match is_stored {
        true => {
            format!("{} One is stored and is never shown; leave this empty to keep it.", field.help)
        }
        false => field.help.to_owned(),
    }
}

/// What stands beside the label of a field that may be left empty.
fn optional(field: &Field) -> &'static str {
    if field.is_required { "" } else { "optional" }
}

/// How many lines a template has room for at first.
fn rows(field: &Field) -> u8 {
    if field.name == "subject" { 2 } else { 8 }
}

/// What a browser may fill in: never a password of somebody.
fn line_autocomplete(field: &Field) -> &'static str {
    if field.is_secret { "new-password" } else { "off" }
}

/// The type of a line's input.
fn line_kind(field: &Field) -> &'static str {
    match field.kind {
        _ if field.is_secret => "password",
        FieldKind::Url => "url",
        _ => "text",
    }
}

/// The names of choices as people read them.
fn choices(values: &[&'static str]) -> Vec<(&'static str, String)> {
    values.iter().map(|value| (*value, labels::choice_label(value))).collect()
}
