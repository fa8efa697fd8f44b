//! The figures of a fine-tuning.

use super::changed::chance;
use super::plain;
use crate::experiments::llama::{Point, Prompted};
use crate::figure::number::{percent, short};
use crate::figure::panel::{Dash, Marker, Role, Scale};
use crate::figure::{ConfusionMatrix, Curve, CurvePanel, Curves, Figure, Points, Spread};
use crate::record::llama::{Course, Estimate, Measure, Record, asked, courses};

/// Panels beside each other at most.
const BESIDE: usize = 3;
/// Most prompts of all tasks, and most domains, that are drawn.
const MOST_DRAWN: usize = 24;
/// Most classes whose confusions are drawn.
const MOST_CLASSES: usize = 10;

/// All figures of a record; their names begin with `prefix`. What was not measured has none.
pub fn figures(record: &Record, prefix: &str) -> Vec<Figure> {
    let drawing = Drawing { courses: courses(&record.points), x_scale: x_scale(&record.points), prefix };
    let mut figures = vec![drawing.losses()];
    figures.extend(drawing.moved());
    figures.extend(drawing.tasks(&record.points));
    figures.extend(drawing.refusals());
    figures.extend(drawing.perplexities());
    figures
}

/// Checkpoints that thin out go on a logarithmic axis, which has no step 0.
fn x_scale(points: &[Point]) -> Scale {
    let middle = points.get(points.len() / 2).map_or(0, |point| point.step);
    let last = points.last().map_or(0, |point| point.step);
    if points.len() > 4 && middle < last / 4 { Scale::Log } else { Scale::Linear }
}

struct Drawing<'a> {
    courses: Vec<Course>,
    x_scale: Scale,
    prefix: &'a str,
}

