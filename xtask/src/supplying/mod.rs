//! What an environment is made of, and the records of known vulnerabilities.

mod database;
mod inventory;

pub use database::read_database;
pub use inventory::read_inventory;
