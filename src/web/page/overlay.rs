//! What lies over a figure: the cursor's line and marks, and the values it reads.

use web_sys::{Element, HtmlElement};

use super::dom::{create, document, first, set_attribute, set_property};
use super::sources::Chart;
use crate::figure::panel::{Place, Role};
use crate::figure::{Cursor, Layout, Reading};

/// The names of both phases, as the loss figure's axis has them.
const PHASES: [&str; 2] = ["pre-training", "fine-tuning"];

/// The overlay of one figure.
pub(super) struct Overlay {
    chart: Chart,
    lines: Element,
    /// The focusable part, a slider for assistive technology.
    pub handle: HtmlElement,
    tip: HtmlElement,
}

impl Overlay {
    /// Finds the overlay of a figure.
    pub fn of(chart: Chart, figure: &Element) -> Self {
        Self {
            chart,
            lines: first(figure, ".over"),
            handle: first(figure, ".plot > .cursor"),
            tip: first(figure, ".plot > .tip"),
        }
    }

    /// Shows a cursor, or none.
    pub fn show(&self, cursor: Option<&Cursor>, layout: &Layout, seed: Option<u32>) {
        self.lines.set_text_content(None);
        self.tip.set_hidden(cursor.is_none());
        let Some(cursor) = cursor else { return };
        let number = |value: f64| format!("{value:.1}");
        let x = number(cursor.x);
        let (top, bottom) = (number(cursor.top), number(cursor.bottom));
        if let Some((_, cell)) = cursor.cell {
            let (x, wide, high) = (number(cell.x0), number(cell.width()), number(cell.height()));
            self.add("rect", &[("class", "cell"), ("x", &x), ("y", &top), ("width", &wide), ("height", &high)]);
        } else {
            self.add("line", &[("class", "rule"), ("x1", &x), ("x2", &x), ("y1", &top), ("y2", &bottom)]);
        }
        for reading in cursor.readings.iter().filter(|_| cursor.cell.is_none()) {
            let class = format!("mark {}", class(reading.role));
            self.add(
                "circle",
                &[("class", &class), ("cx", &number(reading.x)), ("cy", &number(reading.y)), ("r", "5")],
            );
        }
        self.write_tip(cursor, seed);
        let width = f64::from(self.tip.offset_width());
        let beside =
            if cursor.x + 14.0 + width > layout.sheet.width { cursor.x - 14.0 - width } else { cursor.x + 14.0 };
        set_property(
            &self.tip,
            "transform",
            &format!("translate({:.0}px, {:.0}px)", beside.max(0.0), cursor.top + 4.0),
        );
        self.tell(cursor, layout);
    }

    /// Tells assistive technology where the cursor is and what it reads.
    fn tell(&self, cursor: &Cursor, layout: &Layout) {
        let values: Vec<String> = cursor.readings.iter().map(|r| format!("{} {}", r.name, r.text)).collect();
        let text = format!("{}: {}", place(self.chart, cursor.at, &cursor.x_text), values.join(", "));
        set_attribute(&self.handle, "aria-valuemax", Some(&format!("{:.0}", layout.sheet.width)));
        set_attribute(&self.handle, "aria-valuenow", Some(&format!("{:.0}", cursor.x)));
        set_attribute(&self.handle, "aria-valuetext", Some(&text));
    }

    fn write_tip(&self, cursor: &Cursor, seed: Option<u32>) {
        self.tip.set_text_content(Some(&place(self.chart, cursor.at, &cursor.x_text)));
        for reading in &cursor.readings {
            self.line(&self.value(reading), class(reading.role));
        }
        if let Some(seed) = seed {
            self.line(&format!("thin line: seed {seed}"), "");
        }
    }

    fn value(&self, reading: &Reading) -> String {
        let band = reading.band.as_ref().map(|band| format!(" ({band})")).unwrap_or_default();
        format!("{} {}{band}", reading.name, reading.text)
    }

    fn line(&self, text: &str, class: &str) {
        let line = create("div");
        set_attribute(&line, "class", Some(class));
        line.set_text_content(Some(text));
        // A new element has no parent: appending it cannot fail.
        let _ = self.tip.append_child(&line);
    }

    fn add(&self, tag: &str, attributes: &[(&str, &str)]) {
        let Ok(shape) = document().create_element_ns(Some("http://www.w3.org/2000/svg"), tag) else { return };
        for (name, value) in attributes {
            set_attribute(&shape, name, Some(value));
        }
        let _ = self.lines.append_child(&shape);
    }
}

/// The place of a cursor in words.
fn place(chart: Chart, at: Place, text: &str) -> String {
    match chart {
        Chart::Function => format!("x = {text}"),
        Chart::Loss => format!("{}, step {text}", PHASES[at.segment.min(1)]),
        Chart::Width | Chart::Gap => format!("width {text}"),
        Chart::Map | Chart::Tasks | Chart::Front => text.to_owned(),
        Chart::Replay if at.x == 0.0 => "no replay".to_owned(),
        Chart::Replay => format!("replay {} %", text.trim_end_matches(['%', '\u{a0}', ' '])),
    }
}

fn class(role: Role) -> &'static str {
    match role {
        Role::OldTask => "old",
        Role::NewTask => "new",
        Role::Overwritten => "over",
        Role::Before | Role::Now => "",
    }
}
