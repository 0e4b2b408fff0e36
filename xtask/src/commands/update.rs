//! `cargo xtask update`

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, bail, ensure};
use camino::{Utf8Path, Utf8PathBuf};

use process::Outcome;
use project::Context;
use scaffold::{
    Change, ChangeEnd, FetchedTemplate, Git, MergedTree, OpenUpdate, ProjectRecord, Rules, Template, TemplateDistance,
    TemplateOrigin, short,
};

use crate::{cli::UpdateArgs, making};

/// What an update would make of the project.
struct PlannedUpdate {
    /// The commits of the template.
    old: String,
    new: String,
    distance: TemplateDistance,
    merged: MergedTree,
    changed: Vec<(char, Utf8PathBuf)>,
}

impl UpdateArgs {
    /// Brings a newer template into the project: all of it, or nothing.
    pub fn run(&self, cx: &Context) -> Result<Outcome> {
        let git = Git::open(cx)?;
        let _lock = inputs::lock_to_change(cx)?;
        if !cx.is_dry_run() && !self.check {
            scaffold::recover(&git)?;
            match OpenUpdate::find(&git)? {
                Some(open) if self.abort => return abort(cx, &git, &open),
                Some(_) => bail!(
                    "an update is open: resolve its conflicts, `git add` these files and `git commit`; or \
                     `cargo xtask update --abort` takes it back"
                ),
                None => ensure!(!self.abort, "no update is open; nothing was changed"),
            }
        }
        if self.abort {
            return Ok(Outcome::Done);
        }
        let record = record(cx)?;
        if !self.check {
            git.require_unchanged()?;
        }
        scaffold::require_merge_tree(&git)?;
        let from = self.place(cx, &record)?;
        let head = git.head()?;
        let Some(planned) = self.plan(cx, &git, &record, &from, &head)? else { return Ok(Outcome::Done) };
        if self.check {
            return Ok(planned.show_check(cx));
        }
        self.make(cx, &git, &head, &planned)
    }

    /// Where the template is, as git takes it.
    fn place(&self, cx: &Context, record: &ProjectRecord) -> Result<String> {
        match &self.from {
            Some(from) if scaffold::is_local_path(from) => Ok(making::absolute(cx, Utf8Path::new(from))?.into_string()),
            Some(from) => Ok(from.clone()),
            None => record.origin.url.clone().with_context(|| {
                format!("`{}` does not say where the template is: say it with `--from URL`", ProjectRecord::PATH)
            }),
        }
    }

    /// `None` where there is nothing to do.
    fn plan(
        &self,
        cx: &Context,
        git: &Git,
        record: &ProjectRecord,
        from: &str,
        head: &str,
    ) -> Result<Option<PlannedUpdate>> {
        let fetched = FetchedTemplate::fetch(git, from)?;
        let new = fetched.target(self.to.as_deref())?;
        let old = fetched.recorded(&record.origin.commit)?;
        let distance = fetched.distance(&old, &new)?;
        if distance == TemplateDistance::Same {
            cx.ui.notice(format_args!("up to date with the template's commit {}", short(&new)));
            return Ok(None);
        }
        self.require_way(distance, &old, &new)?;
        let url = record.origin.url.clone().unwrap_or_else(|| from.to_owned());
        let renewed = ProjectRecord { origin: TemplateOrigin::new(&new, Some(&url)), answers: record.answers.clone() };
        let (before, after) = (Template::read(git, &old)?, Template::read(git, &new)?);
        let (mut old_files, mut new_files) = (before.project(record)?, after.project(&renewed)?);
        let project = scaffold::read_files(git, head, |_| false)?;
        let is_owned = |path: &Utf8Path| after.rules.leaves_alone(path, self.all);
        scaffold::leave_alone([&mut old_files, &mut new_files], &project, is_owned);
        let (old_tree, new_tree) = (scaffold::write_tree(git, &old_files)?, scaffold::write_tree(git, &new_files)?);
        let merged = scaffold::merge(git, &old_tree, &new_tree, head)?;
        let changed = scaffold::changed_files(git, head, &merged.tree)?;
        Ok(Some(PlannedUpdate { old, new, distance, merged, changed }))
    }

    /// An error where nobody has asked for a template that does not follow the project's.
    fn require_way(&self, distance: TemplateDistance, old: &str, new: &str) -> Result<()> {
        let (old, new) = (short(old), short(new));
        match distance {
            TemplateDistance::Ahead(count) if self.to.is_none() => bail!(
                "this project was made of {old}, {} after the template's {new}: `--to {new}` goes back to it",
                counted(count, "commit")
            ),
            TemplateDistance::Unrelated if self.to.is_none() => bail!(
                "the template's {new} and the commit that this project was made of, {old}, have no history in common: \
                 `--to {new}` merges it all the same"
            ),
            _ => Ok(()),
        }
    }

