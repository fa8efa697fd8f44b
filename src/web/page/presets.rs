//! The claims above the sentence, and the experiments in the navigation.

use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlInputElement, MouseEvent};

use super::dom::{all, listen, set_attribute};
use super::elsewhere;
use super::frame::update;
use super::state::State;
use crate::experiments::limits::Limits;
use crate::experiments::{CheckedSpec, Experiment};
use crate::record::Link;

/// Claims and navigation.
pub(super) struct Presets {
    claims: Vec<(HtmlInputElement, CheckedSpec)>,
    tabs: Vec<(Element, Experiment)>,
}

impl Presets {
    /// Binds them: a claim runs at once, a tab only changes what is asked.
    pub fn new() -> Self {
        let claims: Vec<_> = all::<HtmlInputElement>("#claims input[data-link]")
            .into_iter()
            .filter_map(|claim| {
                let link = claim.get_attribute("data-link")?;
                let spec = Link::read(&link, &Limits::PAGE).0.spec;
                // Unlike "change", "click" also tells of a claim that is chosen again.
                listen(&claim, "click", move |_| {
                    let link = link.clone();
                    update(move |state| state.open_claim(&link));
                });
                Some((claim, spec))
            })
            .collect();
        let tabs: Vec<_> = all::<Element>("#nav a[data-experiment]")
            .into_iter()
            .filter_map(|tab| Some((tab.clone(), Experiment::named(&tab.get_attribute("data-experiment")?)?)))
            .collect();
        for (tab, experiment) in &tabs {
            let experiment = *experiment;
            listen(tab, "click", move |event| {
                // With a modifier the link opens elsewhere, as links do.
                if !has_modifier(&event) {
                    event.prevent_default();
                    update(move |state| state.switch_experiment(experiment));
                }
            });
        }
        Self { claims, tabs }
    }

    /// Marks the claim that the settings are, if they are one, and the experiment.
    pub fn show(&self, state: &State) {
        for (claim, spec) in &self.claims {
            claim.set_checked(state.asks(spec));
        }
        for (tab, experiment) in &self.tabs {
            let current = state.spec.experiment == *experiment && !elsewhere::is_shown();
            set_attribute(tab, "aria-current", current.then_some("page"));
        }
    }
}

fn has_modifier(event: &Event) -> bool {
    event
        .dyn_ref::<MouseEvent>()
        .is_some_and(|mouse| mouse.ctrl_key() || mouse.meta_key() || mouse.shift_key() || mouse.button() != 0)
}
