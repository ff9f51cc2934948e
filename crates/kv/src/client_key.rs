//! What counts as one client.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The key under which a client's address is limited and counted.
///
/// IPv4 as it is. IPv6 by its /64, because that is what one household or one machine gets, as
/// `2001:db8:1:2::/64`. An IPv4 address inside of an IPv6 address (`::ffff:0:0/96` of sockets that
/// take both, `64:ff9b::/96` of translators, RFC 6052) is that IPv4 address; by their /64, all of
/// the IPv4 world would be one client.
#[must_use]
pub fn client_key(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => inner_ipv4(address).map_or_else(
            || {
                let [a, b, c, d, ..] = address.segments();
                format!("{}/64", Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
            },
            |inner| inner.to_string(),
        ),
    }
}

fn inner_ipv4(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let translated = match address.segments() {
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
            Some(Ipv4Addr::from(u32::from(high) << 16 | u32::from(low)))
        }
        _ => None,
    };
    address.to_ipv4_mapped().or(translated)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[rstest::rstest]
    #[case("192.0.2.1", "192.0.2.1")]
    #[case("::ffff:192.0.2.1", "192.0.2.1")]
    #[case("64:ff9b::c000:201", "192.0.2.1")]
    #[case("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64")]
    #[case("2001:db8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1:2::/64")]
    #[case("2001:db8:1:3::1", "2001:db8:1:3::/64")]
    #[case("::1", "::/64")]
    #[case("fe80::1", "fe80::/64")]
    fn an_address_has_the_key_of_its_network(#[case] address: IpAddr, #[case] key: &str) {
        assert_eq!(client_key(address), key);
    }
}
