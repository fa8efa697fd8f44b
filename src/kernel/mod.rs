//! The neural tangent kernel (NTK) and what it predicts.
//!
//! k(x, x') = <df(x)/dtheta, df(x')/dtheta>, over all parameters, taken where fine-tuning starts.
