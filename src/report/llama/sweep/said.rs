//! The answer in words.

use super::{Compared, Equal, Found, Matrix, MatrixCell, Sizes, Sweep, Verdict};
use crate::figure::number::{count, percent, short, signed, significant};
use crate::report::Statement;
use crate::report::scaling::Report;
use crate::stats::bootstrap::FEWEST;

/// Digits of losses.
const DIGITS: usize = 3;
/// Most benchmarks or data sets that a sentence names.
const NAMED: usize = 4;

/// Everything that is said of a sweep.
pub fn report(sweep: &Sweep, found: &Found) -> Report {
    let mut report = Report { more: more(sweep), warnings: warnings(sweep), ..Report::default() };
    let mut sentences = Vec::new();
    for sizes in &found.sizes {
        if sizes.equal == Equal::Loss {
            sentences.push(of(&sizes.of, &answer_by_size(sizes)));
        }
        report.statements.push(by_size(sizes));
        if !sizes.one_vocabulary {
            report.warnings.push(of(
                &sizes.of,
                "These models have different vocabularies: a nat a token is not the same for them, and equal losses are \
                 not equal.",
            ));
        }
    }
    if let Some(matrix) = &found.matrix {
        sentences.push(where_it_shows(matrix));
        report.statements.push(by_data(matrix));
    }
    for laws in &found.laws {
        let own = laws.report();
        sentences.push(of(&laws.of, &own.headline));
        report
            .statements
            .extend(own.statements.into_iter().map(|told| Statement { text: of(&laws.of, &told.text), ..told }));
        report.warnings.extend(own.warnings.iter().map(|warning| of(&laws.of, warning)));
    }
    sentences.extend(surely(sweep, found));
    report.statements.splice(0..0, [learned(sweep), chance(sweep, found)].into_iter().flatten());
    report.headline = match sweep.runs.len() {
        0 => "No run is done yet.".to_owned(),
        _ if sentences.is_empty() => "Nothing was measured that runs could be held against.".to_owned(),
        _ => sentences.join(" "),
    };
    report
}

/// A sentence with what it is said of before it.
fn of(group: &str, text: &str) -> String {
    if group.is_empty() { text.to_owned() } else { format!("{group}: {text}") }
}

fn runs(number: usize) -> String {
    format!("{} {}", count(number), if number == 1 { "run" } else { "runs" })
}

fn more(sweep: &Sweep) -> String {
    let lists: Vec<String> =
        sweep.axes.iter().map(|axis| format!("{} ({})", super::plain(&axis.name), count(axis.values.len()))).collect();
    let done = match sweep.runs.len() {
        1 if sweep.planned == 1 => "Its one run is done.".to_owned(),
        done if done == sweep.planned => format!("All {} are done.", runs(done)),
        1 => format!("1 of {} is done.", runs(sweep.planned)),
        done => format!("{} of {} are done.", count(done), runs(sweep.planned)),
    };
    format!("{done} What varies: {}.", lists.join(", "))
}

fn warnings(sweep: &Sweep) -> Vec<String> {
    let mut warnings = Vec::new();
    for run in &sweep.runs {
        if let Some(step) = run.diverged() {
            let label = sweep.label(run, |_| true);
            warnings.push(format!("The run with {label} blew up at step {step}; nothing is concluded from it."));
        }
    }
    if sweep.runs.len() < sweep.planned {
        let missing = sweep.planned - sweep.runs.len();
        let are = if missing == 1 { "is" } else { "are" };
        warnings.push(format!("{} {are} missing; what is said is of the others.", runs(missing)));
    }
    let seeds = sweep.seeds();
    if seeds < FEWEST && !sweep.runs.is_empty() {
        warnings.push(format!(
            "{}: what another order of the data or another start of the adapters would change is {}; {FEWEST} or more \
             would tell.",
            crate::figure::number::seeds(seeds),
            if seeds == 1 { "not known, and one run proves nothing about the next" } else { "hardly known" }
        ));
    }
    warnings
}

fn learned(sweep: &Sweep) -> Option<Statement> {
    let ends: Vec<[f64; 2]> = sweep
        .runs
        .iter()
        .filter(|run| run.diverged().is_none())
        .filter_map(|run| Some([run.learned().next()?.1, run.learned().last()?.1]))
        .collect();
    let fell = ends.iter().filter(|[first, last]| last < first).count();
    let least = |values: &mut dyn Iterator<Item = f64>| values.fold(f64::INFINITY, f64::min);
    let most = |values: &mut dyn Iterator<Item = f64>| values.fold(f64::NEG_INFINITY, f64::max);
    let values = [
        least(&mut ends.iter().map(|ends| ends[0])),
        most(&mut ends.iter().map(|ends| ends[0])),
        least(&mut ends.iter().map(|ends| ends[1])),
        most(&mut ends.iter().map(|ends| ends[1])),
    ];
    let between = |[low, high]: [f64; 2]| match [low, high].map(|value| significant(value, DIGITS)) {
        [low, high] if low == high => low,
        [low, high] => format!("{low} to {high}"),
    };
    let [before, after] = [[values[0], values[1]], [values[2], values[3]]].map(between);
    (!ends.is_empty()).then(|| Statement {
        id: "learned",
        text: format!(
            "Learned: the fine-tuning loss fell in {} of {}; before tuning it was {before}, after it {after} nats a token.",
            count(fell),
            runs(ends.len())
        ),
        values: vec![("fell", fell as f64), ("lowest", values[2])],
    })
}

