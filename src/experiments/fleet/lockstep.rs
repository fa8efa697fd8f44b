//! Networks in lockstep on a GPU, by the engine that their shape asks for.

#[cfg(feature = "autodiff")]
use crate::engine::autodiff::{self, Member};
use crate::engine::fleet::{Collected, Common, Network, World};
use crate::engine::fused_cpu::Snapshot;
use crate::engine::fused_gpu::{self, Gpu, GpuFault};
use crate::engine::trainee::can_train;
use crate::model::Mlp;
use crate::train::OptimiserKind;

/// The networks of one phase: the fused engine's or, where they are deeper than that knows, burn's.
pub enum Lockstep {
    Fused(Box<fused_gpu::Fleet>),
    #[cfg(feature = "autodiff")]
    Deep(Box<autodiff::Fleet>),
}

/// Asks whichever it is.
macro_rules! either {
    ($of:expr, $fleet:ident => $answer:expr) => {
        match $of {
            Lockstep::Fused($fleet) => $answer,
            #[cfg(feature = "autodiff")]
            Lockstep::Deep($fleet) => $answer,
        }
    };
}

impl Lockstep {
    /// Puts networks on the device.
    ///
    /// # Panics
    /// As the engines', or if none of this build trains them ([`can_train`]).
    pub fn new(gpu: &Gpu, common: Common, worlds: Vec<World>, networks: Vec<Network>) -> Self {
        let mlp = networks[0].mlp;
        assert!(can_train(&mlp), "a build with the feature autodiff trains deep networks");
        #[cfg(feature = "autodiff")]
        if !mlp.is_shallow() {
            let members: Vec<Member> = networks.into_iter().map(Member::from).collect();
            return Self::Deep(Box::new(autodiff::Fleet::new(&gpu.as_burn_knows_it(), 1, common, worlds, &members)));
        }
        Self::Fused(Box::new(fused_gpu::Fleet::new(gpu, common, &worlds, networks)))
    }

    /// Bytes that one network takes on a device, with what belongs to it alone; `samples` are what a step sees at most.
    pub fn bytes_of(mlp: &Mlp, samples: usize, optimiser: OptimiserKind) -> u64 {
        #[cfg(feature = "autodiff")]
        if !mlp.is_shallow() {
            return autodiff::bytes_of(mlp, samples, optimiser);
        }
        fused_gpu::bytes_of(mlp.inputs, mlp.width, samples, optimiser)
    }

    /// Steps made in this phase.
    pub fn step(&self) -> u32 {
        either!(self, fleet => fleet.step())
    }

    /// Gives each network its row of weights from here on.
    pub fn weigh(&mut self, weights: &[usize]) {
        either!(self, fleet => fleet.weigh(weights));
    }

    /// Most steps that [`Self::train`] may be asked for at once.
    pub fn most_steps(&self) -> u32 {
        either!(self, fleet => fleet.most_steps())
    }

    /// Enqueues `steps` steps of every network, of shallow ones in dispatches of about `most` sample x unit x steps.
    ///
    /// # Errors
    /// If the device gives no answer.
    pub async fn train(&mut self, steps: u32, batches: &[Vec<u32>], most: f64) -> Result<(), GpuFault> {
        match self {
            Self::Fused(fleet) => fleet.train(steps, batches, most),
            #[cfg(feature = "autodiff")]
            Self::Deep(fleet) => fleet.train(steps, batches).await?,
        }
        Ok(())
    }

    /// Whether another measurement has room before the next [`Self::collect`].
    pub fn has_room(&self) -> bool {
        either!(self, fleet => fleet.has_room())
    }

    /// Enqueues a measurement of every network.
    ///
    /// # Panics
    /// If there is no room.
    pub fn measure(&mut self) {
        either!(self, fleet => fleet.measure());
    }

    /// Waits for everything enqueued, and reads how networks stand and what was measured.
    ///
    /// # Errors
    /// If the device gives no answer.
    pub async fn collect(&mut self) -> Result<Collected, GpuFault> {
        either!(self, fleet => Ok(fleet.collect().await?))
    }

    /// Where every network stands.
    ///
    /// # Errors
    /// If the device gives no answer.
    pub async fn snapshots(&self) -> Result<Vec<Snapshot>, GpuFault> {
        either!(self, fleet => Ok(fleet.snapshots().await?))
    }
}
