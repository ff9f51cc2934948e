//! Networks that the owner does not want to hear from.

use std::net::IpAddr;

use ipnet::IpNet;

use super::Layer;
use crate::spam::{
    Signals,
    filter::{Problems, SpamFilter},
    score::Finding,
};

pub(super) const LAYER: Layer = Layer { name: "banned_networks", judge };

const POINTS: u32 = 15;

fn judge(filter: &SpamFilter, signals: &Signals<'_>) -> Option<Finding> {
    // ::ffff:192.0.2.1 is 192.0.2.1.
    let address = signals.client_address?.to_canonical();
    let network = filter.networks.0.iter().find(|network| network.contains(&address))?;
    Some(Finding::points(POINTS, format!("came from the banned network {network}")))
}

/// The owner's networks.
#[derive(Debug, Clone)]
pub(in crate::spam) struct BannedNetworks(Vec<IpNet>);

impl BannedNetworks {
    pub(in crate::spam) fn compile(entries: &[String], problems: &mut Problems) -> Self {
        Self(problems.list("banned_networks", entries, parse))
    }
}

fn parse(text: &str) -> Result<IpNet, String> {
    let one = |text: &str| text.parse::<IpAddr>().map(IpNet::from);
    let network: IpNet = text.parse().or_else(|_| one(text)).map_err(|_| {
        format!("`{text}` is no network: write `192.0.2.0/24`, `2001:db8::/32` or one address")
    })?;
    let network = canonical(network.trunc());
    if network.prefix_len() == 0 {
        return Err(format!("`{text}` would ban everybody"));
    }
    Ok(network)
}

fn canonical(network: IpNet) -> IpNet {
    match (network.addr().to_canonical(), network.prefix_len().checked_sub(96)) {
        (IpAddr::V4(address), Some(length)) if network.addr().is_ipv6() => {
            IpNet::new(address.into(), length).unwrap_or(network)
        }
        _ => network,
    }
}
