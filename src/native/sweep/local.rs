//! All runs of a sweep on this machine, each in a process of its own.

use core::sync::atomic::{AtomicBool, Ordering};
use std::collections::VecDeque;
use std::fs::{self, File};
use std::io;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use super::file::Sweep;
use super::state::State;
use super::status::counted;
use crate::error::{Problem, Problems};
use crate::native::cli::Failure;

/// What the process of a run says, in the run's folder.
const OUTPUT: &str = "output.log";

/// Between two looks at the processes.
const PAUSE: Duration = Duration::from_millis(50);

static STOP: AtomicBool = AtomicBool::new(false);

/// How a run's process ended, where it did not end well.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ended {
    Failed,
    Refused,
    Interrupted,
}

struct Pool<'a> {
    sweep: &'a Sweep,
    program: PathBuf,
    running: Vec<(usize, Child)>,
    /// Runs that another process had in hand when it was their turn here.
    elsewhere: Vec<usize>,
    ended: Vec<(usize, Ended)>,
}

/// Runs all that are not done, `jobs` at a time; those that another process has in hand, here or on another machine, are
/// left to it.
///
/// # Errors
/// A stop that was asked for; runs that did not end well.
pub fn run(sweep: &Sweep, jobs: usize) -> Result<(), Failure> {
    let program = std::env::current_exe()
        .map_err(|error| Failure::Other(format!("cannot tell where this program is: {error}")))?;
    ctrlc::set_handler(|| STOP.store(true, Ordering::Relaxed))
        .map_err(|error| Failure::Other(format!("cannot be asked to stop: {error}")))?;
    let mut pool = Pool { sweep, program, running: Vec::new(), elsewhere: Vec::new(), ended: Vec::new() };
    let mut queue: VecDeque<usize> = (0..sweep.names.len()).collect();
    loop {
        let is_stopping = STOP.load(Ordering::Relaxed);
        while !is_stopping && pool.running.len() < jobs {
            let Some(index) = queue.pop_front() else { break };
            pool.begin(index)?;
        }
        if is_stopping {
            // Its end is the request to stop.
            pool.running.iter_mut().for_each(|(_, child)| drop(child.stdin.take()));
        }
        pool.look()?;
        if pool.running.is_empty() && (is_stopping || queue.is_empty()) {
            queue.extend(pool.left_behind());
            if is_stopping || queue.is_empty() {
                return pool.told(is_stopping);
            }
        }
        std::thread::sleep(PAUSE);
    }
}

impl Pool<'_> {
    fn begin(&mut self, index: usize) -> Result<(), Failure> {
        let folder = self.sweep.folder_of(index);
        match State::of(&folder) {
            State::Done { .. } => return Ok(()),
            State::Running { .. } => {
                self.elsewhere.push(index);
                return Ok(());
            }
            _ => {}
        }
        let failed = |error: io::Error| Failure::Other(format!("cannot begin a run in {}: {error}", folder.display()));
        fs::create_dir_all(&folder).map_err(failed)?;
        let output = File::options().create(true).append(true).open(folder.join(OUTPUT)).map_err(failed)?;
        let child = Command::new(&self.program)
            .args(["sweep", "run", "--index", &index.to_string(), "--ends-with-input"])
            .args(self.sweep.words(&self.sweep.path))
            .stdin(Stdio::piped())
            .stdout(output.try_clone().map_err(failed)?)
            .stderr(output)
            .spawn()
            .map_err(failed)?;
        self.running.push((index, child));
        Ok(())
    }

    /// Notes the processes that have ended.
    fn look(&mut self) -> Result<(), Failure> {
        for (index, mut child) in core::mem::take(&mut self.running) {
            let status = child.try_wait();
            match status.map_err(|error| Failure::Other(format!("lost the process of run {index}: {error}")))? {
                None => self.running.push((index, child)),
                Some(status) => self.note(index, status),
            }
        }
        Ok(())
    }

    fn note(&mut self, index: usize, status: ExitStatus) {
        let state = State::of(&self.sweep.folder_of(index));
        let name = &self.sweep.names[index];
        eprintln!("run {index}, {name}, {}: {}", self.sweep.label(index), state.told());
        let ended = match (state, status.code()) {
            (State::Done { .. }, _) => return,
            (State::Running { .. }, _) => return self.elsewhere.push(index),
            (_, Some(2)) => Ended::Refused,
            // Without a code: killed.
            (_, Some(3) | None) => Ended::Interrupted,
            _ => Ended::Failed,
        };
        let said = self.last_word(index);
        if !said.is_empty() {
            eprintln!("  {said}");
        }
        self.ended.push((index, ended));
    }

    /// The last line that a run's process said.
    fn last_word(&self, index: usize) -> String {
        let said = fs::read(self.sweep.folder_of(index).join(OUTPUT)).unwrap_or_default();
        let said = String::from_utf8_lossy(&said);
        said.lines().rev().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default().to_owned()
    }

    /// Runs that others had in hand, and have no more without having ended them.
    fn left_behind(&mut self) -> Vec<usize> {
        let states = core::mem::take(&mut self.elsewhere).into_iter();
        let states = states.map(|index| (index, State::of(&self.sweep.folder_of(index))));
        let mut left = Vec::new();
        for (index, state) in states {
            match state {
                State::Done { .. } => {}
                State::Running { .. } => self.elsewhere.push(index),
                _ => left.push(index),
            }
        }
        left
    }

    fn told(&self, is_stopping: bool) -> Result<(), Failure> {
        let states: Vec<State> =
            (0..self.sweep.names.len()).map(|index| State::of(&self.sweep.folder_of(index))).collect();
        eprintln!("{}", counted(&states));
        let of = |which: Ended| self.ended.iter().filter(move |(_, ended)| *ended == which);
        let failed = of(Ended::Failed).count();
        if failed > 0 {
            return Err(Failure::Other(format!("{failed} runs failed; {OUTPUT} in their folders says why")));
        }
        let refused: Vec<Problem> = of(Ended::Refused)
            .map(|(index, _)| {
                let folder = self.sweep.folder_of(*index);
                Problem::new(
                    &format!("run {index}"),
                    &self.last_word(*index),
                    format!("see {}", folder.join(OUTPUT).display()),
                )
            })
            .collect();
        if !refused.is_empty() {
            return Err(Problems(refused).into());
        }
        let is_whole = states.iter().all(|state| matches!(state, State::Done { .. }));
        if is_whole && !is_stopping {
            return Ok(());
        }
        Err(Failure::Interrupted("not every run is done; the same command goes on with those that are left".to_owned()))
    }
}
