//! Searching submissions: what was typed becomes a filter, and the index is kept up to date.

use std::time::Duration;

use formhold_domain::{
    CompiledForm, FormId,
    access::{Action, Caller},
    search::{FieldFilter, SearchQuery},
};

use crate::{App, ServiceError, forms::form_for};

/// How long a node may keep the others from indexing after it went away.
const LOCK_LIFETIME: Duration = Duration::from_secs(10);
/// The most filters on fields at once.
const MOST_FILTERS: usize = 10;

/// A filter that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilterProblem {
    /// The parameter, as `field.age__gte`.
    pub parameter: String,
    /// What is wrong with it, to go on after its name.
    pub message: String,
}

/// What somebody looks for; none where nothing was typed.
///
/// # Errors
/// [`ServiceError::Invalid`] says what is wrong with it.
pub fn parse_text(text: &str) -> Result<Option<SearchQuery>, ServiceError> {
    SearchQuery::parse(text).map_err(|message| ServiceError::invalid("q", "WRONG_VALUE", message))
}

/// Filters on fields of a form, from parameters as `field.age__gte` and their values, by the form's
/// definition as it is now.
///
/// # Errors
/// Every parameter that names no field, or has a value that is no such thing.
pub fn parse_fields<'a>(
    form: &CompiledForm,
    parameters: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> Result<Vec<FieldFilter>, Vec<FilterProblem>> {
    let (mut filters, mut problems) = (Vec::new(), Vec::new());
    for (parameter, value) in parameters {
        let parsed = if filters.len() < MOST_FILTERS {
            FieldFilter::parse(form, parameter, value)
        } else {
            Err(format!("is one too many: there may be {MOST_FILTERS} filters on fields"))
        };
        match parsed {
            Ok(filter) => filters.push(filter),
            Err(message) => {
                problems.push(FilterProblem { parameter: parameter.to_owned(), message });
            }
        }
    }
    if problems.is_empty() { Ok(filters) } else { Err(problems) }
}

/// The form by which filters are read, for who may see its submissions.
///
/// # Errors
/// [`ServiceError::NotFound`] when there is no such form for the caller.
pub async fn form_of_filters(
    app: &App,
    caller: &Caller,
    form_id: FormId,
) -> Result<CompiledForm, ServiceError> {
    Ok(form_for(app, caller, Action::SeeSubmissions, form_id).await?.0)
}

/// Indexes some of what was changed since; gives how many submissions it looked at, none when all
/// is indexed or another node is at it.
///
/// # Errors
/// When the database fails.
pub async fn index_some(app: &App) -> Result<u64, ServiceError> {
    let Some(lock) = app.kv.lock("search", "index", LOCK_LIFETIME).await else { return Ok(0) };
    let indexed = app.store.index_some().await;
    lock.release().await;
    Ok(indexed?)
}

/// Indexes until nothing is left; gives how many submissions it looked at.
///
/// # Errors
/// When the database fails.
pub async fn index_all(app: &App) -> Result<u64, ServiceError> {
    let mut indexed = 0;
    loop {
        match index_some(app).await? {
            0 => return Ok(indexed),
            some => indexed += some,
        }
    }
}

/// Has the submissions of the last day looked at again, for one that nobody queued for the index:
/// an older program may have taken it in while this one was being brought in.
///
/// # Errors
/// When the database fails.
pub async fn look_for_missing(app: &App) -> Result<(), ServiceError> {
    Ok(app.store.look_for_missing(app.clock.now_ms()).await?)
}
