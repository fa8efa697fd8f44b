//! The report of a sweep that stands alone: one HTML file with everything in it, for someone who was not there.

use core::fmt::Write as _;

use serde_json::{Map, Value};

use super::{Compared, Found, Matrix, MatrixCell, Run, Sweep, Verdict, figures, report};
use crate::figure::number::{count, percent, signed, significant};
use crate::record::llama::{Measure, kept_windows, measured};
use crate::report::llama::page::{END, begun, drawn, escaped, flatten, list, rows};
use crate::report::llama::said::{share, with_interval};
use crate::report::llama::{figures as figures_of_run, plain, report as report_of_run};

/// Most runs that are told one by one.
const MOST_TOLD: usize = 100;
/// Most runs in the table.
const MOST_LISTED: usize = 1000;
/// Most runs whose own figures are shown.
const MOST_DRAWN: usize = 4;

/// The report. Nothing of what records or settings say becomes markup.
///
/// # Errors
/// In words, a figure that could not be drawn.
pub fn html(sweep: &Sweep, found: &Found) -> Result<String, String> {
    let said = report(sweep, found);
    let mut page = begun(&format!("Fine-tunings of {}", plain(&sweep.name)));
    if let Some(question) = &sweep.question {
        let _ = writeln!(page, "<p><strong>{}</strong></p>", escaped(question));
    }
    let _ = writeln!(page, "<p class=\"said\">{}</p>\n<p>{}</p>", escaped(&said.headline), escaped(&said.more));
    list(&mut page, "warnings", said.warnings.iter().map(String::as_str));
    list(&mut page, "statements", said.statements.iter().map(|statement| statement.text.as_str()));
    varied(&mut page, sweep);
    listed(&mut page, sweep, found);
    if let Some(matrix) = &found.matrix {
        by_data(&mut page, matrix);
    }
    let drawings = figures::figures(sweep, found);
    if !drawings.is_empty() {
        page.push_str("<h2>Figures</h2>\n");
    }
    for figure in drawings {
        drawn(&mut page, &figure, &sweep.name)?;
    }
    each(&mut page, sweep)?;
    same(&mut page, sweep);
    page.push_str(READING);
    page.push_str(END);
    Ok(page)
}

/// What the words and numbers are.
const READING: &str = "<h2>How to read this</h2>\n<dl class=\"words\">\n\
    <dt>L_ft</dt><dd>The fine-tuning loss: mean loss on examples of the fine-tuning set that were held out, nats a token.</dd>\n\
    <dt>L_f, KL</dt><dd>Forgetting: cross-entropy of the tuned model's predictions on general text with the base's own as \
    the target (Kalajdzievski, arXiv 2401.05605), nats a token. Before tuning it is the base's entropy; KL is what it is above \
    that, so KL begins at 0.</dd>\n\
    <dt>(a to b)</dt><dd>95 %. Of shares by Wilson's method, of KL by its spread over windows of text, of changes of shares by \
    Newcombe's method, of laws by resampling whole runs.</dd>\n\
    <dt>surely</dt><dd>By the sign test on items whose answer may have changed (McNemar's), as many as the counts allow, and \
    after Holm's correction for all comparisons in this report: the chance that any of the words is a false alarm is at most \
    5 %. It is about these runs and items like these, not about other seeds. Intervals are not corrected. Run by run, a task is \
    surely worse where the two Wilson intervals are apart, which other runs do not enter.</dd>\n</dl>\n";

fn varied(page: &mut String, sweep: &Sweep) {
    page.push_str("<h2>What varied</h2>\n");
    let row = |axis: &super::Axis| {
        let values: Vec<String> = axis.values.iter().map(|value| plain(value)).collect();
        vec![plain(&axis.name), values.join(", ")]
    };
    rows(page, &["setting", "values"], sweep.axes.iter().map(row));
}

/// Settings that all runs share.
fn same(page: &mut String, sweep: &Sweep) {
    let mut runs = sweep.runs.iter().map(|run| &run.record.settings);
    let Some(first) = runs.next() else { return };
    let flat = |settings: &Map<String, Value>| {
        let mut flat = Vec::new();
        settings.iter().filter(|(key, _)| *key != "out").for_each(|(key, value)| flatten(key, value, &mut flat));
        flat
    };
    let mut shared = flat(first);
    for settings in runs {
        let own = flat(settings);
        shared.retain(|row| own.contains(row));
    }
    page.push_str("<h2>What was the same in all runs</h2>\n");
    rows(page, &["setting", "value"], shared.into_iter());
}

