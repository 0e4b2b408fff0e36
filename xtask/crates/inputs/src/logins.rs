//! Who logs in where: the addresses of `environment.yml`, with the values of their variables, and the user's netrc file.

use process::{IntoMap as _, IntoSet as _};
use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, ensure};
use camino::{Utf8Path, Utf8PathBuf};

use docker::BuildAccess;
use environment::{
    AddressLogin, ChannelToken, InstallPlan, LockedFiles, Netrc, NetrcEntry,
    conda::{CondaInstall, CondaIntent},
    hosts_in, percent_decoded, with_values,
};
use process::{Secret, files};
use report::{Code, Finding, Findings, Span};
use serde_json::json;

use crate::Project;

/// The logins that an installation may need. They travel as a file or in the environment of the one program that needs them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Logins {
    of_addresses: Vec<ResolvedLogin>,
    /// By the hosts of conda's channels.
    channel_tokens: BTreeMap<String, String>,
    of_user: Netrc,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct ResolvedLogin {
    entry: NetrcEntry,
    git_origin: Option<String>,
}

impl Logins {
    /// Reads the user's netrc file, and fills in the variables of the addresses from the process environment, or else from
    /// the settings file. A variable without a value is an error.
    pub fn read(project: &Project) -> Result<Self> {
        let host = &project.cx.host;
        let own_file = host.get("HOME").map(|it| Utf8Path::new(it).join(".netrc"));
        let file = host.get("NETRC").map(Utf8PathBuf::from).or(own_file);
        // uv, too, passes over a file that it cannot read; most builds need none.
        let text = file.and_then(|it| files::read_text_if_any(&it).ok().flatten()).unwrap_or_default();
        let of_user = Netrc::parse(&text);

        let value = |name: &str| {
            let own = || project.env_file.get(name).map(|it| it.value.clone()).filter(|it| !it.is_empty());
            host.get(name).map(str::to_owned).or_else(own)
        };
        let mut findings = Findings::default();
        let mut of_addresses = Vec::new();
        for login in &project.plan.logins {
            match resolved(login, value, &of_user) {
                Ok(entry) => {
                    let git_origin = login.git_origin().map(str::to_owned);
                    of_addresses.push(ResolvedLogin { entry, git_origin });
                }
                Err(name) => findings.push(missing(project, &name, login.host(), login.span)),
            }
        }
        let mut channel_tokens = BTreeMap::new();
        for ChannelToken { host, token, span } in &project.plan.tokens {
            match with_values(token, value) {
                Ok(token) => drop(channel_tokens.insert(host.clone(), token)),
                Err(name) => findings.push(missing(project, &name, host, *span)),
            }
        }
        let logins = findings.into_result(Self { of_addresses, channel_tokens, of_user })?;
        for ResolvedLogin { entry, .. } in &logins.of_addresses {
            ensure!(
                !format!("{}{}", entry.user, entry.password).contains(char::is_control),
                "the user or password for `{}` has a line break or the like in it, which no netrc file can hold",
                entry.host.as_deref().unwrap_or_default()
            );
        }
        Ok(logins)
    }

    /// The netrc file for what a plan downloads: the logins of the hosts that it names, and of no others, because the code
    /// of every package that is built can read it. `None` where there are none.
    pub fn of_plan(&self, plan: &InstallPlan) -> Option<Secret> {
        let netrc = self.all().for_hosts(&hosts_of(plan));
        (!netrc.0.is_empty()).then(|| netrc.text())
    }

    /// The netrc file for programs of this machine, where the user's own does not have all logins.
    pub fn of_machine(&self) -> Option<Secret> {
        (!self.of_addresses.is_empty()).then(|| self.all().text())
    }

    /// The tokens of conda's channels, as the file by which py-rattler finds them; `None` where there are none.
    ///
    /// Source: rattler's `AuthenticationStorage`, the form of `RATTLER_AUTH_FILE`.
    pub fn of_channels(&self) -> Option<Secret> {
        let mut tokens = serde_json::Map::new();
        for (host, token) in &self.channel_tokens {
            tokens.insert(host.clone(), json!({"CondaToken": token}));
        }
        (!tokens.is_empty()).then(|| Secret::new(serde_json::Value::from(tokens).to_string()))
    }

