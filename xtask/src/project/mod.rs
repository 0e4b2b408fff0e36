//! The repository and the choices of the person who uses it: paths, names, settings.

mod dotenv;
mod env_file;
mod layout;
mod machine;
mod network;
mod pyproject;
mod settings;
mod values;
mod variables;

pub use env_file::{EnvFile, added_variables, resolved_lines};
pub use layout::{AptStage, Layout};
pub use machine::Machine;
pub use network::{CA_VARIABLES, Network};
pub use pyproject::Pyproject;
pub use settings::{EngineChoice, Resolution, Settings, SolverChoice};
pub use values::Accelerator;
pub use variables::{Defaults, Facts, defaults};
