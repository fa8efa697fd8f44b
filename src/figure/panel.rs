//! The parts of a figure: panels, axes, series and the marks beside them.

use serde::{Deserialize, Serialize};

use super::heat::Heat;

/// What a series, a cloud or a word stands for; it decides colour, and colour only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// X2 with its old label; orange.
    OldTask,
    /// X1 with its new label; blue.
    NewTask,
    /// X1 with its old label; grey, and never called forgetting.
    Overwritten,
    /// The function before fine-tuning, and everything secondary; soft.
    Before,
    /// The function now, and everything that is not one of the two tasks; ink.
    Now,
}

/// How a line is broken, so that no series is known by colour alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dash {
    Solid,
    /// Dashes 7-4.
    Dashed,
    /// Dots 2-4.
    Dotted,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Marker {
    Circle,
    Square,
    Triangle,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scale {
    Linear,
    /// Base 10; bounds above zero.
    Log,
    /// One place for one value that has none on the scale beside it ("none" = p 0).
    Place,
}

/// A tick asked for by name. A segment without any gets its ticks from its scale.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tick {
    pub value: f64,
    pub label: String,
    /// The current setting: bold, and the last to be left out where space is short.
    pub strong: bool,
}

/// A stretch of an axis with one scale.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Segment {
    /// Named above the plot, e.g. "fine-tuning".
    pub title: Option<String>,
    /// Whether that title is the one that matters (bold).
    pub strong: bool,
    pub scale: Scale,
    pub min: f64,
    pub max: f64,
    /// Part of the plot's width, 0 to 1.
    pub share: f64,
    pub ticks: Vec<Tick>,
    /// Empty space before and after the scale, in units of the text size.
    pub inset: [f64; 2],
}

/// What lies between two segments.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Join {
    /// A vertical line: one quantity, two phases.
    Divider,
    /// A break in the axis: the step between the two is not to scale.
    Break,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Axis {
    /// Quantity, and unit where it has one.
    pub label: String,
    /// Left to right; a y axis has exactly one.
    pub segments: Vec<Segment>,
    pub join: Join,
}

/// A place on the x axis.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Place {
    pub segment: usize,
    pub x: f64,
}

/// A point of a series: a median over seeds and the middle half around it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Point {
    pub at: Place,
    /// `None`: not measured here; the line has a gap.
    pub median: Option<f64>,
    /// 25th and 75th percentile.
    pub band: Option<[f64; 2]>,
    pub marked: bool,
    /// Half the seeds or fewer got here.
    pub hollow: bool,
}

/// Where a series carries its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Naming {
    /// In the margin to the right of its last point.
    End,
    /// Inside the plot, above the line and near its last point.
    Above,
    /// Inside the plot, below the line and near its last point.
    Below,
    /// Named by the panel's title.
    Panel,
}

/// A population over seeds along x.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Series {
    pub name: String,
    /// A second line under the name, e.g. the last value.
    pub detail: Option<String>,
    pub naming: Naming,
    pub role: Role,
    pub dash: Dash,
    pub marker: Option<Marker>,
    pub points: Vec<Point>,
}

/// One seed's curve, drawn thin.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Trace {
    pub name: String,
    pub role: Role,
    /// One of many: drawn faintly, and words may stand on it.
    pub faint: bool,
    pub points: Vec<(Place, f64)>,
}

/// Data points at one label height, as dots; a third of a dot of jitter keeps them apart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cloud {
    pub role: Role,
    pub xs: Vec<f64>,
    pub y: f64,
}

/// A normal density, drawn as a hill on the bottom of the plot; its height carries no unit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Hill {
    pub role: Role,
    pub mean: f64,
    pub sd: f64,
}

/// A vertical bracket between two heights, with words beside it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Gap {
    pub role: Role,
    pub at: Place,
    pub from: f64,
    pub to: f64,
    pub label: String,
}

/// Words that stand free in the plot, as near their place as the other marks allow.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Remark {
    pub role: Role,
    pub at: Place,
    pub y: f64,
    /// First line, bold in the role's colour.
    pub head: String,
    /// Second line, soft.
    pub detail: Option<String>,
    /// Whether the words go above or below their place when both are free.
    pub above: bool,
}

/// An event at a place: a run that stopped or blew up there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Flag {
    pub at: Place,
    pub label: String,
    /// Marked with a cross (blew up) instead of a tick (stopped).
    pub cross: bool,
}

/// One plot with its axes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Panel {
    pub title: Option<String>,
    /// One word under the title, e.g. "rises".
    pub verdict: Option<String>,
    pub x: Axis,
    pub y: Axis,
    /// Coloured cells, on the whole numbers of both axes.
    pub heat: Option<Heat>,
    pub series: Vec<Series>,
    pub traces: Vec<Trace>,
    pub clouds: Vec<Cloud>,
    pub hills: Vec<Hill>,
    pub gaps: Vec<Gap>,
    pub remarks: Vec<Remark>,
    pub flags: Vec<Flag>,
    /// The axis line runs at zero, where that is inside the plot, instead of along the bottom.
    pub axis_at_zero: bool,
    /// The current setting in a sweep: a dotted vertical.
    pub setting: Option<Place>,
    /// The moment that the scrubber shows: a vertical with a handle.
    pub playhead: Option<Place>,
    /// Said in the middle of a plot that has nothing to show.
    pub empty: Option<String>,
}

impl Panel {
    /// A panel with axes and nothing in it.
    pub fn new(x: Axis, y: Axis) -> Self {
        Panel {
            title: None,
            verdict: None,
            x,
            y,
            heat: None,
            series: Vec::new(),
            traces: Vec::new(),
            clouds: Vec::new(),
            hills: Vec::new(),
            gaps: Vec::new(),
            remarks: Vec::new(),
            flags: Vec::new(),
            axis_at_zero: false,
            setting: None,
            playhead: None,
            empty: None,
        }
    }
}

impl Axis {
    /// An axis of one linear or logarithmic stretch without padding.
    pub fn plain(label: &str, scale: Scale, [min, max]: [f64; 2]) -> Self {
        Axis { label: label.to_owned(), segments: vec![Segment::new(scale, [min, max])], join: Join::Break }
    }
}

impl Segment {
    /// A stretch that has the whole axis to itself, with ticks from its scale.
    pub fn new(scale: Scale, [min, max]: [f64; 2]) -> Self {
        Segment { title: None, strong: false, scale, min, max, share: 1.0, ticks: Vec::new(), inset: [0.0; 2] }
    }
}

impl Role {
    /// The word used in tables and CSV keys.
    pub fn key(self) -> &'static str {
        match self {
            Role::OldTask => "old_task",
            Role::NewTask => "new_task",
            Role::Overwritten => "overwritten",
            Role::Before => "before",
            Role::Now => "now",
        }
    }
}