    /// The settings by which git logs in at the addresses, name and value: it reads no other netrc file than the user's.
    ///
    /// Source: git's manual, "git-config", `http.extraHeader`.
    pub fn git_settings(&self) -> BTreeMap<String, Secret> {
        let setting = |it: &ResolvedLogin| {
            let origin = it.git_origin.as_deref()?;
            Some((format!("http.{origin}/.extraHeader"), Secret::new(authorization(&it.entry))))
        };
        self.of_addresses.iter().filter_map(setting).into_map()
    }

    fn all(&self) -> Netrc {
        let of_addresses = self.of_addresses.iter().map(|it| it.entry.clone());
        Netrc(of_addresses.chain(self.of_user.0.iter().cloned()).collect())
    }
}

fn missing(project: &Project, name: &str, host: &str, span: Span) -> Finding {
    let message = format!("`{name}` has no value, and the address of `{host}` needs it");
    let file = project.cx.layout.relative(&project.cx.layout.env_file());
    let help = format!("set it in your shell, or write a line `{name}=…` into `{file}`");
    project.environment.source().at(Code::LoginVariable, span, message).help(help)
}

/// What a build in Docker shows to the servers that it downloads a plan from.
pub fn build_access(project: &Project, plan: &InstallPlan) -> Result<BuildAccess> {
    let logins = Logins::read(project)?;
    let (netrc, channels) = (logins.of_plan(plan), logins.of_channels());
    let host = &project.cx.host;
    let has_ssh_agent = host.get("SSH_AUTH_SOCK").is_some() && texts_of(plan).iter().any(|it| it.contains("ssh://"));
    let known_hosts = host.get("HOME").map(|it| Utf8Path::new(it).join(".ssh/known_hosts"));
    let known_hosts = known_hosts.filter(|it| has_ssh_agent && it.is_file());
    Ok(BuildAccess { netrc, channels, has_ssh_agent, known_hosts })
}

/// `Err` is the name of a variable that has no value.
fn resolved(login: &AddressLogin, value: impl Fn(&str) -> Option<String>, netrc: &Netrc) -> Result<NetrcEntry, String> {
    let filled = |text: &str| -> Result<String, String> {
        let text = with_values(text, &value)?;
        Ok(percent_decoded(&text).unwrap_or(text))
    };
    let (user, written) = (filled(&login.user)?, filled(&login.password)?);
    let known = netrc.password(login.host(), &user).filter(|_| login.password.is_empty());
    let password = known.map_or(written, str::to_owned);
    Ok(NetrcEntry { host: Some(login.host().to_owned()), user, password })
}

/// The hosts that a plan downloads from.
fn hosts_of(plan: &InstallPlan) -> BTreeSet<String> {
    texts_of(plan).iter().flat_map(|it| hosts_in(it)).into_set()
}

/// The lists of a plan.
fn texts_of(plan: &InstallPlan) -> Vec<String> {
    let mut texts = vec![plan.requirements.clone()];
    texts.extend(plan.conda.as_ref().map(CondaIntent::text));
    if let Some(LockedFiles { conda, pylock, .. }) = &plan.locked {
        texts.push(pylock.clone());
        texts.extend(conda.as_ref().map(CondaInstall::list));
    }
    texts
}

/// RFC 7617, "The 'Basic' Authentication Scheme".
fn authorization(entry: &NetrcEntry) -> String {
    format!("Authorization: Basic {}", base64(format!("{}:{}", entry.user, entry.password).as_bytes()))
}

/// RFC 4648, "Base 64 Encoding".
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digits = |three: &[u8]| {
        let number = (0..3).fold(0_usize, |number, at| number << 8 | usize::from(three.get(at).copied().unwrap_or(0)));
        let digit = move |at: usize| char::from(DIGITS[number >> (18 - 6 * at) & 63]);
        let used = three.len() + 1;
        (0..4).map(move |at| if at < used { digit(at) } else { '=' })
    };
    bytes.chunks(3).flat_map(digits).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_those_of_the_standard() {
        let cases = [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("a:\u{ff}?~", "YTrDvz9+"),
        ];
        for (text, encoded) in cases {
            assert_eq!(base64(text.as_bytes()), encoded);
        }
    }
}
