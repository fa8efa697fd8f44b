//! Who forgets what: runs of the experiment `associations`, and matrices of theirs or of the visitor's, looked at,
//! understood and predicted.

mod answer;
mod ask;
mod desk;
mod gradual;
mod imported;
mod known;
mod links;
mod looked;
mod measured;
mod predicting;
mod reported;
mod trainer;

pub use ask::Ask;
pub use desk::Desk;
pub use trainer::Trainer;
