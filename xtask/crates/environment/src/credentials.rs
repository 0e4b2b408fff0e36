//! Passwords and tokens in addresses, in a file that git tracks.

use std::ops::Range;

use process::{Secret, has_secret_behind_host, has_variable_behind_login, host_of_address, secrets_of_address};
use report::{Code, Finding, Source, Span};

/// The finding for an entry whose address has a password or token in it. It does not show the line.
pub fn check(source: &Source, span: Span, text: &str) -> Option<Finding> {
    let address = addresses(text).find(|it| !secrets_of_address(it).is_empty())?;
    let host = host_of_address(address).unwrap_or_default();
    let message = format!("the address of `{host}` has a password or token in it, and git keeps this file for ever");
    let help = "name a variable instead, as in `https://${TOKEN}@…`, or use a netrc file; then change what has leaked";
    Some(Finding { line: None, ..source.at(Code::CredentialsInUrl, span, message).help(help) })
}

/// The finding for a pip entry whose address has a token or variable where no build can be given it. It does not show the line.
pub fn check_place(source: &Source, span: Span, text: &str) -> Option<Finding> {
    let is_misplaced = |it: &&str| has_secret_behind_host(it) || has_variable_behind_login(it);
    let address = addresses(text).find(is_misplaced)?;
    let host = host_of_address(address).unwrap_or_default();
    let message = format!(
        "a token or variable in or behind the host `{host}`, where an image would keep it and a lock cannot have it"
    );
    let help = "write it in front of the host, as in `https://USER:${TOKEN}@…`, or use a netrc file";
    Some(Finding { line: None, ..source.at(Code::SecretInAddress, span, message).help(help) })
}

/// A finding about an entry, without the passwords and tokens that may be in the entry.
pub fn hidden(text: &str, finding: Finding) -> Finding {
    let secrets: Vec<&str> = addresses(text)
        .flat_map(|address| secrets_of_address(address).into_iter().map(move |it: Range<usize>| &address[it]))
        .collect();
    if secrets.is_empty() {
        return finding;
    }
    let hide = |it: String| secrets.iter().fold(it, |text, secret| text.replace(secret, Secret::MASK));
    Finding { line: None, message: hide(finding.message), help: finding.help.map(hide), ..finding }
}

/// The words of an entry that may be addresses: hardly any entry has one, and a long list is to be read quickly.
fn addresses(text: &str) -> impl Iterator<Item = &str> {
    let text = if text.contains("://") { text } else { "" };
    text.split_whitespace()
}