    fn make(&self, cx: &Context, git: &Git, head: &str, planned: &PlannedUpdate) -> Result<Outcome> {
        let added: Vec<Utf8PathBuf> = planned.changed.iter().filter(|it| it.0 == 'A').map(|it| it.1.clone()).collect();
        scaffold::require_room(cx.layout.root(), &added)?;
        let is_merged = planned.merged.unmerged.is_empty();
        if is_merged && !self.no_commit {
            git.author()?;
        }
        planned.show_files(cx);
        planned.show_conflicts(cx);
        if cx.is_dry_run() {
            return Ok(Outcome::Done);
        }
        let is_asked = !self.yes && cx.ui.is_interactive();
        if is_asked && !cx.ui.confirms("update the project?") {
            cx.ui.notice("nothing was changed");
            return Ok(Outcome::Done);
        }
        let message = planned.message();
        let end = if is_merged && !self.no_commit {
            ChangeEnd::Commit(&message)
        } else {
            ChangeEnd::LeaveOpen(&planned.merged.unmerged)
        };
        Change { git, from: head, to: &planned.merged.tree, verb: "update", end }.make()?;
        if !is_merged {
            cx.ui.notice(
                "resolve the conflicts, `git add` these files and `git commit`; `cargo xtask update --abort` takes everything back",
            );
            return Ok(Outcome::Failed);
        }
        if self.no_commit {
            cx.ui.notice("`git commit` makes the update yours, `cargo xtask update --abort` takes it back");
        }
        cx.ui.notice("updated; the next command compiles the tool anew. Go on with");
        cx.ui.report("  cargo xtask ci");
        Ok(Outcome::Done)
    }
}

impl PlannedUpdate {
    /// Of the commit.
    fn message(&self) -> String {
        let (old, new) = (short(&self.old), short(&self.new));
        format!(
            "Update from the template, {old} to {new}\n\nBy `cargo xtask update`, which changed {}.\n\n\
             Old: {}\nNew: {}",
            counted(self.changed.len(), "file"),
            self.old,
            self.new
        )
    }

    fn show_distance(&self, cx: &Context) {
        let (old, new) = (short(&self.old), short(&self.new));
        let how = match self.distance {
            TemplateDistance::Same => "nothing to do".to_owned(),
            TemplateDistance::Behind(count) => format!("{} behind", counted(count, "commit")),
            TemplateDistance::Ahead(count) => format!("back by {}", counted(count, "commit")),
            TemplateDistance::Apart { behind, ahead } => {
                format!(
                    "{} behind, without {} that this project has",
                    counted(behind, "commit"),
                    counted(ahead, "commit")
                )
            }
            TemplateDistance::Unrelated => "without a history in common".to_owned(),
        };
        cx.ui.notice(format_args!("the template's commit {old} to {new}: {how}"));
    }

    fn show_files(&self, cx: &Context) {
        self.show_distance(cx);
        let mut letters: BTreeMap<&Utf8Path, char> = self.changed.iter().map(|it| (it.1.as_path(), it.0)).collect();
        // As `git status --short` shows it. git leaves some of them as they are.
        letters.extend(self.merged.paths().into_iter().map(|it| (it, 'U')));
        for (path, letter) in letters {
            cx.ui.data(format_args!("{letter} {path}"));
        }
    }

    fn show_conflicts(&self, cx: &Context) {
        let paths = self.merged.paths();
        if paths.is_empty() {
            return;
        }
        cx.ui.notice(format_args!("in conflict: {}", counted(paths.len(), "file")));
        self.merged.conflicts.iter().for_each(|it| cx.ui.report(format_args!("  {it}")));
    }

    /// Says whether it would merge. An update that changes no more than the record is none.
    fn show_check(&self, cx: &Context) -> Outcome {
        self.show_distance(cx);
        let files = self.changed.iter().filter(|it| it.1 != ProjectRecord::PATH).count();
        if files == 0 && self.merged.unmerged.is_empty() {
            cx.ui.notice("it changes no file of this project");
            return Outcome::Done;
        }
        if self.merged.unmerged.is_empty() {
            cx.ui.notice(format_args!("it would merge, and change {}: `cargo xtask update`", counted(files, "file")));
        } else {
            self.show_conflicts(cx);
            for path in self.merged.paths() {
                cx.ui.data(path);
            }
        }
        Outcome::Failed
    }
}

fn abort(cx: &Context, git: &Git, open: &OpenUpdate) -> Result<Outcome> {
    open.abort(git)?;
    cx.ui.notice("took the update back; all files are as the last commit has them");
    Ok(Outcome::Done)
}

fn record(cx: &Context) -> Result<ProjectRecord> {
    let root = cx.layout.root();
    if let Some(record) = ProjectRecord::read(root)? {
        return Ok(record);
    }
    let path = ProjectRecord::PATH;
    if root.join(Rules::PATH).is_file() {
        bail!("there is no `{path}`: this is the template itself, of which `cargo xtask init NAME` makes a project");
    }
    bail!(
        "there is no `{path}`, as in a copy made by hand, so that nobody knows which commit of the template it was: \
         `cargo xtask init NAME --into DIR` in a clone of the template makes a project that can be updated, for you to \
         move your files into"
    )
}

/// `1 file`, `2 files`.
fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}
