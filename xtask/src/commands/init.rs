//! `cargo xtask init`

use anyhow::{Context as _, Result, bail, ensure};
use camino::{Utf8Path, Utf8PathBuf};

use process::{Echo, Exit, Outcome};
use project::{Context, Layout};
use scaffold::{
    Change, ChangeEnd, DependencyList, Git, ListSettings, ProjectRecord, Template, TemplateOrigin, TrackedFile,
    added_files,
};

use crate::{
    cli::InitArgs,
    making::{self, DerivedNames, NewProject, ProjectSettings},
};

impl InitArgs {
    /// Makes a project of this repository, or gives one another name: all of it, or nothing.
    pub fn run(&self, cx: &Context) -> Result<Outcome> {
        let git = Git::open(cx)?;
        let _lock = inputs::lock_to_change(cx)?;
        if !cx.is_dry_run() {
            scaffold::recover(&git)?;
        }
        match (ProjectRecord::read(cx.layout.root())?, &self.rename) {
            (None, None) => self.make(cx, &git),
            (Some(record), None) => Ok(self.say_that_it_is_done(cx, &record)),
            (Some(record), Some(new)) => self.rename(cx, &git, &record, new),
            (None, Some(_)) => {
                bail!("there is no `{}`: `cargo xtask init NAME` makes a project first", ProjectRecord::PATH)
            }
        }
    }

    fn make(&self, cx: &Context, git: &Git) -> Result<Outcome> {
        git.require_unchanged()?;
        let template = Template::read(git, &git.head()?)?;
        let into = self.into.as_ref().map(|it| making::absolute(cx, it)).transpose()?;
        if let Some(folder) = &into {
            require_new(folder)?;
        }
        let project = self.plan(cx, git, &template, into.as_deref())?;
        project.show(cx, &template.files);
        let place = into.as_ref().map_or_else(|| "in this repository".to_owned(), |it| format!("in `{it}`"));
        if !self.may_write(cx, &format!("make the project {place}?")) {
            return Ok(Outcome::Done);
        }
        let names = &project.record.answers.names;
        let message = format!(
            "Make {} of the template\n\nBy `cargo xtask init`, of commit {}.",
            names.distribution, template.commit
        );
        let message = (!self.no_commit).then_some(message.as_str());
        let settings = ProjectSettings::new(&project.record.answers);
        let tree = scaffold::write_tree(git, &project.files)?;
        if let Some(folder) = &into {
            scaffold::write_to_folder(git, folder, &tree, message)?;
            settings.write(&Context::new(Layout::new(folder), Echo::Quiet, cx.ui, cx.host.clone()))?;
        } else {
            let old = DerivedNames::read(cx)?;
            Change { git, from: &template.commit, to: &tree, verb: "init", end: ChangeEnd::of(message) }.make()?;
            making::remove_old_package(cx, &template.rules.names);
            settings.following(cx, &old)?.write(cx)?;
        }
        making::show_next_steps(cx, names, into.as_deref());
        Ok(Outcome::Done)
    }

    /// The project as it will be. Whatever is wrong with what was asked for is found here.
    fn plan(&self, cx: &Context, git: &Git, template: &Template, into: Option<&Utf8Path>) -> Result<NewProject> {
        let listed = template.files.get(&cx.layout.relative(&cx.layout.environment_yml()));
        // What another list has is known only once the rest of the answers is.
        let listed = listed.filter(|_| self.from.is_none()).and_then(TrackedFile::text).unwrap_or_default();
        let mut answers = making::answers(self, cx, git, &template.rules, into, listed)?;
        ProjectSettings::new(&answers).check(cx)?;
        let list = self.dependencies(cx, template, &answers)?;
        if let Some(list) = &list {
            answers.requires_python.clone_from(&list.requires_python);
        }
        let origin = TemplateOrigin::new(&template.commit, git.origin().as_deref());
        let record = ProjectRecord { origin, answers };
        let text = list.as_ref().map(|it| it.text.as_str());
        let files = scaffold::render(&template.files, &template.rules, &record, text)?;
        let listed = files.get(&cx.layout.relative(&cx.layout.environment_yml())).and_then(TrackedFile::text);
        scaffold::require_own_name(&record.answers.names, listed.unwrap_or_default())?;
        if into.is_none() {
            scaffold::require_room(cx.layout.root(), &added_files(&template.files, &files))?;
        }
        Ok(NewProject { record, files, list })
    }

