//! How the address of Redis is written, in its four forms.

use std::path::PathBuf;

use percent_encoding::percent_decode_str;
use redis::{ConnectionAddr, ConnectionInfo, IntoConnectionInfo as _, RedisConnectionInfo};

const REDIS_PORT: u16 = 6379;
const SENTINEL_PORT: u16 = 26379;

/// Where Redis is.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Address {
    pub(crate) kind: Kind,
    pub(crate) tls: bool,
    user: Option<String>,
    password: Option<String>,
    hosts: Vec<(String, u16)>,
    pub(crate) database: i64,
    /// What all keys and the channel begin with.
    pub(crate) prefix: String,
    pub(crate) sentinel_password: Option<String>,
    /// Certificates to trust instead of the usual ones, as PEM.
    pub(crate) ca_file: Option<PathBuf>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kind {
    Single,
    Cluster,
    Sentinel { service: String },
}

/// Why an address is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct AddressProblem(String);

fn problem<T>(text: impl Into<String>) -> Result<T, AddressProblem> {
    Err(AddressProblem(text.into()))
}

impl Address {
    pub(crate) fn parse(url: &str) -> Result<Self, AddressProblem> {
        let Some((scheme, rest)) = url.split_once("://") else {
            return problem("must start with redis:// or rediss://");
        };
        let (tls, form) = match scheme.split_once('+').unwrap_or((scheme, "")) {
            ("redis", form) => (false, form),
            ("rediss", form) => (true, form),
            _ => return problem("must start with redis:// or rediss://"),
        };
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        // From the right: a password may hold an at sign that nobody escaped, a host cannot.
        let (person, place) = match rest.rsplit_once('@') {
            Some((person, place)) => (Some(person), place),
            None => (None, rest),
        };
        let (hosts, path) = place.split_once('/').unwrap_or((place, ""));
        let kind = match (form, path) {
            ("", _) => Kind::Single,
            ("cluster", "" | "0") => Kind::Cluster,
            ("cluster", _) => return problem("a cluster has no database numbers"),
            ("sentinel", "") => return problem("needs the name of the service: hosts/<name>"),
            ("sentinel", service) => Kind::Sentinel { service: decode(service)? },
            _ => return problem("knows redis+cluster:// and redis+sentinel:// beside redis://"),
        };
        let port = if form == "sentinel" { SENTINEL_PORT } else { REDIS_PORT };
        let hosts =
            hosts.split(',').map(|host| parse_host(host, port)).collect::<Result<Vec<_>, _>>()?;
        if kind == Kind::Single && hosts.len() > 1 {
            return problem("has more than one host: write redis+cluster:// or redis+sentinel://");
        }
        let (user, password) = match person.map(|it| it.split_once(':').unwrap_or((it, ""))) {
            None => (None, None),
            Some((user, password)) => (some(decode(user)?), some(decode(password)?)),
        };
        let mut address = Self {
            database: if kind == Kind::Single { database(path)? } else { 0 },
            kind,
            tls,
            user,
            password,
            hosts,
            prefix: "formhold".to_owned(),
            sentinel_password: None,
            ca_file: None,
        };
        for (key, value) in url::form_urlencoded::parse(query.as_bytes()) {
            match (&*key, &address.kind) {
                ("db", Kind::Single | Kind::Sentinel { .. }) => {
                    address.database = database(&value)?
                }
                ("prefix", _) if !value.is_empty() => address.prefix = value.into_owned(),
                ("sentinel_password", Kind::Sentinel { .. }) => {
                    address.sentinel_password = some(value.into_owned());
                }
                ("ca_file", _) if tls => address.ca_file = Some(PathBuf::from(value.into_owned())),
                (key, _) => return problem(format!("has `{key}`, which means nothing here")),
            }
        }
        Ok(address)
    }

    /// The address without passwords, for people.
    pub(crate) fn shown(&self) -> String {
        let form = match &self.kind {
            Kind::Single => "",
            Kind::Cluster => "+cluster",
            Kind::Sentinel { .. } => "+sentinel",
        };
        let user = self.user.as_ref().map(|user| format!("{user}@")).unwrap_or_default();
        let host = |(host, port): &(String, u16)| {
            if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
        };
        let hosts: Vec<String> = self.hosts.iter().map(host).collect();
        let path = match &self.kind {
            Kind::Sentinel { service } if self.database == 0 => format!("/{service}"),
            Kind::Sentinel { service } => format!("/{service}?db={}", self.database),
            _ if self.database == 0 => String::new(),
            _ => format!("/{}", self.database),
        };
        let tls = if self.tls { "s" } else { "" };
        format!("redis{tls}{form}://{user}{}{path}", hosts.join(","))
    }

