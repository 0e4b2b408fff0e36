//! A project that is mounted somewhere else.

use crate::support::{Repository, Subject, Suite, trials};

pub fn trials() -> Subject {
    trials![
        a_project_mounted_elsewhere_is_still_importable,
        data_in_a_directory_with_a_difficult_name_is_mounted,
        a_checkout_in_a_directory_with_a_difficult_name_is_run_in_a_container,
        a_checkout_in_a_directory_with_a_difficult_name_is_run_natively,
    ]
}

/// What addresses, variables, shells, patterns and lists give a meaning to.
const DIFFICULT: &str = "a%20b#c?d ${HOME} $e 'f' \"g\" h\\i,j=k;l&m*[n]{o}é";

fn a_project_mounted_elsewhere_is_still_importable(suite: &Suite) {
    let repository = Repository::copy_with_images_of(&suite.repository);
    repository.xtask(["env"]).assert().success();
    repository.edit("installation/docker-amd64/.env", |it| it.replace("=/opt/project", "=/srv/elsewhere"));

    let script = "pwd; cd / && python -c 'import template_package; print(template_package.__file__)'";
    let run = repository.run(["sh", "-c", script]).assert().success();
    run.stdout(
        "/srv/elsewhere/python-project\n\
         /srv/elsewhere/python-project/src/template_package/__init__.py\n",
    );
}

fn data_in_a_directory_with_a_difficult_name_is_mounted(suite: &Suite) {
    let data = suite.repository.directory("data, of \"mine\" é");
    std::fs::write(data.join("file"), "there\n").unwrap();
    let mut run = suite.repository.run(["sh", "-c", "cat \"$DATA_DIR/file\""]);
    run.env("LOCAL_DATA_DIR", &data).assert().success().stdout("there\n");
}

fn a_checkout_in_a_directory_with_a_difficult_name_is_run_in_a_container(suite: &Suite) {
    let repository = Repository::copy_with_images_named(&suite.repository, DIFFICULT);
    let mut run = repository.run(["sh", "-c", "cat ../data/README.md && python -c 'import template_package'"]);
    let readme = std::fs::read_to_string(repository.path("data/README.md")).unwrap();
    run.assert().success().stdout(readme);
}

fn a_checkout_in_a_directory_with_a_difficult_name_is_run_natively(suite: &Suite) {
    let repository = Repository::copy_with_images_named(&suite.repository, DIFFICULT);
    repository.ask_for_little();
    let native = |words: &[&str]| repository.xtask(words).env("ENGINE", "native").assert().success();
    native(&["build"]);
    let package = repository.path("python-project/src/template_package/__init__.py");
    native(&["run", "--", "python", "-c", "import template_package as it\nprint(it.__file__)"])
        .stdout(format!("{}\n", package.display()));
    // A script that the environment brings, whose first line has the path.
    native(&["run", "--", "tqdm", "--version"]);
    native(&["drift"]);
}
