//! Hierarchical clusters.

/// The points in the order of the leaves of their tree: average linkage of Euclidean distances (UPGMA), by chains of
/// nearest neighbours, n^2 steps and n^2 distances. Of two branches that of the earlier point comes first.
///
/// Sources: Sokal & Michener 1958 (the linkage); Murtagh 1983, Comput. J. 26, 354 (the chains).
pub(super) fn clustered(points: &[Vec<f64>]) -> Vec<usize> {
    let n = points.len();
    let mut distances: Vec<f64> = (0..n * n).map(|at| distance(&points[at / n], &points[at % n])).collect();
    let mut members: Vec<Vec<usize>> = (0..n).map(|point| vec![point]).collect();
    let mut alive: Vec<usize> = (0..n).collect();
    let mut chain: Vec<usize> = Vec::new();
    while alive.len() > 1 {
        if chain.is_empty() {
            chain.push(alive[0]);
        }
        let last = chain[chain.len() - 1];
        let before = chain.len().checked_sub(2).map(|place| chain[place]);
        // The point before wins a tie, or the chain would never end.
        let mut nearest = before;
        for &other in alive.iter().filter(|&&other| other != last) {
            if nearest.is_none_or(|nearest| distances[last * n + other] < distances[last * n + nearest]) {
                nearest = Some(other);
            }
        }
        let Some(nearest) = nearest else { break };
        if before != Some(nearest) {
            chain.push(nearest);
            continue;
        }
        chain.truncate(chain.len() - 2);
        let (kept, gone) = (last.min(nearest), last.max(nearest));
        let (a, b) = (members[kept].len() as f64, members[gone].len() as f64);
        for &other in &alive {
            let joined = (a * distances[kept * n + other] + b * distances[gone * n + other]) / (a + b);
            distances[kept * n + other] = joined;
            distances[other * n + kept] = joined;
        }
        let more = core::mem::take(&mut members[gone]);
        members[kept].extend(more);
        alive.retain(|&cluster| cluster != gone);
    }
    members.into_iter().next().unwrap_or_default()
}

fn distance(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum::<f64>().sqrt()
}
