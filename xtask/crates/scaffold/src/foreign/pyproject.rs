//! `pyproject.toml`: what a project says that it needs.

use anyhow::Result;
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use environment::freeze::PackageList;
use project::find_in_toml;
use report::{Code, Findings, Source};
use specs::python::{Requirement, SpecifierSet, normalised};

use super::{
    entry::{ForeignEntry, ForeignList},
    poetry,
};

pub fn read(source: &Source) -> Result<ForeignList> {
    let mut findings = Findings::default();
    let document = match DeTable::parse(&source.text) {
        Ok(document) => document,
        Err(error) => {
            let message = error.message().lines().collect::<Vec<_>>().join("; ");
            findings.push(source.at(Code::TomlSyntax, source.span(error.span().unwrap_or_default()), message));
            return Err(findings.into());
        }
    };
    let document = document.get_ref();
    let mut list = ForeignList::default();
    let sources = find_in_toml(document, &["tool", "uv", "sources"]).and_then(|it| it.get_ref().as_table());
    let mut reader = Reader { source, sources, list: &mut list, findings: &mut findings };
    if let Some(project) = find_in_toml(document, &["project"]).and_then(|it| it.get_ref().as_table()) {
        reader.project(project);
    }
    if let Some(table) =
        find_in_toml(document, &["tool", "poetry", "dependencies"]).and_then(|it| it.get_ref().as_table())
    {
        reader.poetry(table);
    }
    for (path, help) in NOT_READ {
        reader.not_read(document, path, help);
    }
    findings.into_result(list).map_err(Into::into)
}

/// Tables with packages that are not taken over, and what to do.
const NOT_READ: [(&[&str], &str); 6] = [
    (&["project", "optional-dependencies"], LIST),
    (&["dependency-groups"], LIST),
    (&["tool", "uv", "dev-dependencies"], LIST),
    (&["tool", "poetry", "dev-dependencies"], LIST),
    (&["tool", "poetry", "group"], LIST),
    (&["tool", "setuptools", "dynamic", "dependencies"], "take over the file that it names with `--from` instead"),
];

const LIST: &str = "list what you use of it in environment.yml";

struct Reader<'a> {
    source: &'a Source,
    /// Where uv finds packages that are not those of the index.
    sources: Option<&'a DeTable<'a>>,
    list: &'a mut ForeignList,
    findings: &'a mut Findings,
}

