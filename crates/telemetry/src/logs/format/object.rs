//! A JSON object on one line.

use std::io::Write as _;

use super::escape::json_text;
use crate::logs::Value;

/// Writes an object, a field at a time.
pub(super) struct Object<'a> {
    out: &'a mut Vec<u8>,
    prefix: &'static str,
    names: Vec<(&'static str, &'static str)>,
}

impl<'a> Object<'a> {
    pub(super) fn begin(out: &'a mut Vec<u8>) -> Self {
        out.push(b'{');
        Self { out, prefix: "", names: Vec::with_capacity(16) }
    }

    /// Adds a field; a name that was there already keeps its first value.
    pub(super) fn value(&mut self, name: &'static str, value: &Value) {
        match value {
            Value::Text(text) => self.text(name, text),
            other => self.raw(name, other),
        }
    }

    pub(super) fn text(&mut self, name: &'static str, text: &str) {
        if self.name(name) {
            json_text(text, self.out);
        }
    }

    /// Adds what is written the same in JSON.
    pub(super) fn raw(&mut self, name: &'static str, value: impl std::fmt::Display) {
        if self.name(name) {
            let _ = write!(self.out, "{value}");
        }
    }

    /// Puts this before the names of all fields from here on.
    pub(super) fn prefix(&mut self, prefix: &'static str) {
        self.prefix = prefix;
    }

    pub(super) fn end(self) {
        self.out.push(b'}');
    }

    fn name(&mut self, name: &'static str) -> bool {
        let whole = (self.prefix, name);
        if self.names.contains(&whole) {
            return false;
        }
        if !self.names.is_empty() {
            self.out.push(b',');
        }
        self.names.push(whole);
        // Names are of our own code; no sign in them needs care.
        let _ = write!(self.out, "\"{}{name}\":", self.prefix);
        true
    }
}
