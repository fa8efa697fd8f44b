//! What is said of a matrix, each with its numbers.

use super::{Factors, replay, share};
use crate::associations::{MethodScore, Reconstruction};
use crate::experiments::associations::{Agreement, Completion, Findings, Results, Split};
use crate::figure::number::{count, percent, short, significant};
use crate::report::Statement;

/// All statements that results allow.
pub(super) fn statements(results: &Results, findings: &Findings, completion: &[Completion]) -> Vec<Statement> {
    let mut statements = Vec::new();
    statements.extend(findings.reconstruction.as_ref().map(|found| {
        let text = "R2 on the mean of all seeds, a fit and no prediction:";
        reconstruction("reconstruction", text, found)
    }));
    statements.push(ceiling(findings));
    statements.extend(factors(results, findings));
    statements.extend(answers(findings));
    statements.extend(together(findings));
    statements.extend(meanings(findings));
    statements.extend(
        findings
            .prediction
            .as_ref()
            .map(|found| agreement("prediction", "What was predicted before any step goes with what came", found)),
    );
    statements.extend(
        findings
            .preconditioned
            .as_ref()
            .map(|found| agreement("preconditioned", "What AdamW's steps say before any is made goes with it", found)),
    );
    statements.extend(findings.similarity.as_ref().map(|found| {
        agreement("similarity", "Likeness of task and example on the face of it goes with forgetting", found)
    }));
    statements.extend(completion.iter().filter_map(completed));
    statements.extend(findings.replay.iter().flat_map(replay::statements));
    statements
}

/// Fine-tunings that blew up.
pub(super) fn warnings(results: &Results) -> Vec<String> {
    let runs = results.spec.seeds.iter().flat_map(|&seed| (0..results.tasks.len()).map(move |task| (task, seed)));
    let told = |(task, seed): (usize, u32)| {
        let step = results.row(task, seed)?.diverged?;
        let name = &results.tasks[task].name;
        Some(format!("{name} blew up at step {step} with seed {seed}: its row is missing. Try a smaller rate."))
    };
    runs.filter_map(told).collect()
}

const RANKS: [&str; 5] = ["rank_1", "rank_2", "rank_3", "rank_4", "rank_5"];

fn reconstruction(id: &'static str, text: &str, found: &Reconstruction) -> Statement {
    let Reconstruction { rows, columns, additive, ranks } = found;
    let mut values = vec![("tasks", *rows), ("examples", *columns), ("additive", *additive)];
    values.extend(RANKS.iter().zip(ranks).map(|(&name, own)| (name, own.r2)));
    let told: Vec<String> = ranks.iter().map(|own| format!("rank {} {}", own.rank, share(own.r2))).collect();
    let text = format!(
        "{text} tasks alone {}, examples alone {}, both {}; {}.",
        share(*rows),
        share(*columns),
        share(*additive),
        told.join(", ")
    );
    Statement { id, text, values }
}

fn ceiling(findings: &Findings) -> Statement {
    let Some(found) = &findings.ceiling else {
        let text = "There is no noise ceiling: it takes two seeds.".to_owned();
        return Statement { id: "ceiling", text, values: Vec::new() };
    };
    let text = format!(
        "Noise ceiling: no prediction should explain more than {} of one seed's matrix, or {} of the mean of {}; noise is {} an \
         entry.",
        share(found.reliability),
        share(found.of_mean),
        found.seeds,
        short(found.noise)
    );
    let values = vec![("one_seed", found.reliability), ("mean", found.of_mean), ("noise", found.noise)];
    Statement { id: "ceiling", text, values }
}

fn factors(results: &Results, findings: &Findings) -> Option<Statement> {
    let found = Factors::of(&results.mean()?, findings);
    let above = found.above()?;
    let noise = found.noise?;
    let text = format!(
        "{} of {} factors stand out of the noise, whose largest singular value would hold {} of all squares.",
        count(above),
        count(found.shares.len()),
        share(noise)
    );
    Some(Statement { id: "factors", text, values: vec![("above", above as f64), ("noise", noise)] })
}

