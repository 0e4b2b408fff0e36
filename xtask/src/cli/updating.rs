//! The verb that brings a newer template.

use clap::Args;

/// `cargo xtask update`
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of its own on the command line")]
pub struct UpdateArgs {
    /// The template's version [default: the newest commit of its default branch]
    #[arg(long, value_name = "TAG|COMMIT")]
    pub to: Option<String>,
    /// Where the template is [default: where .xtask.toml says]
    #[arg(long, value_name = "URL|PATH")]
    pub from: Option<String>,
    /// Change nothing; say how far behind this project is and whether it would merge, and exit with 1 where there is an update.
    #[arg(long)]
    pub check: bool,
    /// Bring the changes of files that are yours, too: README.md, python-project, dependencies and the like.
    #[arg(long)]
    pub all: bool,
    /// Take back an update that is not committed yet.
    #[arg(long, conflicts_with_all = ["to", "from", "check", "all", "no_commit"])]
    pub abort: bool,
    /// Leave the commit to yourself.
    #[arg(long, conflicts_with = "check")]
    pub no_commit: bool,
    /// Ask nothing.
    #[arg(short, long)]
    pub yes: bool,
}
