//! The files of the three sides.

use anyhow::{Context as _, Result};
use camino::{Utf8Path, Utf8PathBuf};

use inputs::Project;
use process::{Invocation, files};
use project::Context;

use super::{
    super::{
        side::Side,
        timing::{Preparation, prepare, query},
    },
    Trial,
};

impl Trial<'_> {
    /// Copies what the sides are built from.
    pub(super) fn copy(&self, project: &Project) -> Result<()> {
        let (cx, from) = (self.cx, self.cx.layout.root());
        let list_files = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
        let listed = query(cx, &Invocation::new("git").args(["-C", from.as_str()]).args(list_files))?.stdout;
        // A file that was deleted and not yet committed is listed too.
        for file in listed.split_terminator('\0').filter(|it| from.join(it).is_file()) {
            let of_strong = file.starts_with("python-project/").then_some(Side::Strong.word());
            for copy in [Side::Ours.word(), "native"].into_iter().chain(of_strong) {
                copy_file(cx, &from.join(file), &self.path(copy).join(file))?;
            }
        }
        for copy in [Side::Ours.word(), "native"] {
            cx.files.remove_dir(&self.path(copy).join("dependencies/lock"))?;
        }
        self.copy_controls()?;
        let text = self.with_own_caches(&files::read_text(&cx.layout.dockerfile())?);
        // A copy, because a build during the benchmark would replace the program that is measured.
        let program = Utf8PathBuf::try_from(std::env::current_exe().context("cannot find the path of this program")?)?;
        copy_file(cx, &program, &self.path("xtask"))?;
        let ca = project.network.ca_certificates.as_deref().map_or(Ok(String::new()), files::read_text)?;
        prepare(
            cx,
            &[
                Preparation::Write(self.our_dockerfile(), text),
                Preparation::Write(self.path("control/ca.crt"), ca.clone()),
                Preparation::Write(self.path("strong-control/ca.crt"), ca),
            ],
        )
    }

    fn copy_controls(&self) -> Result<()> {
        let (cx, root) = (self.cx, self.cx.layout.root());
        let files = [
            (Side::Usual, "Dockerfile"),
            (Side::Usual, "compose.yaml"),
            (Side::Usual, "entrypoint.sh"),
            (Side::Strong, "Dockerfile"),
        ];
        for (side, file) in files {
            let from = root.join("benchmarks").join(side.word()).join(file);
            let to = self.path(side.word()).join(file);
            // A copy keeps the permissions of the entrypoint.
            copy_file(cx, &from, &to)?;
            if file == "Dockerfile" {
                prepare(cx, &[Preparation::Write(to, self.with_own_caches(&files::read_text(&from)?))])?;
            }
        }
        copy_file(cx, &root.join("installation/tools/uv.txt"), &self.path("strong-control/dependencies/uv.txt"))
    }
}

fn copy_file(cx: &Context, from: &Utf8Path, to: &Utf8Path) -> Result<()> {
    to.parent().map_or(Ok(()), |it| cx.files.create_dir(it))?;
    cx.files.copy(from, to)
}
