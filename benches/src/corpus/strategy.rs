//! The strategies of users, how frequent they are, and the form of their ids.

use super::random::{Random, mix};

/// A sign-in strategy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strategy {
    /// A database connection. Only its users can be imported by an import job.
    Auth0,
    /// Google, with 21-digit ids.
    Google,
    /// SAML. The ids contain the connection and the e-mail address.
    Saml,
    /// Microsoft Azure Active Directory.
    Waad,
    /// Apple, with ids of three parts.
    Apple,
    /// GitHub. The ids are numbers in `identities`.
    Github,
    /// Passwordless by phone, without an e-mail address.
    Sms,
    /// Passwordless by e-mail.
    Email,
}

impl Strategy {
    /// All strategies, in the order of [`Stats::by_strategy`](super::Stats::by_strategy).
    pub const ALL: [Self; 8] = [
        Self::Auth0,
        Self::Google,
        Self::Saml,
        Self::Waad,
        Self::Apple,
        Self::Github,
        Self::Sms,
        Self::Email,
    ];

    /// Returns how many of 1000 users have this strategy. The sum is 1000.
    const fn share(self) -> u64 {
        match self {
            Self::Auth0 => 700,
            Self::Google => 120,
            Self::Saml => 50,
            Self::Waad => 45,
            Self::Apple => 30,
            Self::Github => 25,
            Self::Sms => 20,
            Self::Email => 10,
        }
    }

    /// Returns the provider, as in `identities[].provider` and before the first `|` of `user_id`.
    pub const fn provider(self) -> &'static str {
        match self {
            Self::Auth0 => "auth0",
            Self::Google => "google-oauth2",
            Self::Saml => "samlp",
            Self::Waad => "waad",
            Self::Apple => "apple",
            Self::Github => "github",
            Self::Sms => "sms",
            Self::Email => "email",
        }
    }

    /// Returns the value of `identities[].isSocial`.
    pub(super) const fn is_social(self) -> bool {
        matches!(self, Self::Google | Self::Apple | Self::Github)
    }

    pub(super) fn draw(random: &mut Random) -> Self {
        let mut number = random.below(1000);
        for strategy in Self::ALL {
            if number < strategy.share() {
                return strategy;
            }
            number -= strategy.share();
        }
        Self::Auth0
    }

    /// Returns the id within the connection. Two indices of one seed never have the same id, because each id
    /// contains the index or a bijection of it.
    pub(super) fn local_id(self, seed: u64, index: u64, created: u64, email: Option<&str>) -> String {
        let unique = mix(mix(seed).wrapping_add(index));
        match self {
            Self::Auth0 | Self::Sms | Self::Email => format!("{:08x}{unique:016x}", created / 1000),
            Self::Google => format!("1{unique:020}"),
            Self::Saml => format!("{}|{}", self.connection(unique), email.unwrap_or("nobody")),
            Self::Waad => format!("{}{unique:016x}{:016x}", "Zx4", mix(unique)),
            Self::Apple => {
                format!("{:06}.{unique:016x}{:016x}.{:04}", index % 1_000_000, mix(unique), index % 2400)
            }
            Self::Github => (1_000 + index).to_string(),
        }
    }

    /// Returns the connection of a user who is not a database user.
    pub(super) fn connection(self, unique: u64) -> String {
        let company = super::names::COMPANIES[(unique % super::names::COMPANIES.len() as u64) as usize];
        match self {
            Self::Saml => format!("{company}-okta"),
            Self::Waad => format!("{company}-azure"),
            _ => self.provider().to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Strategy;

    #[test]
    fn shares_of_all_strategies_add_up_to_1000() {
        assert_eq!(Strategy::ALL.iter().map(|strategy| strategy.share()).sum::<u64>(), 1000);
    }
}
