//! What a run logs while it trains: a table for everyone, events for TensorBoard.

mod events;
mod table;

use std::path::Path;

pub use events::{Events, PREFIX as EVENTS, event, record};
pub use table::Table;

use crate::native::cli::Failure;

/// The file of the table.
pub const TABLE: &str = "log.csv";

/// Both logs of a run's folder, `log.csv` and `events.out.tfevents.*`.
#[derive(Debug)]
pub struct Log {
    table: Table,
    events: Events,
}

impl Log {
    /// Begins the logs of a run, or goes on with them: what they have of steps after `resumed` is void.
    ///
    /// # Errors
    /// A file that cannot be written, or a `log.csv` with other columns.
    pub fn open(folder: &Path, columns: &[&str], resumed: Option<u64>) -> Result<Self, Failure> {
        Ok(Self { table: Table::open(&folder.join(TABLE), columns, resumed)?, events: Events::open(folder, resumed)? })
    }

    /// One row: what was measured after so many steps, by the columns; what was not is `None`. It is in the files when this
    /// returns.
    ///
    /// # Errors
    /// A file that cannot be written, such as on a full disk.
    ///
    /// # Panics
    /// If there are not as many values as columns.
    pub fn row(&mut self, step: u64, values: &[Option<f64>]) -> Result<(), Failure> {
        self.table.row(step, values)?;
        let named = self.table.columns().iter().zip(values);
        let scalars: Vec<(&str, f64)> = named.filter_map(|(name, value)| Some((name.as_str(), (*value)?))).collect();
        self.events.scalars(step, &scalars)
    }
}