/// What is sure of all comparisons with bases, and the worst of it.
fn surely(sweep: &Sweep, found: &Found) -> Option<String> {
    let all = || sweep.runs.iter().zip(&found.compared).flat_map(|(run, all)| all.iter().map(move |one| (run, one)));
    let of = |verdict: Verdict| all().filter(move |(_, one)| one.verdict == verdict);
    let (number, worse, better) = (all().count(), of(Verdict::Worse).count(), of(Verdict::Better).count());
    if number == 0 {
        return None;
    }
    let worst = of(Verdict::Worse).max_by(|(_, a), (_, b)| a.change().abs().total_cmp(&b.change().abs()));
    let worst = worst.map(|(run, one)| {
        let label = sweep.label(run, |_| true);
        format!(
            ", most of all {} with {label}: {} before, {} after",
            one.benchmark,
            percent(one.base.fraction()),
            percent(one.tuned.fraction())
        )
    });
    let none_or = |number: usize| if number == 0 { "none".to_owned() } else { count(number) };
    Some(format!(
        "Of {} with the base, and corrected for their number, {} {} surely worse and {} surely better{}.",
        if number == 1 { "1 comparison".to_owned() } else { format!("{} comparisons", count(number)) },
        none_or(worse),
        if worse == 1 { "is" } else { "are" },
        none_or(better),
        worst.unwrap_or_default()
    ))
}

/// Benchmarks at which a tuned model is no better than a guess.
fn chance(sweep: &Sweep, found: &Found) -> Option<Statement> {
    let guesses = |one: &&Compared| {
        let within = |share: crate::metrics::language::Share| {
            one.chance.is_some_and(|chance| (share.interval()[0]..=share.interval()[1]).contains(&chance))
        };
        within(one.tuned) && !within(one.base)
    };
    let all = sweep.runs.iter().zip(&found.compared);
    let named = all.flat_map(|(run, all)| {
        let label = sweep.label(run, |_| true);
        all.iter().filter(guesses).map(move |one| format!("{} ({label})", one.benchmark))
    });
    let named: Vec<String> = named.collect();
    let rest = named.len().saturating_sub(NAMED);
    let others = if rest > 0 { format!(" and {} more", count(rest)) } else { String::new() };
    (!named.is_empty()).then(|| Statement {
        id: "chance",
        text: format!(
            "No better than guessing, which their bases were: {}{others}. Whether that is knowledge that was lost or a form \
             of answering, each run's own lines below say.",
            named[..named.len() - rest].join("; ")
        ),
        values: vec![("guessing", named.len() as f64)],
    })
}

/// How a comparison by size ends, in a few words.
enum Trend {
    Falls,
    Rises,
    Mixed,
}

fn trend(medians: &[(u64, f64)]) -> Trend {
    let falls = medians.windows(2).all(|pair| pair[1].1 < pair[0].1);
    let rises = medians.windows(2).all(|pair| pair[1].1 > pair[0].1);
    match (falls, rises) {
        (true, _) => Trend::Falls,
        (_, true) => Trend::Rises,
        _ => Trend::Mixed,
    }
}

fn answer_by_size(sizes: &Sizes) -> String {
    let medians = sizes.medians();
    if medians.len() < 2 {
        return format!(
            "Whether forgetting falls with the size of the model, equal fine-tuning loss does not tell: {}.",
            nothing_equal(sizes)
        );
    }
    let way = match trend(&medians) {
        Trend::Falls => "forgetting falls from each size to the next",
        Trend::Rises => "forgetting does not fall with size: it rises from each size to the next",
        Trend::Mixed => "forgetting neither falls nor rises from size to size throughout",
    };
    let (first, last) = (medians[0].1, medians[medians.len() - 1].1);
    format!(
        "At equal fine-tuning loss ({} nats) {way}, {} to {} nats; {}.",
        significant(sizes.level, DIGITS),
        significant(first, DIGITS),
        significant(last, DIGITS),
        how_sure(sizes)
    )
}

fn nothing_equal(sizes: &Sizes) -> String {
    match sizes.begun_below.as_slice() {
        [] => "too few runs come to one".to_owned(),
        names => format!(
            "before any tuning {} {} at the lowest loss that all come to ({}), or below",
            names.join(", "),
            if names.len() == 1 { "is" } else { "are" },
            significant(sizes.level, DIGITS)
        ),
    }
}

