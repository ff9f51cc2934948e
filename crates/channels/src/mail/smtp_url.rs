//! The address of a mail server.

use percent_encoding::percent_decode_str;
use url::{Host, Url};

use super::settings::is_here;

/// A mail server, as `mail.smtp_url` names it.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct SmtpServer {
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) security: Security,
    pub(crate) login: Option<(String, String)>,
}

/// How a connection is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Security {
    /// Not at all; only to this machine.
    Plain,
    /// By STARTTLS, without which nothing is sent.
    StartTls,
    /// From the first byte.
    Tls,
}

impl SmtpServer {
    /// Parses `smtps://user:password@host:port` or `smtp://…`. The latter is protected by STARTTLS,
    /// except to this machine, where `?starttls=required` asks for it.
    ///
    /// # Errors
    /// Says what the address looks like; it never repeats the address, which has a password.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let shape = || {
            "must be smtps://user:password@host:port, or smtp:// for STARTTLS; signs like @ : / in a \
             password are written as %40 %3A %2F"
                .to_owned()
        };
        let url = Url::parse(text).map_err(|_| shape())?;
        let name = url.host_str().filter(|host| !host.is_empty()).ok_or_else(shape)?;
        let name = name.trim_matches(['[', ']']).to_ascii_lowercase();
        if !matches!(url.path(), "" | "/") || url.fragment().is_some() {
            return Err(shape());
        }
        let must_start_tls = match url.query() {
            None => false,
            Some("starttls=required") => true,
            Some(_) => {
                return Err("may have ?starttls=required at its end, and nothing else".into());
            }
        };
        // Other schemes than those of the web leave numbers as they are written.
        let host = match name.parse() {
            Ok(address) => Host::Ipv6(address),
            Err(_) => Host::parse(&name).map_err(|_| shape())?,
        };
        let security = match url.scheme() {
            "smtps" => Security::Tls,
            "smtp" if is_here(host) && !must_start_tls => Security::Plain,
            "smtp" => Security::StartTls,
            _ => return Err(shape()),
        };
        let port = url.port().unwrap_or(match security {
            Security::Plain => 25,
            Security::StartTls => 587,
            Security::Tls => 465,
        });
        let decode = |text| percent_decode_str(text).decode_utf8().map(String::from);
        let user = decode(url.username()).map_err(|_| shape())?;
        let password = decode(url.password().unwrap_or_default()).map_err(|_| shape())?;
        if user.is_empty() != password.is_empty() {
            return Err("must have both a user and a password, or neither".to_owned());
        }
        let login = (!user.is_empty()).then_some((user, password));
        Ok(Self { host: name, port, security, login })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Result<(String, u16, Security), String> {
        SmtpServer::parse(text).map(|server| (server.host, server.port, server.security))
    }

    #[test]
    fn nothing_goes_out_unprotected_but_to_this_machine() {
        use Security::{Plain, StartTls, Tls};
        let table = [
            ("smtps://mail.example.org", "mail.example.org", 465, Tls),
            ("smtps://mail.example.org:2465/", "mail.example.org", 2465, Tls),
            ("smtp://mail.example.org", "mail.example.org", 587, StartTls),
            ("smtp://MAIL.example.org:25", "mail.example.org", 25, StartTls),
            ("smtp://mail.example.org?starttls=required", "mail.example.org", 587, StartTls),
            ("smtp://10.0.0.5", "10.0.0.5", 587, StartTls),
            ("smtp://[2001:db8::1]", "2001:db8::1", 587, StartTls),
            ("smtp://localhost.example.org", "localhost.example.org", 587, StartTls),
            ("smtp://localhost", "localhost", 25, Plain),
            ("smtp://127.0.0.1:1025", "127.0.0.1", 1025, Plain),
            ("smtp://[::1]", "::1", 25, Plain),
            ("smtp://localhost?starttls=required", "localhost", 587, StartTls),
            ("smtps://localhost", "localhost", 465, Tls),
        ];
        for (text, host, port, security) in table {
            assert_eq!(shown(text), Ok((host.to_owned(), port, security)), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_meant_is_refused_without_repeating_a_password() {
        let wrong = [
            "",
            "mail.example.org",
            "mail.example.org:587",
            "http://mail.example.org",
            "smtp://",
            "smtp:///path",
            "smtp://user:hidden@",
            "smtp://user@mail.example.org",
            "smtp://user:hidden@mail.example.org/path",
            "smtp://user:hidden@mail.example.org?tls=none",
            "smtp://user:hidden@mail.example.org?starttls=optional",
            "smtp://user:hid/den@mail.example.org",
            "smtps://user:hid#den@mail.example.org",
        ];
        for text in wrong {
            let message = shown(text).expect_err(text);
            assert!(!message.contains("hid") && !message.contains("den"), "{message}");
        }
    }

    #[test]
    fn a_password_may_have_every_sign_when_it_is_written_out() {
        let server = SmtpServer::parse("smtps://me%40example.org:a%3Ab%2Fc%25@mail.example.org");
        let login = server.expect("a server").login;
        assert_eq!(login, Some(("me@example.org".to_owned(), "a:b/c%".to_owned())));
    }
}
