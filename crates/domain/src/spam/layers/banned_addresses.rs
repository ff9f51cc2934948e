//! Mail addresses that the owner does not want to hear from.

use super::Layer;
use crate::spam::{
    MAX_ADDRESSES, Signals,
    filter::{Problems, SpamFilter},
    mail::{Address, ascii_domain},
    score::{Finding, quote},
};

pub(super) const LAYER: Layer = Layer { name: "banned_addresses", judge };

const POINTS: u32 = 15;

fn judge(filter: &SpamFilter, signals: &Signals<'_>) -> Option<Finding> {
    if filter.addresses.0.is_empty() {
        return None;
    }
    let addresses = signals.mail_addresses.iter().take(MAX_ADDRESSES);
    let pattern = addresses
        .filter_map(|text| Address::parse(text))
        .find_map(|address| filter.addresses.0.iter().find(|pattern| pattern.matches(&address)))?;
    let written = quote(&pattern.written);
    Some(Finding::points(POINTS, format!("its mail address is banned by `{written}`")))
}

/// The owner's patterns.
#[derive(Debug, Clone)]
pub(in crate::spam) struct BannedAddresses(Vec<Pattern>);

impl BannedAddresses {
    pub(in crate::spam) fn compile(entries: &[String], problems: &mut Problems) -> Self {
        Self(problems.list("banned_addresses", entries, Pattern::parse))
    }
}

/// One entry: a pattern for the domain and, with an `@`, one for what stands before it.
#[derive(Debug, Clone)]
struct Pattern {
    written: String,
    local: String,
    domain: String,
}

impl Pattern {
    fn parse(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!(
                "`{text}` is no address: write `anna@example.org`, `example.org` or `*.example.org`"
            )
        };
        let (local, domain) = text.trim().rsplit_once('@').unwrap_or(("*", text.trim()));
        // A star is not part of a name, so names around it are brought into ASCII one by one.
        let parts: Option<Vec<_>> = domain.split('*').map(part_of_domain).collect();
        let domain = parts.ok_or_else(wrong)?.join("*");
        let local = if local.is_empty() { "*".to_owned() } else { local.to_lowercase() };
        let blank = |c: char| c.is_whitespace() || c.is_control() || c == '@';
        if domain.is_empty() || local.contains(blank) {
            return Err(wrong());
        }
        let any = |text: &str| text.chars().all(|c| matches!(c, '*' | '.'));
        if any(&local) && any(&domain) {
            return Err(format!("`{text}` would ban everybody"));
        }
        if !domain.contains(['*', '.']) {
            return Err(wrong());
        }
        Ok(Self { written: text.trim().to_owned(), local, domain })
    }

    fn matches(&self, address: &Address) -> bool {
        wildcard(&self.domain, &address.domain)
            && (wildcard(&self.local, &address.local)
                || wildcard(&self.local, address.local_without_tag()))
    }
}

fn part_of_domain(part: &str) -> Option<String> {
    let name = part.trim_matches('.');
    if name.is_empty() {
        return part.len().le(&1).then(|| part.to_owned());
    }
    let ascii = ascii_domain(name)?;
    let start = if part.starts_with('.') { "." } else { "" };
    let end = if part.ends_with('.') { "." } else { "" };
    Some(format!("{start}{ascii}{end}"))
}

/// True when a pattern, in which `*` is any text, matches the whole text.
fn wildcard(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let Some(last) = parts.next_back() else { return rest.is_empty() };
    // The first place that fits is as good as any later one.
    for part in parts {
        match rest.find(part) {
            Some(place) => rest = &rest[place + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}
