//! How well methods do, beside each other, on several questions.

use super::forgetting_map::categories;
use super::heat::{Heat, HeatCell};
use super::number::short;
use super::panel::{Panel, Scale};
use super::{Cell, Column, Figure, Spread, Table};

/// What the figure is made from.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MethodMatrix {
    pub id: String,
    pub title: String,
    /// Quantity and unit.
    pub measure: String,
    pub methods: Vec<String>,
    pub questions: Vec<String>,
    /// Mean and interval of each method on each question.
    ///
    /// # Shapes
    /// `[methods][questions]`
    pub cells: Vec<Vec<Spread>>,
    /// Whether the best of a question is the largest.
    pub is_more_better: bool,
    pub notes: Vec<String>,
}

impl MethodMatrix {
    /// The figure. The best method of each question is outlined.
    pub fn figure(&self) -> Figure {
        let names = |names: &[String]| names.iter().map(|name| (name.clone(), false)).collect::<Vec<_>>();
        // Rows go down the page, an axis goes up.
        let mut methods = names(&self.methods);
        methods.reverse();
        let mut panel = Panel::new(categories("rows predicted", names(&self.questions)), categories("method", methods));
        panel.heat = Some(self.heat());
        Figure {
            id: self.id.clone(),
            title: self.title.clone(),
            summary: self.summary(),
            reference: false,
            panels: vec![panel],
            table: self.table(),
            notes: self.notes.clone(),
        }
    }

    /// The best method of a question and its mean; `None` where none has a value.
    fn best(&self, question: usize) -> Option<(usize, f64)> {
        let known = self.cells.iter().enumerate().filter_map(|(method, cells)| Some((method, cells[question].median?)));
        known.reduce(|best, own| if (own.1 > best.1) == self.is_more_better && own.1 != best.1 { own } else { best })
    }

    fn heat(&self) -> Heat {
        let known = || self.cells.iter().flatten().filter_map(|cell| cell.median);
        let best: Vec<Option<usize>> = (0..self.questions.len()).map(|question| Some(self.best(question)?.0)).collect();
        let mut cells = Vec::new();
        for (method, own) in self.cells.iter().enumerate().rev() {
            cells.extend(own.iter().enumerate().map(|(question, cell)| HeatCell {
                at: [question as f64, method as f64],
                median: cell.median,
                band: cell.band(),
                seeds: 0,
                diverged: 0,
                chosen: best[question] == Some(method),
            }));
        }
        Heat {
            columns: self.questions.len(),
            cells,
            planned: 0,
            label: self.measure.clone(),
            name: self.measure.clone(),
            scale: Scale::Linear,
            range: [known().fold(f64::INFINITY, f64::min).min(0.0), known().fold(0.0, f64::max)],
        }
    }

    fn summary(&self) -> String {
        let best = |(question, name): (usize, &String)| {
            let (method, value) = self.best(question)?;
            Some(format!("{name}: {} has {}", self.methods[method], short(value)))
        };
        let told: Vec<String> = self.questions.iter().enumerate().filter_map(best).collect();
        match told.is_empty() {
            true => "No method has been compared yet.".to_owned(),
            false => format!("{}; the best method: {}.", self.measure, told.join("; ")),
        }
    }

    fn table(&self) -> Table {
        let columns = [
            ("method", "method"),
            ("rows", "rows predicted"),
            ("value", self.measure.as_str()),
            ("low", "from (95 %)"),
            ("high", "to (95 %)"),
        ];
        let columns = columns.into_iter().map(|(key, title)| Column::new(key, title)).collect();
        let mut rows = Vec::new();
        for (method, cells) in self.methods.iter().zip(&self.cells) {
            for (question, cell) in self.questions.iter().zip(cells) {
                let names = [method, question].map(|name| Cell::from(name.as_str()));
                rows.push(names.into_iter().chain([cell.median, cell.q25, cell.q75].map(Cell::from)).collect());
            }
        }
        Table { columns, rows }
    }
}
