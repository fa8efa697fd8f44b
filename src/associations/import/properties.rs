//! What is known of tasks or examples otherwise: a table of their properties.

use std::collections::BTreeMap;

use super::table::delimiter;
use crate::error::{Problem, Problems};

/// Most labels of a property.
const MOST_LABELS: usize = 100;

/// A property of every item.
#[derive(Clone, Debug, PartialEq)]
pub struct Property {
    pub name: String,
    pub values: Values,
}

/// What a property tells of each item, in the order of the matrix.
#[derive(Clone, Debug, PartialEq)]
pub enum Values {
    Numbers(Vec<f64>),
    /// The number of each item's label, and the labels in the order in which they come.
    Labels(Vec<usize>, Vec<String>),
}

/// Reads the properties in a text with a line of names, cells as in matrices: a line for each item, in the order of the
/// matrix, or found by its first cell where the items have names and the first column is called `name`. A column is
/// numbers where every cell is one.
///
/// # Errors
/// By line: cells that lack; another number of lines than `count`; an item that is not there, or twice; more than 100
/// labels. `text` is how the user named it.
///
/// ```
/// use lethe::associations::import::{Values, read_properties};
/// let found = read_properties("kinds.csv", b"name,kind,words\nb,fact,9\na,fact,3\n", &["a".to_owned(), "b".to_owned()], 2);
/// let [kind, words] = &found.expect("a line for each")[..] else { panic!("two properties") };
/// assert_eq!(kind.values, Values::Labels(vec![0, 0], vec!["fact".to_owned()]));
/// assert_eq!(words.values, Values::Numbers(vec![3.0, 9.0]));
/// ```
pub fn read_properties(text: &str, bytes: &[u8], names: &[String], count: usize) -> Result<Vec<Property>, Problems> {
    let wrong = |value: &str, accepted: String| Problems(vec![Problem::new(text, value, accepted)]);
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter(bytes)).trim(csv::Trim::All).from_reader(bytes);
    let unread = |error: csv::Error| wrong(&error.to_string(), "CSV in UTF-8 with a line of names".to_owned());
    let heads: Vec<String> = reader.headers().map_err(unread)?.iter().map(str::to_owned).collect();
    let lines = reader.into_records().collect::<Result<Vec<csv::StringRecord>, _>>().map_err(unread)?;
    if lines.len() != count {
        return Err(wrong(&format!("{} lines below the names", lines.len()), format!("{count}, one for each")));
    }
    let is_named = heads.first().is_some_and(|head| head == "name") && !names.is_empty();
    let known: BTreeMap<&str, usize> = names.iter().zip(0..).map(|(name, at)| (name.as_str(), at)).collect();
    let mut place = vec![None; count];
    for (line, cells) in lines.iter().enumerate() {
        let at = match (is_named, cells.get(0)) {
            (true, Some(name)) => *known
                .get(name)
                .ok_or_else(|| wrong(&format!("line {}: {name}", line + 2), "a name of the matrix".to_owned()))?,
            _ => line,
        };
        if place[at].replace(line).is_some() {
            return Err(wrong(&format!("line {}: {}", line + 2, names[at]), "every name once".to_owned()));
        }
    }
    let order: Vec<usize> = place.into_iter().flatten().collect();
    let columns = heads.iter().enumerate().filter(|(_, head)| *head != "name");
    columns
        .map(|(column, head)| {
            let cells: Vec<&str> = order.iter().map(|&line| lines[line].get(column).unwrap_or_default()).collect();
            if let Some(empty) = cells.iter().position(|cell| cell.is_empty()) {
                return Err(wrong(&format!("line {}, {head}: nothing", order[empty] + 2), "no empty cell".to_owned()));
            }
            let numbers: Option<Vec<f64>> =
                cells.iter().map(|cell| cell.parse().ok().filter(|number: &f64| number.is_finite())).collect();
            let values = match numbers {
                Some(numbers) => Values::Numbers(numbers),
                None => labelled(&cells).ok_or_else(|| {
                    wrong(&format!("{head}: text that hardly repeats"), format!("at most {MOST_LABELS} labels"))
                })?,
            };
            Ok(Property { name: head.clone(), values })
        })
        .collect()
}

fn labelled(cells: &[&str]) -> Option<Values> {
    let mut labels: Vec<String> = Vec::new();
    let mut of_items = Vec::with_capacity(cells.len());
    for cell in cells {
        let known = labels.iter().position(|label| label == cell);
        of_items.push(known.unwrap_or(labels.len()));
        if known.is_none() {
            labels.push((*cell).to_owned());
        }
        if labels.len() > MOST_LABELS {
            return None;
        }
    }
    Some(Values::Labels(of_items, labels))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(all: &[&str]) -> Vec<String> {
        all.iter().map(|&name| name.to_owned()).collect()
    }

    #[test]
    fn numbers_and_labels_come_in_the_order_of_the_matrix() {
        let text = b"name,kind,length\nb, fact ,3\na,story,1.5\n";
        let found = read_properties("--examples", text, &names(&["a", "b"]), 2).unwrap();
        let labels = Values::Labels(vec![0, 1], names(&["story", "fact"]));
        let expected = [
            Property { name: "kind".to_owned(), values: labels },
            Property { name: "length".to_owned(), values: Values::Numbers(vec![1.5, 3.0]) },
        ];
        assert_eq!(found, expected);
        assert_eq!(read_properties("--examples", b"length\n1\n2\n", &[], 2).unwrap().len(), 1);
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        let refused =
            |text: &str| read_properties("--tasks", text.as_bytes(), &names(&["a", "b"]), 2).unwrap_err().to_string();
        for (text, told) in [
            ("name,x\na,1\n", "1 lines"),
            ("name,x\na,1\nc,2\n", "line 3: c"),
            ("name,x\na,1\na,2\n", "every name once"),
            ("name,x\na,1\nb,\n", "line 3, x: nothing"),
            ("name,x\na,1\nb\n", "CSV"),
        ] {
            let problem = refused(text);
            assert!(problem.contains("--tasks") && problem.contains(told), "{text}: {problem}");
        }
        let many: String = (0..101).map(|k| format!("label {k}\n")).collect();
        let problem = read_properties("--tasks", format!("x\n{many}").as_bytes(), &[], 101).unwrap_err().to_string();
        assert!(problem.contains("at most 100 labels"), "{problem}");
    }
}
