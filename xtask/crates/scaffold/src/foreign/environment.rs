//! `environment.yml`, by hand or by `conda env export`.

use anyhow::Result;

use environment::{EnvironmentFile, freeze::PackageList};
use report::{Code, Findings, Source};
use specs::conda::MatchSpec;

use super::entry::{ForeignEntry, ForeignList};

/// Mistakes of single lines that are no packages of an index: the line is left out.
const LEFT_OUT: [Code; 2] = [Code::PipFileOption, Code::PipOption];

pub fn read(source: &Source) -> Result<ForeignList> {
    let file = EnvironmentFile::parse(source.clone());
    let mut list = ForeignList::default();
    let mut errors = Findings::default();
    for finding in file.findings().clone().sorted() {
        if LEFT_OUT.contains(&finding.code) {
            let (line, number) = (finding.line.clone().unwrap_or_default(), finding.span.map(|it| it.start.line));
            let what = line.trim().trim_start_matches("- ").to_owned();
            list.leave_out(&what, &format!("{}:{}", source.file, number.unwrap_or_default()), &finding.message);
        } else {
            errors.push(finding);
        }
    }
    errors.into_result(())?;

    let environment = file.environment();
    list.channels = environment.channels.iter().map(|(channel, _)| channel.to_string()).collect();
    list.variables.clone_from(&environment.variables);
    let place = |line: usize| format!("{}:{line}", source.file);
    let mut builds = 0;
    for (spec, span) in &environment.conda {
        let without_build = without_build(spec);
        builds += usize::from(without_build.is_some());
        let text = without_build.unwrap_or_else(|| spec.text.clone());
        list.entries.push(ForeignEntry { list: PackageList::Conda, text, place: place(span.start.line) });
    }
    for (line, span) in &environment.pip {
        let text = line.text().to_owned();
        list.entries.push(ForeignEntry { list: PackageList::Pip, text, place: place(span.start.line) });
    }
    if let Some((prefix, span)) = &environment.prefix {
        list.leave_out(
            "prefix",
            &place(span.start.line),
            &format!("`{prefix}` is a path of the machine that it was exported on"),
        );
    }
    if builds > 0 {
        list.remarks.push(format!(
            "took {builds} packages of an export without their builds, which are for one system alone. Which of them were asked for \
             is not in the file: `conda env export --from-history` writes a shorter one"
        ));
    }
    Ok(list)
}

/// The spec of an export without the build; `None` where it has none, or one that somebody has chosen, such as `*cuda*`.
fn without_build(spec: &MatchSpec) -> Option<String> {
    let build = spec.build.as_deref().filter(|it| !it.contains(['*', '^']))?;
    let before = spec.text.strip_suffix(build)?;
    spec.brackets.is_empty().then(|| before.trim_end_matches([' ', '=']).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(text: &str) -> ForeignList {
        read(&Source::new("environment.yml", text)).unwrap()
    }

    fn texts(list: &ForeignList) -> Vec<&str> {
        list.entries.iter().map(|it| it.text.as_str()).collect()
    }

    #[test]
    fn an_export_keeps_names_and_versions() {
        let list = read_text(
            "name: old\nchannels: [conda-forge]\ndependencies:\n  - python=3.10.13=hd12c33a_0_cpython\n  - numpy=1.26.4=py310_0\n  \
             - blas=*=openblas\n  - torch 2.1 cpu_0\n  - pip\n  - pip:\n    - tqdm==4.66.1\nprefix: /home/me/env\n",
        );
        assert_eq!(texts(&list), ["python=3.10.13", "numpy=1.26.4", "blas=*", "torch 2.1", "pip", "tqdm==4.66.1"]);
        assert_eq!(list.channels, ["conda-forge"]);
        assert!(list.left_out[0].starts_with("environment.yml:11: left out `prefix`"), "{:?}", list.left_out);
        assert!(list.remarks[0].starts_with("took 4 packages of an export without their builds"), "{:?}", list.remarks);
    }

    #[test]
    fn a_list_of_what_was_asked_for_is_taken_as_it_is() {
        let list = read_text("dependencies:\n  - python>=3.9\n  - numpy\n  - pytorch=2.1=*cuda*\n");
        assert_eq!(texts(&list), ["python>=3.9", "numpy", "pytorch=2.1=*cuda*"]);
        assert!(list.left_out.is_empty() && list.remarks.is_empty());
    }

    #[test]
    fn what_is_no_package_of_an_index_is_left_out_and_a_mistake_is_an_error() {
        let list = read_text("dependencies:\n  - python=3.11\n  - pip:\n    - -e ../other\n    - tqdm\n");
        assert_eq!(texts(&list), ["python=3.11", "tqdm"]);
        assert!(list.left_out[0].starts_with("environment.yml:4: left out `-e ../other`: "), "{:?}", list.left_out);
        let error = read(&Source::new("environment.yml", "dependencies:\n  - python=\"3\n")).unwrap_err().to_string();
        assert!(error.starts_with("environment.yml:2:"), "{error}");
    }
}