fn how_sure(sizes: &Sizes) -> String {
    let slope = &sizes.slope;
    match (slope.interval, slope.seeds) {
        (Some(interval), seeds) => format!(
            "over {} a doubling changes it by {} ({} to {}): {}",
            crate::figure::number::seeds(seeds),
            signed(slope.per_doubling.unwrap_or_default()),
            short(interval.low),
            short(interval.high),
            slope.verdict.word()
        ),
        (None, 1) => "from one seed, which proves nothing".to_owned(),
        (None, seeds) => format!("from {seeds} seeds, too few to be sure"),
    }
}

fn by_size(sizes: &Sizes) -> Statement {
    let held = match sizes.equal {
        Equal::Loss => format!(
            "At equal fine-tuning loss, {} nats a token, the lowest that all sizes come to",
            significant(sizes.level, DIGITS)
        ),
        Equal::Gain => format!(
            "At equal gain, where the fine-tuning loss has fallen by {} nats a token, the most that all sizes come to",
            significant(sizes.level, DIGITS)
        ),
    };
    let each = sizes.sizes.iter().map(|size| {
        let value = size.median().map_or_else(|| "none".to_owned(), |median| significant(median, DIGITS));
        format!("{value} with {} ({} parameters)", size.name, count(size.parameters as usize))
    });
    let each: Vec<String> = each.collect();
    let (verdict, values) = match sizes.medians() {
        medians if medians.len() < 2 => (format!("Nothing to compare: {}.", nothing_equal(sizes)), Vec::new()),
        medians => {
            let trend = match trend(&medians) {
                Trend::Falls => "It falls with size",
                Trend::Rises => "It rises with size",
                Trend::Mixed => "It does not go one way",
            };
            let values = vec![("level", sizes.level), ("first", medians[0].1), ("last", medians[medians.len() - 1].1)];
            (format!("{trend}; {}.", how_sure(sizes)), values)
        }
    };
    let text = format!(
        "{held}, KL to the base is {}. {verdict} (First time that a run comes there, between checkpoints along the \
         logarithm of the loss.)",
        each.join(", ")
    );
    let id = match sizes.equal {
        Equal::Loss => "size-at-equal-loss",
        Equal::Gain => "size-at-equal-gain",
    };
    Statement { id, text: of(&sizes.of, &text), values }
}

/// Data sets on which a benchmark is surely worse.
fn worse_on(matrix: &Matrix, benchmark: usize) -> usize {
    let is_worse = |cell: &Option<MatrixCell>| cell.is_some_and(|cell| cell.verdict == Verdict::Worse);
    matrix.cells.iter().filter(|row| is_worse(&row[benchmark])).count()
}

fn where_it_shows(matrix: &Matrix) -> String {
    let mut worse: Vec<(usize, &String)> =
        matrix.benchmarks.iter().enumerate().map(|(place, name)| (worse_on(matrix, place), name)).collect();
    worse.sort_by_key(|(number, _)| core::cmp::Reverse(*number));
    let sets = matrix.data.len();
    let shown: Vec<String> = worse
        .iter()
        .filter(|(number, _)| *number > 0)
        .take(NAMED)
        .map(|(number, name)| format!("{name} (after {number} of {sets} data sets)"))
        .collect();
    if shown.is_empty() {
        return format!("On none of {} benchmarks forgetting surely shows.", count(matrix.benchmarks.len()));
    }
    let not: Vec<&str> = worse.iter().filter(|(number, _)| *number == 0).map(|(_, name)| name.as_str()).collect();
    let not = match not.len() {
        0 => String::new(),
        few if few <= NAMED => format!(", not surely in {}", not.join(", ")),
        many => format!(", not surely in {} others", count(many)),
    };
    format!("Forgetting shows in {}{not}.", shown.join(", "))
}

fn by_data(matrix: &Matrix) -> Statement {
    let cells = matrix.measured().count();
    let of = |verdict: Verdict| matrix.measured().filter(|cell| cell.verdict == verdict).count();
    let moved = matrix.data.iter().zip(&matrix.moved).filter_map(|(data, moved)| {
        let [low, high] = (*moved)?.map(|kl| significant(kl, DIGITS));
        Some(if low == high { format!("{data} {low}") } else { format!("{data} {low} to {high}") })
    });
    let moved: Vec<String> = moved.collect();
    let moved = if moved.is_empty() {
        String::new()
    } else {
        format!(" KL to the base on general text: {}.", moved.join(", "))
    };
    let values = [("cells", cells), ("worse", of(Verdict::Worse)), ("better", of(Verdict::Better))];
    Statement {
        id: "matrix",
        text: format!(
            "Of {} cells, data sets by benchmarks, {} are surely worse and {} surely better.{moved}",
            count(cells),
            count(of(Verdict::Worse)),
            count(of(Verdict::Better))
        ),
        values: values.map(|(name, value)| (name, value as f64)).to_vec(),
    }
}
