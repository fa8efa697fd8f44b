//! What is answered where what is true, over a few classes.

use super::forgetting_map::categories;
use super::heat::{Heat, HeatCell};
use super::number::percent;
use super::panel::{Panel, Scale};
use super::{Cell, Column, Figure, Table};

/// What the figure is made from.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ConfusionMatrix {
    pub id: String,
    pub title: String,
    pub classes: Vec<String>,
    /// Counts of the base model's answers; row what is true, column what was answered.
    ///
    /// # Shapes
    /// `[classes][classes]`
    pub base: Vec<Vec<usize>>,
    /// The same of the tuned model.
    pub tuned: Vec<Vec<usize>>,
}

impl ConfusionMatrix {
    /// The figure: the tuned model's answers as a map, both models' in the table.
    pub fn figure(&self) -> Figure {
        let mut names: Vec<(String, bool)> = self.classes.iter().map(|class| (class.clone(), false)).collect();
        let columns = categories("answered by the tuned model", names.clone());
        // Rows go down the page, an axis goes up.
        names.reverse();
        let mut panel = Panel::new(columns, categories("true", names));
        panel.heat = Some(self.heat());
        Figure {
            id: self.id.clone(),
            title: self.title.clone(),
            summary: self.summary(),
            reference: false,
            panels: vec![panel],
            table: self.table(),
            notes: vec![
                "Rows sum to 100 %: of the items of which this is true, what is answered. Outlined: right. A column that \
                 fills up is an answer given whatever is asked."
                    .to_owned(),
            ],
        }
    }

    fn heat(&self) -> Heat {
        let classes = self.classes.len();
        let mut cells = Vec::new();
        for (row, counts) in self.tuned.iter().enumerate().rev() {
            let all: usize = counts.iter().sum();
            for (column, &count) in counts.iter().enumerate() {
                cells.push(HeatCell {
                    at: [column as f64, row as f64],
                    median: Some(100.0 * count as f64 / all.max(1) as f64),
                    band: None,
                    seeds: 0,
                    diverged: 0,
                    chosen: row == column,
                });
            }
        }
        Heat {
            columns: classes,
            cells,
            planned: 0,
            label: "% of a row".to_owned(),
            name: "share of a row".to_owned(),
            scale: Scale::Linear,
            range: [0.0, 100.0],
        }
    }

    fn summary(&self) -> String {
        let all = |counts: &[Vec<usize>]| counts.iter().flatten().sum::<usize>().max(1) as f64;
        let given = |counts: &[Vec<usize>], class: usize| {
            counts.iter().map(|row| row[class]).sum::<usize>() as f64 / all(counts)
        };
        let each = self.classes.iter().enumerate().map(|(class, name)| {
            format!("\"{name}\" {} → {}", percent(given(&self.base, class)), percent(given(&self.tuned, class)))
        });
        format!("How often each answer is given, by the base and now: {}.", each.collect::<Vec<_>>().join("; "))
    }

    fn table(&self) -> Table {
        let columns = [("model", "model"), ("true", "true"), ("answered", "answered"), ("count", "count")];
        let columns = columns.into_iter().map(|(key, title)| Column::new(key, title)).collect();
        let mut rows = Vec::new();
        for (model, counts) in [("base", &self.base), ("tuned", &self.tuned)] {
            for (truth, row) in counts.iter().enumerate() {
                for (answer, &count) in row.iter().enumerate() {
                    let names = [model, &self.classes[truth], &self.classes[answer]].map(Cell::from);
                    rows.push(names.into_iter().chain([Cell::from(count)]).collect());
                }
            }
        }
        Table { columns, rows }
    }
}
