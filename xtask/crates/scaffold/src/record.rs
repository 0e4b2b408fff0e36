//! `.xtask.toml`: where a project was made from, and what was chosen then.

use anyhow::{Context as _, Result, bail};
use camino::Utf8Path;
use toml::de::DeTable;

use environment::lock::toml_string;
use process::files;

use super::{
    Answers, LicenseChoice, ProjectNames, TemplateOrigin,
    toml_reading::{table, text},
};

/// What a project knows of its making.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectRecord {
    pub origin: TemplateOrigin,
    pub answers: Answers,
}

impl ProjectRecord {
    /// Grows when an older tool could not read the file.
    pub const FORMAT: &str = "1";
    /// Relative to the repository.
    pub const PATH: &str = ".xtask.toml";

    /// `None` where the repository is not a project that was made from another one.
    pub fn read(root: &Utf8Path) -> Result<Option<Self>> {
        let Some(text) = files::read_text_if_any(&root.join(Self::PATH))? else { return Ok(None) };
        let failed = || {
            format!("`{}` is not what `cargo xtask init` writes: `git log -- {0}` finds its last version", Self::PATH)
        };
        Self::parse(&text).map(Some).with_context(failed)
    }

    fn parse(text_of_file: &str) -> Result<Self> {
        let document = DeTable::parse(text_of_file).map_err(|error| anyhow::anyhow!("{}", error.message()))?;
        let document = document.get_ref();
        if text(document, "format") != Some(Self::FORMAT) {
            bail!("it has another `format`, which only a newer `cargo xtask` can read");
        }
        let section = |key: &str| table(document, key).with_context(|| format!("`[{key}]` is missing"));
        let (template, project) = (section("template")?, section("project")?);
        let required = |parent: &DeTable, key: &str| {
            text(parent, key).map(str::to_owned).with_context(|| format!("`{key}` is missing"))
        };
        let optional = |key: &str| text(project, key).map(str::to_owned);
        let license = required(project, "license")?;
        Ok(Self {
            origin: TemplateOrigin {
                commit: required(template, "commit")?,
                url: text(template, "url").map(str::to_owned),
            },
            answers: Answers {
                names: ProjectNames {
                    distribution: required(project, "name")?,
                    package: required(project, "package")?,
                },
                python: optional("python"),
                requires_python: optional("requires-python"),
                license: LicenseChoice::parse(&license, [license.as_str()]).map_err(anyhow::Error::msg)?,
                author: required(project, "author")?,
                year: required(project, "year")?,
                lab: optional("lab"),
                registry: optional("registry"),
                base_image: optional("base-image"),
                keeps_tool_tests: text(project, "tool-tests") == Some("kept"),
            },
        })
    }

    /// The same with another name.
    pub fn renamed(&self, name: &str) -> Result<Self> {
        let names = ProjectNames::parse(name).map_err(anyhow::Error::msg)?;
        Ok(Self { origin: self.origin.clone(), answers: Answers { names, ..self.answers.clone() } })
    }

    /// As [`read`](Self::read) reads it.
    pub fn text(&self) -> String {
        let Self { origin, answers } = self;
        let pair = |key: &str, value: &str| format!("{key} = {}\n", toml_string(value));
        let optional = |key: &str, value: &Option<String>| value.as_deref().map(|it| pair(key, it)).unwrap_or_default();
        let mut text = "# Where this project comes from, written by `cargo xtask init`. `init --rename` and `update` read it: keep it in git.\n"
            .to_owned();
        text += &pair("format", Self::FORMAT);
        text += "\n[template]\n";
        text += &pair("commit", &origin.commit);
        text += &optional("url", &origin.url);
        text += "\n[project]\n";
        text += &pair("name", &answers.names.distribution);
        text += &pair("package", &answers.names.package);
        text += &optional("python", &answers.python);
        text += &optional("requires-python", &answers.requires_python);
        text += &pair("license", answers.license.name());
        text += &pair("author", &answers.author);
        text += &pair("year", &answers.year);
        text += &optional("lab", &answers.lab);
        text += &optional("registry", &answers.registry);
        text += &optional("base-image", &answers.base_image);
        text += &pair("tool-tests", if answers.keeps_tool_tests { "kept" } else { "dropped" });
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record() -> ProjectRecord {
        ProjectRecord {
            origin: TemplateOrigin { commit: "c0ffee".to_owned(), url: Some("https://e.org/a".to_owned()) },
            answers: Answers {
                names: ProjectNames::parse("brain-decoding").unwrap(),
                python: Some("3.12".to_owned()),
                requires_python: None,
                license: LicenseChoice::Named("MIT".to_owned()),
                author: "Ada \"Quote\" Löve".to_owned(),
                year: "2026".to_owned(),
                lab: None,
                registry: Some("registry.example.org".to_owned()),
                base_image: None,
                keeps_tool_tests: false,
            },
        }
    }

    #[test]
    fn what_is_written_is_read_back() {
        assert_eq!(ProjectRecord::parse(&record().text()).unwrap(), record());
        let other = ProjectRecord {
            origin: TemplateOrigin { url: None, ..record().origin },
            answers: Answers { license: LicenseChoice::Keep, keeps_tool_tests: true, ..record().answers },
        };
        assert_eq!(ProjectRecord::parse(&other.text()).unwrap(), other);
    }

    #[test]
    fn a_file_of_another_tool_is_told() {
        for (text, why) in [
            ("", "another `format`"),
            ("format = \"1\"\n", "`[template]` is missing"),
            (&record().text().replace("package = ", "p = "), "`package` is missing"),
            ("format = ", ""),
        ] {
            let error = format!("{:#}", ProjectRecord::parse(text).unwrap_err());
            assert!(error.contains(why), "{text}: {error}");
        }
    }
}