    /// What Redis' own user, password and database are.
    pub(crate) fn login(&self) -> RedisConnectionInfo {
        // The third version of the protocol, because messages then share the one connection with
        // everything else: when it breaks, both know.
        let mut login = RedisConnectionInfo::default()
            .set_db(self.database)
            .set_protocol(redis::ProtocolVersion::RESP3);
        if let Some(user) = &self.user {
            login = login.set_username(user);
        }
        if let Some(password) = &self.password {
            login = login.set_password(password);
        }
        login
    }

    /// The hosts of the address.
    pub(crate) fn places(&self) -> Vec<ConnectionAddr> {
        let place = |(host, port): &(String, u16)| match self.tls {
            false => ConnectionAddr::Tcp(host.clone(), *port),
            true => ConnectionAddr::TcpTls {
                host: host.clone(),
                port: *port,
                insecure: false,
                tls_params: None,
            },
        };
        self.hosts.iter().map(place).collect()
    }

    /// The hosts of the address as servers to log in to.
    pub(crate) fn servers(&self) -> redis::RedisResult<Vec<ConnectionInfo>> {
        let server = |place: ConnectionAddr| {
            Ok(place.into_connection_info()?.set_redis_settings(self.login()))
        };
        self.places().into_iter().map(server).collect()
    }
}

fn parse_host(text: &str, default_port: u16) -> Result<(String, u16), AddressProblem> {
    let bracketed = text.strip_prefix('[').and_then(|rest| rest.split_once(']'));
    let (host, port) = match bracketed {
        Some((host, "")) => (host, None),
        Some((host, rest)) => (host, rest.strip_prefix(':').or(Some("?"))),
        None => text.split_once(':').map_or((text, None), |(host, port)| (host, Some(port))),
    };
    if host.is_empty() {
        return problem("needs a host");
    }
    let port = port.map_or(Ok(default_port), str::parse);
    match port {
        Ok(port) if port > 0 => Ok((host.to_owned(), port)),
        _ => problem(format!("`{text}` has no port between 1 and 65535")),
    }
}

fn database(text: &str) -> Result<i64, AddressProblem> {
    match text {
        "" => Ok(0),
        number => match number.parse::<u16>() {
            Ok(number) => Ok(i64::from(number)),
            Err(_) => problem(format!("`{number}` is no database number")),
        },
    }
}

fn decode(text: &str) -> Result<String, AddressProblem> {
    match percent_decode_str(text).decode_utf8() {
        Ok(text) => Ok(text.into_owned()),
        Err(_) => problem("is no UTF-8"),
    }
}

fn some(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[rstest::rstest]
    #[case("redis://localhost", "redis://localhost:6379")]
    #[case("redis://:p%40ss@localhost:7000/3", "redis://localhost:7000/3")]
    #[case("redis://me:p@ss@localhost?db=2&prefix=test", "redis://me@localhost:6379/2")]
    #[case("rediss://[2001:db8::1]:7000", "rediss://[2001:db8::1]:7000")]
    #[case("redis+cluster://:secret@a:1,b:2,c", "redis+cluster://a:1,b:2,c:6379")]
    #[case("redis+sentinel://a,b:2/main?db=4", "redis+sentinel://a:26379,b:2/main?db=4")]
    #[case("rediss+sentinel://:x@a/main?sentinel_password=y", "rediss+sentinel://a:26379/main")]
    fn an_address_is_read_and_shown_without_its_passwords(#[case] url: &str, #[case] shown: &str) {
        assert_eq!(Address::parse(url).unwrap().shown(), shown);
    }

    #[test]
    fn a_password_is_decoded() {
        let address = Address::parse("redis://me:p%40s%2Fs@localhost").unwrap();
        assert_eq!(address.password.as_deref(), Some("p@s/s"));
        assert_eq!(address.user.as_deref(), Some("me"));
    }

    #[rstest::rstest]
    fn what_is_no_address_is_refused(
        #[values(
            "localhost:6379",
            "http://localhost",
            "redis://",
            "redis://:6379",
            "redis://a:0",
            "redis://a:70000",
            "redis://a:b",
            "redis://a,b",
            "redis://a/one",
            "redis://a?what=1",
            "redis+cluster://a/1",
            "redis+cluster://a?db=1",
            "redis+sentinel://a",
            "redis+ring://a",
            "redis://a?ca_file=/etc/ca.pem",
            "redis://[::1",
            "redis://[::1]x",
            "redis://%ff@a"
        )]
        url: &str,
    ) {
        assert!(Address::parse(url).is_err(), "{url}");
    }
}
