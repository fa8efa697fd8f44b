//! Why the theory gives no number, by name.

use core::fmt;

use crate::error::Problem;

/// The reason that a prediction or an optimum does not exist, or cannot be had.
#[derive(Clone, Debug, PartialEq)]
pub enum TheoryError {
    /// An input that is not accepted.
    Wrong(Problem),
    /// The kernel has an eigenvalue too negative to be rounding: no network has such a kernel.
    NotPositive { lowest: f64, highest: f64 },
    /// The eigenvalue iteration did not end within its bound.
    NoConvergence { size: usize },
    /// The prediction at this time is too large for a double: the rule diverges, or the inputs are huge.
    Overflow { time: f64 },
    /// The rule diverges at this rate, so that there is no limit and nothing to optimise.
    BeyondStability { rate: f64, bound: f64 },
    /// The evaluation points do not get there within 2^52 units of time or steps.
    NeverReached { fraction: f64 },
    /// The new task's kernel is singular, so that its examples cannot all be fitted alone.
    SingularNewTask { rank: usize, size: usize },
    /// No schedule was found that keeps the ID loss at the end within its bound.
    Infeasible { bound: f64, lowest: f64 },
}

impl TheoryError {
    /// An input that is not accepted: field, value, what is accepted.
    pub(super) fn wrong(field: &str, value: impl fmt::Display, accepted: impl Into<String>) -> Self {
        Self::Wrong(Problem::new(field, &value.to_string(), accepted))
    }
}

impl fmt::Display for TheoryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Wrong(problem) => problem.fmt(f),
            Self::NotPositive { lowest, highest } => write!(
                f,
                "the kernel is not positive semi-definite: its eigenvalues reach from {lowest:e} to {highest:e}"
            ),
            Self::NoConvergence { size } => {
                write!(f, "the eigenvalues of a {size} x {size} matrix did not converge")
            }
            Self::Overflow { time } => {
                write!(
                    f,
                    "the prediction at {time} is too large for a double: the rule diverges, or the inputs are huge"
                )
            }
            Self::BeyondStability { rate, bound } => write!(
                f,
                "learning rate {rate:e} is not below the stability bound {bound:e}: the linearised training diverges"
            ),
            Self::NeverReached { fraction } => {
                write!(f, "the fraction {fraction} of the limit is not reached within 2^52 units of time")
            }
            Self::SingularNewTask { rank, size } => {
                write!(f, "the new task's kernel has rank {rank} over {size} examples: they cannot all be fitted alone")
            }
            Self::Infeasible { bound, lowest } => {
                write!(f, "no schedule keeps the ID loss at the end within {bound:e}; the lowest found is {lowest:e}")
            }
        }
    }
}

impl std::error::Error for TheoryError {}
