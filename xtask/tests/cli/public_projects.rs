//! What real projects ask for is accepted.

use std::fs;
use std::path::Path;

use crate::repository::Repository;

#[test]
fn no_public_project_gets_a_false_error() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/projects");
    let files = fs::read_dir(folder).unwrap().map(|it| it.unwrap().path());
    let projects: Vec<_> = files.filter(|it| it.extension().is_some_and(|it| it == "yml")).collect();
    assert_eq!(projects.len(), 10);
    for project in projects {
        let repository = Repository::fresh().dependencies(&fs::read_to_string(&project).unwrap());
        repository.xtask(["check", "--format", "short"]).exits(0).never_says("error[");
    }
}