/// How a curve looks.
type Look = (&'static str, Role, Dash, Option<Marker>);

impl Drawing<'_> {
    fn course(&self, measure: Measure, of: &str) -> Option<&Course> {
        self.courses.iter().find(|course| course.measure == measure && course.of == of)
    }

    fn domains(&self) -> Vec<&str> {
        let of = |course: &&Course| course.measure == Measure::TokenPerplexity;
        self.courses.iter().filter(of).map(|course| course.of.as_str()).collect()
    }

    /// A curve of the tuned model's values, times a factor.
    fn tuned(&self, look: Look, measure: Measure, of: &str, times: f64) -> Option<Curve> {
        let course = self.course(measure, of)?;
        Some(curve(look, course.points.iter().map(|(step, tuned, _)| (*step, *tuned)), times))
    }

    /// A curve of the base's.
    fn base(&self, look: Look, measure: Measure, of: &str, times: f64) -> Option<Curve> {
        let course = self.course(measure, of)?;
        Some(curve(look, course.points.iter().filter_map(|(step, _, base)| Some((*step, (*base)?))), times))
    }

    fn panel(&self, title: &str, y: &str, y_range: Option<[f64; 2]>, curves: Vec<Option<Curve>>) -> CurvePanel {
        let x = if self.x_scale == Scale::Log { "step, log axis" } else { "step" };
        CurvePanel {
            title: Some(title.to_owned()),
            x: x.to_owned(),
            x_scale: self.x_scale,
            y: y.to_owned(),
            y_range,
            curves: curves.into_iter().flatten().collect(),
        }
    }

    fn figure(&self, id: &str, title: String, summary: String, notes: &[&str], panels: Vec<CurvePanel>) -> Figure {
        let notes = notes.iter().map(|note| (*note).to_owned()).collect();
        let id = format!("{}{id}", self.prefix);
        Curves { id, title, summary, notes, points: Points::Estimates, panels }.figure()
    }

    /// First and last value in words.
    fn told(&self, what: &str, measure: Measure, of: &str, show: fn(f64) -> String) -> Option<String> {
        let course = self.course(measure, of)?;
        let (first, last) = (course.points.first()?, course.points.last()?);
        let before = first.2.map_or(first.1.value, |base| base.value);
        Some(format!("{what} {} → {}", show(before), show(last.1.value)))
    }

    fn losses(&self) -> Figure {
        let held_out = ("held out", Role::NewTask, Dash::Solid, Some(Marker::Circle));
        let training = ("training", Role::Before, Dash::Dotted, None);
        let learned = vec![
            self.tuned(held_out, Measure::FineTuningLoss, "", 1.0),
            self.tuned(training, Measure::TrainingLoss, "", 1.0),
        ];
        let kept = ("tuned", Role::OldTask, Dash::Solid, Some(Marker::Circle));
        let entropy = ("base", Role::Before, Dash::Dotted, None);
        let forgotten = vec![
            self.tuned(kept, Measure::SoftCrossEntropy, "", 1.0),
            self.base(entropy, Measure::SoftCrossEntropy, "", 1.0),
        ];
        let said = [
            self.told("Fine-tuning loss", Measure::FineTuningLoss, "", short),
            self.told("soft cross-entropy", Measure::SoftCrossEntropy, "", short),
        ];
        self.figure(
            "losses",
            "What is learned and what is forgotten".to_owned(),
            sentence(said, " nats a token"),
            &[
                "Forgetting: soft cross-entropy to the base's predictions on general text (Kalajdzievski, arXiv \
                 2401.05605); it begins at the base's own entropy, dotted.",
                "Band: 95 % by the spread over windows of text.",
            ],
            vec![
                self.panel("fine-tuning loss", "nats a token", None, learned),
                self.panel("forgetting, L_f", "nats a token", None, forgotten),
            ],
        )
    }

    fn moved(&self) -> Option<Figure> {
        self.course(Measure::Kl, "")?;
        let look = ("tuned", Role::OldTask, Dash::Solid, Some(Marker::Circle));
        let unnamed = |curve: Option<Curve>| curve.map(|curve| Curve { is_named: false, ..curve });
        let panel = |title: &str, y: &str, measure, times| {
            self.panel(title, y, None, vec![unnamed(self.tuned(look, measure, "", times))])
        };
        let said = [
            self.told("KL to the base", Measure::Kl, "", short),
            self.told("the rise of the text's own loss", Measure::NllRise, "", short),
            self.told("likeliest token as the base's at", Measure::Agreement, "", percent),
        ];
        Some(self.figure(
            "moved",
            "How far predictions have moved".to_owned(),
            sentence(said, ""),
            &["On general text. KL(base || tuned) is L_f above the base's entropy; rise of loss: of the text's own tokens; same \
               token: where both models hold the same for likeliest. Bands: 95 %; there is none \
               for the rise, of which windows are not kept."],
            vec![
                panel("KL", "nats a token", Measure::Kl, 1.0),
                panel("rise of loss", "nats a token", Measure::NllRise, 1.0),
                panel("same token, %", "%", Measure::Agreement, 100.0),
            ],
        ))
    }

    /// For each task its prompts, then their confusions at the end.
    fn tasks(&self, points: &[Point]) -> Vec<Figure> {
        let mut left = MOST_DRAWN;
        let mut figures = Vec::new();
        for (number, (task, prompts)) in tasks(points).into_iter().enumerate() {
            let drawn = &prompts[..prompts.len().min(left)];
            left -= drawn.len();
            for (part, prompts) in drawn.chunks(BESIDE).enumerate() {
                figures.push(self.task(&format!("task-{}-{}", number + 1, part + 1), task, prompts));
            }
            for (part, prompted) in drawn.iter().enumerate() {
                let id = format!("{}confusion-{}-{}", self.prefix, number + 1, part + 1);
                figures.extend(confusion(id, task, prompted));
            }
        }
        figures
    }

    fn task(&self, id: &str, task: &str, prompts: &[&Prompted]) -> Figure {
        let panel = |prompted: &&Prompted| {
            let of = &asked(task, prompted);
            let right = ("right", Role::OldTask, Dash::Solid, Some(Marker::Circle));
            let by_length = ("by length", Role::OldTask, Dash::Dashed, None);
            let same = ("as base", Role::Now, Dash::Dashed, None);
            let base = ("base", Role::Before, Dash::Dotted, None);
            let one = ("one answer", Role::NewTask, Dash::Dashed, None);
            let accuracy = self.tuned(right, Measure::Accuracy, of, 100.0);
            let guess = chance(prompted).zip(accuracy.as_ref()).map(|(chance, accuracy)| Curve {
                name: "chance".to_owned(),
                role: Role::Overwritten,
                dash: Dash::Dotted,
                marker: None,
                is_named: true,
                points: accuracy.points.iter().map(|(x, _)| (*x, alone(100.0 * chance))).collect(),
            });
            let has_classes = prompted.classes.is_some();
            let curves = vec![
                accuracy,
                self.base(base, Measure::Accuracy, of, 100.0),
                self.tuned(same, Measure::AsBase, of, 100.0),
                if has_classes { None } else { self.tuned(by_length, Measure::AccuracyNorm, of, 100.0) },
                if has_classes { self.tuned(one, Measure::MostPreferred, of, 100.0) } else { None },
                guess,
            ];
            self.panel(&plain(&prompted.name), "% of items", Some([0.0, 105.0]), curves)
        };
        let said = prompts.iter().map(|prompted| {
            let of = asked(task, prompted);
            self.told(&plain(&prompted.name), Measure::Accuracy, &of, percent)
        });
        self.figure(
            id,
            format!("{}, right and as before", plain(task)),
            format!("Right answers: {}", sentence(said, "")),
            &[
                "Right: the true answer has the largest log-probability; by length: the same per character. As base: both \
               models prefer the same answer. One answer: the share of the answer given most; near 100 % the form of the \
               question is lost. Base, chance: right answers of the base, and of guessing. Bands: Wilson, 95 %.",
            ],
            prompts.iter().map(panel).collect(),
        )
    }

    fn refusals(&self) -> Option<Figure> {
        self.course(Measure::RefusedHarmful, "")?;
        let panel = |title: &str, anywhere, at_start, empty| {
            let tuned = ("refused", Role::OldTask, Dash::Solid, Some(Marker::Circle));
            let start = ("at the start", Role::OldTask, Dash::Dashed, None);
            let nothing = ("no answer", Role::Overwritten, Dash::Dotted, None);
            let base = ("base", Role::Before, Dash::Dotted, None);
            let curves = vec![
                self.tuned(tuned, anywhere, "", 100.0),
                self.tuned(start, at_start, "", 100.0),
                self.tuned(nothing, empty, "", 100.0),
                self.base(base, anywhere, "", 100.0),
            ];
            self.panel(title, "% of requests", Some([0.0, 105.0]), curves)
        };
        let said = [
            self.told("Harmful requests refused:", Measure::RefusedHarmful, "", percent),
            self.told("harmless ones:", Measure::RefusedHarmless, "", percent),
        ];
        Some(self.figure(
            "refusals",
            "What is refused".to_owned(),
            sentence(said, ""),
            &["By keyword (Zou et al., arXiv 2307.15043), anywhere in the answer or at its start. A model that refuses \
               everything refuses harm, too: look at both. Bands: Wilson, 95 %."],
            vec![
                panel(
                    "harmful requests",
                    Measure::RefusedHarmful,
                    Measure::RefusedHarmfulAtStart,
                    Measure::EmptyHarmful,
                ),
                panel(
                    "harmless requests",
                    Measure::RefusedHarmless,
                    Measure::RefusedHarmlessAtStart,
                    Measure::EmptyHarmless,
                ),
            ],
        ))
    }

    fn perplexities(&self) -> Vec<Figure> {
        let domains: Vec<&str> = self.domains().into_iter().take(MOST_DRAWN).collect();
        let figure = |(part, domains): (usize, &[&str])| {
            let panel = |domain: &&str| {
                let tuned = ("tuned", Role::OldTask, Dash::Solid, Some(Marker::Circle));
                let base = ("base", Role::Before, Dash::Dotted, None);
                let curves = vec![
                    self.tuned(tuned, Measure::TokenPerplexity, domain, 1.0),
                    self.base(base, Measure::TokenPerplexity, domain, 1.0),
                ];
                self.panel(&plain(domain), "perplexity of a token", None, curves)
            };
            let said = domains.iter().map(|of| self.told(&plain(of), Measure::TokenPerplexity, of, short));
            self.figure(
                &format!("perplexity-{}", part + 1),
                "Perplexity by domain".to_owned(),
                format!("Perplexity of a token: {}", sentence(said, "")),
                &["e to the mean negative log-likelihood of a token. Words and bytes are in the table of all measures."],
                domains.iter().map(panel).collect(),
            )
        };
        domains.chunks(BESIDE).enumerate().map(figure).collect()
    }
}

