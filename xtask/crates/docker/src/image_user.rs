//! Which containers were made from which images, whoever they belong to.

use process::Invocation;

/// A container of anybody, running or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageUser {
    pub container: String,
    /// The container's name.
    pub name: String,
    /// The id of the image.
    pub image: String,
}

impl ImageUser {
    /// Asks for the id of every container, a line each.
    pub fn ids_query() -> Invocation {
        Invocation::new("docker").args(["ps", "--all", "--quiet", "--no-trunc"])
    }

    /// Asks for these containers. It fails where one is gone, and answers for the others all the same.
    pub fn query<'a>(ids: impl IntoIterator<Item = &'a str>) -> Invocation {
        let format = "{{.Id}}\t{{.Name}}\t{{.Image}}";
        Invocation::new("docker").args(["container", "inspect", "--format", format]).args(ids)
    }

    /// Parses the answer to [`query`](Self::query). Lines of another form are left out.
    pub fn parse(answer: &str) -> Vec<Self> {
        let parse_line = |line: &str| {
            let [container, name, image] = line.split('\t').collect::<Vec<_>>()[..] else { return None };
            let name = name.trim_start_matches('/');
            Some(Self { container: container.to_owned(), name: name.to_owned(), image: image.to_owned() })
        };
        answer.lines().filter_map(parse_line).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_container_is_known_by_its_name_without_dockers_slash() {
        let found = ImageUser::parse("0123\t/bold_name\tsha256:1\nrubbish\n");
        let known: Vec<_> = found.iter().map(|it| (&*it.container, &*it.name, &*it.image)).collect();
        assert_eq!(known, [("0123", "bold_name", "sha256:1")]);
    }
}
