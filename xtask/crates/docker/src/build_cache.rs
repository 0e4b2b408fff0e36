//! The cache of the current builder, which has no projects.

use process::Invocation;

/// Asks what is in it. The last lines are sums.
pub fn cache_query() -> Invocation {
    Invocation::new("docker").args(["buildx", "du"])
}

/// The size in the answer to [`cache_query`], as Docker writes it; `None` for an empty cache.
pub fn cache_size(answer: &str) -> Option<&str> {
    let total = answer.lines().rev().find_map(|it| it.strip_prefix("Total:"))?.trim();
    (total != "0B").then_some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sum_is_the_last_line() {
        let answer = "ID\tRECLAIMABLE\tSIZE\tLAST ACCESSED\n0lh4\ttrue\t4.1kB\t\nShared:\t1GB\nTotal:\t\t3.862GB\n";
        assert_eq!(cache_size(answer), Some("3.862GB"));
        assert_eq!((cache_size("Total:\t0B\n"), cache_size("")), (None, None));
    }
}
