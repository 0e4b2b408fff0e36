//! The command line as a user meets it: the true binary in a small repository, with stand-ins for all that it starts.

#![allow(clippy::disallowed_methods, reason = "tests make the files that they look at")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "../support/channel.rs"]
#[allow(dead_code, reason = "the end-to-end tests use the rest of it")]
mod channel;

mod architecture;
mod at_once;
mod bad_command_line;
mod bad_dependencies;
mod bad_inputs;
mod bad_settings;
mod base;
#[cfg(feature = "bench")]
mod bench;
mod build;
mod check;
mod ci;
mod conda;
mod conda_channel;
mod conda_solver;
mod context;
mod dev;
mod doctor;
mod down;
mod drift;
mod dry_run;
mod ended;
mod engine;
mod env_create;
mod env_set;
mod env_show;
mod env_update;
mod exec;
mod foreign_files;
mod freeze;
mod freeze_killed;
mod freeze_native;
mod full_disk;
mod gpu;
mod help;
mod installed;
mod interrupted;
mod jobs;
mod known_container;
mod leases;
mod list;
mod lock;
mod lock_formats;
mod locked;
mod logins;
mod logs;
mod lost_data;
mod native_commands;
mod native_conda;
mod native_killed;
mod native_living;
mod native_prefix;
mod native_uv;
mod network;
mod overriding;
mod own_variables;
mod passed;
mod paused;
mod places;
mod platforms;
mod probe;
mod prune;
mod public_projects;
mod pull;
mod push;
mod reaching;
mod repository;
mod restart;
mod run;
mod shell;
mod shown;
mod size;
mod stand_in;
mod start;
mod status;
mod stop;
mod stopped;
mod tags;
mod task;
mod thaw;
mod tools;
mod tree;
mod up;
mod verify;
