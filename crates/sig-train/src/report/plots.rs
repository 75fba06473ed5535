use std::ops::Range;

use plotters::coord::Shift;
use plotters::coord::ranged1d::{AsRangedCoord, Ranged, ValueFormatter};
use plotters::coord::types::RangedCoordf64;
use plotters::data::float::FloatPrettyPrinter;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use crate::data::ends;

const FONT: &str = "Helvetica, Arial, sans-serif";
const INK: RGBColor = RGBColor(51, 51, 51);
const GRID: RGBColor = RGBColor(229, 229, 229);
const LEGEND: i32 = 34;

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Drawn = Result<(), Box<dyn std::error::Error>>;

/// A line or a cloud of points.
pub(super) struct Curve {
    pub(super) points: Vec<(f64, f64)>,
    pub(super) colour: RGBAColor,
    pub(super) mark: Mark,
}

/// How a curve is drawn.
#[derive(Clone, Copy)]
pub(super) enum Mark {
    /// A line of that width.
    Line(u32),
    Dots,
}

/// A chart with its axes.
pub(super) struct Panel {
    pub(super) title: String,
    pub(super) x_label: String,
    pub(super) y_label: String,
    pub(super) curves: Vec<Curve>,
    /// Whether the axis of the values, all positive, is logarithmic.
    pub(super) logarithmic: bool,
}

/// A figure: panels of one size in rows, below a common legend.
pub(super) struct Figure {
    pub(super) panels: Vec<Panel>,
    pub(super) columns: usize,
    /// Width and height of a panel.
    pub(super) size: (u32, u32),
    pub(super) legend: Vec<(String, RGBColor)>,
}

impl Figure {
    /// The figure as SVG.
    pub(super) fn svg(&self) -> Result<String, String> {
        let mut text = String::new();
        self.draw(&mut text).map_err(|error| error.to_string())?;
        Ok(text)
    }

    fn draw(&self, text: &mut String) -> Drawn {
        let rows = self.panels.len().div_ceil(self.columns);
        let top = if self.legend.is_empty() { 0 } else { LEGEND };
        let size = (
            self.size.0 * self.columns as u32,
            self.size.1 * rows as u32 + top as u32,
        );
        let area = SVGBackend::with_string(text, size).into_drawing_area();
        area.fill(&WHITE)?;
        let (legend, body) = area.split_vertically(top);
        self.draw_legend(&legend)?;
        let areas = body.split_evenly((rows, self.columns));
        for (panel, area) in self.panels.iter().zip(areas) {
            panel.draw(&area)?;
        }
        Ok(area.present()?)
    }

    fn draw_legend(&self, area: &Area) -> Drawn {
        let style = (FONT, 14)
            .into_font()
            .color(&INK)
            .pos(Pos::new(HPos::Left, VPos::Center));
        let mut left = 20;
        for (name, colour) in &self.legend {
            let middle = LEGEND / 2;
            let line = [(left, middle), (left + 18, middle)];
            area.draw(&PathElement::new(line, colour.stroke_width(3)))?;
            let at = (left + 24, middle);
            area.draw(&Text::new(name.as_str(), at, style.clone()))?;
            // Wide enough for any letters of this size.
            left += 24 + 9 * name.chars().count() as i32 + 22;
        }
        Ok(())
    }
}

impl Panel {
    fn draw(&self, area: &Area) -> Drawn {
        let values = self.points().map(|point| point.1);
        if self.logarithmic {
            let (low, high) = span(values.map(f64::log10));
            let range = 10f64.powf(low)..10f64.powf(high);
            let marks = log_marks(&range);
            self.draw_on(area, range.log_scale().with_key_points(marks))
        } else {
            let (low, high) = span(values);
            self.draw_on(area, low..high)
        }
    }

    fn points(&self) -> impl Iterator<Item = (f64, f64)> {
        self.curves
            .iter()
            .flat_map(|curve| curve.points.iter().copied())
    }

