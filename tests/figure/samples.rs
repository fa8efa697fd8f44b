//! Figures for the tests: typical ones, and ones that real runs would only give on a bad day.

use lethe::figure::forgetting_by_width::Comparison;
use lethe::figure::loss_over_time::{Divergence, Phase, PhaseLosses, SeedLosses};
use lethe::figure::*;
use lethe::stats::{Interval, Paired, Verdict};

/// A spread of `part` around `median`.
pub fn around(median: f64, part: f64) -> Spread {
    let far = part * median.abs();
    Spread::new(median, median - far, median + far)
}

fn logistic(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

fn cloud(mean: f64) -> Vec<f64> {
    // Quantiles of a normal distribution, near enough, in a scattered order.
    (0..40)
        .map(|i| {
            let u: f64 = (f64::from(i * 17 % 40) + 0.5) / 40.0;
            mean + 0.2 * (u / (1.0 - u)).ln() / 1.7
        })
        .collect()
}

pub fn learned_function() -> LearnedFunction {
    let grid: Vec<f64> = (0..=80).map(|i| -2.0 + 0.05 * f64::from(i)).collect();
    let before = |x: f64| 1.04 * logistic(4.0 * x) + 0.02 * x;
    let now = |x: f64| -0.2 + 0.95 * logistic(4.0 * x - 0.3) + 0.02 * x;
    LearnedFunction {
        before: grid.iter().map(|x| Some(before(*x))).collect(),
        now: grid.iter().map(|x| Spread::new(now(*x), now(*x) - 0.04, now(*x) + 0.03)).collect(),
        grid,
        now_name: "after".to_owned(),
        has_clouds: true,
        x1: cloud(-1.0),
        x2: cloud(1.0),
        means: [-1.0, 1.0],
        sd: 0.2,
        x1_old_label: 0.0,
        x1_new_label: -0.2,
        x2_label: 1.0,
        relabelling: Relabelling::Whole,
        traces: Vec::new(),
        everyone: Vec::new(),
        outputs: Some([-0.3, 1.1]),
        seeds: 16,
        reference: false,
    }
}

fn log_steps(last: usize) -> Vec<usize> {
    let n = 24;
    let at = |i: usize| (last as f64).powf(i as f64 / n as f64).round() as usize;
    let mut steps: Vec<usize> = std::iter::once(0).chain((0..=n).map(at)).collect();
    steps.dedup();
    steps
}

fn phase(last: usize, old: impl Fn(f64) -> f64, new: impl Fn(f64) -> f64, over: impl Fn(f64) -> f64) -> PhaseLosses {
    let steps = log_steps(last);
    let curve = |f: &dyn Fn(f64) -> f64| {
        steps
            .iter()
            .map(|s| {
                let m = f(*s as f64);
                Spread::new(m, m * 0.55, m * 1.7)
            })
            .collect()
    };
    PhaseLosses { old_task: curve(&old), new_task: curve(&new), overwritten: curve(&over), steps }
}

pub fn loss_over_time() -> LossOverTime {
    LossOverTime {
        pre_training: phase(2000, |s| 0.5 / (1.0 + s * 0.25), |s| 0.04 + 0.02 / s, |s| 0.2 / (1.0 + s * 0.1)),
        fine_tuning: phase(
            500,
            |s| 0.001 + 0.004 * s.powf(0.48),
            |s| 0.04 / (1.0 + 0.25 * s),
            |s| 0.001 + 0.039 * s / (s + 20.0),
        ),
        planned_steps: [2000, 500],
        playhead: Some((Phase::FineTuning, 500)),
        seeds: 16,
        ..LossOverTime::default()
    }
}

pub fn forgetting_by_width() -> ForgettingByWidth {
    let comparison = |verdict, medians: [f64; 4], part: f64| Comparison {
        verdict: Some(verdict),
        forgetting: medians.iter().map(|m| around(*m, part)).collect(),
        reached: Vec::new(),
    };
    let mut equal_time = comparison(Verdict::Undecided, [0.12, 0.06, 0.097, 0.11], 0.3);
    equal_time.forgetting[0].q75 = Some(0.34);
    ForgettingByWidth {
        widths: vec![4, 16, 64, 256],
        equal_steps: comparison(Verdict::Rises, [0.053, 0.068, 0.083, 0.098], 0.2),
        equal_loss: Comparison {
            reached: vec![8, 4, 15, 16],
            ..comparison(Verdict::Falls, [0.044, 0.036, 0.019, 0.013], 0.3)
        },
        equal_time,
        loss_level: Some(1e-3),
        pre_training_loss: [0.0021, 0.0014, 0.001, 0.0009].map(|m| around(m, 0.2)).to_vec(),
        current: Some(64),
        seeds: 16,
        reference: false,
    }
}

pub fn forgetting_by_replay() -> ForgettingByReplay {
    let medians = [
        (0.0, 0.083),
        (0.0003, 0.077),
        (0.001, 0.064),
        (0.003, 0.039),
        (0.01, 0.011),
        (0.03, 0.0037),
        (0.1, 0.0021),
        (0.3, 0.001),
    ];
    ForgettingByReplay {
        points: medians.iter().map(|(p, m)| (*p, around(*m, 0.25))).collect(),
        predicted: Vec::new(),
        current: Some(0.0),
        seeds: 16,
        reference: false,
    }
}

/// A prediction that gets better with width.
pub fn prediction_gap() -> GapByWidth {
    let gap = |(width, kernel): (u32, f64)| WidthGap {
        width,
        kernel: around(kernel, 0.4),
        constant: around(0.13, 0.1),
        first_step: around(62.0, 0.2),
    };
    GapByWidth {
        widths: [(16, 0.059), (64, 0.022), (256, 0.012), (1024, 0.0036)].map(gap).to_vec(),
        exponent: Some((-0.57, Some([-0.91, -0.09]))),
        current: Some(64),
        seeds: 8,
        reference: false,
    }
}

/// A sweep that is done, but for the widest networks without replay.
pub fn forgetting_map() -> ForgettingMap {
    let widths: Vec<u32> = (2..=9).map(|k| 1 << k).collect();
    let fractions = vec![0.0, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3];
    let cell = |row: usize, column: usize| MapCell {
        forgetting: around((0.05 + 0.007 * column as f64) / (1.0 + (row * row) as f64), 0.25),
        seeds: if (row, column) == (0, 7) { 9 } else { 16 },
        diverged: 0,
    };
    let cells = (0..8).flat_map(|row| (0..8).map(move |column| cell(row, column))).collect();
    ForgettingMap { widths, fractions, cells, current: Some((64, 0.0)), seeds: 16, reference: false }
}

/// Four tasks, each of which costs the ones before a little more.
pub fn task_matrix() -> TaskMatrix {
    let loss = |after: i32, on: i32| match after - on {
        0 => 0.003 * f64::from(1 + on),
        since if since > 0 => 0.06 * f64::from(since),
        until => 0.2 * f64::from(-until),
    };
    TaskMatrix {
        losses: (0..4).map(|after| (0..4).map(|on| loss(after, on)).collect()).collect(),
        average_forgetting: Measured { median: Some(0.114), interval: Some([0.1, 0.13]) },
        backward_transfer: Measured { median: Some(-0.114), interval: Some([-0.13, -0.1]) },
        plasticity: Measured { median: Some(0.009), interval: Some([0.008, 0.01]) },
        seeds: 16,
        diverged: 0,
        reference: false,
    }
}

/// Two tasks that hardly see each other.
pub fn kernel_map(points: u32) -> KernelMap {
    let at = |middle: f64, i: u32| middle + 0.5 * (f64::from(i) + 0.5) / f64::from(points) - 0.25;
    let x = [-1.0, 1.0].map(|middle| (0..points).map(|i| at(middle, i)).collect::<Vec<f64>>());
    let all = x.concat();
    let entry = |a: f64, b: f64| 1.0 + (1.0 + a * b).max(0.0) * (1.0 - 0.3 * (a - b).abs());
    let kernel = all.iter().flat_map(|a| all.iter().map(move |b| entry(*a, *b))).collect();
    KernelMap { x, kernel, reference: false }
}

/// Four methods, the first without a value on the second question.
pub fn method_matrix() -> MethodMatrix {
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    let cell = |method: usize, question: usize| match (method, question) {
        (0, 1) => Spread::MISSING,
        _ => around(0.8 - 0.1 * method as f64 + 0.05 * question as f64, 0.02),
    };
    MethodMatrix {
        id: "method-matrix".to_owned(),
        title: "What a few entries tell of a row".to_owned(),
        measure: "RMSE".to_owned(),
        methods: names(&["random", "additive", "neighbours", "logistic_representation"]),
        questions: names(&["kinds seen", "kinds not seen"]),
        cells: (0..4).map(|method| (0..2).map(|question| cell(method, question)).collect()).collect(),
        is_more_better: false,
        notes: vec!["Outlined: the best.".to_owned()],
    }
}

/// Three arms beside random replay, the last without an interval.
pub fn paired_differences() -> PairedDifferences {
    let arm = |name: &str, mean: f64, corrected: Option<f64>| {
        let pairs: Vec<f64> = cloud(0.0).iter().take(11).map(|far| mean + 0.05 * far).collect();
        let interval = corrected.map(|_| Interval { low: mean - 0.02, high: mean + 0.02 });
        let difference = Paired { mean, interval, p_value: 0.01, n: pairs.len() };
        ArmDifference { name: name.to_owned(), value: 0.3 + mean, pairs, difference, corrected }
    };
    PairedDifferences {
        id: "paired-differences".to_owned(),
        title: "What aiming replay buys".to_owned(),
        measure: "rise of the held-out loss".to_owned(),
        unit: "nats".to_owned(),
        common: Some(("random".to_owned(), 0.3)),
        arms: vec![
            arm("factorisation", -0.08, Some(0.03)),
            arm("soft impute", -0.01, Some(0.9)),
            arm("none", 0.06, None),
        ],
        notes: vec!["Left of the line less is forgotten.".to_owned()],
    }
}

pub fn spectrum() -> Spectrum {
    let at = |(replay, many): (f64, i32)| SpectrumAt {
        replay,
        eigenvalues: (1..=many).map(|k| 2.0 * (0.2 + 0.8 * replay) / f64::from(k).powi(4)).collect(),
        effective_rank: 1.7,
    };
    let fractions = [(0.0, 128), (0.01, 256), (0.5, 256)].map(at).to_vec();
    Spectrum { fractions, current: Some(0.01), examples: 256, reference: false }
}

pub fn modes() -> Modes {
    let share = |number: usize| [0.62, 0.31, 0.09, -0.03].get(number - 1).copied().unwrap_or(0.01 / number as f64);
    let mode = |number: usize| ModeRow {
        number,
        eigenvalue: 1.2 / (number as f64).powi(4),
        rate: 0.12 / (number as f64).powi(4),
        steps_to_half: Some(5.4 * (number as f64).powi(4)),
        excitation: 0.3 / number as f64,
        forgetting: 0.08 * share(number),
        share: Some(share(number)),
    };
    Modes { modes: (1..=40).map(mode).collect(), replay: 0.01, forgetting: 0.08, needed: [2, 3], reference: false }
}

pub fn replay_over_time() -> ReplayOverTime {
    let course = |replay: f64| {
        let loss = |s: f64| 0.001 + 0.1 * (1.0 - (-0.02 * s).exp()) / (1.0 + 300.0 * replay * s / 500.0);
        let told = |part: f64| log_steps(500).into_iter().map(|s| (s, part * loss(s as f64))).collect();
        ReplayCourse { replay, predicted: told(1.0), measured: told(1.05) }
    };
    let courses = [0.0, 0.001, 0.01, 0.1, 0.5].map(course).to_vec();
    ReplayOverTime { courses, current: Some(0.01), reference: false }
}

pub fn pareto() -> Pareto {
    let front = |(objective, key, gain): (&str, &str, f64)| ParetoFront {
        objective: objective.to_owned(),
        key: key.to_owned(),
        budgets: [0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3]
            .map(|budget| Bought {
                budget,
                best: Some(gain * 0.08 / (1.0 + 200.0 * budget)),
                id_end: Some(0.001),
                spent: Some(budget),
                uniform: Some(0.08 / (1.0 + 200.0 * budget)),
            })
            .to_vec(),
        references: [Some(0.07), Some(0.005), Some(0.03)],
    };
    let kinds = [("at the end", "end", 0.3), ("on average", "average", 0.8), ("at worst", "worst", 0.9)];
    Pareto { fronts: kinds.map(front).to_vec(), budget: 0.01, reference: false }
}

pub fn schedule() -> Schedule {
    let fractions = [0.0, 0.0, 0.002, 0.01, 0.038];
    let steps: Vec<usize> = (0..=100).map(|k| 5 * k).collect();
    let curve = |start: f64, end: f64, rate: f64| {
        steps.iter().map(|s| end + (start - end) * (-rate * *s as f64).exp()).collect::<Vec<f64>>()
    };
    Schedule {
        segments: (0..5).map(|k| (100 * k, 100 * k + 100, fractions[k])).collect(),
        mean: 0.01,
        scheduled: ScheduleCourse { old_task: curve(0.001, 0.02, 0.004), new_task: curve(0.04, 0.0005, 0.02) },
        uniform: ScheduleCourse { old_task: curve(0.001, 0.03, 0.01), new_task: curve(0.04, 0.0008, 0.02) },
        steps,
        reference: false,
    }
}

/// Every typical figure.
pub fn typical() -> Vec<(&'static str, Figure)> {
    vec![
        ("learned-function", learned_function().figure()),
        ("loss-over-time", loss_over_time().figure()),
        ("forgetting-by-width", forgetting_by_width().figure()),
        ("forgetting-by-replay", forgetting_by_replay().figure()),
        ("forgetting-map", forgetting_map().figure()),
        ("prediction-gap", prediction_gap().figure()),
        ("kernel-map", kernel_map(12).figure()),
        ("spectrum", spectrum().figure()),
        ("modes", modes().figure()),
        ("replay-over-time", replay_over_time().figure()),
        ("pareto", pareto().figure()),
        ("schedule", schedule().figure()),
        ("task-matrix", task_matrix().figure()),
        ("method-matrix", method_matrix().figure()),
        ("paired-differences", paired_differences().figure()),
    ]
}

/// Figures of unfinished, broken and extreme runs.
pub fn nasty() -> Vec<(&'static str, Figure)> {
    let mut figures = vec![
        ("function, nothing yet", LearnedFunction::default().figure()),
        ("losses, nothing yet", LossOverTime::default().figure()),
        ("width, nothing yet", ForgettingByWidth::default().figure()),
        ("replay, nothing yet", ForgettingByReplay::default().figure()),
        ("methods, nothing yet", MethodMatrix::default().figure()),
        ("differences, nothing yet", PairedDifferences::default().figure()),
    ];
    let mut f = learned_function();
    f.before.clear();
    f.now_name = "step 30".to_owned();
    f.reference = true;
    figures.push(("function, pre-training", f.figure()));
    let mut f = learned_function();
    f.now = f.now.iter().map(|s| Spread { median: s.median.map(|m| m * 40.0), ..*s }).collect();
    f.now[3] = Spread::new(f64::NAN, f64::INFINITY, 0.0);
    f.x1_new_label = 12.5;
    f.traces = vec![("seed 3".to_owned(), f.before.clone())];
    figures.push(("function, far off", f.figure()));
    let mut f = learned_function();
    f.now = f.before.iter().map(|m| Spread { median: *m, q25: *m, q75: *m }).collect();
    (f.x1_new_label, f.means, f.sd) = (0.0, [-0.1, 0.1], 0.8);
    figures.push(("function, nothing forgotten, clouds overlap", f.figure()));

    let mut f = loss_over_time();
    f.fine_tuning = PhaseLosses::default();
    f.playhead = Some((Phase::PreTraining, 130));
    figures.push(("losses, pre-training", f.figure()));
    let mut f = loss_over_time();
    for kind in [&mut f.fine_tuning.old_task, &mut f.fine_tuning.new_task, &mut f.fine_tuning.overwritten] {
        *kind = vec![Spread::new(0.01, 0.01, 0.01); f.fine_tuning.steps.len()];
    }
    f.stopped_at = Some(420);
    f.divergence = Some(Divergence { phase: Phase::FineTuning, first_step: 37, seeds: 2 });
    f.reference = true;
    figures.push(("losses, all equal, stopped, two blew up", f.figure()));
    let mut f = loss_over_time();
    f.fine_tuning.new_task = f.fine_tuning.steps.iter().map(|s| around(1.0 / (*s as f64).powi(9), 0.5)).collect();
    f.fine_tuning.new_task[12] = Spread::new(0.0, 0.0, 1e300);
    f.fine_tuning.old_task[5] = Spread::MISSING;
    f.fine_tuning.old_task[9].q75 = Some(1e40);
    f.fine_tuning.old_task.truncate(14);
    f.trace = Some(SeedLosses {
        name: "seed 3".to_owned(),
        old_task: [vec![0.2; 25], vec![0.02; 25]],
        new_task: [vec![f64::NAN; 25], vec![0.0; 25]],
    });
    figures.push(("losses, zero, missing and huge", f.figure()));
    let one = |value: f64| PhaseLosses {
        steps: vec![0, 1],
        old_task: vec![Spread::MISSING, around(value, 0.1)],
        new_task: vec![around(value, 0.1); 2],
        overwritten: Vec::new(),
    };
    let f = LossOverTime {
        pre_training: one(0.0),
        fine_tuning: one(1e30),
        planned_steps: [1, 1_000_000],
        seeds: 1,
        ..LossOverTime::default()
    };
    figures.push(("losses, one step, huge", f.figure()));

    let mut f = forgetting_by_width();
    f.widths = vec![64];
    figures.push(("width, one", f.figure()));
    let mut f = forgetting_by_width();
    f.widths = vec![4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048];
    f.current = Some(128);
    f.equal_steps.forgetting = (0..10).map(|i| around(-0.02 * f64::from(i), 0.4)).collect();
    f.equal_loss = Comparison::default();
    f.equal_time.forgetting = vec![around(0.05, 0.0); 10];
    figures.push(("width, ten, gains, none at equal loss", f.figure()));
    let mut f = forgetting_by_width();
    f.equal_steps.forgetting =
        vec![around(1e9, 0.9), around(3e-9, 0.1), Spread::MISSING, Spread::new(f64::NAN, 0.1, 1e12)];
    f.reference = true;
    figures.push(("width, huge", f.figure()));
    let mut f = forgetting_by_width();
    for c in [&mut f.equal_steps, &mut f.equal_loss, &mut f.equal_time] {
        c.forgetting = vec![Spread::new(0.0, 0.0, 0.0); 4];
    }
    figures.push(("width, zeros", f.figure()));

    let replay = |points: &[(f64, f64)], current| ForgettingByReplay {
        points: points.iter().map(|(p, m)| (*p, around(*m, 0.5))).collect(),
        predicted: points.iter().map(|(p, m)| (*p, 0.9 * m)).collect(),
        current,
        seeds: 5,
        reference: false,
    };
    figures.push(("replay, only none", replay(&[(0.0, 0.08)], Some(0.0)).figure()));
    figures.push(("replay, one p", replay(&[(0.05, 0.08)], Some(0.05)).figure()));
    figures.push(("replay, none and all", replay(&[(0.0, 0.08), (1.0, -0.08)], Some(1.0)).figure()));
    let many: Vec<(f64, f64)> = (0..25).map(|i| (0.04 * f64::from(i), 0.1 - 0.008 * f64::from(i))).collect();
    figures.push(("replay, twenty-five", replay(&many, Some(0.48)).figure()));
    figures.push((
        "replay, gain and unknown current",
        replay(&[(0.0, -0.3), (0.001, -0.1), (0.1, 0.2)], Some(0.02)).figure(),
    ));
    figures.push((
        "replay, absurd",
        replay(&[(f64::NAN, 1.0), (-1.0, 1.0), (0.0, f64::NAN), (1e-9, 1e12)], None).figure(),
    ));

    figures.push(("gap, nothing asked", GapByWidth::default().figure()));
    let mut f = prediction_gap();
    f.widths[0].kernel = Spread::new(0.0, 0.0, 0.0);
    f.widths[1].kernel = Spread::MISSING;
    f.widths[2].first_step = Spread::new(1e30, f64::NAN, f64::INFINITY);
    f.exponent = None;
    figures.push(("gap, extremes", f.figure()));
    f.widths.truncate(1);
    figures.push(("gap, one width", f.figure()));
    let mut f = loss_over_time();
    f.predicted = PhaseLosses { overwritten: Vec::new(), ..f.fine_tuning.clone() };
    f.predicted.old_task.iter_mut().skip(3).for_each(|spread| *spread = Spread::new(1e30, 1e30, 1e30));
    figures.push(("loss, prediction blows up", f.figure()));

    let mut f = loss_over_time();
    f.new_tasks = 7;
    (f.pre_training.overwritten, f.fine_tuning.overwritten) = (Vec::new(), Vec::new());
    figures.push(("losses in sequence, nothing overwritten", f.figure()));
    let f = LearnedFunction { relabelling: Relabelling::UpTo(-1.0), ..learned_function() };
    figures.push(("function, relabelled in part", f.figure()));
    let f = LearnedFunction { relabelling: Relabelling::Gradual, has_clouds: false, ..learned_function() };
    figures.push(("function along a line", f.figure()));
    figures.push(("tasks, nothing ended", TaskMatrix::default().figure()));
    let mut f = task_matrix();
    f.losses[0] = vec![f64::NAN, 0.0, 1e300];
    (f.seeds, f.diverged, f.plasticity) = (1, 15, Measured { median: Some(1e-9), interval: None });
    figures.push(("tasks, huge, zero, cut short", f.figure()));
    let f = TaskMatrix { losses: vec![vec![0.0; 8]; 8], ..task_matrix() };
    figures.push(("tasks, eight, zeros", f.figure()));
    figures.push(("map, nothing asked", ForgettingMap::default().figure()));
    figures.push(("map, nothing there", ForgettingMap { cells: Vec::new(), ..forgetting_map() }.figure()));
    let mut f = forgetting_map();
    f.cells[3] = MapCell { forgetting: Spread::MISSING, seeds: 0, diverged: 16 };
    f.cells[9].forgetting = Spread::new(f64::NAN, -1e300, 1e300);
    f.cells[20].forgetting = around(-1e9, 0.5);
    (f.seeds, f.reference) = (1024, true);
    figures.push(("map, huge, blown up, of many seeds", f.figure()));
    let f = ForgettingMap {
        widths: (0..16).map(|k| 4000 + k).collect(),
        fractions: (0..16).map(|k| 0.012345 * f64::from(k)).collect(),
        cells: vec![MapCell { forgetting: around(0.0, 0.0), seeds: 1, diverged: 0 }; 256],
        seeds: 1,
        ..forgetting_map()
    };
    figures.push(("map, sixteen by sixteen, zeros", f.figure()));
    figures.extend(nasty_theory());
    figures
}

/// Kernels that say little, and numbers that are none.
fn nasty_theory() -> Vec<(&'static str, Figure)> {
    let mut figures = vec![
        ("kernel, not taken", KernelMap::default().figure()),
        ("spectrum of nothing", Spectrum::default().figure()),
        ("modes of nothing", Modes::default().figure()),
        ("replay over time, nothing", ReplayOverTime::default().figure()),
        ("pareto, nothing", Pareto::default().figure()),
        ("schedule, nothing", Schedule::default().figure()),
    ];
    let twins = KernelMap { x: [vec![-1.0], vec![1.0, 1.0]], kernel: vec![2.0; 9], reference: true };
    figures.push(("kernel, all equal", twins.figure()));
    figures.push(("kernel of many", kernel_map(64).figure()));
    let mut f = kernel_map(64);
    (f.kernel[0], f.kernel[1], f.kernel[2]) = (f64::NAN, -1e300, 1e300);
    f.kernel.truncate(9000);
    figures.push(("kernel, cut short and huge", f.figure()));
    let mut f = spectrum();
    f.fractions[1].eigenvalues = vec![1e-300];
    f.fractions[2].eigenvalues = vec![f64::INFINITY, f64::NAN, 0.0];
    f.fractions[0].eigenvalues.clear();
    f.current = Some(0.3);
    figures.push(("spectrum, one each", f.figure()));
    let mut f = modes();
    f.modes[0].share = Some(-40.0);
    f.modes[1].share = Some(f64::INFINITY);
    (f.modes[2].share, f.modes[3].steps_to_half) = (None, Some(f64::NAN));
    figures.push(("modes against each other", f.figure()));
    f.modes.truncate(1);
    f.forgetting = f64::NAN;
    figures.push(("modes, one", f.figure()));
    let mut f = replay_over_time();
    f.courses[0].predicted.iter_mut().skip(9).for_each(|(_, loss)| *loss = 1e200);
    f.courses[1].predicted.truncate(2);
    f.courses[2].measured.clear();
    f.courses[3].measured[4].1 = f64::NAN;
    f.courses[4].predicted.iter_mut().for_each(|(_, loss)| *loss = 0.0);
    let last = f.courses[4].clone();
    f.courses.extend((1..=8).map(|k| ReplayCourse { replay: 0.5 + 0.01 * f64::from(k), ..last.clone() }));
    figures.push(("replay over time, blown up, zero, many", f.figure()));
    let mut f = pareto();
    f.fronts[0].budgets.iter_mut().for_each(|bought| (bought.best, bought.uniform) = (None, Some(1e300)));
    f.fronts[1].budgets.truncate(1);
    f.fronts[1].references = [Some(f64::NAN), Some(0.0), None];
    f.budget = 0.0;
    figures.push(("pareto, none kept", f.figure()));
    let mut f = schedule();
    f.segments.iter_mut().for_each(|segment| segment.2 = 0.0);
    f.mean = 0.0;
    f.uniform.old_task.truncate(3);
    f.scheduled.new_task.iter_mut().skip(5).for_each(|loss| *loss = 1e250);
    f.scheduled.old_task[7] = f64::NAN;
    figures.push(("schedule without replay, blown up", f.figure()));
    f.segments = vec![(0, 1, 1.0)];
    f.steps = vec![0, 1];
    figures.push(("schedule of one step", f.figure()));
    figures
}
