//! A repository in which conda's packages are truly solved and installed.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use crate::channel::Channel;
use crate::repository::Repository;

impl Repository {
    /// Lets conda's packages truly be solved and installed: with uv, py-rattler and a Python to run it, as this tool would
    /// get them from PyPI, and programs that conda's own packages start.
    pub fn conda_solver(self, channel: &Channel) -> Self {
        let python = channel.python();
        let library = fs::read_link(channel.library()).unwrap_or_else(|_| channel.library());
        let repository = self.without("uv").host_python();
        symlink(python.with_file_name("uv"), repository.bin().join("uv")).unwrap();
        for name in ["bash", "getconf"] {
            symlink(Path::new("/usr/bin").join(name), repository.bin().join(name)).unwrap();
        }
        let work = repository.path("target/xtask");
        fs::create_dir_all(&work).unwrap();
        symlink(library, work.join(format!("py-rattler-{}", Channel::rattler_version()))).unwrap();
        // What leads to PyPI on this machine leads there from the test, too; what was got once is not got again.
        let leads = |name: &str| ["CERT", "CA_BUNDLE", "PROXY", "proxy", "INDEX"].iter().any(|it| name.contains(it));
        let host = std::env::vars().filter(|(name, _)| leads(name));
        let cache = channel.path("../uv-cache").display().to_string();
        host.fold(repository, |it, (name, value)| it.variable(&name, value)).variable("UV_CACHE_DIR", cache)
    }
}
