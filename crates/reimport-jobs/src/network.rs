//! Why there was no complete response, in words.
//!
//! Nothing here contains a URL, because the link of an export is a secret. Only hosts are named.

use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::time::Duration;

use ureq::http::Uri;
use ureq::{Proxy, Timeout};

use crate::http::Timeouts;

/// Why there was no complete response.
///
/// The [`source`](StdError::source) is the error of the operating system, the TLS library or the HTTP library.
#[derive(Debug)]
pub struct NetworkError(Box<Details>);

#[derive(Debug)]
struct Details {
    kind: NetworkErrorKind,
    message: String,
    /// True if the connection to the proxy failed.
    is_of_proxy: bool,
    is_before_sending: bool,
    is_permanent: bool,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

/// The kind of a [`NetworkError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum NetworkErrorKind {
    /// There is no host with this name.
    NoSuchHost,
    /// The name of the host could not be looked up, for example because this machine is offline.
    LookupFailed,
    /// The host is there, but does not accept connections on this port.
    Refused,
    /// No route leads to the host.
    Unreachable,
    /// There was no connection, or no complete response, within the time limit.
    Timeout,
    /// The certificate of the host is not valid, not trusted or for another name.
    Certificate,
    /// There is no secure connection for another reason, for example because the server does not use TLS.
    Tls,
    /// The proxy refused to connect to the host.
    Proxy,
    /// The connection was closed before the response was complete.
    Closed,
    /// The response is not HTTP.
    NotHttp,
    /// The request cannot be made: the address, a header or the proxy is not valid.
    InvalidRequest,
    /// Another error.
    Other,
}

impl NetworkError {
    /// Returns the kind.
    pub fn kind(&self) -> NetworkErrorKind {
        self.0.kind
    }

    /// Returns true if the proxy was not reached, or refused to connect to the host.
    pub fn is_of_proxy(&self) -> bool {
        self.0.is_of_proxy
    }

    /// Returns true if the error occurred before the first byte of the request was sent.
    pub(crate) fn is_before_sending(&self) -> bool {
        self.0.is_before_sending
    }

    /// Returns true if every further try would have this error as well. A host that was `reached` before exists, so its
    /// name will be found again.
    pub(crate) fn is_permanent(&self, reached: bool) -> bool {
        self.0.is_permanent || (self.0.kind == NetworkErrorKind::NoSuchHost && !reached)
    }

    /// Describes the error of a request to `host`.
    pub(crate) fn new(error: ureq::Error, host: &Host<'_>) -> Self {
        let (kind, message) = describe(&error, host);
        let is_connecting = match &error {
            ureq::Error::Io(error) => lookup_error(error).is_some() || is_connecting(error),
            ureq::Error::HostNotFound
            | ureq::Error::ConnectProxyFailed(_)
            | ureq::Error::Timeout(Timeout::Resolve | Timeout::Connect) => true,
            _ => false,
        };
        // After a connection was refused, no byte can have been sent. An unreachable network is also reported for a
        // connection that was open.
        let is_before_sending = match &error {
            ureq::Error::Io(error) => {
                lookup_error(error).is_some()
                    || error.kind() == io::ErrorKind::ConnectionRefused
                    || error.kind() == io::ErrorKind::InvalidData
            }
            ureq::Error::ConnectionFailed | ureq::Error::Tls(_) | ureq::Error::Rustls(_) => true,
            _ => is_connecting || kind == NetworkErrorKind::InvalidRequest,
        };
        let is_permanent = match kind {
            NetworkErrorKind::Certificate | NetworkErrorKind::Tls | NetworkErrorKind::InvalidRequest => true,
            // With another status, the proxy has failed to connect, and may succeed later.
            NetworkErrorKind::Proxy => proxy_status(&error).is_some_and(|status| status.starts_with('4')),
            _ => false,
        };
        let source: Option<Box<dyn StdError + Send + Sync>> = match error {
            // These contain the URL.
            ureq::Error::BadUri(_) | ureq::Error::RequireHttpsOnly(_) | ureq::Error::Http(_) => None,
            ureq::Error::Io(error) => Some(error.into()),
            ureq::Error::Rustls(error) => Some(error.into()),
            error => Some(error.into()),
        };
        let is_of_proxy = host.proxy.is_some() && is_connecting;
        Self(Box::new(Details { kind, message, is_of_proxy, is_before_sending, is_permanent, source }))
    }
}

