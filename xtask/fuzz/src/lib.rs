//! The parsers of the crate, and what holds for every input of theirs, for the fuzz targets.
//!
//! The crate is a program and has no library; its modules are read from where they are.

#![allow(dead_code, unused_imports, reason = "only the parsers are used here")]

#[path = "../../src/diagnostics/mod.rs"]
mod diagnostics;
#[path = "../../src/environment/mod.rs"]
mod environment;
#[path = "../../src/fs.rs"]
mod fs;
#[path = "../../src/installation/mod.rs"]
mod installation;
#[path = "../../src/process/mod.rs"]
mod process;
#[path = "../../src/project/mod.rs"]
mod project;
#[path = "../../src/properties.rs"]
mod properties;
#[path = "../../src/ui.rs"]
mod ui;
#[path = "../../src/yaml.rs"]
mod yaml;

pub use properties::{apt_list, dotenv, environment_yml, freeze, match_spec, pip_line};
