//! The strategies of users. An import file can contain only users of the database strategy, `auth0`.

use std::borrow::Cow;

/// The database strategy.
pub(crate) const DATABASE: &str = "auth0";

/// The known strategies. The list is closed: any other text before the first `|` of a user id is part of the id
/// itself, as in the ids of custom databases.
pub(crate) const STRATEGIES: [&str; 62] = [
    "ad",
    "adfs",
    "amazon",
    "aol",
    "apple",
    "auth0",
    "auth0-adldap",
    "auth0-oidc",
    "baidu",
    "bitbucket",
    "bitly",
    "box",
    "custom",
    "daccount",
    "dropbox",
    "dwolla",
    "email",
    "evernote",
    "evernote-sandbox",
    "exact",
    "facebook",
    "fitbit",
    "flickr",
    "github",
    "google-apps",
    "google-oauth2",
    "guardian",
    "instagram",
    "ip",
    "line",
    "linkedin",
    "miicard",
    "oauth1",
    "oauth2",
    "office365",
    "oidc",
    "okta",
    "paypal",
    "paypal-sandbox",
    "pingfederate",
    "planningcenter",
    "renren",
    "salesforce",
    "salesforce-community",
    "salesforce-sandbox",
    "samlp",
    "sharepoint",
    "shopify",
    "shop",
    "sms",
    "soundcloud",
    "thecity",
    "thecity-sandbox",
    "thirtysevensignals",
    "twitter",
    "untappd",
    "vkontakte",
    "waad",
    "weibo",
    "windowslive",
    "wordpress",
    "yahoo",
];

/// Returns the strategy of a user: the provider of the first identity, otherwise the known strategy before the `|`
/// of the user id.
pub(crate) fn of<'a>(provider: Option<Cow<'a, str>>, user_id: Option<&str>) -> Option<Cow<'a, str>> {
    if provider.is_some() {
        return provider;
    }
    let (prefix, _) = user_id?.split_once('|')?;
    STRATEGIES.iter().find(|known| **known == prefix).map(|known| Cow::Borrowed(*known))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_identity_takes_precedence_over_id() {
        let (provider, id) = (Cow::Borrowed("auth0"), "google-oauth2|1");
        assert_eq!(of(Some(provider), Some(id)).as_deref(), Some("auth0"));
        assert_eq!(of(None, Some(id)).as_deref(), Some("google-oauth2"));
    }

    #[test]
    fn unknown_prefix_is_part_of_the_id() {
        for id in ["42|acme", "Site-Name|123", "|", "auth0", ""] {
            assert_eq!(of(None, Some(id)), None, "{id}");
        }
    }

    #[test]
    fn strategies_have_no_duplicates() {
        let mut sorted = STRATEGIES.to_vec();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(sorted.len(), STRATEGIES.len());
    }
}