impl fmt::Display for NetworkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl StdError for NetworkError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}

/// The host of a request.
pub(crate) struct Host<'a> {
    /// The host, with the port if the URL has one.
    name: String,
    /// The proxy that the request uses, without its user and password.
    proxy: Option<String>,
    timeouts: &'a Timeouts,
}

impl<'a> Host<'a> {
    pub(crate) fn new(uri: &Uri, proxy: Option<&Proxy>, timeouts: &'a Timeouts) -> Self {
        let host = uri.host().unwrap_or_default();
        let name = uri.port_u16().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
        let proxy = proxy.filter(|proxy| !proxy.is_no_proxy(uri));
        let proxy = proxy.map(|proxy| format!("the proxy {}:{}", proxy.host(), proxy.port()));
        Self { name, proxy, timeouts }
    }

    /// Returns what this machine connects to: the proxy, if there is one.
    fn peer(&self) -> &str {
        self.proxy.as_deref().unwrap_or(&self.name)
    }

    fn limit(&self, timeout: Timeout) -> Duration {
        match timeout {
            Timeout::Resolve | Timeout::Connect => self.timeouts.connect,
            Timeout::RecvResponse => self.timeouts.download_response,
            Timeout::PerRead => self.timeouts.download_pause,
            _ => self.timeouts.call,
        }
    }
}

fn describe(error: &ureq::Error, host: &Host<'_>) -> (NetworkErrorKind, String) {
    let (name, peer) = (&host.name, host.peer());
    match error {
        ureq::Error::Io(error) => describe_io(error, host),
        ureq::Error::Rustls(error) => describe_tls(error, name),
        ureq::Error::Tls(reason) => (NetworkErrorKind::Tls, no_tls(name, reason)),
        ureq::Error::HostNotFound => {
            (NetworkErrorKind::NoSuchHost, format!("cannot reach {peer}: no such host"))
        }
        ureq::Error::ConnectionFailed => (NetworkErrorKind::Other, format!("cannot reach {peer}")),
        ureq::Error::Timeout(timeout @ (Timeout::Resolve | Timeout::Connect)) => {
            let limit = seconds(host.limit(*timeout));
            (NetworkErrorKind::Timeout, format!("cannot reach {peer}: no connection within {limit}"))
        }
        ureq::Error::Timeout(timeout @ Timeout::PerRead) => {
            let limit = seconds(host.limit(*timeout));
            (NetworkErrorKind::Timeout, format!("{name} sent nothing for {limit}"))
        }
        ureq::Error::Timeout(timeout) => {
            let limit = seconds(host.limit(*timeout));
            (NetworkErrorKind::Timeout, format!("{name} did not answer completely within {limit}"))
        }
        ureq::Error::ConnectProxyFailed(_) => {
            let message = match proxy_status(error) {
                Some("407") => {
                    format!("{peer} refused the connection to {name}: it needs a user and password")
                }
                Some(status) => format!("{peer} refused the connection to {name} with status {status}"),
                None => format!("{peer} did not answer the request to connect to {name}"),
            };
            (NetworkErrorKind::Proxy, message)
        }
        ureq::Error::BadUri(_) | ureq::Error::Http(_) => (
            NetworkErrorKind::InvalidRequest,
            "the request cannot be made: the address or a header is not valid".to_owned(),
        ),
        ureq::Error::InvalidProxyUrl => {
            (NetworkErrorKind::InvalidRequest, "the address of the proxy is not a URL".to_owned())
        }
        ureq::Error::RequireHttpsOnly(_) => {
            (NetworkErrorKind::InvalidRequest, "the address is not https".to_owned())
        }
        ureq::Error::TooManyRedirects | ureq::Error::RedirectFailed => {
            (NetworkErrorKind::Other, "too many redirects".to_owned())
        }
        _ => (NetworkErrorKind::NotHttp, format!("the answer of {name} is not HTTP, or is incomplete")),
    }
}

/// Returns the status of a proxy that refused to connect. The HTTP library has it only in a text.
fn proxy_status(error: &ureq::Error) -> Option<&str> {
    let ureq::Error::ConnectProxyFailed(reason) = error else { return None };
    reason.split(|c: char| !c.is_ascii_digit()).find(|digits| digits.len() == 3)
}

