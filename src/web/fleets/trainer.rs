//! What trains a fleet.

use core::future::Future;

use crate::experiments::JobCheckpoint;
use crate::experiments::event::Event;
use crate::experiments::job::Job;
use crate::experiments::spec::CheckedSpec;
use crate::model::Parameters;
use crate::web::protocol::Fault;

/// Some jobs in training at once.
pub trait Trainer: Sized {
    /// What it trains on.
    type Device;

    /// Jobs where checkpoints left them, which fit the spec.
    fn begin(device: &Self::Device, spec: &CheckedSpec, jobs: Vec<JobCheckpoint>) -> Self;

    /// How many of the first of some jobs make one good fleet, by the speed that fleets had before.
    fn appetite(device: &Self::Device, spec: &CheckedSpec, jobs: &[Job], speed: Option<f64>) -> usize;

    /// Whether nothing more will come.
    fn is_done(&self) -> bool;

    /// Sample x unit x steps of a job so far.
    fn work_done(&self, job: Job) -> f64;

    /// Sample x unit x steps a second, once measured.
    fn speed(&self) -> Option<f64>;

    /// A job's network after pre-training, once that is over.
    fn pretrained(&self, job: Job) -> Option<&Parameters>;

    /// Trains on for about `millis`; what there is to report.
    fn advance(&mut self, millis: f64) -> impl Future<Output = Result<Vec<(Job, Event)>, Fault>>;

    /// Where every unfinished job stands.
    fn checkpoint(&self) -> impl Future<Output = Result<Vec<JobCheckpoint>, Fault>>;
}
