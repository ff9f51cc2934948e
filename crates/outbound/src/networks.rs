//! Which addresses are public, and so may be called because a user says so.

use std::{
    net::{IpAddr, Ipv6Addr},
    sync::LazyLock,
};

use ipnet::IpNet;

/// What is not public, by the registries for special purposes of IANA
/// (<https://www.iana.org/assignments/iana-ipv4-special-registry>, `iana-ipv6-special-registry`).
/// Of IPv6 everything outside of `2000::/3` is refused as well: loopback, link-local, unique local,
/// multicast, and all ways to write an IPv4 address in an IPv6 one (`::ffff:0:0/96`, `::/96`,
/// `64:ff9b::/96`, `64:ff9b:1::/48`).
const REFUSED: &[&str] = &[
    "0.0.0.0/8",        // this network; 0.0.0.0 reaches the machine itself
    "10.0.0.0/8",       // private
    "100.64.0.0/10",    // behind a provider's address translation; metadata of Alibaba
    "127.0.0.0/8",      // loopback
    "168.63.129.16/32", // what Azure tells its machines
    "169.254.0.0/16",   // link-local; metadata of most clouds
    "172.16.0.0/12",    // private
    "192.0.0.0/24",     // protocols; metadata of Oracle
    "192.0.2.0/24",     // documentation
    "192.88.99.0/24",   // relays of 6to4
    "192.168.0.0/16",   // private
    "198.18.0.0/15",    // benchmarks
    "198.51.100.0/24",  // documentation
    "203.0.113.0/24",   // documentation
    "224.0.0.0/4",      // multicast
    "240.0.0.0/4",      // reserved, broadcast
    "2001::/23",        // protocols, among them Teredo, which has an IPv4 address inside
    "2001:db8::/32",    // documentation
    "2002::/16",        // 6to4, which has an IPv4 address inside
    "3fff::/20",        // documentation
];

static REFUSED_NETWORKS: LazyLock<Vec<IpNet>> = LazyLock::new(|| {
    REFUSED.iter().map(|text| text.parse().expect("the table has networks only")).collect()
});

/// True for an address of the public internet. An IPv6 address that stands for an IPv4 address is
/// never public, whatever the other is: nobody has to be reached that way.
pub(crate) fn is_public(address: IpAddr) -> bool {
    let in_use = match address {
        IpAddr::V4(_) => true,
        IpAddr::V6(address) => is_global_unicast(address),
    };
    in_use && !REFUSED_NETWORKS.iter().any(|network| network.contains(&address))
}

/// `2000::/3`, all that was ever given out.
fn is_global_unicast(address: Ipv6Addr) -> bool {
    address.segments()[0] & 0xe000 == 0x2000
}
