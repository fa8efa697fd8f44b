//! The joint law in the paper's symbols.

use serde::{Deserialize, Serialize};

use super::JointLaw;

/// The thirteen symbols of equations 5 and 6:
///
/// ```text
/// L_ft(P, N) = c_ft [(a_ft / P)^alpha_ft + (b_ft / N)^beta_ft]^rho + s_ft
/// L_f(P, N)  = -c_f_ft (c_ft [(a_f / P)^alpha_f + (b_f / N)^beta_f]^rho + s_ft) + s_f_ft
/// ```
///
/// Two of them are free. With any k > 0, c_ft k^-rho, a_ft k^(1/alpha_ft) and b_ft k^(1/beta_ft) are the same curve;
/// with c_f_ft the same holds of the second equation. Of all that fit equally well this is the one in which c_ft is the
/// excess of L_ft over s_ft at the geometric mean of P and N, and c_f_ft minus the slope of equation 4. s_f_ft then
/// follows from the asymptote of forgetting, and would be the intercept of equation 4 if that held at the asymptotes,
/// too.
///
/// A value beyond what a number holds is infinite, or 0: with alpha near 0, a_ft and a_f are.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct PaperParameters {
    pub a_f: f64,
    pub a_ft: f64,
    pub b_f: f64,
    pub b_ft: f64,
    pub c_ft: f64,
    pub c_f_ft: f64,
    pub s_ft: f64,
    pub s_f_ft: f64,
    pub alpha_f: f64,
    pub alpha_ft: f64,
    pub beta_f: f64,
    pub beta_ft: f64,
    pub rho: f64,
}

impl PaperParameters {
    /// The symbols of a law, with the slope of equation 4.
    pub(in crate::laws) fn of(law: &JointLaw, slope: f64) -> Self {
        let JointLaw { fine_tuning, forgetting } = law;
        let (c_ft, c_f_ft) = (fine_tuning.excess, -slope);
        let (log_a_ft, log_b_ft) = fine_tuning.log_scales(c_ft);
        let (log_a_f, log_b_f) = forgetting.log_scales(-c_f_ft * c_ft);
        Self {
            a_f: libm::exp(log_a_f),
            a_ft: libm::exp(log_a_ft),
            b_f: libm::exp(log_b_f),
            b_ft: libm::exp(log_b_ft),
            c_ft,
            c_f_ft,
            s_ft: fine_tuning.asymptote,
            s_f_ft: forgetting.asymptote + c_f_ft * fine_tuning.asymptote,
            alpha_f: forgetting.alpha,
            alpha_ft: fine_tuning.alpha,
            beta_f: forgetting.beta,
            beta_ft: fine_tuning.beta,
            rho: fine_tuning.rho,
        }
    }

    /// L_ft at P tuned parameters and N steps, nats (equation 5).
    pub fn fine_tuning_loss(&self, parameters: f64, steps: f64) -> f64 {
        self.c_ft * self.power([self.a_ft, self.alpha_ft, self.b_ft, self.beta_ft], parameters, steps) + self.s_ft
    }

    /// L_f at P tuned parameters and N steps, nats (equation 6).
    pub fn forgetting(&self, parameters: f64, steps: f64) -> f64 {
        let inner = self.c_ft * self.power([self.a_f, self.alpha_f, self.b_f, self.beta_f], parameters, steps);
        -self.c_f_ft * (inner + self.s_ft) + self.s_f_ft
    }

    fn power(&self, [a, alpha, b, beta]: [f64; 4], parameters: f64, steps: f64) -> f64 {
        libm::pow(libm::pow(a / parameters, alpha) + libm::pow(b / steps, beta), self.rho)
    }

    /// The symbols by name, in the order of the paper's table.
    pub fn named(&self) -> [(&'static str, f64); 13] {
        [
            ("a_f", self.a_f),
            ("a_ft", self.a_ft),
            ("b_f", self.b_f),
            ("b_ft", self.b_ft),
            ("c_ft", self.c_ft),
            ("c_f_ft", self.c_f_ft),
            ("s_ft", self.s_ft),
            ("s_f_ft", self.s_f_ft),
            ("alpha_f", self.alpha_f),
            ("alpha_ft", self.alpha_ft),
            ("beta_f", self.beta_f),
            ("beta_ft", self.beta_ft),
            ("rho", self.rho),
        ]
    }
}