fn describe_io(error: &io::Error, host: &Host<'_>) -> (NetworkErrorKind, String) {
    let (name, peer) = (&host.name, host.peer());
    match lookup_error(error) {
        Some(LookupError::NotFound) => {
            return (NetworkErrorKind::NoSuchHost, format!("cannot reach {peer}: no such host"));
        }
        Some(LookupError::Failed) => {
            return (
                NetworkErrorKind::LookupFailed,
                format!("cannot reach {peer}: its name cannot be looked up; is this machine online?"),
            );
        }
        None => {}
    }
    match error.kind() {
        io::ErrorKind::ConnectionRefused => {
            (NetworkErrorKind::Refused, format!("{peer} refused the connection"))
        }
        io::ErrorKind::NetworkUnreachable | io::ErrorKind::NetworkDown | io::ErrorKind::AddrNotAvailable => (
            NetworkErrorKind::Unreachable,
            format!("cannot reach {peer}: the network is unreachable; is this machine online?"),
        ),
        io::ErrorKind::HostUnreachable => {
            (NetworkErrorKind::Unreachable, format!("cannot reach {peer}: the host is unreachable"))
        }
        io::ErrorKind::TimedOut => (NetworkErrorKind::Timeout, format!("the connection to {name} timed out")),
        io::ErrorKind::UnexpectedEof
        | io::ErrorKind::ConnectionReset
        | io::ErrorKind::ConnectionAborted
        | io::ErrorKind::BrokenPipe => {
            (NetworkErrorKind::Closed, format!("{name} closed the connection before the answer was complete"))
        }
        io::ErrorKind::InvalidData => {
            match error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
                Some(error) => describe_tls(error, name),
                None => (NetworkErrorKind::Tls, no_tls(name, error)),
            }
        }
        kind => (NetworkErrorKind::Other, format!("the connection to {name} broke ({kind})")),
    }
}

fn describe_tls(error: &rustls::Error, name: &str) -> (NetworkErrorKind, String) {
    use rustls::CertificateError as Invalid;
    let message = match error {
        rustls::Error::InvalidCertificate(invalid) => {
            let why = match invalid {
                Invalid::NotValidForName | Invalid::NotValidForNameContext { .. } => {
                    "is for another name; is the host right, or is there a proxy in between?".to_owned()
                }
                Invalid::Expired | Invalid::ExpiredContext { .. } => {
                    "has expired; is the clock of this machine right?".to_owned()
                }
                Invalid::NotValidYet | Invalid::NotValidYetContext { .. } => {
                    "is not valid yet; is the clock of this machine right?".to_owned()
                }
                Invalid::UnknownIssuer => UNTRUSTED.to_owned(),
                // A usual self-signed certificate is a certificate of an authority. It has no own variant.
                Invalid::Other(other) if format!("{other:?}").contains("CaUsedAsEndEntity") => {
                    UNTRUSTED.to_owned()
                }
                _ => format!("is not valid ({error})"),
            };
            return (NetworkErrorKind::Certificate, format!("the certificate of {name} {why}"));
        }
        rustls::Error::InvalidMessage(rustls::InvalidMessage::InvalidContentType) => {
            format!(
                "{name} does not use TLS on this port; is the host right, or is there a proxy in between?"
            )
        }
        error => no_tls(name, error),
    };
    (NetworkErrorKind::Tls, message)
}

const UNTRUSTED: &str =
    "is not trusted: it is self-signed, or signed by an unknown authority; is there a proxy in between?";

fn no_tls(name: &str, reason: impl fmt::Display) -> String {
    format!("no secure connection to {name} ({reason}); is there a proxy in between?")
}

/// A failed lookup of a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LookupError {
    /// The name does not exist.
    NotFound,
    /// It is not known whether the name exists.
    Failed,
}

/// Returns why a name could not be looked up, if this is the error. The standard library has no kind for it: on Unix it
/// has this text, on Windows a code of Winsock.
fn lookup_error(error: &io::Error) -> Option<LookupError> {
    let text = error.to_string();
    if let Some(reason) = text.strip_prefix("failed to lookup address information: ") {
        // `EAI_AGAIN`, in the words of glibc and macOS, and of musl.
        let is_temporary = ["Temporary failure", "Try again"].iter().any(|start| reason.starts_with(start));
        return Some(if is_temporary { LookupError::Failed } else { LookupError::NotFound });
    }
    match error.raw_os_error().filter(|_| cfg!(windows)) {
        Some(11_001 | 11_004) => Some(LookupError::NotFound),
        Some(11_002 | 11_003) => Some(LookupError::Failed),
        _ => None,
    }
}

