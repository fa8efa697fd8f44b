//! Methods compared under the protocol, in pieces. What they learn from the training rows is learned once, whatever
//! number of columns is asked for afterwards.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use super::answer::Predicted;
use super::ask::Predict;
use crate::associations::methods::{Method, Model, named, usual};
use crate::associations::{Matrix, MethodScore, Protocol, Split, Training, Trial, list_of_rows};
use crate::error::{Problem, Problems};
use crate::figure::Figure;
use crate::platform::{Pieces, rest};
use crate::report::observed::{ScoresByObserved, error_by_observed};

/// Most factors.
const MOST_FACTORS: usize = 100;
/// The method that knows nothing.
const CHANCE: &str = "random";
/// Names of the lists of rows, in problems.
const NAMES: [&str; 2] = ["training rows", "test rows"];

/// A comparison in hand.
pub struct Predicting {
    matrix: Arc<Matrix>,
    split: Split,
    rank: usize,
    is_binary: bool,
    noise: Option<f64>,
    unit: &'static str,
    board: Rc<RefCell<Board>>,
    pieces: Pieces<()>,
}

/// What the page wants, and how far it is.
struct Board {
    observed: usize,
    seeds: usize,
    /// Which of the questions is worked on.
    turn: u32,
    fitted: usize,
    methods: usize,
    done: usize,
    of: usize,
    /// By columns drawn, of all that was asked for so far.
    found: ScoresByObserved,
    /// Draws of the columns that are scored, of those that are wanted now.
    draws: usize,
    /// The first draw, by the places of the methods that have it so far.
    first: BTreeMap<usize, MethodScore>,
}

impl Predicting {
    /// Begins to compare; `noise` is the error that the noise of seeds leaves, `unit` that of the entries.
    ///
    /// # Errors
    /// Rows, factors or numbers that cannot be.
    pub fn new(
        matrix: &Arc<Matrix>,
        is_binary: bool,
        noise: Option<f64>,
        unit: &'static str,
        asked: &Predict,
    ) -> Result<Self, Problems> {
        if !(1..=MOST_FACTORS).contains(&asked.rank) {
            let accepted = format!("a whole number from 1 to {MOST_FACTORS}");
            return Err(Problems(vec![Problem::new("rank", &asked.rank.to_string(), accepted)]));
        }
        let split = split(matrix, asked)?;
        let of = protocol(matrix, &split, asked.observed, asked.seeds, is_binary)?.trials();
        let methods: Vec<Box<dyn Method>> =
            usual(is_binary).into_iter().filter_map(|name| named(name, asked.rank)).collect();
        let (observed, seeds, count) = (asked.observed, asked.seeds, methods.len());
        let board = Rc::new(RefCell::new(Board {
            observed,
            seeds,
            turn: 0,
            fitted: 0,
            methods: count,
            done: 0,
            of: of * count,
            found: ScoresByObserved::new(),
            draws: 0,
            first: BTreeMap::new(),
        }));
        let work = compare(Arc::clone(matrix), split.clone(), is_binary, methods, Rc::clone(&board));
        let pieces = Pieces::new(work);
        Ok(Self { matrix: Arc::clone(matrix), split, rank: asked.rank, is_binary, noise, unit, board, pieces })
    }

    /// Whether what is asked differs from what is in hand by nothing that was learned.
    pub fn fits(&self, matrix: &Arc<Matrix>, asked: &Predict) -> bool {
        let is_same = Arc::ptr_eq(&self.matrix, matrix) && self.rank == asked.rank;
        is_same && split(matrix, asked).is_ok_and(|split| split == self.split)
    }

