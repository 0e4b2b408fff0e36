//! Which lines of a requirements file have a place in `environment.yml`.

use report::{Code, Problem};
use specs::python::PipLine;

use super::local_project::NamedFolder;

/// A line of a requirements file as the `pip:` section uses it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsablePipLine {
    /// What is installed; `None` for the project itself, which is installed anyway.
    pub line: Option<PipLine>,
    /// Why the line is probably not meant like that.
    pub warning: Option<Problem>,
}

/// Checks a line; `Err` for one that a build cannot use, such as a path of one machine.
pub fn usable(line: PipLine) -> Result<UsablePipLine, Problem> {
    let all = 0..line.text().len();
    let (option, target) = match &line {
        PipLine::Requirement { requirement, .. } if requirement.url().is_some_and(|it| it.starts_with("file:")) => {
            let message = "a file of one machine, which the build does not have";
            let help = format!("write the version instead, as in `{}==1.2`", requirement.name);
            return Err(Problem::new(Code::PipFileOption, all, message).help(help));
        }
        // Tried with uv 0.13.9: behind a requirement it expects `--hash` and nothing else.
        PipLine::Requirement { requirement, settings, .. } if !settings.is_empty() => {
            let message = "uv, which installs this list, takes no option but `--hash` after a package";
            let help = format!("leave out what follows `{requirement}`");
            return Err(Problem::new(Code::PipOption, all, message).help(help));
        }
        PipLine::Options { options, .. } if !local_wheels(options).is_empty() => {
            let target = local_wheels(options);
            let message = format!("`--find-links` names `{target}`, which the build does not have");
            let help = "name the address of a page that links to the files, as in `--find-links https://e.org/wheels/`";
            return Err(Problem::new(Code::PipFileOption, all, message).help(help));
        }
        PipLine::Options { options, .. } if passed_over(options).is_some() => {
            let (name, help) = passed_over(options).unwrap_or_default();
            let message = format!("uv, which installs this list, would pass over `{name}`");
            return Err(Problem::new(Code::PipOption, all, message).help(help));
        }
        PipLine::Requirement { .. } | PipLine::Options { .. } => {
            return Ok(UsablePipLine { line: Some(line), warning: None });
        }
        PipLine::Url { named, .. } => {
            let message = "a URL without a name in front of it";
            let help = format!("write `{named}`, or the name that the package gives itself where that is another");
            let warning = Problem::new(Code::PipUrlWithoutName, all, message).help(help);
            return Ok(UsablePipLine { line: Some(line), warning: Some(warning) });
        }
        PipLine::Editable { path_or_url: path, .. } | PipLine::Local { path, .. } if is_project(path) => {
            let message = "the project itself, which is always installed";
            let help = "remove the line; what the project needs is listed here, its extras included";
            let warning = Problem::new(Code::PipProjectItself, all, message).help(help);
            return Ok(UsablePipLine { line: None, warning: Some(warning) });
        }
        PipLine::Editable { path_or_url, .. } => match PipLine::parse(path_or_url) {
            Ok(PipLine::Url { named, .. }) => {
                let message = "an editable install from a URL, which is installed as any other";
                let warning = Problem::new(Code::PipEditableUrl, all, message).help(format!("write `{named}`"));
                // Where the URL tells no name, it still installs.
                let line = PipLine::parse(&named).or_else(|_| PipLine::parse(path_or_url))?;
                return Ok(UsablePipLine { line: Some(line), warning: Some(warning) });
            }
            _ => ("-e", path_or_url),
        },
        PipLine::RequirementsFile { path, .. } => ("-r", path),
        PipLine::ConstraintsFile { path, .. } => ("-c", path),
        PipLine::Local { path, .. } => {
            let message = format!("`{path}` is a file that the build does not have");
            let help = "name a package of an index, a URL as `name @ URL`, or the folder of a project in the repository, as in `-e ../FOLDER`";
            return Err(Problem::new(Code::PipFileOption, all, message).help(help));
        }
    };
    let message = format!("`{option}` names `{target}`, which the build does not have");
    let help = match option {
        "-e" => {
            "write it into environment.yml by hand, as in `- -e ../FOLDER`, for a project of the repository; else list it as `name @ URL`"
        }
        "-c" => "remove the line, and write the limits behind the packages that you list",
        _ => "remove the line; `cargo xtask add -r FILE` adds what the file lists",
    };
    Err(Problem::new(Code::PipFileOption, all, message).help(help))
}

