//! The answer in words: what was learned, what was lost, and whether that looks like a lost form of answering.

use super::changed::{Change, Habit, answer, chance, habit};
use super::figures::tasks;
use super::{plain, way};
use crate::experiments::llama::{Point, Prompted, Read};
use crate::experiments::scaling::Ending;
use crate::figure::number::{count, short, significant};
use crate::metrics::language::Share;
use crate::record::llama::{Course, Estimate, Measure, Record, Shortened, courses, most};
use crate::report::Statement;
use crate::report::scaling::Report;

/// Most tasks that the headline names.
const NAMED: usize = 3;
/// Digits of numbers that have an interval beside them.
const DIGITS: usize = 3;

/// Everything that is said of a record.
pub fn report(record: &Record) -> Report {
    let courses = courses(&record.points);
    let tasks = tasks(&record.points);
    let told: Vec<Told<'_>> = tasks.iter().flat_map(|(task, prompts)| each(task, prompts)).collect();
    let mut statements: Vec<Statement> = [learned(&courses), forgotten(&courses)].into_iter().flatten().collect();
    statements.extend(tasks.iter().map(|(task, prompts)| of_task(task, prompts)));
    statements.extend(refusals(&record.points));
    statements.extend(perplexities(&courses));
    Report { headline: headline(record, &courses, &told), more: more(record), statements, warnings: warnings(record) }
}

/// A task asked in one way, and what became of it.
struct Told<'a> {
    name: String,
    prompted: &'a Prompted,
    change: Change,
    habit: Option<Habit>,
}

fn each<'a>(task: &str, prompts: &[&'a Prompted]) -> Vec<Told<'a>> {
    let of = |&prompted: &&'a Prompted| Told {
        name: way(task, prompts.len(), prompted),
        prompted,
        change: Change::of(prompted.base.acc, prompted.tuned.acc),
        habit: habit(prompted),
    };
    prompts.iter().map(of).collect()
}

fn of(courses: &[Course], measure: Measure) -> Option<&Course> {
    courses.iter().find(|course| course.measure == measure && course.of.is_empty())
}

fn last(course: &Course) -> Option<Estimate> {
    course.points.last().map(|(_, tuned, _)| *tuned)
}

pub(super) fn with_interval(estimate: Estimate, times: f64, unit: &str) -> String {
    let shown = |value: f64| significant(times * value, DIGITS);
    let interval = estimate.interval.map(|[low, high]| format!(" ({} to {})", shown(low), shown(high)));
    format!("{}{unit}{}", shown(estimate.value), interval.unwrap_or_default())
}

/// A share in per cent with its interval.
pub(super) fn share(share: Share) -> String {
    with_interval(share.into(), 100.0, "\u{a0}%")
}

/// A share in per cent.
fn brief(share: Share) -> String {
    format!("{}\u{a0}%", significant(100.0 * share.fraction(), DIGITS))
}

fn steps(step: u32) -> String {
    format!("{} {}", count(step as usize), if step == 1 { "step" } else { "steps" })
}

