//! Where it computes: the chip in the header and what it opens, and the choice of engine.

use web_sys::{Element, HtmlInputElement};

use super::dom::{all, by_id, listen, set_attribute, set_text};
use super::frame::update;
use super::state::{Address, State};
use crate::experiments::Engine;
use crate::figure::number::{count, short};
use crate::web::devices::{Adapter, Choice, Devices, Stage, Test};

/// The elements of the panel.
pub(super) struct DevicePanel {
    dot: Element,
    name: Element,
    why: Element,
    now: Element,
    reason: Element,
    /// Rows of facts: each is hidden while it has no text.
    rows: [Element; 4],
    choices: Vec<(HtmlInputElement, Choice)>,
    shown: Option<(Devices, usize)>,
}

impl DevicePanel {
    /// Binds the choice of engine.
    pub fn new() -> Self {
        let choices: Vec<_> = all::<HtmlInputElement>("#engines input")
            .into_iter()
            .filter_map(|input| Choice::named(&input.value()).map(|choice| (input, choice)))
            .collect();
        for (input, choice) in &choices {
            let choice = *choice;
            listen(input, "change", move |_| update(move |state| state.choose_engine(choice)));
        }
        Self {
            dot: by_id("device-dot"),
            name: by_id("device-name"),
            why: by_id("device-why"),
            now: by_id("device-now"),
            reason: by_id("device-reason"),
            rows: ["device-cpu", "device-gpu", "device-limits", "device-test"].map(by_id),
            choices,
            shown: None,
        }
    }

    /// Shows what there is to compute with.
    pub fn show(&mut self, state: &State) {
        let seen = (state.runner.devices(), state.runner.status().workers);
        if self.shown.as_ref() == Some(&seen) {
            return;
        }
        let (devices, workers) = &seen;
        set_attribute(&self.dot, "data-engine", Some(devices.engine.name()));
        set_text(&self.name, engine_name(devices.engine));
        set_text(&self.why, &remark(devices));
        let now = format!("{} {}", now(devices.engine), devices.why.sentence());
        set_text(&self.now, &now);
        set_text(&self.reason, &reason(devices));
        set_attribute(&self.reason, "data-code", devices.fault.as_ref().map(|fault| fault.code.name()));
        let texts = [
            cpu(devices, *workers),
            gpu(devices),
            devices.adapter.as_ref().map(limits).unwrap_or_default(),
            devices.test.as_ref().map(agreement).unwrap_or_default(),
        ];
        for (row, text) in self.rows.iter().zip(&texts) {
            set_text(row, text);
            if let Some(pair) = row.parent_element() {
                set_attribute(&pair, "hidden", text.is_empty().then_some(""));
            }
        }
        for (input, choice) in &self.choices {
            input.set_checked(*choice == devices.choice);
        }
        self.shown = Some(seen);
    }
}

impl State {
    /// Uses this engine from now on, and says so in the link.
    fn choose_engine(&mut self, choice: Choice) {
        self.view.device = (choice != Choice::Automatic).then_some(choice);
        self.address = Some(Address::Replace);
        self.runner.choose(choice);
    }
}

fn engine_name(engine: Engine) -> &'static str {
    match engine {
        Engine::FusedCpu => "CPU, exact",
        Engine::Autodiff => "CPU, deep networks",
        Engine::FusedGpu => "GPU",
        Engine::AutodiffGpu => "GPU, deep networks",
    }
}

/// What the chip says beside the engine.
fn remark(devices: &Devices) -> String {
    match devices.stage {
        _ if devices.engine.is_on_gpu() => String::new(),
        Stage::Absent => "why no GPU?".to_owned(),
        Stage::Loading { .. } | Stage::Testing => "a GPU gets ready".to_owned(),
        Stage::Sought | Stage::Found | Stage::Ready => String::new(),
    }
}

