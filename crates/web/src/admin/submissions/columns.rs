//! Which columns of a form's list somebody wants to see, kept in the browser for the forms that were
//! looked at last.

use std::time::Duration;

use axum::extract::{Path, State};
use formhold_domain::{CompiledForm, FieldType, FormId, InboxItem, access::Action};
use http::HeaderMap;
use serde::Deserialize;

use super::{back_to, parse};
use crate::{
    WebState,
    admin::{Shown, forms::FormAround},
    pages::admin::ColumnChoice,
    visit::{Done, Sent, cookies, reply},
};

const COOKIE: &str = "__Host-formhold_columns";
const LIFETIME: Duration = Duration::from_secs(365 * 24 * 60 * 60);
/// How many forms are remembered.
const FORMS: usize = 10;
/// How many columns of a form.
const COLUMNS: usize = 12;
/// How many are shown where nobody chose.
const DEFAULT: usize = 4;

/// What the browser remembers: of each form its key and the keys of its columns.
pub(super) struct Columns(Vec<(String, Vec<String>)>);

impl Columns {
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let text = cookies::cookie(headers, COOKIE).unwrap_or_default();
        let form = |text: &str| {
            let mut parts = text.split('.').map(str::to_owned);
            Some((parts.next()?, parts.take(COLUMNS).collect()))
        };
        Self(text.split('_').take(FORMS).filter_map(form).collect())
    }

    /// All columns of a form with their names, and which of them are shown. A form without fields has
    /// those of the submissions that are looked at.
    pub(super) fn choices(
        &self,
        form: &CompiledForm,
        items: &[InboxItem],
    ) -> Vec<(String, ColumnChoice)> {
        let names = names(form, items);
        let wanted = self.0.iter().find(|(key, _)| key == form.identity.key.as_str());
        let choice = |(index, (name, label)): (usize, (String, String))| {
            let key = key_of(&name);
            let is_shown = match wanted {
                Some((_, columns)) => columns.contains(&key),
                None => index < DEFAULT,
            };
            (name, ColumnChoice { key, label, is_shown })
        };
        names.into_iter().enumerate().map(choice).collect()
    }

    fn remember(mut self, form: &str, columns: Vec<String>) -> String {
        self.0.retain(|(key, _)| key != form);
        self.0.insert(0, (form.to_owned(), columns));
        self.0.truncate(FORMS);
        let form = |(key, columns): &(String, Vec<String>)| {
            let all: Vec<&str> = std::iter::once(key).chain(columns).map(String::as_str).collect();
            all.join(".")
        };
        self.0.iter().map(form).collect::<Vec<_>>().join("_")
    }
}

/// Names and labels, in order.
fn names(form: &CompiledForm, items: &[InboxItem]) -> Vec<(String, String)> {
    const MOST: usize = 50;
    let fields = form.definition.fields.iter().filter(|it| it.kind != FieldType::Hidden);
    let mut names: Vec<(String, String)> =
        fields.map(|field| (field.name.clone(), field.label().to_owned())).collect();
    if form.definition.fields.is_empty() {
        let all = items.iter().flat_map(|item| {
            item.submission.answers.iter().chain(item.submission.undeclared.iter())
        });
        for (name, _) in all {
            if names.len() == MOST {
                break;
            }
            if !names.iter().any(|(known, _)| known == name) {
                names.push((name.to_owned(), name.to_owned()));
            }
        }
    }
    names
}

/// What stands for a name in the cookie; two names that share one are shown together.
fn key_of(name: &str) -> String {
    let step = |hash: u32, byte: u8| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    format!("{:08x}", name.bytes().fold(0x811c_9dc5, step))
}

#[derive(Deserialize)]
pub(super) struct ColumnsForm {
    #[serde(default)]
    column: Vec<String>,
    #[serde(default)]
    back: String,
}

/// `POST /admin/forms/{id}/submissions/columns`. Nothing but the browser's cookie changes.
pub(super) async fn save_columns(
    State(state): State<WebState>,
    Path(id): Path<String>,
    headers: HeaderMap,
    Sent { visit, fields: form }: Sent<ColumnsForm>,
) -> Shown {
    let form_id: FormId = parse(&id)?;
    let about = FormAround::of(&state, &visit, Action::SeeSubmissions, &id).await?;
    let is_key = |key: &String| key.len() == 8 && key.bytes().all(|it| it.is_ascii_hexdigit());
    let columns: Vec<String> = form.column.into_iter().filter(is_key).take(COLUMNS).collect();
    let value = Columns::of(&headers).remember(about.form.identity.key.as_str(), columns);
    let mut response = reply::see_other(&Done::ColumnsSaved.at(&back_to(&form.back, form_id)));
    cookies::set(response.headers_mut(), COOKIE, &value, Some(LIFETIME));
    Ok(response)
}
