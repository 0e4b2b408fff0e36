//! What real projects ask for is accepted.

use std::fs;
use std::path::Path;

use crate::repository::Repository;

/// Those that this tool cannot build from as they are, with the only error in each; `README.md` beside them says why.
const REFUSED: [(&str, &str); 2] = [("mne-python", "error[E0320]"), ("openfe", "error[E0304]")];

#[test]
fn only_what_cannot_be_built_is_an_error_in_public_projects() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("crates/environment/tests/data/projects");
    let files = fs::read_dir(folder).unwrap().map(|it| it.unwrap().path());
    let projects: Vec<_> = files.filter(|it| it.extension().is_some_and(|it| it == "yml")).collect();
    assert_eq!(projects.len(), 12);
    for project in projects {
        let name = project.file_stem().unwrap().to_str().unwrap();
        let repository = Repository::fresh().dependencies(&fs::read_to_string(&project).unwrap());
        let ended = repository.xtask(["check", "--format", "short"]);
        let errors: Vec<&str> = ended.out().lines().filter(|it| it.contains(": error[")).collect();
        match REFUSED.iter().find(|(refused, _)| *refused == name) {
            None => assert_eq!(errors, <[&str; 0]>::default(), "{name}"),
            Some((_, error)) => assert!(errors.len() == 1 && errors[0].contains(error), "{name}: {errors:?}"),
        }
    }
}
