//! What a network tells without being trained.

use super::super::block::Blocks;
use super::super::lanes::dispatch;
use super::super::measure::{Predict, Slope, SquaredGradient};
use super::State;
use crate::model::Parameters;

impl State {
    /// f(x) for each point of `x`.
    ///
    /// # Shapes
    /// `x`: `[points, inputs]`, row by row; `out`: `[points]`.
    ///
    /// # Panics
    /// If they do not go together.
    pub fn predict(&self, x: &[f32], out: &mut [f32]) {
        assert_eq!(x.len(), out.len() * self.mlp.inputs, "one output for each point");
        let predict = Predict {
            activation: self.mlp.activation,
            output_scale: self.mlp.output_scale(),
            parameters: &self.parameters,
            tiles: &self.tiles(out.len()).of_points(x),
            out,
        };
        dispatch(self.instructions, predict);
    }

    /// The mean of (f(x) - y)^2; NaN over no points.
    ///
    /// # Panics
    /// If there are not as many points as labels.
    pub fn squared_error(&self, x: &[f32], y: &[f32]) -> f32 {
        let mut f = vec![0.0; y.len()];
        self.predict(x, &mut f);
        let sum: f64 = f.iter().zip(y).map(|(f, y)| f64::from((f - y) * (f - y))).sum();
        (sum / y.len() as f64) as f32
    }

    /// How far the parameters are from others: the Euclidean norm over w1, b1, w2 and b2.
    pub fn distance(&self, from: &Parameters) -> f32 {
        let here = self.parameters();
        let pairs = here.iter().zip(from.iter());
        let sum: f64 = pairs.map(|(a, b)| (f64::from(a) - f64::from(b)) * (f64::from(a) - f64::from(b))).sum();
        sum.sqrt() as f32
    }

    /// df/dtheta at each point of `x`, without the factors of the parameterisation on the steps.
    ///
    /// # Shapes
    /// `x`: `[points, inputs]`, row by row.
    ///
    /// # Panics
    /// If the last point is not whole.
    pub fn gradients(&self, x: &[f32]) -> Vec<Parameters> {
        assert!(x.len().is_multiple_of(self.mlp.inputs), "points are whole");
        let (scaled, output_scale) = (self.scaled(x), self.mlp.output_scale());
        let mut out = Blocks::zeros(self.mlp.width, self.mlp.inputs);
        let points = scaled.chunks_exact(self.mlp.inputs);
        let gradients = points.map(|x| {
            let slope =
                Slope { activation: self.mlp.activation, output_scale, parameters: &self.parameters, x, out: &mut out };
            dispatch(self.instructions, slope);
            out.unpack(&self.mlp)
        });
        gradients.collect()
    }

    /// sum_i weight_i k(x_i, x_i), where k(x, x) = sum over parameters of (df/dtheta)^2 times the factor
    /// on that parameter's learning rate: the empirical neural tangent kernel that gradient descent sees.
    ///
    /// # Panics
    /// If there are not as many points as weights.
    pub fn kernel_trace(&self, x: &[f32], weight: &[f32]) -> f32 {
        assert_eq!(x.len(), weight.len() * self.mlp.inputs, "as many points as weights");
        let mut squared = vec![0.0; weight.len()];
        let gradient = SquaredGradient {
            activation: self.mlp.activation,
            parameters: &self.parameters,
            inputs: self.mlp.inputs,
            x: &self.scaled(x),
            out: &mut squared,
        };
        dispatch(self.instructions, gradient);
        let scale = f64::from(self.mlp.output_scale());
        let factor = scale * scale * f64::from(self.mlp.rate_scale());
        let terms = squared.iter().zip(weight);
        terms.map(|(&k, &weight)| f64::from(weight) * (factor * f64::from(k) + 1.0)).sum::<f64>() as f32
    }

    /// Points with the hidden scale.
    fn scaled(&self, x: &[f32]) -> Vec<f32> {
        let scale = self.hidden_scale();
        x.iter().map(|x| scale * x).collect()
    }
}
