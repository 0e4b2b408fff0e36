//! The command line as a user meets it: the true binary in a small repository, with stand-ins for all that it starts.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod at_once;
mod bad_command_line;
mod bad_dependencies;
mod bad_inputs;
mod bad_settings;
mod build;
mod check;
mod ci;
mod conda;
mod context;
mod doctor;
mod dry_run;
mod ended;
mod engine;
mod env_create;
mod env_set;
mod env_show;
mod env_update;
mod help;
mod native_commands;
mod native_conda;
mod native_prefix;
mod native_uv;
mod network;
mod passed;
mod probe;
mod public_projects;
mod push;
mod repository;
mod run;
mod shell;
mod stand_in;
mod tree;
mod up;
