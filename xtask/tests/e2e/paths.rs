//! A project that is mounted somewhere else.

use crate::support::{Repository, Subject, Suite, trials};

pub fn trials() -> Subject {
    trials![a_project_mounted_elsewhere_is_still_importable, data_in_a_directory_with_a_difficult_name_is_mounted]
}

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
