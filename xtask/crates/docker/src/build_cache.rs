//! The cache of the current builder, which has no projects.

use serde_json::Value;

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

/// Asks for each record in it, as a JSON list.
pub fn cache_records_query() -> Invocation {
    Invocation::new("docker").args(["system", "df", "--verbose", "--format", "{{json .BuildCache}}"])
}

/// What the builder keeps of one step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CacheRecord {
    pub id: String,
    /// The ids of those that it is built on: one, or several where layers were put together.
    pub parents: Vec<String>,
    /// With the command of the step, such as `mount / from exec /bin/sh -c make`.
    pub description: String,
}

impl CacheRecord {
    /// Parses the answer to [`cache_records_query`]; empty where there is none.
    pub fn parse_all(answer: &str) -> Vec<Self> {
        let Ok(Value::Array(records)) = serde_json::from_str(answer) else { return Vec::new() };
        let text = |record: &Value, name: &str| record[name].as_str().unwrap_or_default().to_owned();
        let parents = |it: &str| it.split(',').map(str::trim).filter(|it| !it.is_empty()).map(str::to_owned).collect();
        let parse = |it: &Value| Self {
            id: text(it, "ID"),
            parents: parents(&text(it, "Parent")),
            description: text(it, "Description"),
        };
        records.iter().map(parse).collect()
    }

    /// Removes it, unless something needs it.
    pub fn removal(&self) -> Invocation {
        Invocation::new("docker").args(["buildx", "prune", "--force", "--filter", &format!("id={}", self.id)])
    }
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

    #[test]
    fn each_record_has_its_parents() {
        let answer = r#"[{"ID": "0wpf", "Parent": "", "Description": "from local ", "Size": "0B", "CacheType": "regular"},
            {"ID": "w4vi", "Parent": "0wpf, 98rk", "Description": "fileop target", "Size": "4.1kB"}]"#;
        let records = CacheRecord::parse_all(answer);
        assert_eq!((records[0].id.as_str(), records[0].parents.len()), ("0wpf", 0));
        assert_eq!(records[1].parents[..], ["0wpf", "98rk"]);
        assert_eq!(records[1].removal().to_string(), "docker buildx prune --force --filter 'id=w4vi'");
        assert_eq!((CacheRecord::parse_all("null"), CacheRecord::parse_all("")), (Vec::new(), Vec::new()));
    }
}
