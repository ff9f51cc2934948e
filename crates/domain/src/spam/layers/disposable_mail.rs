//! Mail addresses that are made to be thrown away.

use super::Layer;
use crate::spam::{
    DisposableMail, MAX_ADDRESSES, Signals, disposable,
    filter::SpamFilter,
    mail::Address,
    score::{Effect, Finding, quote},
};

pub(super) const LAYER: Layer = Layer { name: "disposable_mail", judge };

/// Some people are only careful.
const POINTS: u32 = 4;

fn judge(filter: &SpamFilter, signals: &Signals<'_>) -> Option<Finding> {
    let effect = match filter.rules.disposable_mail {
        DisposableMail::Allow => return None,
        DisposableMail::Suspicious => Effect::Points,
        DisposableMail::Refuse => Effect::Refuse,
    };
    let addresses = signals.mail_addresses.iter().take(MAX_ADDRESSES);
    let domain = addresses
        .filter_map(|text| Address::parse(text))
        .find_map(|address| disposable::listed(&address.domain).map(quote))?;
    let message = format!("uses a mail address to be thrown away, at `{domain}`");
    Some(Finding { points: POINTS, message, effect })
}
