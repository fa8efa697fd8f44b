//! The reference curves that the page shows first are those that anyone gets who reruns them.

use crate::run;
use lethe::report::Reference;

#[test]
fn reference_curves_are_reproduced_to_the_last_digit() {
    for name in ["dynamics", "width", "replay", "sweep", "ntk"] {
        let path = format!("{}/www/reference/{name}.bin", env!("CARGO_MANIFEST_DIR"));
        let stored = Reference::read(&std::fs::read(path).unwrap()).unwrap();
        let again = Reference::of(&run(&format!("#v=1&x={name}")));
        assert_eq!(stored.link, again.link, "{name}: make it anew with `lethe run 'v=1&x={name}' --reference`");
        assert!(stored == again, "{name}: make it anew with `lethe run 'v=1&x={name}' --reference`");
    }
}