fn now(engine: Engine) -> &'static str {
    match engine {
        Engine::FusedCpu => {
            "On this device\u{2019}s processor, in the background of this page: the same link gives the same bits \
             in every browser and on the command line."
        }
        Engine::Autodiff => {
            "On this device\u{2019}s processor, in the background of this page, by the engine of deep networks. Its numbers \
             can differ in their last digits from those of another kind of processor, and from the command line\u{2019}s."
        }
        Engine::AutodiffGpu => {
            "On this device\u{2019}s graphics processor, by the engine of deep networks. Its numbers differ in their last \
             digits from device to device, and from the CPU\u{2019}s."
        }
        Engine::FusedGpu => {
            "On this device\u{2019}s graphics processor. Its numbers differ from the CPU\u{2019}s in their last digits, \
             from device to device; the CPU\u{2019}s are the same everywhere."
        }
    }
}

fn reason(devices: &Devices) -> String {
    match (&devices.fault, devices.stage) {
        (Some(fault), Stage::Absent) => format!("Why no GPU: {}", fault.text),
        (Some(fault), _) => format!("What happened to the GPU last: {}", fault.text),
        (None, _) => String::new(),
    }
}

fn cpu(devices: &Devices, workers: usize) -> String {
    let workers = if workers == 1 { "one worker".to_owned() } else { format!("{} workers", count(workers)) };
    format!("{workers}{}", speed(devices.cpu_speed))
}

fn gpu(devices: &Devices) -> String {
    let name = devices.adapter.as_ref().map_or("a GPU", |adapter| adapter.name.as_str());
    let played =
        if devices.adapter.as_ref().is_some_and(|adapter| adapter.software) { ", played by a program" } else { "" };
    let stage = match devices.stage {
        Stage::Sought if devices.adapter.is_none() => return String::new(),
        Stage::Absent if devices.adapter.is_none() => return "none".to_owned(),
        Stage::Sought => "; it is started again".to_owned(),
        Stage::Absent => "; it is not used".to_owned(),
        Stage::Found => {
            let bytes = devices.adapter.as_ref().map_or(0.0, |adapter| adapter.engine_bytes);
            let size = if bytes > 0.0 { format!(", {} MB unpacked,", megabytes(bytes)) } else { String::new() };
            let when = match (devices.choice, played.is_empty()) {
                (Choice::Cpu, _) => "not fetched while the CPU is chosen",
                (_, true) => "fetched when a run is long enough",
                (_, false) => "fetched if you choose the GPU",
            };
            format!("; its engine{size} is {when}")
        }
        Stage::Loading { bytes, of } if of > 0.0 => {
            format!("; its engine is on its way, {} of {} MB", megabytes(bytes), megabytes(of))
        }
        Stage::Loading { bytes, .. } => format!("; its engine is on its way, {} MB so far", megabytes(bytes)),
        Stage::Testing => "; its engine is being compared with the CPU\u{2019}s".to_owned(),
        Stage::Ready => speed(devices.gpu_speed),
    };
    format!("{name}{played}{stage}")
}

fn speed(speed: Option<f64>) -> String {
    speed.map_or_else(String::new, |speed| format!("; {} million sample × unit × steps per second", short(speed / 1e6)))
}

fn megabytes(bytes: f64) -> String {
    format!("{:.1}", bytes / 1e6)
}

fn limits(adapter: &Adapter) -> String {
    format!(
        "{} threads of a workgroup share {} KB; buffers hold up to {} MB",
        count(adapter.workgroup_threads as usize),
        count(adapter.workgroup_memory as usize / 1024),
        count((adapter.largest_buffer / 1_048_576.0) as usize),
    )
}

fn agreement(test: &Test) -> String {
    let verdict = if test.passed() { "agrees with the CPU" } else { "does not agree with the CPU, and is not used" };
    format!("{verdict}: largest difference {}, accepted up to {}", short(test.difference), short(test.tolerance))
}
