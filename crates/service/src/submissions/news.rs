//! Telling who watches a form's inbox, on whichever node, that something came.

use std::{
    collections::HashSet,
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use formhold_domain::{
    FormId,
    access::{Action, Caller},
};
use formhold_kv::{Kv, Subscription};

use crate::{App, ServiceError, forms::require_live_form};

/// What comes within this time is told at once: a form that gets thousands tells it three times a
/// second, and taking one in never waits for it.
const GATHER: Duration = Duration::from_millis(300);

/// Forms that got something and whose watchers were not told yet.
#[derive(Default)]
pub(crate) struct News(Mutex<HashSet<FormId>>);

impl News {
    /// Sees to it that the watchers of a form are told soon.
    pub(crate) fn note(self: &Arc<Self>, kv: &Kv, form_id: FormId) {
        let mut waiting = self.waiting();
        let is_first = waiting.is_empty();
        waiting.insert(form_id);
        drop(waiting);
        if is_first {
            tokio::spawn(tell(Arc::clone(self), kv.clone()));
        }
    }

    fn waiting(&self) -> MutexGuard<'_, HashSet<FormId>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn tell(news: Arc<News>, kv: Kv) {
    tokio::time::sleep(GATHER).await;
    let forms = mem::take(&mut *news.waiting());
    for form_id in forms {
        kv.publish(&channel(form_id), "new").await;
    }
}

fn channel(form_id: FormId) -> String {
    format!("inbox/{form_id}")
}

/// Somebody who watches a form.
#[derive(Debug)]
pub struct Watching(Subscription);

impl Watching {
    /// Waits until something came, or may have come. False when nothing more is told. May be dropped
    /// while it waits.
    pub async fn next(&mut self) -> bool {
        self.0.next().await.is_some()
    }
}

/// Watches a form from now on.
///
/// # Errors
/// [`ServiceError::NotFound`] when there is no such form for the caller.
pub async fn watch(app: &App, caller: &Caller, form_id: FormId) -> Result<Watching, ServiceError> {
    may_watch(app, caller, form_id).await?;
    Ok(Watching(app.kv.subscribe(&channel(form_id))))
}

/// Whether the caller may still watch it.
///
/// # Errors
/// As [`watch`].
pub async fn may_watch(app: &App, caller: &Caller, form_id: FormId) -> Result<(), ServiceError> {
    require_live_form(app, caller, Action::SeeSubmissions, form_id).await.map(|_| ())
}
