//! Schedules and weights of replay.

use lethe::native::llama::data::{schedule, weights};
use lethe::train::ReplaySchedule;
use ndarray::{Array1, Array2};
use ndarray_npy::write_npy;

use crate::files::problems;
use crate::folder::Folder;

#[test]
fn a_prescribed_schedule_keeps_its_shares_of_a_run() {
    let folder = Folder::new("schedules");
    let text = "# Replay prescribed.\nexperiment = \"dynamics\"\nschedule = \"0.5@0,0@100,0.25@300\"\n\
                fine_tuning_steps = 400\n";
    let written = schedule(&folder.write("schedule-end.toml", text)).unwrap();
    let expected = |segments: &[(u32, f64)]| ReplaySchedule::new(segments.to_vec()).unwrap();
    assert_eq!(written.over(400), expected(&[(0, 0.5), (100, 0.0), (300, 0.25)]));
    assert_eq!(written.over(40), expected(&[(0, 0.5), (10, 0.0), (30, 0.25)]));
    assert_eq!(written.over(2), expected(&[(0, 0.0), (1, 0.25)]), "of pieces at one step the last stays");
    let alone = schedule(&folder.write("alone.toml", "schedule = \"0.1@0,0.3@50\"\n")).unwrap();
    assert_eq!(alone.over(7), expected(&[(0, 0.1), (50, 0.3)]), "in steps of the run at hand");
}

#[test]
fn files_without_a_schedule_are_refused() {
    let folder = Folder::new("no schedule");
    let none = problems(schedule(&folder.write("none.toml", "experiment = \"dynamics\"\n"))).join("\n");
    assert!(none.ends_with("accepted: settings with schedule = \"p@step,...\""), "{none}");
    let wrong = problems(schedule(&folder.write("wrong.toml", "schedule = \"2@0\"\n"))).join("\n");
    assert!(wrong.contains("schedule"), "{wrong}");
    assert!(schedule(&folder.path().join("nothing.toml")).is_err());
}

#[test]
fn weights_are_read_from_tables_and_vectors() {
    let folder = Folder::new("weights");
    let table = folder.write("weights.csv", "\u{feff}weight, example\r\n0.5, 3\r\n2, 0\r\n");
    assert_eq!(weights(&table, 5).unwrap(), [2.0, 0.0, 0.0, 0.5, 0.0]);
    let path = folder.path().join("weights.npy");
    write_npy(&path, &Array1::from(vec![0.25_f64, 0.0, 4.0])).unwrap();
    assert_eq!(weights(&path, 3).unwrap(), [0.25, 0.0, 4.0]);
    write_npy(&path, &Array1::from(vec![0.25_f32, 0.0, 4.0])).unwrap();
    assert_eq!(weights(&path, 3).unwrap(), [0.25, 0.0, 4.0]);
}

#[test]
fn wrong_weights_are_named() {
    let folder = Folder::new("wrong weights");
    let told = |text: &str| problems(weights(&folder.write("w.csv", text), 3)).join("\n");
    let cases = [
        ("example,weight\n0,1\n3,1\n", "w.csv, line 3, example = \"3\"; accepted: a row's number, 0 to 2"),
        ("example,weight\n0,1\n0,1\n", "w.csv, line 3, example = \"0\"; accepted: each row once"),
        ("example,weight\n0,-1\n", "w.csv, line 2, weight = \"-1\"; accepted: a finite number, 0 or more"),
        ("example,weight\n0,inf\n", "w.csv, line 2, weight = \"inf\"; accepted: a finite number, 0 or more"),
        ("example,weight\n0,x\n", "w.csv, line 2, weight = \"x\"; accepted: a finite number, 0 or more"),
        ("example,weight\n0,0\n", "w.csv = \"no weight above 0\"; accepted: at least one weight above 0"),
        ("row,weight\n0,1\n", "w.csv = \"row,weight\"; accepted: CSV with the columns example and weight"),
    ];
    for (text, expected) in cases {
        assert_eq!(told(text), expected);
    }
    let path = folder.path().join("w.npy");
    write_npy(&path, &Array1::from(vec![1.0_f64, 2.0])).unwrap();
    assert_eq!(problems(weights(&path, 3)), ["w.npy = \"2 weights\"; accepted: one for each of 3 rows"]);
    write_npy(&path, &Array2::<f64>::zeros((3, 1))).unwrap();
    let accepted = "accepted: a vector of f32 or f64 in .npy";
    assert_eq!(problems(weights(&path, 3)), [format!("w.npy = \"an array of 2 dimensions\"; {accepted}")]);
    let cut = folder.write("cut.npy", "nonsense");
    assert!(problems(weights(&cut, 3))[0].ends_with("accepted: a vector of f32 or f64 in .npy"));
}
