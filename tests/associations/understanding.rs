//! Orders, groups that are forgotten together, and ceilings.

use lethe::associations::import::{Property, Values};
use lethe::associations::{
    Ceiling, CoForgetting, Factors, Matrix, Ordering, Permuting, Properties, Side, Spectrum, Training, order_columns,
    order_rows, pearson, spearman,
};
#[cfg(target_family = "wasm")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use crate::planted::{planted, stream, with_gaps};

/// Three groups of ten columns: the first two follow one profile over tasks, the third another; noise everywhere.
fn grouped(tasks: usize, signal: f64, label: &str) -> (Matrix, Vec<usize>) {
    let mut stream = stream(label);
    let profiles: Vec<[f64; 2]> = (0..tasks).map(|_| [stream.normal(), stream.normal()]).collect();
    let groups: Vec<usize> = (0..30).map(|column| column % 3).collect();
    let entry = |at: usize| {
        let profile = profiles[at / 30][usize::from(groups[at % 30] == 2)];
        (signal * profile + stream.normal()) as f32
    };
    (Matrix::new(tasks, 30, (0..tasks * 30).map(entry).collect()).unwrap(), groups)
}

#[test]
fn groups_with_one_profile_are_forgotten_together() {
    let (matrix, groups) = grouped(30, 1.0, "together");
    let found = CoForgetting::of(&Training::all(&matrix), &groups, 500).unwrap();
    assert!(found.p_value < 0.01 && found.shared_within > 0.2, "{found:?}");
    let [same, first, second] = [found.pairs[0], found.pairs[1], found.pairs[2]];
    assert_eq!((same.first, same.second), (0, 1));
    assert!(same.together.unwrap() > 0.8 && same.p_value.unwrap() < 0.05, "{same:?}");
    assert!(same.beyond_the_rest.unwrap() > 0.8, "{same:?}");
    for pair in [first, second] {
        assert!(pair.together.unwrap().abs() < 0.6 && pair.p_value.unwrap() > 0.01, "{pair:?}");
    }
}

#[test]
fn chance_is_found_together_no_more_often_than_it_should() {
    let (mut groups_matter, mut pairs) = (0, 0);
    for trial in 0..60 {
        let (matrix, groups) = grouped(12, 0.0, &format!("chance {trial}"));
        let found = CoForgetting::of(&Training::all(&matrix), &groups, 99).unwrap();
        groups_matter += usize::from(found.p_value <= 0.05);
        pairs += usize::from(found.pairs.iter().any(|pair| pair.p_value.unwrap() <= 0.05));
    }
    // 3 of 60 expected; more than 9 has a chance of 0.0006.
    assert!(groups_matter <= 9 && pairs <= 9, "{groups_matter} and {pairs}");
}

#[test]
fn groups_dealt_by_chance_share_what_their_number_says() {
    let (matrix, groups) = grouped(40, 1.0, "by chance");
    let mut permuting = Permuting::new(Training::all(&matrix), &groups, 400).unwrap();
    while permuting.advance() < 1.0 {}
    let (found, by_chance) = permuting.finish();
    // (G - 1) / (N - 1) in the mean over all dealings; the mean of 400 of them is known to 2 %.
    let wanted = 2.0 / 29.0;
    assert!((by_chance.mean / wanted - 1.0).abs() < 0.02, "{by_chance:?}, {wanted}");
    assert!(by_chance.mean < by_chance.q95 && by_chance.q95 < found.shared_within, "{by_chance:?}");
}

#[test]
fn what_groups_share_is_the_part_of_squares_between_them_by_hand() {
    let matrix = with_gaps(&grouped(9, 1.0, "by hand").0, 0.1, "by hand");
    let groups: Vec<usize> = (0..30).map(|column| column % 3).collect();
    let training = Training::all(&matrix);
    let effects = training.effects();
    let (mut within, mut all) = (0.0, 0.0);
    for row in 0..9 {
        let left: Vec<(usize, f64)> =
            training.present(row).map(|(j, entry)| (groups[j], entry - effects.at(row, j))).collect();
        all += left.iter().map(|(_, value)| value * value).sum::<f64>();
        for group in 0..3 {
            let own: Vec<f64> = left.iter().filter(|(of, _)| *of == group).map(|(_, value)| *value).collect();
            let mean = own.iter().sum::<f64>() / own.len() as f64;
            within += own.len() as f64 * mean * mean;
        }
    }
    let found = CoForgetting::of(&training, &groups, 1).unwrap();
    assert!((found.shared_within - within / all).abs() < 1e-12, "{} and {}", found.shared_within, within / all);
    assert!([0.5, 1.0].contains(&found.p_value), "one permutation: {}", found.p_value);
}

