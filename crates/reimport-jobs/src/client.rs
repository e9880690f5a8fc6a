//! The client of one tenant: its address, its token, and how calls are made.
//!
//! The methods have the names of the API calls. Each group of calls has its own file. A client may be used by
//! several threads at the same time.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use ureq::Body;
use ureq::http::{Response, Uri};

use crate::api_call::ApiCall;
use crate::auth::{Credentials, Origin, SignIn, Token, TokenRequest, TokenResponse, is_token};
use crate::clock::{Clock, SystemClock};
use crate::error::{Error, Result};
use crate::http::{Http, Request, SHORT, Timeouts, is_loopback, read_text};
use crate::network::Host;
use crate::retry::{Pause, Retry};
use crate::token;

/// A client of the Management API of one tenant.
///
/// ```no_run
/// use reimport_jobs::{Client, SignIn};
///
/// let client = Client::builder("acme.eu.auth0.com", SignIn::token_file("token.txt")).build()?;
/// println!("{}", client.job("job_0000000000000001")?.status);
/// # Ok::<(), reimport_jobs::Error>(())
/// ```
pub struct Client {
    http: Http,
    /// `https://HOST`, without a trailing slash.
    base: String,
    host: String,
    loopback: bool,
    sign_in: SignIn,
    token: Mutex<Option<Token>>,
    retry: Retry,
    pausing: Box<Pausing>,
}

type Pausing = dyn Fn(&Pause) + Send + Sync;

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { base, sign_in, retry, .. } = self;
        f.debug_struct("Client")
            .field("base", base)
            .field("sign_in", sign_in)
            .field("retry", retry)
            .finish_non_exhaustive()
    }
}

/// Builds a [`Client`].
pub struct ClientBuilder {
    address: String,
    sign_in: SignIn,
    clock: Arc<dyn Clock>,
    retry: Retry,
    timeouts: Timeouts,
    pausing: Box<Pausing>,
}

impl ClientBuilder {
    /// Sets the clock that measures pauses. Tests set a clock that does not really wait.
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Sets the limits for retries and waits.
    pub fn retry(mut self, retry: Retry) -> Self {
        self.retry = retry;
        self
    }

    /// Sets the timeouts for the steps of a request.
    pub fn timeouts(mut self, timeouts: Timeouts) -> Self {
        self.timeouts = timeouts;
        self
    }

    /// Sets a function that is called before each pause of a call. A pause for a rate limit can last several
    /// minutes.
    pub fn pausing(mut self, pausing: impl Fn(&Pause) + Send + Sync + 'static) -> Self {
        self.pausing = Box::new(pausing);
        self
    }

    /// Builds the client. Nothing is sent yet.
    ///
    /// # Errors
    /// Returns an error if the address is not an https URL of a host (http is allowed for loopback only), or if it
    /// contains more than a host and a port.
    pub fn build(self) -> Result<Client> {
        let address = self.address.trim_end_matches('/');
        let address = address.strip_suffix("/api/v2").unwrap_or(address);
        let url = if address.contains("://") { address.to_owned() } else { format!("https://{address}") };
        let uri: Uri = url.parse().map_err(|_| Error::BaseUrl("is not a URL"))?;
        let authority = uri.authority().ok_or(Error::BaseUrl("has no host"))?.as_str();
        let loopback = is_loopback(&uri);
        match uri.scheme_str() {
            Some("https") => {}
            Some("http") if loopback => {}
            _ => return Err(Error::BaseUrl("is not https")),
        }
        if authority.contains('@') {
            return Err(Error::BaseUrl("contains a user or a password"));
        }
        if uri.path() != "/" || uri.query().is_some() {
            return Err(Error::BaseUrl("has more than a host"));
        }
        Ok(Client {
            http: Http::new(&self.timeouts, loopback, self.clock),
            base: url,
            host: authority.to_ascii_lowercase(),
            loopback,
            sign_in: self.sign_in,
            token: Mutex::new(None),
            retry: self.retry,
            pausing: self.pausing,
        })
    }
}

impl Client {
    /// Creates a builder for a client of this host (`acme.eu.auth0.com`) or base URL.
    pub fn builder(address: impl Into<String>, sign_in: SignIn) -> ClientBuilder {
        ClientBuilder {
            address: address.into(),
            sign_in,
            clock: Arc::new(SystemClock),
            retry: Retry::default(),
            timeouts: Timeouts::default(),
            pausing: Box::new(|_| {}),
        }
    }

    /// Returns the host of the tenant, with the port if the address has one.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Returns the clock that measures pauses.
    pub fn clock(&self) -> &dyn Clock {
        &*self.http.clock
    }

    pub(crate) fn http(&self) -> &Http {
        &self.http
    }

    pub(crate) fn retry(&self) -> &Retry {
        &self.retry
    }

    pub(crate) fn is_loopback(&self) -> bool {
        self.loopback
    }

    /// Makes a call that only reads. It is repeated after temporary errors, within the limits of `retry`.
    pub(crate) fn get(&self, call: &ApiCall, limit: u64, retry: &Retry) -> Result<String> {
        self.get_with(call, retry, |response| read_text(call, &self.peer(), response, limit))
    }

    /// Like [`get`](Self::get), but `read` reads the response. Each try calls `read` from the start.
    pub(crate) fn get_with<T>(
        &self,
        call: &ApiCall,
        retry: &Retry,
        mut read: impl FnMut(&mut Response<Body>) -> Result<T>,
    ) -> Result<T> {
        let request = Request { call, url: self.url(call), body: None, header: None };
        retry.run(self.clock(), true, &*self.pausing, || read(&mut self.call_with_token(&request)?))
    }