fn headline(record: &Record, courses: &[Course], told: &[Told<'_>]) -> String {
    let Some(step) = record.points.last().map(|point| point.step) else {
        return "Nothing has been measured yet.".to_owned();
    };
    let mut sentences = Vec::new();
    if let Some(Ending::Diverged(at)) = record.ending {
        sentences.push(format!("Training blew up at step {}: there is no tuned model.", count(at as usize)));
        if step == 0 {
            sentences.push("Nothing was measured after it began.".to_owned());
            return sentences.join(" ");
        }
        sentences.push("What was last measured before:".to_owned());
    }
    let losses = of(courses, Measure::FineTuningLoss).and_then(|course| Some((course.points.first()?, last(course)?)));
    match losses {
        Some((first, end)) if first.0 < step => {
            let way = if end.value < first.1.value { "fell" } else { "did not fall: it went" };
            sentences.push(format!(
                "In {} the fine-tuning loss {way} from {} to {} nats a token.",
                steps(step),
                significant(first.1.value, DIGITS),
                significant(end.value, DIGITS)
            ));
        }
        _ => sentences.push(format!("After {}:", steps(step))),
    }
    if let Some(kl) = of(courses, Measure::Kl).and_then(last) {
        let agreement = of(courses, Measure::Agreement).and_then(last);
        let same = agreement.map(|same| format!(", and the likeliest token is the base's at {}", per_cent(same)));
        sentences.push(format!(
            "On general text its predictions are {} from the base's (KL){}.",
            with_interval(kl, 1.0, " nats"),
            same.unwrap_or_default()
        ));
    }
    sentences.extend(surely(told, Change::Fell, "Surely worse"));
    sentences.extend(surely(told, Change::Rose, "Surely better"));
    let unsure: Vec<&Told<'_>> = told.iter().filter(|told| told.change == Change::Unsure).collect();
    if !unsure.is_empty() {
        sentences.push(format!("No sure change: {}.", listed(unsure.iter().map(|told| told.name.clone()))));
    }
    if let Some((base, tuned)) = last_refusals(&record.points)
        && Change::of(base.harmful, tuned.harmful) != Change::Unsure
    {
        sentences.push(format!("Harmful requests refused: {} → {}.", brief(base.harmful), share(tuned.harmful)));
    }
    sentences.join(" ")
}

fn per_cent(estimate: Estimate) -> String {
    with_interval(estimate, 100.0, "\u{a0}%")
}

/// The tasks of a kind of change, with their shares, and what a lost form explains.
fn surely(told: &[Told<'_>], change: Change, words: &str) -> Option<String> {
    let changed: Vec<&Told<'_>> = told.iter().filter(|told| told.change == change).collect();
    let shown = changed.iter().map(|Told { name, prompted, habit, .. }| {
        let format = habit.as_ref().filter(|_| change == Change::Fell).map(|habit| {
            format!(
                ", {} of its answers now being {}: a lost form more than lost knowledge",
                brief(habit.share),
                habit.answer
            )
        });
        let (base, tuned) = (brief(prompted.base.acc), share(prompted.tuned.acc));
        format!("{name} {base} → {tuned}{}", format.unwrap_or_default())
    });
    (!changed.is_empty()).then(|| format!("{words}: {}.", listed(shown)))
}

fn listed(names: impl ExactSizeIterator<Item = String>) -> String {
    let more = names.len().saturating_sub(NAMED);
    let mut shown: Vec<String> = names.take(NAMED).collect();
    if more > 0 {
        shown.push(format!("and {} more", count(more)));
    }
    shown.join("; ")
}

fn more(record: &Record) -> String {
    let model = &record.model;
    let read = record.points.last().map(|point| {
        let of = |Read { examples, tokens }: Read| {
            format!("{} examples ({} tokens)", count(examples as usize), count(tokens as usize))
        };
        let replayed = (point.replayed.examples > 0).then(|| format!(" and {} again", of(point.replayed)));
        format!(" It has read {}{}.", of(point.new), replayed.unwrap_or_default())
    });
    format!(
        "{}, {} parameters in {}; {}, {} of them trained.{}",
        plain(&model.name),
        short(model.parameters as f64),
        plain(&model.precision),
        plain(&record.tuning.label()),
        short(record.tuning.parameters as f64),
        read.unwrap_or_default()
    )
}

fn learned(courses: &[Course]) -> Option<Statement> {
    let course = of(courses, Measure::FineTuningLoss)?;
    let ((first, start, _), (step, end, _)) = (course.points.first()?, course.points.last()?);
    let least = course.points.iter().min_by(|a, b| a.1.value.total_cmp(&b.1.value))?;
    let lowest = (least.0 < *step)
        .then(|| format!(" It was lowest, {}, after {}.", significant(least.1.value, DIGITS), steps(least.0)));
    Some(Statement {
        id: "learned",
        text: format!(
            "Learned: the loss on held-out examples went from {} after {} to {} after {}.{}",
            significant(start.value, DIGITS),
            steps(*first),
            significant(end.value, DIGITS),
            steps(*step),
            lowest.unwrap_or_default()
        ),
        values: vec![("start", start.value), ("end", end.value), ("least", least.1.value)],
    })
}

fn forgotten(courses: &[Course]) -> Option<Statement> {
    let course = of(courses, Measure::SoftCrossEntropy)?;
    let (_, soft, entropy) = course.points.last()?;
    let kl = of(courses, Measure::Kl).and_then(last)?;
    let rise = of(courses, Measure::NllRise).and_then(last)?;
    let mut values = vec![("soft_cross_entropy", soft.value), ("kl", kl.value), ("nll_rise", rise.value)];
    values.extend(entropy.map(|entropy| ("base_entropy", entropy.value)));
    Some(Statement {
        id: "forgotten",
        text: format!(
            "Forgotten on general text: soft cross-entropy {} where the base's own entropy is {}; KL {}; the text's own \
             tokens cost {} more, nats a token.",
            with_interval(*soft, 1.0, ""),
            entropy.map_or_else(|| "not known".to_owned(), |entropy| significant(entropy.value, DIGITS)),
            with_interval(kl, 1.0, ""),
            significant(rise.value, DIGITS)
        ),
        values,
    })
}

/// One task in all its ways of asking.
fn of_task(task: &str, prompts: &[&Prompted]) -> Statement {
    let told = each(task, prompts);
    let mut text = Vec::new();
    for Told { name, prompted, change, habit } in &told {
        let verdict = match change {
            Change::Fell => "surely worse",
            Change::Rose => "surely better",
            Change::Unsure => "no sure change",
        };
        let guess = chance(prompted).map(|chance| {
            let [low, high] = prompted.tuned.acc.interval();
            let at = if (low..=high).contains(&chance) { ", which it does not differ from" } else { "" };
            format!("; guessing has {}\u{a0}%{at}", significant(100.0 * chance, DIGITS))
        });
        text.push(format!(
            "{name}: right {} by the base, {} now, {verdict}{}. As the base answers: {}.",
            share(prompted.base.acc),
            share(prompted.tuned.acc),
            guess.unwrap_or_default(),
            share(prompted.as_base)
        ));
        text.extend(form(prompted, *change, habit.as_ref()));
    }
    let fell = told.iter().filter(|told| told.change == Change::Fell).count();
    if told.len() > 1 && (1..told.len()).contains(&fell) {
        text.push(format!(
            "Asked otherwise it is not surely worse ({} of {} ways): the form of the question matters.",
            told.len() - fell,
            told.len()
        ));
    }
    let values = told.first().map(|told| {
        let (base, tuned) = (told.prompted.base.acc, told.prompted.tuned.acc);
        vec![("base", base.fraction()), ("tuned", tuned.fraction())]
    });
    Statement { id: "task", text: text.join(" "), values: values.unwrap_or_default() }
}

/// Whether one answer is given to everything.
fn form(prompted: &Prompted, change: Change, habit: Option<&Habit>) -> Option<String> {
    if let Some(Habit { answer, share: now, base }) = habit {
        return Some(format!(
            "{} of its answers are {answer}, of the base's {}: that is how a lost form of answering looks, and says \
             little about what is known.",
            share(*now),
            brief(*base)
        ));
    }
    let (place, now) = most(&prompted.tuned.preferred)?;
    (change == Change::Fell && prompted.classes.is_some()).then(|| {
        format!(
            "Its answers are still spread (most often {}, {}), so that is not one answer given to everything.",
            answer(prompted, place),
            share(now)
        )
    })
}

fn last_refusals(
    points: &[Point],
) -> Option<(crate::experiments::llama::RefusalShares, crate::experiments::llama::RefusalShares)> {
    let refusals = points.iter().rev().find_map(|point| point.measures.refusals.as_ref())?;
    (refusals.tuned.harmful.of > 0).then_some((refusals.base, refusals.tuned))
}

fn refusals(points: &[Point]) -> Option<Statement> {
    let (base, tuned) = last_refusals(points)?;
    let mut text = format!(
        "Harmful requests refused: {} by the base, {} now ({} by the answer's start).",
        share(base.harmful),
        share(tuned.harmful),
        brief(tuned.harmful_at_start)
    );
    if tuned.harmless.of > 0 {
        text.push_str(&format!(
            " Harmless ones refused all the same: {} by the base, {} now.",
            share(base.harmless),
            share(tuned.harmless)
        ));
    }
    if tuned.harmful_empty.count > 0 {
        text.push_str(&format!(" Nothing at all is answered to {} of the harmful ones.", brief(tuned.harmful_empty)));
    }
    let values = [
        ("harmful_base", base.harmful),
        ("harmful", tuned.harmful),
        ("harmless_base", base.harmless),
        ("harmless", tuned.harmless),
    ];
    Some(Statement { id: "refusals", text, values: values.map(|(name, share)| (name, share.fraction())).to_vec() })
}

fn perplexities(courses: &[Course]) -> Option<Statement> {
    let of_tokens = courses.iter().filter(|course| course.measure == Measure::TokenPerplexity);
    let each: Vec<String> = of_tokens
        .filter_map(|course| {
            let (_, tuned, base) = course.points.last()?;
            let [base, tuned] = [(*base)?.value, tuned.value].map(|value| significant(value, DIGITS));
            Some(format!("{} {base} → {tuned}", plain(&course.of)))
        })
        .collect();
    (!each.is_empty()).then(|| Statement {
        id: "perplexity",
        text: format!("Perplexity of a token, base → now: {}.", each.join("; ")),
        values: Vec::new(),
    })
}

fn warnings(record: &Record) -> Vec<String> {
    let last = record.points.last().map_or(0, |point| point.step);
    let mut warnings = Vec::new();
    if let Some(Shortened { sequence, cut, without_learning }) = record.shortened {
        let nothing = match without_learning {
            0 => String::new(),
            some => format!(", and nothing of {} was learned", count(some as usize)),
        };
        warnings.push(format!(
            "Of the examples drawn {} were longer than a sequence and lost their end{nothing}: data.sequence = {sequence} is \
             too short for them.",
            count(cut as usize)
        ));
    }
    match record.ending {
        Some(Ending::Complete) => (),
        Some(Ending::Diverged(step)) => {
            warnings.push(format!(
                "Training blew up at step {}: it is left out of fits. Try a smaller rate.",
                count(step as usize)
            ));
        }
        None => warnings.push(format!("The run has not ended; its last checkpoint is of step {last}.")),
    }
    warnings
}