#[test]
fn factors_are_told_beside_numbers_and_groups_by_labels() {
    let mut drawn = stream("beside");
    let [u, v]: [Vec<f64>; 2] = [10, 24].map(|count| (0..count).map(|_| drawn.normal()).collect());
    let entries = u.iter().flat_map(|u| v.iter().map(move |v| (u * v) as f32)).collect();
    let matrix = Matrix::new(10, 24, entries).unwrap();
    let training = Training::all(&matrix);
    let spectrum = Spectrum::of(&training, None);
    let factors = Factors::of(&training, &spectrum, 3);
    let number = |name: &str, values: Vec<f64>| Property { name: name.to_owned(), values: Values::Numbers(values) };
    let labels = Values::Labels((0..24).map(|j| j % 2).collect(), vec!["even".to_owned(), "odd".to_owned()]);
    let of_first: Vec<f64> = (0..10).map(|row| f64::from(matrix.row(row)[0])).collect();
    let properties = Properties {
        tasks: vec![
            number("of the first example", of_first),
            Property { name: "words".to_owned(), values: labels.clone() },
        ],
        examples: vec![
            number("place", (0..24).map(f64::from).collect()),
            Property { name: "parity".to_owned(), values: labels },
        ],
    };
    let told: Vec<_> = properties.beside(&factors).collect();
    let places: Vec<(Side, &str, usize)> = told.iter().map(|own| (own.of, own.property.as_str(), own.factor)).collect();
    assert_eq!(places.len(), 2 * factors.count());
    assert_eq!(places[0], (Side::Tasks, "of the first example", 1));
    assert_eq!(places[factors.count()], (Side::Examples, "place", 1));
    let first = told[0].pearson.unwrap();
    let interval = first.interval.unwrap();
    // Of a matrix of rank 1 every column is the first factor, up to a sign.
    assert!(first.found.coefficient.abs() > 1.0 - 1e-9 && interval.low <= first.found.coefficient, "{first:?}");
    let groupings: Vec<&str> = properties.groupings().map(|grouping| grouping.property).collect();
    assert_eq!((groupings, properties.notes().len()), (vec!["parity"], 1));
    let one = Property { name: "same".to_owned(), values: Values::Labels(vec![0; 24], vec!["one".to_owned()]) };
    let alone = Properties { examples: vec![one], ..Properties::default() };
    let refused = alone.groupings().next().unwrap().check([10, 24]).unwrap_err().to_string();
    assert!(refused.contains("same, groups = \"1\""), "{refused}");
}

#[test]
fn wrong_groups_are_refused() {
    let (matrix, groups) = grouped(6, 1.0, "wrong");
    let training = Training::all(&matrix);
    let refused = |groups: &[usize], permutations: usize| {
        CoForgetting::of(&training, groups, permutations).unwrap_err().to_string()
    };
    assert!(refused(&groups[1..], 9).contains("groups = \"29\""));
    assert!(refused(&[0; 30], 9).contains("groups = \"1\""));
    let holes: Vec<usize> = groups.iter().map(|group| 2 * group).collect();
    assert!(refused(&holes, 9).contains("at least one column each"));
    assert!(refused(&groups, 0).contains("permutations"));
    let huge: Vec<usize> = groups.iter().map(|group| group * (usize::MAX / 4)).collect();
    assert!(refused(&huge, 9).contains("groups"));
    let few = Training::new(&matrix, vec![0, 1]);
    assert!(CoForgetting::of(&few, &groups, 9).unwrap_err().to_string().contains("tasks = \"2\""));
}

