//! Every page with sample data: kind, hostile, and with nothing in its lists.

mod account;
mod admin;
mod delivery;
mod forms;
mod inbox;
mod signed_out;

use formhold_web::pages::{
    Access, Card, Flash, FormState, Frame, Named, Person, Template, TimeView,
};

/// 27 October 2026, 09:30 UTC.
const NOW_MS: i64 = 1_793_093_400_000;

/// What the data is like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// What people see on most days.
    Usual,
    /// Texts that want to run, to be too wide, or to be read from right to left.
    Hostile,
    /// Lists without entries, and nothing that may be missing.
    Empty,
}

impl Kind {
    /// All of them.
    pub(crate) const ALL: [Self; 3] = [Self::Usual, Self::Hostile, Self::Empty];
}

/// One page.
#[derive(Debug)]
pub(crate) struct Sample {
    /// A file name without its ending.
    pub(crate) name: &'static str,
    /// The page.
    pub(crate) html: String,
}

/// A text that no page may show as anything but text.
pub(crate) const HOSTILE: &str = concat!(
    "\"><script>alert(1)</script>'&{{x}} \u{202e}مرحبا بالعالم ",
    "WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW",
    "WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW",
    "WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW",
);

/// All pages with data of this kind.
pub(crate) fn all(kind: Kind) -> Vec<Sample> {
    let mut pages = Pages { kind, samples: Vec::new() };
    signed_out::add(&mut pages);
    account::add(&mut pages);
    admin::add(&mut pages);
    forms::add(&mut pages);
    inbox::add(&mut pages);
    delivery::add(&mut pages);
    pages.samples
}

struct Pages {
    kind: Kind,
    samples: Vec<Sample>,
}

impl Pages {
    fn add(&mut self, name: &'static str, page: &impl Template) {
        self.samples.push(drawn(name, page));
    }

    /// A text that somebody typed.
    fn text(&self, usual: &'static str) -> &'static str {
        if self.kind == Kind::Hostile { HOSTILE } else { usual }
    }

    /// Something that may be missing.
    fn maybe<T>(&self, value: T) -> Option<T> {
        (self.kind != Kind::Empty).then_some(value)
    }

    /// A list.
    fn list<T>(&self, entries: Vec<T>) -> Vec<T> {
        if self.kind == Kind::Empty { Vec::new() } else { entries }
    }

    fn card(&self) -> Card<'static> {
        Card { csrf: "CSRF", flash: None }
    }

    fn flash(&self) -> Flash<'static> {
        Flash { message: self.text("The changes were saved."), is_error: false }
    }

    fn ada(&self) -> Person<'static> {
        Person {
            id: "018f0000-0000-7000-8000-000000000001",
            name: self.text("Ada Lovelace"),
            email: self.text("ada@example.org"),
            picture: None,
        }
    }

    fn frame(&self) -> Frame<'static> {
        Frame {
            csrf: "CSRF",
            user: self.ada(),
            access: Access::Admin,
            workspace: self.maybe(Named { id: "a", name: self.text("Analytical Engines") }),
            workspaces: self.list(vec![
                Named { id: "b", name: "Looms" },
                Named { id: "a", name: self.text("Analytical Engines") },
            ]),
            flash: None,
        }
    }

    /// What was entered before.
    fn filled(&self, values: &[(&'static str, &'static str)]) -> FormState {
        FormState::filled(values.iter().map(|(name, value)| (*name, self.text(value))))
    }
}

fn drawn(name: &'static str, page: &impl Template) -> Sample {
    Sample { name, html: page.render().expect("templates never fail") }
}

/// So many minutes ago.
fn minutes_ago(minutes: i64) -> TimeView {
    TimeView::at_ms(NOW_MS - minutes * 60_000)
}
