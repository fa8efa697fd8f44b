//! The settings: every `.ctl[data-key]` of the page bound to the field of its key.

use web_sys::{Element, HtmlInputElement, HtmlSelectElement};

use super::dom::{all, by_id, document, find, first, listen, root, set_attribute, set_property, set_text};
use super::editing::Edit;
use super::frame::update;
use super::parts::Parts;
use super::state::State;
use crate::decimal;
use crate::experiments::CheckedSpec;
use crate::experiments::fields::{Field, field};
use crate::experiments::limits;
use crate::figure::number::{count, percent};

/// What holds the value of a control.
#[derive(Clone)]
enum Input {
    /// A slider over texts.
    Slider(HtmlInputElement, Vec<String>),
    Text(HtmlInputElement),
    Choice(HtmlSelectElement),
    /// A switch with its two texts, on and off.
    Switch(HtmlInputElement, [String; 2]),
}

struct Control {
    root: Element,
    field: &'static Field,
    input: Input,
    /// The value inside the control's sentence.
    said: Option<Element>,
    error: Element,
    /// The text that an empty field means.
    empty: Option<String>,
}

/// All settings of the page.
pub(super) struct Controls {
    controls: Vec<Control>,
    parts: Parts,
    /// What holds in some worlds only, and in which.
    of_worlds: Vec<(Element, String)>,
    shown: Option<(CheckedSpec, Vec<(&'static str, String)>)>,
}

impl Controls {
    /// Binds every control that the page has.
    pub fn new() -> Self {
        let controls: Vec<Control> = all::<Element>(".ctl[data-key]").iter().filter_map(Control::bind).collect();
        let panel: Element = by_id("panel");
        listen(&panel, "submit", |event| event.prevent_default());
        let mut of_worlds = Vec::new();
        for element in all::<Element>("[data-world]") {
            let worlds = element.get_attribute("data-world").unwrap_or_default();
            of_worlds.push((element, worlds));
        }
        Self { controls, parts: Parts::new(), of_worlds, shown: None }
    }

    /// Puts the spec and the errors into the controls.
    pub fn show(&mut self, state: &State) {
        set_attribute(&root(), "data-sweeps", Some(state.spec.experiment.swept().word()));
        set_attribute(&root(), "data-predicts", state.spec.experiment.predicts().then_some(""));
        set_attribute(&root(), "data-tasks", (state.spec.stages() > 1).then_some(""));
        let now = (state.spec.clone(), state.errors.clone());
        if self.shown.as_ref() == Some(&now) {
            return;
        }
        let world = state.spec.world;
        for (element, worlds) in &self.of_worlds {
            hide(element, worlds.split(' ').all(|name| name != world.name));
        }
        for control in &self.controls {
            if limits::OF_WORLDS.contains(&control.field.name) {
                hide(&control.root, !world.takes.contains(&control.field.name));
            }
            let error = state.errors.iter().find(|(key, _)| *key == control.field.key);
            control.show(&state.spec, error.map(|(_, wrong)| wrong.as_str()));
        }
        self.parts.show(&state.spec);
        self.shown = Some(now);
    }
}

impl Control {
    fn bind(root: &Element) -> Option<Self> {
        let attribute = |name: &str| root.get_attribute(name);
        let field = field(&attribute("data-key")?)?;
        let input = match find::<HtmlSelectElement>(root, "select") {
            Some(select) => Input::Choice(select),
            None => {
                let input: HtmlInputElement = first(root, "input");
                match input.type_().as_str() {
                    "range" => {
                        let stops = attribute("data-stops").unwrap_or_default();
                        Input::Slider(input, stops.split(',').map(str::to_owned).collect())
                    }
                    "checkbox" => Input::Switch(input, [attribute("data-on")?, attribute("data-off")?]),
                    _ => Input::Text(input),
                }
            }
        };
        let (said, error) = (find(root, ".val"), first(root, ".err"));
        let control = Self { root: root.clone(), field, input, said, error, empty: attribute("data-empty") };
        control.listen();
        Some(control)
    }

    fn listen(&self) {
        for (kind, edit) in [("input", Edit::Passing), ("change", Edit::Final)] {
            let (key, input, empty) = (self.field.key, self.input.clone(), self.empty.clone());
            listen(self.input.element(), kind, move |_| {
                let text = input.text(empty.as_deref());
                update(move |state| state.edit(key, &text, edit));
            });
        }
    }

    fn show(&self, spec: &CheckedSpec, error: Option<&str>) {
        let text = (self.field.show)(spec);
        let said = spoken(self.field.key, &text);
        if let Some(place) = &self.said {
            set_text(place, &said);
        }
        let element = self.input.element();
        match &self.input {
            Input::Slider(slider, stops) => {
                let index = nearest(stops, &text);
                slider.set_value(&index.to_string());
                let share = 100.0 * index as f64 / (stops.len().max(2) - 1) as f64;
                set_property(slider, "--v", &format!("{share}%"));
                set_attribute(slider, "aria-valuetext", Some(&said));
            }
            // What is being typed, or was refused, stays as it is.
            Input::Text(_) if error.is_some() || document().active_element().is_some_and(|a| &a == element) => {}
            Input::Text(field) => {
                field.set_value(if self.empty.as_deref() == Some(&text) { "" } else { &text });
            }
            Input::Choice(select) => select.set_value(&text),
            Input::Switch(switch, [on, _]) => switch.set_checked(&text == on),
        }
        set_text(&self.error, error.unwrap_or_default());
        set_attribute(element, "aria-invalid", error.map(|_| "true"));
    }
}

impl Input {
    fn element(&self) -> &Element {
        match self {
            Self::Slider(input, _) | Self::Text(input) | Self::Switch(input, _) => input,
            Self::Choice(select) => select,
        }
    }

    fn text(&self, empty: Option<&str>) -> String {
        match self {
            Self::Slider(slider, stops) => {
                let index: usize = slider.value().parse().unwrap_or_default();
                stops.get(index).cloned().unwrap_or_default()
            }
            Self::Text(field) => match (field.value(), empty) {
                (text, Some(empty)) if text.trim().is_empty() => empty.to_owned(),
                (text, _) => text,
            },
            Self::Choice(select) => select.value(),
            Self::Switch(switch, [on, off]) => if switch.checked() { on } else { off }.clone(),
        }
    }
}

/// Takes an element away, or shows it again.
fn hide(element: &Element, away: bool) {
    set_attribute(element, "hidden", away.then_some(""));
}

/// The stop nearest to a value; where they are far apart in size, nearest in ratio.
fn nearest(stops: &[String], text: &str) -> usize {
    if let Some(index) = stops.iter().position(|stop| stop == text) {
        return index;
    }
    // One slider stands for the first of several values.
    let first = text.split(',').next().unwrap_or_default();
    let Some(value) = decimal::read(first) else { return 0 };
    let distance = |stop: &String| {
        decimal::read(stop).map_or(f64::INFINITY, |stop| (stop - value).abs() / (stop.abs() + value.abs()))
    };
    (0..stops.len()).min_by(|&a, &b| distance(&stops[a]).total_cmp(&distance(&stops[b]))).unwrap_or_default()
}

/// A value, or several, as their sentence says them.
fn spoken(key: &str, text: &str) -> String {
    let values: Vec<String> = text.split(',').map(|value| spoken_value(key, value)).collect();
    values.join(", ")
}

fn spoken_value(key: &str, text: &str) -> String {
    match (key, decimal::read(text)) {
        ("p", Some(fraction)) => percent(fraction),
        (_, Some(_)) => text.parse::<usize>().map_or_else(|_| text.replace('-', "\u{2212}"), count),
        (_, None) => text.to_owned(),
    }
}
