//! How Kubernetes writes amounts.

use std::time::Duration;

use crate::Memory;

/// The largest binary unit that leaves nothing over.
///
/// Source: <https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/>.
pub(crate) fn memory(Memory(bytes): Memory) -> String {
    let units = [("Ti", 40), ("Gi", 30), ("Mi", 20), ("Ki", 10)];
    let fitting = units.into_iter().find(|(_, shift)| bytes > 0 && bytes % (1 << shift) == 0);
    fitting.map_or_else(|| bytes.to_string(), |(unit, shift)| format!("{}{unit}", bytes >> shift))
}

/// Whole seconds; a part of one counts as one.
pub(super) fn seconds(time: Duration) -> u64 {
    time.as_secs() + u64::from(time.subsec_nanos() > 0)
}

/// A text that the kubelet gives to a container as it is. Without this it would put the value of a variable for `$(NAME)`.
///
/// Source: <https://kubernetes.io/docs/tasks/inject-data-application/define-interdependent-environment-variables/>.
pub(crate) fn literal(text: &str) -> String {
    text.replace('$', "$$")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_of_memory_is_written_exactly() {
        let written = [16 << 30, 1536 << 20, 1 << 40, 1000, 0].map(|it| memory(Memory(it)));
        assert_eq!(written, ["16Gi", "1536Mi", "1Ti", "1000", "0"]);
    }

    #[test]
    fn no_variable_is_put_into_a_value() {
        assert_eq!(literal("$(HOME) $$ $x"), "$$(HOME) $$$$ $$x");
    }
}
