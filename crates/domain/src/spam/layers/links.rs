//! More links than people put into this form, or links written as markup.

use super::{super::links, Layer};
use crate::spam::{Signals, filter::SpamFilter, score::Finding};

pub(super) const LAYER: Layer = Layer { name: "links", judge };

/// For the first link too many, and for each further one.
const FIRST: u32 = 4;
const FURTHER: u32 = 2;
const MARKUP: u32 = 4;
/// Not more: some people list their sources.
const MOST: u32 = 9;

fn judge(filter: &SpamFilter, signals: &Signals<'_>) -> Option<Finding> {
    let own = signals.page.and_then(|page| page.host_str());
    let found =
        links::find(signals.plain.text(), |host| !own.is_some_and(|own| same_site(host, own)));
    let expected = filter.rules.max_links;
    let count = u32::try_from(found.count).unwrap_or(u32::MAX);
    let (too_many, markup) = (count.saturating_sub(expected), found.markup);
    let points = match too_many {
        0 => 0,
        more => FIRST.saturating_add((more - 1).saturating_mul(FURTHER)),
    };
    let points = points.saturating_add(if markup { MARKUP } else { 0 }).min(MOST);
    let links = if count == 1 { "link" } else { "links" };
    let message = match (too_many > 0, markup) {
        (false, false) => return None,
        (true, false) => format!("contains {count} {links}; this form expects at most {expected}"),
        (false, true) => "contains a link written as HTML or BBCode".to_owned(),
        (true, true) => format!(
            "contains {count} {links}, some written as HTML or BBCode; \
             this form expects at most {expected}"
        ),
    };
    Some(Finding::points(points, message))
}

fn same_site(host: &str, own: &str) -> bool {
    let bare = |name: &str| name.strip_prefix("www.").map(str::len);
    let host = &host[bare(host).map_or(0, |length| host.len() - length)..];
    let own = &own[bare(own).map_or(0, |length| own.len() - length)..];
    host == own
}
