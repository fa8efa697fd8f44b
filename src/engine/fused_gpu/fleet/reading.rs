//! Reading what networks have come to.

use super::super::device::GpuFault;
use super::super::launch;
use super::super::layout::extract;
use super::super::measure::{SUMS, each};
use super::super::plan::{block, filled};
use super::super::table::{self, ROW};
use super::{Fleet, Network};
use crate::engine::Outcome;
use crate::engine::fleet::{Collected, Measured, OnTask};
use crate::engine::fused_cpu::{Snapshot, moments_of};

impl Fleet {
    /// Whether another measurement has room before the next [`Self::collect`].
    pub fn has_room(&self) -> bool {
        self.measured < self.kept_most
    }

    /// Enqueues a measurement of every network.
    ///
    /// # Panics
    /// If there is no room.
    pub fn measure(&mut self) {
        assert!(self.has_room(), "measurements are read before there are too many");
        let at = self.measured * each(self.relabels.len(), self.line) * self.networks.len();
        launch::measure(
            &self.gpu,
            [&self.theta, &self.start],
            &self.table,
            &self.data,
            &self.kept,
            [self.networks.len(), self.relabels.len()],
            at,
            [self.line, self.plan.inputs],
            self.common.activation,
        );
        self.measured += 1;
    }

    /// Waits for everything enqueued, and reads how networks stand and what was measured.
    ///
    /// # Errors
    /// If the device gives no answer, or none that is to be trusted.
    pub async fn collect(&mut self) -> Result<Collected, GpuFault> {
        if let Some(fault) = &self.fault {
            return Err(fault.clone());
        }
        let each = each(self.relabels.len(), self.line);
        let (count, measured) = (self.networks.len(), self.measured);
        self.measured = 0;
        let mut wanted = vec![self.status.handle.clone()];
        if measured > 0 {
            wanted.push(self.kept.front(measured * each * count));
        }
        let mut read = launch::read(&self.gpu, wanted).await?.into_iter();
        let statuses: Vec<u32> = read.next().as_ref().map(launch::as_words).unwrap_or_default();
        let outcomes = statuses
            .chunks_exact(table::STATUS)
            .map(|status| match status[0] {
                table::STOPPED => Some(Outcome::Stopped { step: status[1] }),
                table::DIVERGED => Some(Outcome::Diverged { step: status[1] }),
                _ => None,
            })
            .collect();
        let values: Vec<f32> = read.next().as_ref().map(launch::as_floats).unwrap_or_default();
        let tasks = self.relabels.len();
        let samples = (self.examples / tasks.max(1)) as f32;
        let on_task = |(sums, &relabels): (&[f32], &bool)| OnTask {
            error: sums[0] / samples,
            error_before: if relabels { sums[1] / samples } else { 0.0 },
            mean: sums[2] / samples,
            bounded: sums[3] == 0.0,
        };
        let mut of_networks = values.chunks_exact(each).map(|values| {
            let (of_tasks, rest) = values.split_at(SUMS * tasks);
            Measured {
                tasks: of_tasks.chunks_exact(SUMS).zip(&self.relabels).map(on_task).collect(),
                distance: rest[0].sqrt(),
                function: rest[1..].to_vec(),
            }
        });
        let measured = (0..measured).map(|_| of_networks.by_ref().take(count).collect()).collect();
        Ok(Collected { outcomes, measured })
    }

    /// Where every network stands.
    ///
    /// # Errors
    /// If the device gives no answer.
    pub async fn snapshots(&self) -> Result<Vec<Snapshot>, GpuFault> {
        let read = launch::read(&self.gpu, vec![self.theta.handle.clone(), self.moments.handle.clone()]).await?;
        let [theta, moments] = [0, 1].map(|k| read.get(k).map(launch::as_floats).unwrap_or_default());
        let each = moments_of(self.common.optimiser);
        let snapshot = |(network, row): (&Network, &[u32; ROW])| {
            let mlp = &network.mlp;
            let length = block(filled(mlp.width), self.plan.inputs);
            let parameters = extract(&theta[row[table::THETA] as usize..], mlp);
            let moments_at = row[table::MOMENTS] as usize;
            let moments = (0..each).map(|k| extract(&moments[moments_at + k * length..], mlp)).collect();
            Snapshot { parameters, step: self.step, moments }
        };
        Ok(self.networks.iter().zip(&self.rows).map(snapshot).collect())
    }
}
