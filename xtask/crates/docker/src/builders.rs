//! The builders that buildx knows.

use serde_json::Value;

use process::Invocation;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Builder {
    pub name: String,
    /// How buildx runs the builder; `docker` is the daemon itself.
    pub driver: String,
    /// Whether any of its nodes runs.
    pub is_running: bool,
    /// All that the nodes build for, emulated platforms included, in Docker's spelling.
    pub platforms: Vec<String>,
}

impl Builder {
    /// Asks for all builders as JSON, which buildx 0.13 and newer can do.
    pub fn query() -> Invocation {
        Invocation::new("docker").args(["buildx", "ls", "--format", "json"])
    }

    /// Asks for all builders as a table.
    pub fn table_query() -> Invocation {
        Invocation::new("docker").args(["buildx", "ls"])
    }

    /// Asks for one builder; without a name, for the current one.
    pub fn inspection(name: Option<&str>) -> Invocation {
        Invocation::new("docker").args(["buildx", "inspect"]).args(name)
    }

    /// Parses the answer to [`inspection`](Self::inspection), which no version of buildx gives as JSON.
    pub fn parse_inspection(answer: &str) -> Option<Self> {
        let mut builder = Self::default();
        for (key, value) in answer.lines().filter_map(|it| it.split_once(':')) {
            let value = value.trim();
            match key.trim() {
                // The nodes below have names, too.
                "Name" if builder.name.is_empty() => value.clone_into(&mut builder.name),
                "Driver" => value.clone_into(&mut builder.driver),
                "Status" => builder.is_running |= value == "running",
                "Platforms" => builder.platforms.extend(value.split_whitespace().map(|it| platform(it).to_owned())),
                _ => {}
            }
        }
        (!builder.driver.is_empty()).then_some(builder)
    }

    /// Whether the daemon itself builds.
    pub fn is_daemon(&self) -> bool {
        self.driver == "docker"
    }

    /// Parses the answer to either query. Each builder is returned once; the current one may be listed twice.
    pub fn parse(answer: &str) -> Vec<Self> {
        let listed =
            if answer.trim_start().starts_with('{') { Self::parse_json(answer) } else { Self::parse_table(answer) };
        let mut builders: Vec<Self> = Vec::new();
        for builder in listed {
            if builders.iter().all(|it| it.name != builder.name) {
                builders.push(builder);
            }
        }
        builders
    }

    fn parse_json(answer: &str) -> Vec<Self> {
        let builder = |line: &str| {
            let json: Value = serde_json::from_str(line).ok()?;
            let nodes = json["Nodes"].as_array().cloned().unwrap_or_default();
            let platforms = nodes.iter().filter_map(|it| it["Platforms"].as_array()).flatten();
            Some(Self {
                name: json["Name"].as_str()?.to_owned(),
                driver: json["Driver"].as_str().unwrap_or_default().to_owned(),
                is_running: nodes.iter().any(|it| it["Status"] == "running"),
                platforms: platforms.filter_map(|it| Some(platform(it.as_str()?).to_owned())).collect(),
            })
        };
        answer.lines().filter_map(builder).collect()
    }

    /// A line without indentation is a builder and its driver; the lines below are its nodes.
    fn parse_table(answer: &str) -> Vec<Self> {
        let mut builders: Vec<Self> = Vec::new();
        for line in answer.lines().skip(1).filter(|it| !it.trim().is_empty()) {
            let mut words = line.split_whitespace();
            if line.starts_with(char::is_whitespace) {
                let Some(builder) = builders.last_mut() else { continue };
                builder.is_running |= words.clone().any(|it| it == "running");
                let is_platform = |it: &&str| ["linux/", "windows/", "darwin/"].iter().any(|os| it.starts_with(os));
                builder.platforms.extend(words.map(platform).filter(is_platform).map(str::to_owned));
            } else {
                let name = words.next().unwrap_or_default().trim_end_matches('*').to_owned();
                let driver = words.find(|it| *it != "*").unwrap_or_default().to_owned();
                builders.push(Self { name, driver, ..Self::default() });
            }
        }
        builders
    }
}

/// A platform without the star with which buildx marks those that were chosen.
fn platform(word: &str) -> &str {
    word.trim_end_matches(',').trim_end_matches('*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_and_the_json_say_the_same() {
        let json = Builder::parse(include_str!("../tests/data/doctor/buildx-ls.json"));
        let table = Builder::parse(include_str!("../tests/data/doctor/buildx-ls.txt"));
        assert_eq!(json, table);
        let expected = Builder {
            name: "default".to_owned(),
            driver: "docker".to_owned(),
            is_running: true,
            platforms: ["linux/amd64", "linux/386"].map(str::to_owned).to_vec(),
        };
        assert_eq!(json, [expected]);
    }

    #[test]
    fn a_builder_may_be_stopped_and_old_buildx_has_another_table() {
        let builders = Builder::parse(include_str!("../tests/data/doctor/buildx-ls-old.txt"));
        let found: Vec<_> = builders.iter().map(|it| (it.name.as_str(), it.driver.as_str(), it.is_running)).collect();
        assert_eq!(found, [("multi", "docker-container", false), ("default", "docker", true)]);
        assert_eq!(builders[1].platforms, ["linux/amd64", "linux/arm64", "linux/386"]);
    }

    #[test]
    fn an_inspection_has_the_driver_and_the_platforms_of_all_its_nodes() {
        let answer = "Name:          multi\nDriver:        docker-container\nLast Activity: 2026-11-25 23:27:28 +0000 UTC\n\n\
                      Nodes:\nName:             multi0\nEndpoint:         unix:///var/run/docker.sock\nStatus:           \
                      running\nBuildKit version: v0.16.0\nPlatforms:        linux/amd64*, linux/386\n\nName:             \
                      multi1\nStatus:           inactive\nPlatforms:        linux/arm64\n";
        let expected = Builder {
            name: "multi".to_owned(),
            driver: "docker-container".to_owned(),
            is_running: true,
            platforms: ["linux/amd64", "linux/386", "linux/arm64"].map(str::to_owned).to_vec(),
        };
        assert_eq!(Builder::parse_inspection(answer), Some(expected));
        assert_eq!(Builder::parse_inspection(""), None);
    }
}
