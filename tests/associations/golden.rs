//! Against scikit-surprise, NumPy and SciPy: `tests/golden/associations.py`.

use lethe::associations::methods::{
    AdditiveSgd, Entry, Factorisation, FactorisationSgd, Factors, Logistic, Method, Neighbours, SoftImpute,
};
use lethe::associations::{
    Ceiling, Effects, Matrix, Ordering, Reconstruction, Spectrum, Training, area_under_curve, order_rows, pearson,
    spearman,
};
use lethe::seed::Seed;
use serde::Deserialize;
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

#[derive(Deserialize)]
struct Golden {
    rows: usize,
    columns: usize,
    cases: Vec<Case>,
    binary: Binary,
    area: Area,
    correlations: Correlations,
    ceiling: Seeds,
}

#[derive(Deserialize)]
struct Case {
    entries: Vec<Option<f32>>,
    shown: Vec<usize>,
    surprise: Surprise,
    additive: Vec<f64>,
    reconstruction: Option<Shares>,
    factorisation: Option<Vec<f64>>,
    soft_impute: Option<Vec<f64>>,
    clusters: Option<Vec<Vec<usize>>>,
}

#[derive(Deserialize)]
struct Surprise {
    additive_sgd: Vec<f64>,
    factorisation_sgd: Vec<f64>,
    neighbours: Vec<f64>,
    four_neighbours: Vec<f64>,
    initial_rows: Vec<f64>,
    initial_columns: Vec<f64>,
}

#[derive(Deserialize)]
struct Shares {
    rows: f64,
    columns: f64,
    additive: f64,
    ranks: Vec<f64>,
}

#[derive(Deserialize)]
struct Binary {
    entries: Vec<Option<f32>>,
    shown: Vec<usize>,
    logits: Vec<f64>,
}

#[derive(Deserialize)]
struct Area {
    scores: Vec<f32>,
    truth: Vec<bool>,
    auc: f64,
}

#[derive(Deserialize)]
struct Correlations {
    x: Vec<f64>,
    y: Vec<f64>,
    pearson: [f64; 2],
    spearman: [f64; 2],
    pearson_interval: [f64; 2],
    spearman_interval: [f64; 2],
}

#[derive(Deserialize)]
struct Seeds {
    seeds: Vec<Vec<Option<f32>>>,
    reliability: f64,
    of_mean: f64,
}

fn golden() -> Golden {
    serde_json::from_str(include_str!("../golden/associations.json")).unwrap()
}

impl Golden {
    fn matrix(&self, entries: &[Option<f32>]) -> Matrix {
        let entries = entries.iter().map(|entry| entry.unwrap_or(f32::NAN)).collect();
        Matrix::new(self.rows, self.columns, entries).unwrap()
    }

    fn training<'a>(&self, matrix: &'a Matrix) -> Training<'a> {
        Training::new(matrix, (0..self.rows - 1).collect())
    }
}

fn shown(matrix: &Matrix, columns: &[usize]) -> Vec<(usize, f32)> {
    columns.iter().map(|&column| (column, matrix.entry(matrix.rows() - 1, column).unwrap())).collect()
}

/// Entries are kept in single precision, those of the references in double: 6e-8 of the entries' size, and what the
/// methods make of it.
fn near(found: &[f64], wanted: &[f64], tolerance: f64, what: &str) {
    assert_eq!(found.len(), wanted.len());
    for (place, (found, wanted)) in found.iter().zip(wanted).enumerate() {
        assert!((found - wanted).abs() <= tolerance, "{what}, {place}: {found} and {wanted}");
    }
}

#[test]
fn gradient_descent_and_neighbours_are_those_of_scikit_surprise() {
    let golden = golden();
    for case in &golden.cases {
        let matrix = golden.matrix(&case.entries);
        let training = golden.training(&matrix);
        let known = shown(&matrix, &case.shown);
        let theirs = &case.surprise;
        let said = |method: &dyn Method| method.fit(&training).complete(&known, Seed::new(0));
        let sgd = AdditiveSgd { epochs: 200, ..AdditiveSgd::default() };
        near(&said(&sgd), &theirs.additive_sgd, 1e-6, "additive_sgd");
        // Where a column was shown, scikit-surprise takes the row itself for its own nearest neighbour.
        let hidden = |said: &[f64]| -> Vec<f64> {
            (0..golden.columns).filter(|column| !case.shown.contains(column)).map(|column| said[column]).collect()
        };
        let (all, four) = (said(&Neighbours::default()), said(&Neighbours { most: 4 }));
        near(&hidden(&all), &hidden(&theirs.neighbours), 1e-6, "neighbours");
        near(&hidden(&four), &hidden(&theirs.four_neighbours), 1e-6, "four neighbours");

        let of_row = |row: usize| training.present(row).map(move |(column, value)| (row, column, value as f32));
        let mut entries: Vec<Entry> =
            (0..training.rows()).flat_map(of_row).map(|(row, column, value)| Entry { row, column, value }).collect();
        entries.extend(known.iter().map(|&(column, value)| Entry { row: golden.rows - 1, column, value }));
        let mut model = Factors {
            factors: 3,
            rows: theirs.initial_rows.clone(),
            columns: theirs.initial_columns.clone(),
            ..Factors::none(golden.rows, golden.columns)
        };
        model.descend(&entries, 150, 0.02, 0.01);
        let said: Vec<f64> = (0..golden.columns).map(|column| model.at(golden.rows - 1, column)).collect();
        near(&said, &theirs.factorisation_sgd, 1e-5, "factorisation_sgd");
    }
    assert_eq!(FactorisationSgd::default().epochs, 1000);
}

