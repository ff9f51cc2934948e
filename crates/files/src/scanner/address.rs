//! Where the scanner listens.

use std::path::PathBuf;

/// Where the scanner listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Address {
    /// Host and port.
    Tcp(String),
    /// The path of a socket.
    Unix(PathBuf),
}

impl Address {
    /// Parses the setting; none where it is empty.
    pub(crate) fn parse(text: &str) -> Result<Option<Self>, String> {
        if text.is_empty() {
            return Ok(None);
        }
        if let Some(path) = text.strip_prefix("unix://").filter(|path| path.starts_with('/')) {
            return Ok(Some(Self::Unix(path.into())));
        }
        let place = text.strip_prefix("tcp://").and_then(|place| place.rsplit_once(':'));
        match place {
            Some((host, port))
                if !host.is_empty() && port.parse::<u16>().is_ok_and(|port| port > 0) =>
            {
                Ok(Some(Self::Tcp(format!("{host}:{port}"))))
            }
            _ => Err("must be tcp://host:port, unix:///path/of/socket or empty".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Address;

    #[test]
    fn an_address_is_a_host_with_port_or_a_socket() {
        assert_eq!(Address::parse(""), Ok(None));
        let local = Address::parse("tcp://127.0.0.1:3310");
        assert_eq!(local, Ok(Some(Address::Tcp("127.0.0.1:3310".to_owned()))));
        let six = Address::parse("tcp://[::1]:3310");
        assert_eq!(six, Ok(Some(Address::Tcp("[::1]:3310".to_owned()))));
        let socket = Address::parse("unix:///run/clamav/clamd.ctl");
        assert_eq!(socket, Ok(Some(Address::Unix("/run/clamav/clamd.ctl".into()))));
        for wrong in [
            "127.0.0.1:3310",
            "tcp://",
            "tcp://host",
            "tcp://:1",
            "tcp://h:0",
            "tcp://h:x",
            "unix://relative",
        ] {
            assert!(Address::parse(wrong).is_err(), "{wrong}");
        }
    }
}
