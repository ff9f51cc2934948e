//! Panics: logged on one line with the request that they happened in, and counted.

use std::{
    any::Any,
    panic::{PanicHookInfo, set_hook},
    sync::atomic::{AtomicU64, Ordering},
};

use crate::logs::Logs;

static COUNT: AtomicU64 = AtomicU64::new(0);

/// How many there were since the start of the process.
#[must_use]
pub fn count() -> u64 {
    COUNT.load(Ordering::Relaxed)
}

/// Logs and counts every panic from now on, in place of what the standard library prints.
pub fn watch(logs: Logs) {
    set_hook(Box::new(move |panic| {
        note(panic);
        // The process may end right after.
        if std::thread::current().name() == Some("main") {
            logs.flush();
        }
    }));
}

fn note(panic: &PanicHookInfo<'_>) {
    COUNT.fetch_add(1, Ordering::Relaxed);
    let location = panic.location().map(ToString::to_string).unwrap_or_default();
    let thread = std::thread::current();
    let thread = thread.name().unwrap_or("unnamed");
    let message = message(panic.payload());
    tracing::error!(target: "panic", location, thread, cause = message, "a part of the program panicked");
}

/// What a panic said, without what may come from a user: sentences that were put together name
/// values between quotes.
fn message(payload: &(dyn Any + Send)) -> String {
    const MAX_CHARS: usize = 300;
    if let Some(fixed) = payload.downcast_ref::<&'static str>() {
        return (*fixed).to_owned();
    }
    let Some(text) = payload.downcast_ref::<String>() else { return "no message".to_owned() };
    let mut told = String::new();
    let mut quote = None;
    for sign in text.chars().take(MAX_CHARS) {
        match quote {
            Some(open) if sign == open => quote = None,
            Some(_) => continue,
            None if matches!(sign, '`' | '"') => {
                told.push(sign);
                told.push('…');
                quote = Some(sign);
            }
            None => {}
        }
        told.push(sign);
        if quote.is_some() {
            told.pop();
        }
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_between_quotes_is_not_told() {
        let told = |text: &str| message(&text.to_owned());
        assert_eq!(
            told("byte index 5 is not a char boundary; it is inside `ö` of `hallö`"),
            "byte index 5 is not a char boundary; it is inside `…` of `…`"
        );
        assert_eq!(told("called on an Err: Other(\"secret"), "called on an Err: Other(\"…");
        assert_eq!(told("no quotes"), "no quotes");
        assert_eq!(message(&"fixed `text`"), "fixed `text`");
        assert_eq!(message(&5), "no message");
    }
}
