//! Whether children may open connections: decided once, before the first is started.

use std::sync::OnceLock;

use super::Invocation;

/// What children are kept from where no connection may be opened.
#[derive(Debug, Clone)]
pub struct OfflineRules {
    /// Variables that every child gets.
    pub variables: Vec<(&'static str, String)>,
    /// What an invocation would connect for, in words; `None` where it need not.
    pub reason: fn(&Invocation) -> Option<&'static str>,
}

static RULES: OnceLock<OfflineRules> = OnceLock::new();

/// From now on, no child is started that has to connect. The first rules stay.
pub fn go_offline(rules: OfflineRules) {
    _ = RULES.set(rules);
}

/// Whether no connection may be opened.
pub fn is_offline() -> bool {
    RULES.get().is_some()
}

pub(super) fn variables() -> impl Iterator<Item = &'static (&'static str, String)> {
    RULES.get().into_iter().flat_map(|it| &it.variables)
}

/// Why a child must not be started.
pub(super) fn refusal(invocation: &Invocation) -> Option<&'static str> {
    RULES.get().and_then(|it| (it.reason)(invocation))
}