/// Returns true for errors of connecting. With a proxy, these are about the proxy.
fn is_connecting(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused
            | io::ErrorKind::NetworkUnreachable
            | io::ErrorKind::HostUnreachable
            | io::ErrorKind::AddrNotAvailable
    )
}

fn seconds(time: Duration) -> String {
    match time.as_secs() {
        0 => format!("{} ms", time.as_millis()),
        1 => "1 second".to_owned(),
        seconds => format!("{seconds} seconds"),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use rustls::pki_types::pem::PemObject as _;
    use rustls::pki_types::{CertificateDer, PrivateKeyDer};
    use ureq::tls::{Certificate, RootCerts, TlsConfig};

    use super::*;

    const AUTHORITY: &[u8] = include_bytes!("../testdata/tls/authority.pem");
    const KEY: &[u8] = include_bytes!("../testdata/tls/key.pem");

    /// Returns the error of a client that trusts `AUTHORITY` if `trusts`, at a server with this certificate.
    fn tls_error(certificate: &[u8], trusts: bool) -> Option<NetworkError> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![CertificateDer::from_pem_slice(certificate).unwrap()],
                PrivateKeyDer::from_pem_slice(KEY).unwrap(),
            )
            .unwrap();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut server = rustls::ServerConnection::new(Arc::new(config)).unwrap();
            // The client closes the connection if it does not accept the certificate.
            if server.complete_io(&mut stream).is_ok() {
                use std::io::{BufRead as _, BufReader, Write as _};
                let mut tls = rustls::Stream::new(&mut server, &mut stream);
                // If a part of the request were not read, closing would discard the answer.
                let request = BufReader::new(&mut tls).lines();
                request.map_while(io::Result::ok).find(String::is_empty);
                drop(tls.write_all(b"HTTP/1.1 204 X\r\nconnection: close\r\n\r\n"));
            }
        });
        let tls = TlsConfig::builder();
        let tls = if trusts {
            tls.root_certs(RootCerts::new_with_certs(&[Certificate::from_pem(AUTHORITY).unwrap()])).build()
        } else {
            tls.build()
        };
        let agent: ureq::Agent = ureq::Agent::config_builder().tls_config(tls).proxy(None).build().into();
        let url = format!("https://localhost:{port}");
        let result = agent.get(&url).call();
        server.join().unwrap();
        let timeouts = Timeouts::default();
        let host = Host::new(&url.parse().unwrap(), None, &timeouts);
        let mut error = NetworkError::new(result.err()?, &host);
        error.0.message = error.0.message.replace(&port.to_string(), "PORT");
        Some(error)
    }

    #[test]
    fn errors_before_a_connection_are_described() {
        let timeouts = Timeouts::default();
        let host = Host::new(&"https://acme.example".parse().unwrap(), None, &timeouts);
        for (error, kind, expected) in [
            (
                ureq::Error::BadUri(String::new()),
                NetworkErrorKind::InvalidRequest,
                "the request cannot be made: the address or a header is not valid",
            ),
            (
                ureq::Error::InvalidProxyUrl,
                NetworkErrorKind::InvalidRequest,
                "the address of the proxy is not a URL",
            ),
            (
                ureq::Error::RequireHttpsOnly(String::new()),
                NetworkErrorKind::InvalidRequest,
                "the address is not https",
            ),
            (ureq::Error::TooManyRedirects, NetworkErrorKind::Other, "too many redirects"),
        ] {
            let error = NetworkError::new(error, &host);
            assert_eq!((error.kind(), error.to_string().as_str()), (kind, expected));
        }
    }

    #[test]
    fn invalid_certificate_is_described() {
        let untrusted = "is not trusted: it is self-signed, or signed by an unknown authority; is there a proxy in between?";
        for (certificate, trusts, expected) in [
            (include_bytes!("../testdata/tls/authority.pem").as_slice(), false, untrusted),
            (include_bytes!("../testdata/tls/valid.pem"), false, untrusted),
            (
                include_bytes!("../testdata/tls/other-name.pem"),
                true,
                "is for another name; is the host right, or is there a proxy in between?",
            ),
            (
                include_bytes!("../testdata/tls/expired.pem"),
                true,
                "has expired; is the clock of this machine right?",
            ),
            (
                include_bytes!("../testdata/tls/not-yet.pem"),
                true,
                "is not valid yet; is the clock of this machine right?",
            ),
        ] {
            let error = tls_error(certificate, trusts).unwrap();
            assert_eq!(error.to_string(), format!("the certificate of localhost:PORT {expected}"));
            assert_eq!(error.kind(), NetworkErrorKind::Certificate);
            assert!(error.is_before_sending() && error.is_permanent(true));
            let source = error.source().and_then(|source| source.downcast_ref::<io::Error>()).unwrap();
            assert!(source.get_ref().unwrap().is::<rustls::Error>());
        }
        assert!(tls_error(include_bytes!("../testdata/tls/valid.pem"), true).is_none(), "the server works");
    }

    fn described(error: ureq::Error, proxy: Option<&str>) -> NetworkError {
        let proxy = proxy.map(|proxy| Proxy::new(proxy).unwrap());
        let timeouts = Timeouts::default();
        let host = Host::new(&"https://acme.eu.auth0.com/x".parse().unwrap(), proxy.as_ref(), &timeouts);
        NetworkError::new(error, &host)
    }

    /// These cannot be made on every machine.
    #[test]
    fn errors_of_the_network_are_described() {
        let io = |kind: io::ErrorKind| ureq::Error::Io(kind.into());
        let lookup = |reason: &str| {
            ureq::Error::Io(io::Error::other(format!("failed to lookup address information: {reason}")))
        };
        for (error, expected, before_sending) in [
            (
                io(io::ErrorKind::NetworkUnreachable),
                "cannot reach acme.eu.auth0.com: the network is unreachable; is this machine online?",
                false,
            ),
            (
                io(io::ErrorKind::HostUnreachable),
                "cannot reach acme.eu.auth0.com: the host is unreachable",
                false,
            ),
            (
                lookup("Temporary failure in name resolution"),
                "cannot reach acme.eu.auth0.com: its name cannot be looked up; is this machine online?",
                true,
            ),
            (lookup("Name or service not known"), "cannot reach acme.eu.auth0.com: no such host", true),
            (io(io::ErrorKind::TimedOut), "the connection to acme.eu.auth0.com timed out", false),
            (
                ureq::Error::Timeout(Timeout::Resolve),
                "cannot reach acme.eu.auth0.com: no connection within 15 seconds",
                true,
            ),
            (ureq::Error::Timeout(Timeout::PerRead), "acme.eu.auth0.com sent nothing for 60 seconds", false),
            (
                io(io::ErrorKind::BrokenPipe),
                "acme.eu.auth0.com closed the connection before the answer was complete",
                false,
            ),
        ] {
            let error = described(error, None);
            assert_eq!((error.to_string().as_str(), error.is_before_sending()), (expected, before_sending));
            assert!(error.source().is_some() && !error.is_of_proxy());
        }
        let no_host = described(ureq::Error::HostNotFound, None);
        assert!(no_host.is_permanent(false) && !no_host.is_permanent(true), "a name may fail later");
    }

    #[test]
    fn proxy_is_named_without_its_password() {
        let proxy = "http://user:hush@proxy.example:3128";
        for (error, expected) in [
            (ureq::Error::HostNotFound, "cannot reach the proxy proxy.example:3128: no such host"),
            (
                ureq::Error::Io(io::ErrorKind::ConnectionRefused.into()),
                "the proxy proxy.example:3128 refused the connection",
            ),
            (
                ureq::Error::ConnectProxyFailed("proxy server responded 407/407".to_owned()),
                "the proxy proxy.example:3128 refused the connection to acme.eu.auth0.com: it needs a user and password",
            ),
        ] {
            let error = described(error, Some(proxy));
            assert_eq!(error.to_string(), expected);
            assert!(error.is_of_proxy());
        }
        assert!(!described(ureq::Error::Timeout(Timeout::Global), Some(proxy)).is_of_proxy());
    }
}