/// The first option that pip reads and uv 0.13.9 does not, with what to write instead.
fn passed_over(options: &[(String, Option<String>)]) -> Option<(&str, &'static str)> {
    let known = |name: &str| match name {
        "--trusted-host" => Some(
            "leave it out, and trust the server's certificate: `cargo xtask env --set CA_CERTIFICATES=FILE`; over plain http nothing \
             is needed",
        ),
        "--prefer-binary" => Some("leave it out, or write `--only-binary NAME` where you want wheels and nothing else"),
        "--use-feature" => Some("leave it out"),
        _ => None,
    };
    options.iter().find_map(|(name, _)| Some((name.as_str(), known(name)?)))
}

/// The directory of this machine in which files are to be found; empty where there is none.
fn local_wheels(options: &[(String, Option<String>)]) -> &str {
    let mut places =
        options.iter().filter(|(name, _)| name == "--find-links").filter_map(|(_, place)| place.as_deref());
    places.find(|it| !it.contains("://") || it.starts_with("file:")).unwrap_or_default()
}

/// Whether a line names a folder of the repository other than the project's own.
pub fn is_folder(line: &PipLine) -> bool {
    NamedFolder::of(line).is_some_and(|it| !is_project(it.path))
}

/// Whether a path is the repository or the Python project in it, seen from any directory of the repository.
fn is_project(path: &str) -> bool {
    let path = path.split(['[', ';', ' ']).next().unwrap_or(path);
    let parts: Vec<&str> = path.split('/').filter(|it| !matches!(*it, "" | "." | "..")).collect();
    !path.starts_with('/') && !path.contains("://") && matches!(parts[..], [] | ["python-project"])
}

/// The name that a line starts with, however wrong the rest of it is.
pub fn name_of(text: &str) -> Option<&str> {
    let text = text.trim();
    let end = text.find(|it: char| !it.is_ascii_alphanumeric() && !matches!(it, '.' | '_' | '-')).unwrap_or(text.len());
    let name = &text[..end];
    let is_name = name.starts_with(|it: char| it.is_ascii_alphanumeric()) && !text[end..].starts_with([':', '/', '+']);
    is_name.then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_pip_reads_behind_a_package_and_uv_does_not_is_refused() {
        for text in ["tqdm --config-settings=a=b", "tqdm==4 --global-option=x"] {
            let problem = PipLine::parse(text).and_then(usable).unwrap_err();
            assert_eq!(problem.code, Code::PipOption, "{text}");
        }
        for text in ["tqdm==4 --hash=sha256:0a", "--find-links https://e.org/wheels"] {
            assert!(usable(PipLine::parse(text).unwrap()).is_ok(), "{text}");
        }
    }

    #[test]
    fn an_option_that_uv_would_pass_over_is_refused() {
        for text in ["--trusted-host e.org", "--prefer-binary", "--use-feature=fast-deps", "--pre --prefer-binary"] {
            let problem = PipLine::parse(text).and_then(usable).unwrap_err();
            assert!(problem.code == Code::PipOption && problem.help.is_some(), "{text}: {problem:?}");
        }
        for text in ["--pre", "--require-hashes", "--no-index", "--no-binary six", "--only-binary :all:"] {
            assert!(usable(PipLine::parse(text).unwrap()).is_ok(), "{text}");
        }
    }

    #[test]
    fn an_editable_url_is_installed_from_the_url() {
        let line = PipLine::parse("-e git+https://e.org/t.git@v1#egg=tool&subdirectory=py").unwrap();
        let UsablePipLine { line, warning } = usable(line).unwrap();
        assert_eq!(line.unwrap().text(), "tool @ git+https://e.org/t.git@v1#subdirectory=py");
        assert_eq!(warning.unwrap().code, Code::PipEditableUrl);
    }

    #[test]
    fn the_project_itself_is_passed_over_and_other_files_are_refused() {
        for text in [
            "-e .",
            "-e ..",
            "--editable ../python-project",
            "-e .[dev]",
            "-e ./python-project/",
            ".",
            "../",
            ".[dev]",
            "../python-project[dev] ; python_version > '3'",
        ] {
            let UsablePipLine { line, warning } = usable(PipLine::parse(text).unwrap()).unwrap();
            assert_eq!((line, warning.map(|it| it.code)), (None, Some(Code::PipProjectItself)), "{text}");
        }
        for text in [
            "-e ../other",
            "--find-links ./wheels",
            "-f file:///wheels",
            "-r requirements.txt",
            "-c constraints.txt",
            "./wheels/a-1-py3-none-any.whl",
            "-e /",
        ] {
            let problem = PipLine::parse(text).and_then(usable).unwrap_err();
            assert_eq!(problem.code, Code::PipFileOption, "{text}");
        }
    }
}
