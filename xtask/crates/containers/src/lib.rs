//! Containers of the project: the dev container from its start to its removal, the compose files that describe it, its SSH
//! and Jupyter servers, and what every container needs of this machine (directories, devices, a lease). Docker's own
//! requests and answers are values of the crate `docker`; how images are built is the crate `images`.

#![cfg_attr(test, allow(clippy::disallowed_methods, reason = "tests make the files that they look at"))]

mod agent;
mod compose;
mod control_group;
mod cuda;
mod dev_container;
mod dev_directories;
mod devices;
mod ended;
mod frozen;
mod git;
mod health;
mod job;
mod jupyter;
mod lease;
mod local_directories;
mod own_compose;
mod ports;
mod remembered;
mod requirements;
mod services;
mod ssh;
mod variables;
mod visible_directories;

pub use agent::AgentRelay;
pub use compose::{ComposeOverlay, compose, read_service, with_compose};
pub use dev_container::{
    UpOptions, find_dev, find_dev_among, image_was_rebuilt, list, remove_services, run_on_services, up,
};
pub use dev_directories::{create_dev_directories, give_to_container_user};
pub use ended::{UnneededContainer, unneeded_containers};
pub use frozen::{is_frozen_as, mark_frozen};
pub use job::{find_job, is_read, job_container, lock_names, mark_as_read, name_of_new_job, stop_job, with_code};
pub use jupyter::JupyterServer;
pub use lease::{Lease, LeaseKind, end_abandoned, remove_unstarted};
pub use local_directories::create_local_directories;
pub use remembered::{forget, recall, remember};
pub use requirements::{require_dev_container, require_docker, require_overlays};
pub use services::ServiceAction;
pub use ssh::{KeySources, SshServer};
pub use visible_directories::require_visible_directories;
