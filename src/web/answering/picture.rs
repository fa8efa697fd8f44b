//! Sentences and figures as plain objects.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::figure::{self, Figure, Theme, to_svg};
use crate::report::Statement;

/// How a figure is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
pub struct Sheet {
    /// CSS pixels.
    width: f64,
    height: f64,
    dark: bool,
    /// As a file: with its title and a margin.
    file: bool,
}

/// Sides of a figure, in CSS pixels.
const SIDES: core::ops::RangeInclusive<f64> = 160.0..=4096.0;

impl Sheet {
    /// # Errors
    /// A side that no figure can have, in words.
    pub fn checked(&self) -> Result<(figure::Sheet, Theme), String> {
        for (name, side) in [("width", self.width), ("height", self.height)] {
            if !SIDES.contains(&side) {
                let (low, high) = (SIDES.start(), SIDES.end());
                return Err(format!("{name} = {side}; accepted: {low} to {high} CSS pixels"));
            }
        }
        let make = if self.file { figure::Sheet::file } else { figure::Sheet::new };
        Ok((make(self.width, self.height), if self.dark { Theme::DARK } else { Theme::LIGHT }))
    }
}

/// A sentence and its numbers by name.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Said {
    pub id: &'static str,
    pub text: String,
    pub values: BTreeMap<&'static str, f64>,
}

impl From<Statement> for Said {
    fn from(statement: Statement) -> Self {
        Self { id: statement.id, text: statement.text, values: statement.values.into_iter().collect() }
    }
}

/// A figure that there is.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Listed {
    pub id: String,
    pub title: String,
}

impl From<&Figure> for Listed {
    fn from(figure: &Figure) -> Self {
        Self { id: figure.id.clone(), title: figure.title.clone() }
    }
}

/// A figure, drawn and told.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Picture {
    pub id: String,
    pub title: String,
    pub summary: String,
    pub notes: Vec<String>,
    pub svg: String,
    /// Heads of the table's columns.
    pub columns: Vec<String>,
    /// Its rows, as people read them.
    pub rows: Vec<Vec<String>>,
    pub csv: String,
}

impl Picture {
    /// # Errors
    /// A sheet that no figure can have.
    pub fn of(figure: &Figure, sheet: &Sheet, link: &str) -> Result<Self, String> {
        Ok(Self {
            id: figure.id.clone(),
            title: figure.title.clone(),
            summary: figure.summary.clone(),
            notes: figure.notes.clone(),
            svg: drawn(figure, sheet, link)?,
            columns: figure.table.columns.iter().map(|column| column.title.clone()).collect(),
            rows: figure.table.shown().collect(),
            csv: figure.table.to_csv(),
        })
    }
}

/// A figure as SVG.
///
/// # Errors
/// A sheet that no figure can have.
pub fn drawn(figure: &Figure, sheet: &Sheet, link: &str) -> Result<String, String> {
    let (sheet, theme) = sheet.checked()?;
    to_svg(figure, &sheet, &theme, link).map_err(|error| format!("The figure was not drawn: {error}"))
}