    /// Whether nobody objects; in a dry run nothing is written.
    fn may_write(&self, cx: &Context, question: &str) -> bool {
        let is_confirmed = self.yes || !cx.ui.is_interactive() || cx.is_dry_run() || cx.ui.confirms(question);
        if !is_confirmed {
            cx.ui.notice("nothing was changed");
        }
        is_confirmed && !cx.is_dry_run()
    }

    /// What the user brings along.
    fn dependencies(
        &self,
        cx: &Context,
        template: &Template,
        answers: &scaffold::Answers,
    ) -> Result<Option<DependencyList>> {
        let Some(file) = &self.from else { return Ok(None) };
        let environment = cx.layout.relative(&cx.layout.environment_yml());
        let text = template.files.get(&environment).and_then(TrackedFile::text);
        let settings = ListSettings {
            name: &answers.names.distribution,
            template: text.with_context(|| format!("`{environment}` is not in the last commit"))?,
            listed_python: &template.rules.listed_python,
            requires_python: &template.rules.requires_python,
            python: answers.python.as_deref(),
        };
        scaffold::read_dependencies(&making::absolute(cx, file)?, &settings).map(Some)
    }

    fn say_that_it_is_done(&self, cx: &Context, record: &ProjectRecord) -> Outcome {
        let name = &record.answers.names.distribution;
        let commit = record.origin.commit.get(..12).unwrap_or(&record.origin.commit);
        cx.ui.notice(format_args!("this is the project `{name}` already, made of commit {commit}"));
        cx.ui.notice("`cargo xtask init --rename NEW` gives it another name");
        let is_same = |it: &String| scaffold::ProjectNames::parse(it).is_ok_and(|it| it == record.answers.names);
        let asks_for_another = self.into.is_some() || self.name.as_ref().is_some_and(|it| !is_same(it));
        if asks_for_another { Outcome::Ended(Exit::Code(2)) } else { Outcome::Done }
    }

    fn rename(&self, cx: &Context, git: &Git, record: &ProjectRecord, new: &str) -> Result<Outcome> {
        let renamed = record.renamed(new)?;
        let names = &renamed.answers.names;
        if renamed == *record {
            cx.ui.notice(format_args!("it is called `{}` already; nothing was changed", names.distribution));
            return Ok(Outcome::Done);
        }
        git.require_unchanged()?;
        let head = git.head()?;
        let before = scaffold::read_files(git, &head, |it| !scaffold::is_tool(it))?;
        let after = scaffold::rename(&before, record, &renamed);
        scaffold::require_room(cx.layout.root(), &added_files(&before, &after.files))?;
        making::show_names(cx, names);
        for line in &after.left {
            cx.ui.notice(format_args!("left alone, because it may be an ordinary word: {line}"));
        }
        if !self.may_write(cx, "rename the project?") {
            return Ok(Outcome::Done);
        }
        let old = DerivedNames::read(cx)?;
        let message = format!(
            "Rename {} to {}\n\nBy `cargo xtask init --rename`.",
            record.answers.names.distribution, names.distribution
        );
        let message = (!self.no_commit).then_some(message.as_str());
        let tree = scaffold::write_tree(git, &after.files)?;
        Change { git, from: &head, to: &tree, verb: "init", end: ChangeEnd::of(message) }.make()?;
        making::remove_old_package(cx, &record.answers.names);
        ProjectSettings::default().following(cx, &old)?.write(cx)?;
        old.show_what_is_left(cx);
        Ok(Outcome::Done)
    }
}

/// An error where something is there that would be lost.
fn require_new(folder: &Utf8PathBuf) -> Result<()> {
    let is_free = match folder.read_dir_utf8() {
        Ok(mut entries) => entries.next().is_none(),
        Err(_) => folder.symlink_metadata().is_err(),
    };
    ensure!(is_free, "`{folder}` exists already: choose another folder, or remove it");
    Ok(())
}
