//! What every record says of itself.

use super::link::{Destination, run_id};
use crate::error::{Problem, Problems};
use crate::experiments::fields::unrepaired;

/// The spec of a record of this schema, which has that id.
///
/// # Errors
/// Another schema than the one that is read, a spec that is not accepted, or another id than that of the spec.
pub(super) fn checked<C: Destination>(
    [schema, read]: [u32; 2],
    spec: C::Spec,
    id: &str,
    limits: &C::Limits,
) -> Result<C, Problems> {
    if schema != read {
        return Err(Problems(vec![Problem::new("schema", &schema.to_string(), read.to_string())]));
    }
    let spec = unrepaired(C::repaired(spec, limits))?;
    let own = run_id(&spec);
    if id == own {
        Ok(spec)
    } else {
        Err(Problems(vec![Problem::new("run_id", id, format!("{own}, the id of its spec"))]))
    }
}
