//! The same model by wgpu, natively: on whatever adapter there is. Ignored unless asked for, because a test that finds
//! no adapter has shown nothing: `cargo test --test llama -- --ignored`.

use burn_tensor::{Device, DeviceKind};

use super::curve::trained;
use super::golden::{GOLDEN, assert_near, numbers};
use super::logits::found;

/// WebGPU's exponentials are its own.
const TOLERANCE: f64 = 1e-5;

#[test]
#[ignore = "needs a GPU, or Mesa's llvmpipe"]
fn models_of_every_shape_say_the_same_on_webgpu() {
    let device = Device::wgpu(DeviceKind::DefaultDevice);
    for case in GOLDEN["logits"].as_array().unwrap() {
        assert_near(&found(case, &device), &numbers(&case["logits"]), TOLERANCE, case["name"].as_str().unwrap());
    }
}

#[test]
#[ignore = "needs a GPU, or Mesa's llvmpipe"]
fn ten_steps_on_webgpu_go_as_those_of_torch() {
    let (losses, sizes, _) = trained(&Device::wgpu(DeviceKind::DefaultDevice).autodiff(), 10);
    assert_near(&losses, &numbers(&GOLDEN["curve"]["losses"])[..10], 1e-4, "losses");
    assert_near(&sizes, &numbers(&GOLDEN["curve"]["gradient_norms"])[..10], 1e-3, "lengths of gradients");
}
