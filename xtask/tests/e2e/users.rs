//! Whoever calls owns what is written.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, chown};

use crate::support::{self, Subject, Suite, trials};

pub fn trials() -> Subject {
    trials![files_belong_to_user_0, files_belong_to_user_1000, files_belong_to_user_12345_that_has_no_name]
}

fn files_belong_to_user_0(suite: &Suite) {
    files_belong_to(suite, 0);
}

fn files_belong_to_user_1000(suite: &Suite) {
    files_belong_to(suite, 1000);
}

fn files_belong_to_user_12345_that_has_no_name(suite: &Suite) {
    files_belong_to(suite, 12345);
}

fn files_belong_to(suite: &Suite, id: u32) {
    let outputs = suite.repository.directory(&format!("outputs-of-{id}"));
    let (uid, gid) = match (support::user_id("-u"), support::user_id("-g")) {
        (0, _) => (id, id),
        (uid, gid) => {
            support::say(&format!(
                "users: only root can give directories away, so {uid}:{gid} stands in for {id}:{id}"
            ));
            (uid, gid)
        }
    };
    chown(&outputs, Some(uid), Some(gid)).unwrap();

    let code = "
import getpass, os, pathlib, tempfile
getpass.getuser()
(pathlib.Path.home() / 'file').write_text('home')
pathlib.Path(os.environ['OUTPUTS_DIR'], 'file').write_text('outputs')
tempfile.TemporaryFile()
print(os.getuid(), os.getgid(), os.getcwd(), pathlib.Path.home() != pathlib.Path('/'))
";
    let mut run = suite.repository.run(["python", "-c", code]);
    run.env("USRID", uid.to_string()).env("GRPID", gid.to_string()).env("LOCAL_OUTPUTS_DIR", &outputs);
    run.assert().success().stdout(format!("{uid} {gid} /opt/project/python-project True\n"));

    let file = outputs.join("file");
    assert_eq!(fs::read_to_string(&file).unwrap(), "outputs");
    let owner = fs::metadata(&file).unwrap();
    assert_eq!((owner.uid(), owner.gid()), (uid, gid));
}