impl Reader<'_> {
    fn project(&mut self, project: &DeTable) {
        if let Some((text, value)) = project.get("requires-python").and_then(|it| Some((it.get_ref().as_str()?, it))) {
            match SpecifierSet::parse(text) {
                Ok(_) => self.list.requires_python = Some(text.to_owned()),
                Err(problem) => {
                    let span = self.source.span(value.span());
                    self.findings.push(self.source.at(Code::RequiresPython, span, problem.message));
                }
            }
        }
        for value in project.get("dependencies").and_then(|it| it.get_ref().as_array()).into_iter().flatten() {
            let Some(text) = value.get_ref().as_str() else { continue };
            match Requirement::parse(text) {
                Ok(requirement) if self.has_source(&requirement.name) => {
                    let why = "`tool.uv.sources` says where it is: list it with that address or index";
                    self.list.leave_out(text, &self.place(value), why);
                }
                Ok(_) => self.add(text.to_owned(), value),
                Err(problem) => {
                    let span = self.source.span(value.span());
                    self.findings.push(self.source.at(problem.code, span, problem.message));
                }
            }
        }
    }

    /// The index has another package of the name, if it has one.
    fn has_source(&self, name: &str) -> bool {
        let is_same = |it: &str| normalised(it) == normalised(name);
        self.sources.is_some_and(|it| it.iter().any(|(name, _)| is_same(name.get_ref())))
    }

    fn not_read(&mut self, document: &DeTable, path: &[&str], help: &str) {
        if let Some(value) = find_in_toml(document, path) {
            let place = self.place(value);
            self.list.leave_out(&path.join("."), &place, help);
        }
    }

    fn poetry(&mut self, table: &DeTable) {
        for (name, value) in table {
            let name = name.get_ref().as_ref();
            let place = self.place(value);
            match poetry::requirement(name, value.get_ref()) {
                Ok(versions) if name == "python" => self.list.requires_python = Some(versions.versions),
                Ok(requirement) => self.add(requirement.text(name), value),
                Err(why) => self.list.leave_out(name, &place, &why),
            }
        }
    }

    fn add(&mut self, text: String, value: &Spanned<DeValue>) {
        let place = self.place(value);
        self.list.entries.push(ForeignEntry { list: PackageList::Pip, text, place });
    }

    fn place(&self, value: &Spanned<DeValue>) -> String {
        format!("{}:{}", self.source.file, self.source.position(value.span().start).line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(text: &str) -> Result<ForeignList> {
        read(&Source::new("pyproject.toml", text))
    }

    fn texts(list: &ForeignList) -> Vec<&str> {
        list.entries.iter().map(|it| it.text.as_str()).collect()
    }

    #[test]
    fn the_standard_table_is_taken_as_it_is() {
        let list = read_text(
            "[project]\nrequires-python = '>=3.9,<3.13'\ndependencies = ['numpy>=1.20', 'torch; sys_platform == \"linux\"']\n\
             [project.optional-dependencies]\ndev = ['x']\n",
        )
        .unwrap();
        assert_eq!(texts(&list), ["numpy>=1.20", "torch; sys_platform == \"linux\""]);
        assert_eq!(list.requires_python.as_deref(), Some(">=3.9,<3.13"));
        assert!(list.left_out[0].starts_with("pyproject.toml:"), "{:?}", list.left_out);
    }

    #[test]
    fn what_is_not_of_the_index_or_in_other_tables_is_named() {
        let list = read_text(
            "dependency-groups = {dev = ['x']}\n[project]\ndependencies = ['numpy', 'My_Lib>=1']\n[project.optional-dependencies]\n\
             a = ['y']\n[tool.uv.sources]\nmy-lib = { path = '../mylib' }\n[tool.setuptools.dynamic]\ndependencies = {file = ['r']}\n",
        )
        .unwrap();
        assert_eq!(texts(&list), ["numpy"]);
        let left_out = list.left_out.join("\n");
        for name in
            ["My_Lib>=1", "project.optional-dependencies", "dependency-groups", "tool.setuptools.dynamic.dependencies"]
        {
            assert!(left_out.contains(&format!("left out `{name}`")), "{left_out}");
        }
    }

    #[test]
    fn the_table_of_poetry_is_translated() {
        let list = read_text(
            "[tool.poetry.dependencies]\npython = '^3.9'\nnumpy = '^1.20'\nrich = {version = '~13.1', extras = ['jupyter']}\n\
             tqdm = '*'\nmine = {path = '../mine'}\n",
        )
        .unwrap();
        let mut found = texts(&list);
        found.sort_unstable();
        assert_eq!(found, ["numpy>=1.20,<2", "rich[jupyter]>=13.1,<13.2", "tqdm"]);
        assert_eq!(list.requires_python.as_deref(), Some(">=3.9,<4"));
        assert!(list.left_out[0].contains("left out `mine`"), "{:?}", list.left_out);
    }

    #[test]
    fn a_mistake_is_told_with_its_place() {
        for (text, place) in [
            ("[project]\ndependencies = ['numpy=1']\n", "pyproject.toml:2:17: error["),
            ("[project\n", "pyproject.toml:1:9: error[E0601]"),
            ("[project]\nrequires-python = '^3'\n", "pyproject.toml:2:19: error[E0604]"),
        ] {
            let error = read_text(text).unwrap_err().to_string();
            assert!(error.starts_with(place), "{text}: {error}");
        }
    }
}