fn listed(page: &mut String, sweep: &Sweep, found: &Found) {
    page.push_str("<h2>The runs</h2>\n");
    let _ = writeln!(
        page,
        "<p>Before tuning → after it. In brackets: 95 %. Losses in nats a token.{}</p>",
        match sweep.runs.len().saturating_sub(MOST_LISTED) {
            0 => String::new(),
            more => format!(" {} more runs are not listed.", count(more)),
        }
    );
    let mut benchmarks: Vec<&str> = Vec::new();
    for one in found.compared.iter().flatten() {
        if !benchmarks.contains(&one.benchmark.as_str()) {
            benchmarks.push(&one.benchmark);
        }
    }
    let names: Vec<String> = sweep.axes.iter().map(|axis| plain(&axis.name)).collect();
    let heads = names.iter().map(String::as_str).chain(["parameters trained", "steps", "L_ft", "KL"]);
    let heads: Vec<&str> = heads.chain(benchmarks.iter().copied()).collect();
    let all = sweep.runs.iter().zip(&found.compared).take(MOST_LISTED);
    let row = |(run, compared): (&Run, &Vec<Compared>)| {
        let values = (0..sweep.axes.len()).map(|axis| sweep.value(run, axis));
        let of = |benchmark: &&str| compared.iter().find(|one| one.benchmark == **benchmark);
        let cells = benchmarks.iter().map(|benchmark| of(benchmark).map_or_else(String::new, beside));
        values.chain(course(run)).chain(cells).collect()
    };
    rows(page, &heads, all.map(row));
}

/// What a run trained, for how long, what it learned and how far it moved.
fn course(run: &Run) -> [String; 4] {
    let last = run.record.points.last();
    let steps = last.map_or(0, |point| point.step);
    let losses = run.learned().next().zip(run.learned().last());
    let kept = kept_windows(&run.record.points);
    let kl = last.and_then(|point| measured(point, kept).into_iter().find(|found| found.measure == Measure::Kl));
    [
        count(run.record.tuning.parameters as usize),
        match run.diverged() {
            Some(step) => format!("blew up at {}", count(step as usize)),
            None => count(steps as usize),
        },
        losses.map_or_else(String::new, |((_, first), (_, last))| {
            format!("{} → {}", significant(first, 4), significant(last, 4))
        }),
        kl.map_or_else(String::new, |kl| with_interval(kl.tuned, 1.0, "")),
    ]
}

/// A benchmark before and after.
fn beside(compared: &Compared) -> String {
    let word = match compared.verdict {
        Verdict::Unsure => String::new(),
        sure => format!(" {}", sure.word()),
    };
    format!("{} → {}{word}", share(compared.base), share(compared.tuned))
}

fn by_data(page: &mut String, matrix: &Matrix) {
    page.push_str("<h2>Data sets by benchmarks</h2>\n<p>Change of the share, in percentage points; in brackets 95 %, or the least and the largest of several runs.</p>\n");
    let heads = ["tuned on", "KL on general text"].into_iter().chain(matrix.benchmarks.iter().map(String::as_str));
    let heads: Vec<&str> = heads.collect();
    let row = |place: usize| {
        let moved = matrix.moved[place].map_or_else(String::new, |[low, high]| {
            let [low, high] = [low, high].map(|kl| significant(kl, 3));
            if low == high { low } else { format!("{low} to {high}") }
        });
        let cell = |cell: &Option<MatrixCell>| cell.as_ref().map_or_else(|| "not measured".to_owned(), changed);
        [matrix.data[place].clone(), moved].into_iter().chain(matrix.cells[place].iter().map(cell)).collect()
    };
    rows(page, &heads, (0..matrix.data.len()).map(row));
}

fn changed(cell: &MatrixCell) -> String {
    let points = |value: f64| signed(100.0 * value);
    let [low, high] = cell.range.map(points);
    let over = if cell.runs > 1 { format!(", {} runs", count(cell.runs)) } else { String::new() };
    format!("{} ({low} to {high}{over}) {}", points(cell.change), cell.verdict.word())
}

/// Every run by itself.
fn each(page: &mut String, sweep: &Sweep) -> Result<(), String> {
    page.push_str("<h2>Run by run</h2>\n");
    for run in sweep.runs.iter().take(MOST_TOLD) {
        let said = report_of_run(&run.record);
        let label = sweep.label(run, |_| true);
        let shown = if sweep.runs.len() <= MOST_DRAWN { " open" } else { "" };
        let _ = writeln!(
            page,
            "<details{shown}><summary>{}: {}, replay {}; folder {}</summary>\n<p>{}</p>",
            escaped(&label),
            escaped(&plain(&run.record.tuning.label())),
            percent(run.record.replay),
            escaped(&run.name),
            escaped(&said.headline)
        );
        list(page, "warnings", said.warnings.iter().map(String::as_str));
        list(page, "statements", said.statements.iter().map(|statement| statement.text.as_str()));
        if sweep.runs.len() <= MOST_DRAWN {
            for figure in figures_of_run(&run.record, &format!("{}-", run.name)) {
                drawn(page, &figure, &run.name)?;
            }
        }
        page.push_str("</details>\n");
    }
    if let Some(more) = sweep.runs.len().checked_sub(MOST_TOLD).filter(|more| *more > 0) {
        let _ = writeln!(page, "<p>{} more are told by the reports in their folders.</p>", count(more));
    }
    Ok(())
}