    fn draw_on<Y: AsRangedCoord<Value = f64>>(&self, area: &Area, y: Y) -> Drawn
    where
        Y::CoordDescType: ValueFormatter<f64>,
    {
        let (low, high) = span(self.points().map(|point| point.0));
        let whole = self.points().all(|point| point.0.fract() == 0.0);
        // No more marks than the range has whole numbers, where only those mean anything.
        let steps = if whole {
            (high - low).ceil() as usize
        } else {
            7
        };
        let mut chart = ChartBuilder::on(area)
            .caption(&self.title, (FONT, 16).into_font().color(&INK))
            .margin(10)
            .margin_right(18)
            .x_label_area_size(44)
            .y_label_area_size(66)
            .build_cartesian_2d(low..high, y)?;
        chart
            .configure_mesh()
            .x_labels(steps.clamp(1, 7))
            .y_labels(6)
            .max_light_lines(0)
            .x_label_formatter(&|x| number(*x))
            .y_label_formatter(&|y| number(*y))
            .x_desc(&self.x_label)
            .y_desc(&self.y_label)
            .label_style((FONT, 12).into_font().color(&INK))
            .axis_desc_style((FONT, 13).into_font().color(&INK))
            .axis_style(INK.mix(0.6))
            .bold_line_style(GRID)
            .draw()?;
        for curve in &self.curves {
            let points = curve.points.iter().copied();
            let size = match curve.mark {
                Mark::Line(width) if curve.points.len() != 1 => {
                    let style = curve.colour.stroke_width(width);
                    chart.draw_series(LineSeries::new(points, style))?;
                    continue;
                }
                // A line of one point would be invisible.
                Mark::Line(_) => 3,
                Mark::Dots => 2,
            };
            let style = curve.colour.filled();
            chart.draw_series(points.map(|at| Circle::new(at, size, style)))?;
        }
        Ok(())
    }
}

/// A number as short as it can be read off an axis.
fn number(value: f64) -> String {
    FloatPrettyPrinter {
        allow_scientific: true,
        min_decimal: 0,
        max_decimal: 6,
    }
    .print(value)
}

/// The marks of a logarithmic axis. Plotters' own leave out all numbers below the first power of
/// ten.
fn log_marks(range: &Range<f64>) -> Vec<f64> {
    let decades = range.start.log10().floor() as i32..=range.end.log10().ceil() as i32;
    let within = |factors: &[f64]| -> Vec<_> {
        let powers = decades.clone().map(|decade| 10f64.powi(decade));
        let marks = powers.flat_map(|power| factors.iter().map(move |factor| factor * power));
        marks.filter(|mark| range.contains(mark)).collect()
    };
    let marks = within(&[1.0, 2.0, 5.0]);
    match marks.len() {
        // A narrow range is nearly linear.
        ..=2 => RangedCoordf64::from(range.clone()).key_points(6),
        3..=8 => marks,
        _ => within(&[1.0]),
    }
}

/// The range of the finite values with some room; of a width that is not zero.
fn span(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let (low, high) = ends(values.filter(|value| value.is_finite()));
    if low > high {
        return (0.0, 1.0);
    }
    let least = low.abs().max(high.abs()).max(1e-6) * 1e-3;
    let room = ((high - low) * 0.05).max(least);
    (low - room, high + room)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figure(points: Vec<(f64, f64)>) -> Figure {
        let curve = |mark| Curve {
            points: points.clone(),
            colour: RED.to_rgba(),
            mark,
        };
        let panel = |logarithmic| Panel {
            title: "a < b".into(),
            x_label: "x".into(),
            y_label: "y".into(),
            curves: vec![curve(Mark::Line(2)), curve(Mark::Dots)],
            logarithmic,
        };
        Figure {
            panels: vec![panel(false), panel(true), panel(false)],
            columns: 2,
            size: (400, 300),
            legend: vec![("sigdense".into(), RED)],
        }
    }

    #[test]
    fn logarithmic_axes_have_round_marks() {
        let shown = |range| {
            log_marks(&range)
                .into_iter()
                .map(number)
                .collect::<Vec<_>>()
        };
        assert_eq!(shown(0.0009..1.3), ["0.001", "0.01", "0.1", "1"]);
        assert_eq!(shown(0.04..1.3), ["0.05", "0.1", "0.2", "0.5", "1"]);
        assert_eq!(shown(0.29..0.71), ["0.3", "0.4", "0.5", "0.6", "0.7"]);
    }

    #[test]
    fn panels_stand_in_rows_below_the_legend() {
        let figure = figure((1..=5).map(|x| (x as f64, 1.0 / x as f64)).collect());
        let text = figure.svg().unwrap();
        assert!(text.starts_with("<svg width=\"800\" height=\"634\"") && text.contains("</svg>"));
        assert!(text.contains("sigdense") && text.contains("<polyline"));
        assert_eq!(text.matches("a &lt; b").count(), 3);
    }

    #[test]
    fn a_single_point_and_none_can_be_drawn() {
        assert!(figure(vec![(1.0, 0.0)]).svg().unwrap().contains("<circle"));
        assert!(figure(Vec::new()).svg().is_ok());
        assert!(figure(vec![(1.0, 300.0), (2.0, 300.0)]).svg().is_ok());
    }
}
