//! Where a site will stand: what its pages say to others about themselves names it whole.

use anyhow::{Result, ensure};

/// The site's address, with a slash at its end.
#[derive(Clone, Debug)]
pub(crate) struct Address(String);

impl Address {
    /// Of an option, with or without that slash.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let inside = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
        let plain = |one: char| one.is_ascii_alphanumeric() || "-._~:/%[]".contains(one);
        let is_plain = inside.is_some_and(|rest| !rest.is_empty() && rest.chars().all(plain));
        ensure!(is_plain, "{text} is no address such as https://example.org/halflink/");
        Ok(Self(format!("{}/", text.trim_end_matches('/'))))
    }

    /// A file or folder of the site.
    pub(crate) fn of(&self, path: &str) -> String {
        format!("{}{path}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::Address;

    #[test]
    fn an_address_is_one_of_a_folder_of_the_web() {
        for text in ["https://example.org/halflink", "https://example.org/halflink/"] {
            let address = Address::parse(text).expect("it is one");
            assert_eq!(address.of("s/raid-10/"), "https://example.org/halflink/s/raid-10/");
        }
        for text in ["", "https://", "example.org", "https://x/?a", "https://x/#a", "https://x\"y"]
        {
            assert!(Address::parse(text).is_err(), "{text}");
        }
    }
}