#[test]
fn effects_are_the_least_squares_of_the_whole_design() {
    let golden = golden();
    for case in &golden.cases {
        let matrix = golden.matrix(&case.entries);
        let effects = Effects::of(&Training::all(&matrix), 0.0);
        let found: Vec<f64> =
            (0..golden.rows * golden.columns).map(|at| effects.at(at / golden.columns, at % golden.columns)).collect();
        near(&found, &case.additive, 1e-6, "effects");
    }
}

#[test]
fn shares_of_variance_are_those_of_numpy() {
    let golden = golden();
    let case = &golden.cases[0];
    let matrix = golden.matrix(&case.entries);
    let training = Training::all(&matrix);
    let found = Reconstruction::of(&training, &Spectrum::of(&training, None), golden.rows).unwrap();
    let wanted = case.reconstruction.as_ref().unwrap();
    near(&[found.rows, found.columns, found.additive], &[wanted.rows, wanted.columns, wanted.additive], 1e-6, "R2");
    near(&found.ranks.iter().map(|rank| rank.r2).collect::<Vec<_>>(), &wanted.ranks, 1e-6, "R2 by rank");
}

#[test]
fn rows_are_completed_as_the_formulas_say() {
    let golden = golden();
    let case = &golden.cases[0];
    let matrix = golden.matrix(&case.entries);
    let training = golden.training(&matrix);
    let known = shown(&matrix, &case.shown);
    let said = |method: &dyn Method| method.fit(&training).complete(&known, Seed::new(0));
    near(&said(&Factorisation { factors: 2 }), case.factorisation.as_ref().unwrap(), 1e-5, "factorisation");
    near(&said(&SoftImpute), case.soft_impute.as_ref().unwrap(), 1e-4, "soft-impute");

    let matrix = golden.matrix(&golden.binary.entries);
    let known = shown(&matrix, &golden.binary.shown);
    let logits = Logistic { factors: 0 }.fit(&golden.training(&matrix)).complete(&known, Seed::new(0));
    // Newton's rounds end where rows move by 0.001.
    near(&logits, &golden.binary.logits, 5e-3, "logits");
}

#[test]
fn clusters_stand_together() {
    let golden = golden();
    let case = &golden.cases[0];
    let matrix = golden.matrix(&case.entries);
    let training = Training::all(&matrix);
    let order = order_rows(&training, &Spectrum::of(&training, None), Ordering::Cluster);
    let clusters = case.clusters.as_ref().unwrap();
    assert_eq!(clusters.len(), golden.rows - 1);
    for cluster in clusters {
        let places: Vec<usize> = (0..order.len()).filter(|&place| cluster.contains(&order[place])).collect();
        let apart = places[places.len() - 1] - places[0] + 1 - cluster.len();
        assert_eq!(apart, 0, "{cluster:?} in {order:?}");
    }
}

#[test]
fn statistics_are_those_of_scipy_and_numpy() {
    let golden = golden();
    let Golden { area, correlations, .. } = &golden;
    let scored: Vec<(f32, bool)> = area.scores.iter().copied().zip(area.truth.iter().copied()).collect();
    near(&[area_under_curve(&scored).unwrap()], &[area.auc], 1e-12, "area under the curve");
    let (x, y) = (&correlations.x, &correlations.y);
    for (found, wanted) in [(pearson(x, y), correlations.pearson), (spearman(x, y), correlations.spearman)] {
        let found = found.unwrap();
        near(&[found.coefficient, found.p_value], &wanted, 1e-12, "correlation");
    }
    let intervals = [pearson(x, y).unwrap().pearson_interval(), spearman(x, y).unwrap().spearman_interval()];
    for (found, wanted) in intervals.into_iter().zip([correlations.pearson_interval, correlations.spearman_interval]) {
        let found = found.unwrap();
        near(&[found.low, found.high], &wanted, 1e-12, "interval");
    }
    let seeds: Vec<Matrix> = golden.ceiling.seeds.iter().map(|entries| golden.matrix(entries)).collect();
    let ceiling = Ceiling::of(&seeds.iter().collect::<Vec<_>>()).unwrap().unwrap();
    let wanted = [golden.ceiling.reliability, golden.ceiling.of_mean];
    near(&[ceiling.reliability, ceiling.of_mean], &wanted, 1e-6, "ceiling");
}