/// Every task with its prompts, as they stand at the last checkpoint that has it.
pub(super) fn tasks(points: &[Point]) -> Vec<(&str, Vec<&Prompted>)> {
    let mut found: Vec<(&str, Vec<&Prompted>)> = Vec::new();
    for task in points.iter().rev().flat_map(|point| &point.measures.tasks) {
        if found.iter().all(|(name, _)| *name != task.name) {
            found.push((&task.name, task.prompts.iter().collect()));
        }
    }
    found
}

fn confusion(id: String, task: &str, prompted: &Prompted) -> Option<Figure> {
    let classes = prompted.classes.as_ref().filter(|classes| (2..=MOST_CLASSES).contains(&classes.len()))?;
    let [base, tuned] = [&prompted.base, &prompted.tuned].map(|answered| answered.confusion.as_ref());
    let figure = ConfusionMatrix {
        id,
        title: format!("{}, {}: what is answered where what is true", plain(task), plain(&prompted.name)),
        classes: classes.iter().map(|class| plain(class)).collect(),
        base: base?.counts.clone(),
        tuned: tuned?.counts.clone(),
    };
    Some(figure.figure())
}

fn alone(value: f64) -> Spread {
    Spread { median: Some(value), q25: None, q75: None }
}

fn curve((name, role, dash, marker): Look, points: impl Iterator<Item = (u32, Estimate)>, times: f64) -> Curve {
    let spread = |estimate: Estimate| match estimate.interval {
        Some([low, high]) => Spread::new(times * estimate.value, times * low, times * high),
        None => alone(times * estimate.value),
    };
    let points = points.map(|(step, estimate)| (f64::from(step), spread(estimate))).collect();
    Curve { name: name.to_owned(), role, dash, marker, is_named: true, points }
}

/// What there is to say as one sentence.
fn sentence(said: impl IntoIterator<Item = Option<String>>, unit: &str) -> String {
    let said: Vec<String> = said.into_iter().flatten().collect();
    match said.is_empty() {
        true => "Nothing has been measured.".to_owned(),
        false => format!("{}{unit}.", said.join("; ")),
    }
}
