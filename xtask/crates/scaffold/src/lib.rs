//! How a project is made from this repository, and follows it: what of it travels ([`Rules`]), which names and texts take the place
//! of its own ([`Answers`]), what a newer one changes ([`merge()`]), and how all of that becomes a commit or nothing at all. [`render()`] is a function of values; git reads and
//! writes the files.

#![cfg_attr(test, allow(clippy::disallowed_methods, reason = "tests make the files that they look at"))]

mod answers;
mod cargo_lock;
mod change;
mod fetched;
mod foreign;
mod git;
mod links;
mod merge;
mod names;
mod new_folder;
mod open_update;
mod origin;
mod own_name;
mod python_modules;
mod record;
mod rename;
mod render;
mod rules;
mod stopped;
mod template;
mod toml_reading;
mod tracked_file;
mod tree;
mod wording;

pub use answers::{Answers, LicenseChoice};
pub use change::{Change, ChangeEnd, added_files, require_room};
pub use fetched::{FetchedTemplate, TemplateDistance, is_local_path};
pub use foreign::{DependencyList, ListSettings, read_dependencies, read_specs};
pub use git::{Git, current_year};
pub use merge::{MergedTree, UnmergedFile, changed_files, leave_alone, merge, require_merge_tree};
pub use names::ProjectNames;
pub use new_folder::write_to_folder;
pub use open_update::OpenUpdate;
pub use origin::TemplateOrigin;
pub use own_name::require_own_name;
pub use record::ProjectRecord;
pub use rename::{RenamedProject, Renaming, is_tool, rename};
pub use render::render;
pub use rules::Rules;
pub use stopped::recover;
pub use template::{Template, short};
pub use tracked_file::{TrackedFile, TrackedFiles};
pub use tree::{read_files, write_tree};
