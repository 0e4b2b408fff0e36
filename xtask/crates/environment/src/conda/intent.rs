//! The part of `environment.yml` that is conda's.

use report::Span;

use crate::{AddressLogin, ChannelToken, EnvironmentYml};

/// What is asked of conda, normalised: comments and order in the user's file do not change it. No text has a user, password
/// or token in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CondaIntent {
    /// The channels, in their order.
    pub channels: Vec<String>,
    /// The match specs as they are written, sorted.
    pub specs: Vec<String>,
}

impl CondaIntent {
    /// Where conda's packages come from if `environment.yml` names no channel. Not `defaults`, whose terms not everybody may
    /// accept.
    pub const DEFAULT_CHANNEL: &str = "conda-forge";

    /// `logins` and `tokens` get those that are taken out of the addresses.
    pub(crate) fn new(
        environment: &EnvironmentYml,
        logins: &mut Vec<AddressLogin>,
        tokens: &mut Vec<ChannelToken>,
    ) -> Self {
        let mut bare =
            |text: &str, span: Span| ChannelToken::take(&AddressLogin::take(text, span, logins), span, tokens);
        let mut specs: Vec<String> = environment.conda.iter().map(|(spec, span)| bare(&spec.text, *span)).collect();
        specs.sort();
        specs.dedup();
        let channels = environment.channels.iter().map(|(channel, span)| bare(&channel.to_string(), *span));
        let mut channels: Vec<String> = channels.filter(|it| it != "nodefaults").collect();
        if channels.is_empty() {
            channels.push(Self::DEFAULT_CHANNEL.to_owned());
        }
        Self { channels, specs }
    }

    /// An address as it is in the lists.
    pub(crate) fn bare(text: &str) -> String {
        ChannelToken::bare(&AddressLogin::bare(text))
    }

    /// A line for each channel and spec.
    pub fn text(&self) -> String {
        let channels = self.channels.iter().map(|it| format!("channel {it}\n"));
        channels.chain(self.specs.iter().map(|it| format!("{it}\n"))).collect()
    }
}
