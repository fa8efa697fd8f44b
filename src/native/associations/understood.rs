//! What a matrix is made of, in words and tables.

use super::told;
use super::understand::Found;
use crate::associations::{Bounded, Compared, Grouped, Side};

/// Pairs of groups that are told, the surest first.
const TOLD: usize = 10;

/// Tells all that was found.
pub fn tell(found: &Found) {
    let seeds = if found.seeds == 1 { String::new() } else { format!(", the mean of {} seeds", found.seeds) };
    say!("{} tasks x {} examples{seeds}, {} entries missing", found.rows, found.columns, found.missing);
    told::reconstruction(found.reconstruction.as_ref());
    told::ceiling(found.ceiling.as_ref());
    if !found.correlations.is_empty() {
        say!("\nfactors beside properties: correlation [95 % interval] (p-value of this test alone)");
        say!("{:<10}{:<24}{:>6}  {:<34}{}", "of", "property", "factor", "Pearson", "Spearman");
        found.correlations.iter().for_each(correlation);
    }
    found.groups.iter().for_each(group);
}

fn correlation(compared: &Compared) {
    let shown = |bounded: Option<Bounded>| {
        let Some(Bounded { found, interval }) = bounded else { return "undefined".to_owned() };
        let within = interval.map_or_else(String::new, |own| format!(" [{:+.2}, {:+.2}]", own.low, own.high));
        format!("{:+.3}{within} ({})", found.coefficient, chance(found.p_value))
    };
    let Compared { of, property, factor, pearson, spearman } = compared;
    let of = if *of == Side::Tasks { "tasks" } else { "examples" };
    say!("{of:<10}{property:<24}{factor:>6}  {:<34}{}", shown(*pearson), shown(*spearman));
}

fn group(grouped: &Grouped) {
    let Grouped { property, labels, by_chance, found } = grouped;
    say!(
        "\nexamples by {property}: groups share {:.1} % of what effects leave (permutations of labels: {:.1} % on average, {})",
        100.0 * found.shared_within,
        100.0 * by_chance.mean,
        chance(found.p_value)
    );
    let mut pairs: Vec<_> = found.pairs.iter().filter(|pair| pair.together.is_some()).collect();
    pairs.sort_by(|a, b| a.p_value.unwrap_or(1.0).total_cmp(&b.p_value.unwrap_or(1.0)));
    for pair in pairs.iter().take(TOLD) {
        let beyond = pair.beyond_the_rest.map_or_else(String::new, |own| format!("; beyond the rest {own:+.3}"));
        say!(
            "  {} with {}: {:+.3} over tasks ({}){beyond}",
            labels[pair.first],
            labels[pair.second],
            pair.together.unwrap_or_default(),
            chance(pair.p_value.unwrap_or(1.0))
        );
    }
    if pairs.len() > TOLD {
        say!("  and {} pairs more, in --json", pairs.len() - TOLD);
    }
}

fn chance(p_value: f64) -> String {
    if p_value < 1e-4 { "p < .0001".to_owned() } else { format!("p {p_value:.4}") }
}
