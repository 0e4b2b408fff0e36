//! A file of the project that its build back end looks for in an image, and that no image gets.

use camino::{Utf8Path, Utf8PathBuf};

/// Where the stage that installs the project has what it gets of it.
const IN_IMAGE: &str = "/opt/project/python-project/";

/// The first file that the output of a failed step misses and that `project` has, relative to it.
pub(super) fn missing_file(project: &Utf8Path, output: &[String]) -> Option<Utf8PathBuf> {
    let tells = |it: &&String| it.contains("No such file or directory") || it.contains("does not exist");
    let named = output.iter().filter(tells).flat_map(|it| it.split(['\'', '"', '`', ' ']));
    let relative =
        named.map(|it| Utf8PathBuf::from(it.strip_prefix(IN_IMAGE).unwrap_or(it).trim_end_matches([':', ','])));
    let is_file = |it: &Utf8PathBuf| !it.as_str().is_empty() && it.is_relative() && project.join(it).is_file();
    relative.into_iter().find(is_file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_found_by_its_path_in_the_image_or_in_the_project() {
        let folder = tempfile::tempdir().unwrap();
        let project = Utf8Path::from_path(folder.path()).unwrap();
        std::fs::create_dir(project.join("meta")).unwrap();
        std::fs::write(project.join("meta/VERSION"), "1.0").unwrap();
        let found = |line: &str| missing_file(project, &[line.to_owned()]).map(Utf8PathBuf::into_string);
        let file = Some("meta/VERSION".to_owned());
        let absolute =
            "FileNotFoundError: [Errno 2] No such file or directory: '/opt/project/python-project/meta/VERSION'";
        assert_eq!(found(absolute), file);
        assert_eq!(found("FileNotFoundError: [Errno 2] No such file or directory: 'meta/VERSION'"), file);
        assert_eq!(found("OSError: file does not exist: meta/VERSION"), file);
        assert_eq!(found("No such file or directory: '/opt/project/python-project/other'"), None);
        assert_eq!(found("reading meta/VERSION"), None);
    }
}
