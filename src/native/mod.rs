//! The command line.

mod cli;
mod executor;
mod files;
mod inputs;
mod run;
mod verify;

pub use cli::main;