#[test]
fn orders_are_permutations_that_do_what_they_say() {
    let matrix = planted(12, 1500, 2, 0.1, "orders");
    let training = Training::all(&matrix);
    let spectrum = Spectrum::of(&training, None);
    for by in [Ordering::Given, Ordering::Mean, Ordering::Cluster, Ordering::FirstSingular] {
        for (mut order, length) in
            [(order_rows(&training, &spectrum, by), 12), (order_columns(&training, &spectrum, by), 1500)]
        {
            order.sort_unstable();
            assert_eq!(order, (0..length).collect::<Vec<_>>(), "{by:?}");
        }
    }
    let mean = |row: usize| matrix.row(row).iter().map(|&entry| f64::from(entry)).sum::<f64>();
    let order = order_rows(&training, &spectrum, Ordering::Mean);
    assert!(order.windows(2).all(|pair| mean(pair[0]) >= mean(pair[1])));
    // Columns that are alike stand together: neighbours differ by less than in the order of the file.
    let apart = |order: &[usize]| -> f64 {
        let distance =
            |a: usize, b: usize| (0..12).map(|row| matrix.row(row)[a] - matrix.row(row)[b]).map(|x| x * x).sum::<f32>();
        order.windows(2).map(|pair| f64::from(distance(pair[0], pair[1]))).sum()
    };
    let clustered = apart(&order_columns(&training, &spectrum, Ordering::Cluster));
    let given = apart(&(0..1500).collect::<Vec<_>>());
    assert!(clustered < 0.3 * given, "{clustered} and {given}");
}

#[test]
fn zeros_can_be_ordered() {
    let matrix = Matrix::new(3, 4, vec![0.0; 12]).unwrap();
    let training = Training::all(&matrix);
    let spectrum = Spectrum::of(&training, None);
    for by in [Ordering::Mean, Ordering::Cluster, Ordering::FirstSingular] {
        assert_eq!(order_rows(&training, &spectrum, by).len(), 3);
        assert_eq!(order_columns(&training, &spectrum, by), [0, 1, 2, 3]);
    }
}

#[test]
fn the_ceiling_is_the_share_that_is_no_noise() {
    let truth = planted(40, 500, 2, 0.0, "ceiling");
    let seed = |label: &str| {
        let mut stream = stream(label);
        let entries = truth.entries().iter().map(|&entry| entry + 0.7 * stream.normal() as f32);
        Matrix::new(40, 500, entries.collect()).unwrap()
    };
    let seeds = [seed("one"), seed("two"), seed("three")];
    let found = Ceiling::of(&seeds.iter().collect::<Vec<_>>()).unwrap().unwrap();
    let mean = truth.entries().iter().map(|&entry| f64::from(entry)).sum::<f64>() / 20_000.0;
    let variance = truth.entries().iter().map(|&entry| f64::from(entry) - mean).map(|x| x * x).sum::<f64>() / 20_000.0;
    let wanted = variance / (variance + 0.49);
    // 20,000 entries: the noise's variance is known to a percent.
    assert!((found.reliability - wanted).abs() < 0.01, "{} and {wanted}", found.reliability);
    assert!((found.noise - 0.7).abs() < 0.01 && found.of_mean > found.reliability && found.seeds == 3);
    assert!(Ceiling::of(&[&truth]).is_err());
    assert!(Ceiling::of(&[&truth, &planted(40, 499, 2, 0.0, "other")]).is_err());
    let same = Ceiling::of(&[&truth, &truth]).unwrap().unwrap();
    assert!((same.reliability - 1.0).abs() < 1e-12);
    let flat = Matrix::new(2, 2, vec![1.0; 4]).unwrap();
    assert_eq!(Ceiling::of(&[&flat, &flat]), Ok(None));
}

#[test]
fn correlations_are_undefined_where_nothing_varies() {
    assert_eq!(pearson(&[1.0, 2.0], &[1.0, 2.0]), None);
    assert_eq!(pearson(&[0.1; 5], &[1.0, 2.0, 3.0, 4.0, 5.0]), None);
    assert_eq!(spearman(&[1.0, 2.0, 3.0], &[1.0, 2.0]), None);
    let exact = pearson(&[1.0, 2.0, 3.0, 4.0], &[2.0, 4.0, 6.0, 8.0]).unwrap();
    assert!(exact.coefficient > 1.0 - 1e-12 && exact.p_value < 1e-6);
}