    /// Makes a call that has an effect. It is repeated only if it certainly was not carried out.
    pub(crate) fn post(
        &self,
        call: &ApiCall,
        body: (&str, &[u8]),
        header: Option<(&'static str, &str)>,
        retry: &Retry,
    ) -> Result<String> {
        let request = Request { call, url: self.url(call), body: Some(body), header };
        let post = || read_text(call, &self.peer(), &mut self.call_with_token(&request)?, SHORT);
        retry.run(self.clock(), false, &*self.pausing, post)
    }

    /// Like [`post`](Self::post), with a JSON body.
    pub(crate) fn post_json(
        &self,
        call: &ApiCall,
        body: &impl Serialize,
        header: Option<(&'static str, &str)>,
    ) -> Result<String> {
        let body = serde_json::to_vec(body)
            .map_err(|_| Error::UnexpectedResponse { call: call.clone(), expected: "a JSON body" })?;
        self.post(call, ("application/json", &body), header, &self.retry)
    }

    fn url(&self, call: &ApiCall) -> String {
        format!("{}{}", self.base, call.path())
    }

    /// Returns the host of API calls, for errors.
    pub(crate) fn peer(&self) -> Host<'_> {
        self.http.host(&self.base)
    }

    /// Makes one try with a token. After a 401, makes another try with a new token.
    fn call_with_token(&self, request: &Request<'_>) -> Result<Response<Body>> {
        let response = self.http.call(request, Some(&self.token(false)?.secret));
        match response {
            Err(Error::Refused(refused)) if refused.status == 401 && self.sign_in.is_renewable() => {
                self.http.call(request, Some(&self.token(true)?.secret))
            }
            response => response,
        }
    }

    fn token(&self, renew: bool) -> Result<Token> {
        let mut cached = self.token.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.clock().elapsed();
        if let Some(token) = cached.as_ref()
            && !renew
            && token.until.is_none_or(|until| now < until)
        {
            return Ok(token.clone());
        }
        let token = match &self.sign_in.0 {
            Origin::Credentials(credentials) => self.exchange(credentials)?,
            origin => match origin.read()? {
                Some(secret) => {
                    token::check(&secret, &self.host, self.clock().now())?;
                    Token { secret, until: None }
                }
                None => return Err(Error::Interrupted),
            },
        };
        *cached = Some(token.clone());
        Ok(token)
    }

    /// Makes the call `POST oauth/token`. It changes nothing, so it is repeated like a GET.
    fn exchange(&self, credentials: &Credentials) -> Result<Token> {
        let audience = credentials.audience.clone().unwrap_or_else(|| format!("{}/api/v2/", self.base));
        let body = serde_json::to_vec(&TokenRequest {
            grant_type: "client_credentials",
            client_id: &credentials.client_id,
            client_secret: credentials.client_secret.expose(),
            audience: &audience,
        })
        .map_err(|_| Error::UnexpectedResponse { call: ApiCall::sign_in(), expected: "a JSON body" })?;
        let call = &ApiCall::sign_in();
        let body = Some(("application/json", &body[..]));
        let request = Request { call, url: self.url(call), body, header: None };
        let exchange = || read_text(call, &self.peer(), &mut self.http.call(&request, None)?, SHORT);
        let response = self.retry.run(self.clock(), true, &*self.pausing, exchange)?;
        let response: TokenResponse = read(call, "an access token", &response)?;
        if !is_token(response.access_token.expose()) {
            return Err(Error::UnexpectedResponse { call: call.clone(), expected: "an access token" });
        }
        // The token is renewed one minute early, so that it does not expire during a call.
        let lifetime =
            response.expires_in.as_u64().map(|seconds| Duration::from_secs(seconds.saturating_sub(60)));
        let until = lifetime.map(|lifetime| self.clock().elapsed().saturating_add(lifetime));
        Ok(Token { secret: response.access_token, until })
    }
}

/// Parses the documented JSON of a response.
pub(crate) fn read<T: DeserializeOwned>(call: &ApiCall, expected: &'static str, response: &str) -> Result<T> {
    serde_json::from_str(response).map_err(|_| Error::UnexpectedResponse { call: call.clone(), expected })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Secret;

    fn build(address: &str) -> Result<Client> {
        Client::builder(address, SignIn::token(Secret::new("t"))).build()
    }

    #[test]
    fn host_becomes_https_url() {
        for address in
            ["acme.eu.auth0.com", "https://ACME.eu.auth0.com/", "https://acme.eu.auth0.com/api/v2/"]
        {
            assert_eq!(build(address).unwrap().host(), "acme.eu.auth0.com", "{address}");
        }
        assert_eq!(build("http://127.0.0.1:8080").unwrap().host(), "127.0.0.1:8080");
    }

    #[test]
    fn base_url_must_be_https_and_a_host() {
        for (address, why) in [
            ("http://acme.eu.auth0.com", "is not https"),
            ("ftp://acme.eu.auth0.com", "is not https"),
            ("https://u:p@acme.eu.auth0.com", "contains a user or a password"),
            ("http://127.0.0.1@acme.example", "is not https"),
            ("https://acme.eu.auth0.com/login", "has more than a host"),
            ("https://acme.eu.auth0.com?x=1", "has more than a host"),
            ("", "is not a URL"),
            ("a b", "is not a URL"),
        ] {
            let expected = format!(
                "the base URL {why}; expected https and a host, as in https://acme.eu.auth0.com (http only for loopback)"
            );
            assert_eq!(build(address).unwrap_err().to_string(), expected, "{address}");
        }
    }
}
