//! The layers, one file each; a new one is a file and a line in [`ALL`].
//!
//! A layer is a name and a function that gives a finding or nothing. None may give so many points
//! that it refuses an honest person alone under the default rules; a test adds up their most.

mod banned_addresses;
mod banned_networks;
mod banned_words;
mod bayes;
mod captcha;
mod copies;
mod disposable_mail;
mod honeypot;
mod links;
mod proof_of_work;
mod time_to_fill;

pub(super) use banned_addresses::BannedAddresses;
pub(super) use banned_networks::BannedNetworks;
pub(super) use banned_words::BannedWords;

use super::{Signals, filter::SpamFilter, score::Finding};

/// One way to tell spam.
pub(super) struct Layer {
    /// Its stable name, as stored with reasons.
    pub(super) name: &'static str,
    /// What it finds.
    pub(super) judge: fn(&SpamFilter, &Signals<'_>) -> Option<Finding>,
}

/// All layers, in the order in which their reasons are shown.
pub(super) const ALL: &[Layer] = &[
    honeypot::LAYER,
    captcha::LAYER,
    proof_of_work::LAYER,
    time_to_fill::LAYER,
    banned_networks::LAYER,
    banned_addresses::LAYER,
    banned_words::LAYER,
    disposable_mail::LAYER,
    copies::LAYER,
    links::LAYER,
    bayes::LAYER,
];

/// True for the layers that look for what an owner banned by name.
pub(super) fn is_ban(layer: &str) -> bool {
    layer.starts_with("banned_")
}

/// The stable names of all layers.
pub fn names() -> impl Iterator<Item = &'static str> {
    ALL.iter().map(|layer| layer.name)
}
