//! A record made in pieces, so that a page can make that of ten thousand networks between frames.

use std::collections::VecDeque;

use super::document::{CellFunctions, Record, SCHEMA, Timing, Units};
use super::fingerprint::Fingerprint;
use super::link::{Link, run_id};
use super::population::functions_at;
use super::series::{BranchName, NetworkSeries};
use super::{BUILD, Summary};
use crate::experiments::job::{Cell, Job, cells};
use crate::experiments::{Results, Spec};

/// A record in the making.
pub struct Recording {
    /// What is made of it; whole once [`Self::advance`] has said so.
    pub record: Record,
    names: Vec<BranchName>,
    grid: Vec<f32>,
    cells: VecDeque<Cell>,
    /// The last job whose series are there.
    job: Option<Job>,
}

impl Recording {
    /// The record of complete results, of which these are the summary and the fingerprint.
    pub fn new(results: &Results, summary: Summary, fingerprint: &Fingerprint, device: &str, timing: Timing) -> Self {
        let spec = &results.spec;
        let record = Record {
            schema: SCHEMA,
            run_id: run_id(spec),
            link: Link::write(spec, Some(BUILD), Some(fingerprint), &[]),
            fingerprint: fingerprint.to_string(),
            engine: results.engines().iter().map(|engine| engine.name()).collect::<Vec<_>>().join(" and "),
            device: device.to_owned(),
            build: BUILD.to_owned(),
            spec: Spec::clone(spec),
            units: Units {
                losses: "mean squared error".to_owned(),
                steps: "optimiser steps within the phase".to_owned(),
                parameter_distance: "L2 norm over all parameters, from the start of the phase".to_owned(),
                effective_time: "2 x learning rate x tr(W K) x steps".to_owned(),
            },
            summary,
            functions: Vec::new(),
            series: Vec::new(),
            timing,
        };
        Self {
            record,
            names: spec.branches().iter().map(|branch| BranchName::of(branch, spec.fine_tuning_steps)).collect(),
            grid: spec.grid(),
            cells: cells(spec).into(),
            job: None,
        }
    }

    /// Adds the functions of the next cell or, after the last, the series of the next network; whether
    /// everything is there.
    pub fn advance(&mut self, results: &Results) -> bool {
        let spec = &results.spec;
        if let Some(cell) = self.cells.pop_front() {
            self.record.functions.push(CellFunctions {
                width: cell.width,
                replay: self.names[cell.branch].replay,
                way: self.names[cell.branch].way,
                mitigation: self.names[cell.branch].mitigation,
                x: self.grid.clone(),
                before: functions_at(results, cell.width, None, spec.pretraining_steps),
                after: functions_at(results, cell.width, Some(cell.branch), spec.fine_tuning_steps),
            });
            return false;
        }
        let Some((&job, traces)) = results.job_after(self.job) else { return true };
        self.record.series.push(NetworkSeries::of(job.seed, job.width, traces, &self.names));
        self.job = Some(job);
        false
    }
}