fn answers(findings: &Findings) -> Option<Statement> {
    let binary = findings.binary.as_ref()?;
    let lost = format!(
        "Of {} answers that the base gets right {} are lost.",
        count(binary.columns),
        percent(binary.forgotten)
    );
    let mut statement = match &binary.reconstruction {
        Some(found) => reconstruction("answers", &format!("{lost} R2 on the first seed:"), found),
        None => Statement { id: "answers", text: lost, values: Vec::new() },
    };
    statement.values.push(("lost", binary.forgotten));
    if let Some(ceiling) = &binary.ceiling {
        statement.text.push_str(&format!(" The ceiling on one seed is {}.", share(ceiling.reliability)));
        statement.values.push(("one_seed", ceiling.reliability));
    }
    Some(statement)
}

fn together(findings: &Findings) -> Option<Statement> {
    let found = findings.kinds.as_ref().filter(|found| found.shared_within.is_finite())?;
    let text = format!(
        "Kinds of examples share {} of what effects of tasks and examples leave (p {}).",
        share(found.shared_within),
        short(found.p_value)
    );
    Some(Statement { id: "together", text, values: vec![("shared", found.shared_within), ("p_value", found.p_value)] })
}

/// What each factor goes with most.
fn meanings(findings: &Findings) -> Option<Statement> {
    let told: Vec<String> = (1..)
        .map_while(|factor| {
            let own = findings.meanings.iter().filter(|own| own.factor == factor);
            let most = own.max_by(|a, b| a.r2.total_cmp(&b.r2))?;
            Some(format!("factor {factor} goes with the {} of {} ({})", most.property, most.of, share(most.r2)))
        })
        .collect();
    let text = format!("As shares of its variance: {}.", told.join("; "));
    let first = findings.meanings.iter().filter(|own| own.factor == 1).map(|own| own.r2).reduce(f64::max)?;
    Some(Statement { id: "meanings", text, values: vec![("first", first)] })
}

fn agreement(id: &'static str, text: &str, found: &Agreement) -> Statement {
    let [pearson, spearman] = [found.pearson, found.spearman].map(|found| found.map(|found| found.coefficient));
    let measures = [
        ("pearson", "Pearson's correlation", pearson),
        ("spearman", "Spearman's", spearman),
        ("within_tasks", "Pearson's within tasks", found.within_rows),
    ];
    let told: Vec<String> = measures
        .iter()
        .map(|(_, name, value)| {
            format!("{name} {}", value.map_or_else(|| "undefined".to_owned(), |v| significant(v, 3)))
        })
        .collect();
    let values = measures.iter().filter_map(|&(name, _, value)| Some((name, value?))).collect();
    Statement { id, text: format!("{text}: {}.", told.join(", ")), values }
}

/// The best method beside the additive model and chance.
fn completed(completion: &Completion) -> Option<Statement> {
    let value = |own: &MethodScore| match &own.binary {
        // The larger, the better.
        Some(binary) => -binary.f1.mean,
        None => own.rmse.mean,
    };
    let best = completion.methods.iter().min_by(|a, b| value(a).total_cmp(&value(b)))?;
    let of = |name: &str| completion.method(name).map(|own| value(own).abs());
    let (additive, random) = (of("additive")?, of("random")?);
    let (id, measure) = match (completion.split, completion.is_binary) {
        (Split::Inside, false) => ("completion_inside", "RMSE"),
        (Split::Outside, false) => ("completion_outside", "RMSE"),
        (Split::Inside, true) => ("answers_completion_inside", "F1 of lost answers"),
        (Split::Outside, true) => ("answers_completion_outside", "F1 of lost answers"),
    };
    let text = format!(
        "Predicting rows from {} entries, {}: {} has the best {measure}, {}; additive effects {}, random {}.",
        completion.observed,
        completion.split.words(),
        best.name,
        significant(value(best).abs(), 3),
        significant(additive, 3),
        significant(random, 3)
    );
    Some(Statement { id, text, values: vec![("best", value(best).abs()), ("additive", additive), ("random", random)] })
}
