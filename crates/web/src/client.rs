//! Who is on the other side: the client's address, and the address that they reached us under.

use std::net::{IpAddr, SocketAddr};

use http::HeaderMap;
use ipnet::IpNet;
use url::Url;

/// The address of the connection's other end, put into each request by the accept loop.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer(pub(crate) SocketAddr);

/// The client's address: the peer's, unless the peer is a trusted proxy; then the right-most one
/// in `X-Forwarded-For`, or else in `Forwarded` (RFC 7239), that is not itself trusted.
///
/// What cannot be read ends the search: the last trusted hop is then the answer, never a guess.
pub(crate) fn client_address(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let mut address = peer.to_canonical();
    if !is_trusted(address, trusted) {
        return address;
    }
    for hop in forwarded(headers).into_iter().rev() {
        let Some(hop) = hop else { break };
        address = hop;
        if !is_trusted(address, trusted) {
            break;
        }
    }
    address
}

/// The proxies on a request's way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Way {
    /// How many addresses the request's head states, believed or not.
    pub(crate) forwarded: usize,
    /// How many proxies are believed: the peer, and those before it as far as all are.
    pub(crate) trusted: usize,
}

impl Way {
    pub(crate) fn of(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> Self {
        let forwarded = forwarded(headers);
        let way = [Some(peer.to_canonical())].into_iter().chain(forwarded.iter().rev().copied());
        let believed = |hop: &Option<IpAddr>| hop.is_some_and(|hop| is_trusted(hop, trusted));
        Self { forwarded: forwarded.len(), trusted: way.take_while(believed).count() }
    }
}

/// What `X-Forwarded-For` or else `Forwarded` states, in the order of the hops; none for what cannot
/// be read.
fn forwarded(headers: &HeaderMap) -> Vec<Option<IpAddr>> {
    if headers.contains_key("x-forwarded-for") {
        hops(headers, "x-forwarded-for").map(|hop| parse_hop(&hop)).collect()
    } else {
        hops(headers, "forwarded").map(|hop| parse_hop(&forwarded_for(&hop)?)).collect()
    }
}

/// The address under which the client reached us: the one that is set, else the request's `Host`,
/// with the scheme that a trusted proxy states.
pub(crate) fn own_address(
    public: Option<&Url>,
    peer: IpAddr,
    headers: &HeaderMap,
    trusted: &[IpNet],
) -> Url {
    if let Some(public) = public {
        return public.clone();
    }
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let https = is_trusted(peer.to_canonical(), trusted)
        && text("x-forwarded-proto").is_some_and(|proto| proto.eq_ignore_ascii_case("https"));
    let scheme = if https { "https" } else { "http" };
    let host = text("host").unwrap_or_default();
    let plain = !host.is_empty()
        && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-:[]_".contains(&byte));
    let host = if plain { host } else { "localhost" };
    let fallback = || Url::parse("http://localhost/").expect("a fixed address parses");
    Url::parse(&format!("{scheme}://{host}/")).unwrap_or_else(|_| fallback())
}

/// Whether what this address says of others is believed.
pub(crate) fn is_trusted(address: IpAddr, trusted: &[IpNet]) -> bool {
    trusted.iter().any(|network| network.contains(&address))
}

fn hops<'a>(headers: &'a HeaderMap, name: &'a str) -> impl Iterator<Item = String> {
    headers.get_all(name).iter().flat_map(|value| {
        String::from_utf8_lossy(value.as_bytes())
            .split(',')
            .map(|hop| hop.trim().to_owned())
            .collect::<Vec<_>>()
    })
}

fn forwarded_for(element: &str) -> Option<String> {
    let pair = element
        .split(';')
        .map(str::trim)
        .find(|pair| pair.get(..4).is_some_and(|name| name.eq_ignore_ascii_case("for=")))?;
    Some(pair[4..].trim_matches('"').to_owned())
}

/// Reads `192.0.2.1`, `192.0.2.1:4711`, `2001:db8::1`, `[2001:db8::1]` and `[2001:db8::1]:4711`.
fn parse_hop(hop: &str) -> Option<IpAddr> {
    let address = hop
        .parse::<IpAddr>()
        .ok()
        .or_else(|| hop.parse::<SocketAddr>().ok().map(|socket| socket.ip()));
    let bracketed = || hop.strip_prefix('[')?.strip_suffix(']')?.parse::<IpAddr>().ok();
    address.or_else(bracketed).map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(peer: &str, headers: &[(&'static str, &str)]) -> String {
        let trusted = ["10.0.0.0/8".parse().unwrap(), "fd00::/8".parse().unwrap()];
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, value.parse().unwrap());
        }
        client_address(peer.parse().unwrap(), &map, &trusted).to_string()
    }

    #[test]
    fn nothing_that_an_untrusted_peer_states_is_believed() {
        for header in
            [("x-forwarded-for", "1.1.1.1"), ("forwarded", "for=1.1.1.1"), ("x-real-ip", "1.1.1.1")]
        {
            assert_eq!(address("203.0.113.9", &[header]), "203.0.113.9");
        }
        assert_eq!(address("::ffff:203.0.113.9", &[("x-forwarded-for", "1.1.1.1")]), "203.0.113.9");
    }

    #[test]
    fn behind_trusted_proxies_it_is_the_rightmost_untrusted_hop() {
        let cases = [
            (vec![("x-forwarded-for", "6.6.6.6, 198.51.100.7")], "198.51.100.7"),
            (vec![("x-forwarded-for", "6.6.6.6, 198.51.100.7, 10.2.2.2")], "198.51.100.7"),
            (
                vec![("x-forwarded-for", "6.6.6.6"), ("x-forwarded-for", "198.51.100.7")],
                "198.51.100.7",
            ),
            (vec![("x-forwarded-for", "6.6.6.6, [2001:db8::1]:4711")], "2001:db8::1"),
            (vec![("x-forwarded-for", "198.51.100.7:81")], "198.51.100.7"),
            (
                vec![("forwarded", "for=6.6.6.6, For=\"[2001:db8::1]:4711\";proto=https")],
                "2001:db8::1",
            ),
            (
                vec![("x-forwarded-for", "198.51.100.7"), ("forwarded", "for=6.6.6.6")],
                "198.51.100.7",
            ),
            (vec![("x-forwarded-for", "6.6.6.6, unknown")], "10.1.1.1"),
            (vec![("x-forwarded-for", "6.6.6.6, unknown, 10.3.3.3")], "10.3.3.3"),
            (vec![("x-forwarded-for", "10.4.4.4, 10.3.3.3")], "10.4.4.4"),
            (vec![("x-forwarded-for", "")], "10.1.1.1"),
            (vec![("x-real-ip", "6.6.6.6")], "10.1.1.1"),
            (vec![], "10.1.1.1"),
        ];
        for (headers, expected) in cases {
            assert_eq!(address("10.1.1.1", &headers), expected, "{headers:?}");
        }
    }
}