    /// Works for about so long; other numbers than before begin the trials anew.
    ///
    /// # Errors
    /// Numbers of columns or seeds that cannot be.
    pub fn advance(&mut self, asked: &Predict) -> Result<Predicted, Problems> {
        let (observed, seeds) = (asked.observed, asked.seeds);
        let is_other = {
            let board = self.board.borrow();
            (board.observed, board.seeds) != (observed, seeds)
        };
        if is_other {
            let of = protocol(&self.matrix, &self.split, observed, seeds, self.is_binary)?.trials();
            let mut board = self.board.borrow_mut();
            let is_known =
                board.found.get(&observed).is_some_and(|scores| scores.iter().all(|own| own.rmse.n == seeds));
            (board.observed, board.seeds, board.turn) = (observed, seeds, board.turn + 1);
            board.of = of * board.methods;
            (board.done, board.draws) = if is_known { (board.of, seeds) } else { (0, 0) };
            board.first.clear();
        }
        let is_done = self.board.borrow().draws == seeds;
        if !is_done {
            self.pieces.advance(asked.millis);
        }
        let board = self.board.borrow();
        Ok(Predicted {
            fitted: board.fitted,
            methods: board.methods,
            done: board.done,
            of: board.of,
            training_rows: list_of_rows(&self.split.training),
            test_rows: list_of_rows(&self.split.test),
            draws: board.draws,
            scores: match board.draws {
                0 => (!board.first.is_empty()).then(|| board.first.values().cloned().collect()),
                _ => board.found.get(&observed).cloned(),
            },
            noise: self.noise,
        })
    }

    /// The errors at all numbers of columns that were asked for.
    pub fn figure(&self) -> Figure {
        error_by_observed(&self.board.borrow().found, self.noise, self.unit)
    }
}

fn split(matrix: &Matrix, asked: &Predict) -> Result<Split, Problems> {
    let list = |text: &'_ str| (!text.trim().is_empty()).then(|| text.trim().to_owned());
    let (training, test) = (list(&asked.training_rows), list(&asked.test_rows));
    Split::of(NAMES, training.as_deref(), test.as_deref(), matrix.rows())
}

fn protocol<'a>(
    matrix: &'a Matrix,
    split: &Split,
    observed: usize,
    seeds: usize,
    is_binary: bool,
) -> Result<Protocol<'a>, Problems> {
    Protocol::new(matrix, split.training.clone(), split.test.clone(), observed, seeds, is_binary)
}

/// Answers whatever stands on the board, again and again; it rests where that is done. A method learns when its first
/// row is to be predicted; chance comes last.
async fn compare(
    matrix: Arc<Matrix>,
    split: Split,
    is_binary: bool,
    methods: Vec<Box<dyn Method>>,
    board: Rc<RefCell<Board>>,
) {
    let training = Training::new(&matrix, split.training.clone());
    let mut models: Vec<Option<Box<dyn Model + '_>>> = methods.iter().map(|_| None).collect();
    let (chance, others): (Vec<usize>, Vec<usize>) =
        (0..methods.len()).partition(|&place| methods[place].name() == CHANCE);
    let order = [others, chance].concat();
    loop {
        let (turn, observed, seeds) = {
            let board = board.borrow();
            (board.turn, board.observed, board.seeds)
        };
        // What stands on the board was checked.
        if let Ok(protocol) = protocol(&matrix, &split, observed, seeds, is_binary) {
            let mut trials: Vec<Vec<Trial>> = methods.iter().map(|_| Vec::new()).collect();
            // Draw by draw and of each method by method, so that there is something to tell soon.
            'draws: for draw in 0..seeds {
                for &place in &order {
                    let method = methods[place].as_ref();
                    let model = models[place].get_or_insert_with(|| {
                        board.borrow_mut().fitted += 1;
                        method.fit(&training)
                    });
                    for index in (draw * split.test.len()..).take(split.test.len()) {
                        if board.borrow().turn != turn {
                            break 'draws;
                        }
                        trials[place].push(protocol.trial(method, model.as_ref(), index));
                        board.borrow_mut().done += 1;
                        rest().await;
                    }
                    let mut board = board.borrow_mut();
                    if board.turn == turn && draw == 0 {
                        board.first.insert(place, protocol.score(method.name(), &trials[place]));
                    }
                }
                let mut board = board.borrow_mut();
                if board.turn != turn {
                    break;
                }
                let scored = methods.iter().zip(&trials);
                let scores = scored.map(|(method, trials)| protocol.score(method.name(), trials)).collect();
                board.found.insert(observed, scores);
                board.draws = draw + 1;
            }
        }
        while board.borrow().turn == turn {
            rest().await;
        }
    }
}
