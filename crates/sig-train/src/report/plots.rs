use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::axis::Axis;

const FONT: &str = "Helvetica, Arial, sans-serif";
const INK: RGBColor = RGBColor(51, 51, 51);
const GRID: RGBColor = RGBColor(229, 229, 229);
const LEGEND: i32 = 34;

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

/// A chart of its own axes.
pub(super) struct Panel {
    pub(super) title: String,
    pub(super) x_label: String,
    pub(super) y_label: String,
    pub(super) curves: Vec<Curve>,
    /// Whether the values are logarithms to the base 10 of what is to be read off.
    pub(super) logarithmic: bool,
}

/// A figure: panels of one size in rows, below the names of what is in all of them.
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

    fn draw(&self, text: &mut String) -> Result<(), Box<dyn std::error::Error>> {
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
        for (panel, area) in self
            .panels
            .iter()
            .zip(body.split_evenly((rows, self.columns)))
        {
            panel.draw(&area)?;
        }
        area.present()?;
        Ok(())
    }

    fn draw_legend<DB: DrawingBackend>(
        &self,
        area: &DrawingArea<DB, Shift>,
    ) -> Result<(), DrawingAreaErrorKind<DB::ErrorType>> {
        let style = (FONT, 14)
            .into_font()
            .color(&INK)
            .pos(Pos::new(HPos::Left, VPos::Center));
        let mut left = 20;
        for (name, colour) in &self.legend {
            let middle = LEGEND / 2;
            let line = [(left, middle), (left + 18, middle)];
            area.draw(&PathElement::new(line, colour.stroke_width(3)))?;
            area.draw(&Text::new(
                name.as_str(),
                (left + 24, middle),
                style.clone(),
            ))?;
            // Wide enough for any letters of this size.
            left += 24 + 9 * name.chars().count() as i32 + 22;
        }
        Ok(())
    }
}

impl Panel {
    fn draw<DB: DrawingBackend>(
        &self,
        area: &DrawingArea<DB, Shift>,
    ) -> Result<(), DrawingAreaErrorKind<DB::ErrorType>> {
        let points = || self.curves.iter().flat_map(|curve| &curve.points);
        let (x, y) = (span(points().map(|p| p.0)), span(points().map(|p| p.1)));
        let y_axis = match self.logarithmic {
            true => Axis::logarithmic(y),
            false => Axis::linear(y, 6, false),
        };
        let counted = points().all(|point| point.0.fract() == 0.0);
        let mut chart = ChartBuilder::on(area)
            .caption(&self.title, (FONT, 16).into_font().color(&INK))
            .margin(10)
            .margin_right(18)
            .x_label_area_size(44)
            .y_label_area_size(66)
            .build_cartesian_2d(Axis::linear(x, 7, counted), y_axis)?;
        chart
            .configure_mesh()
            .x_desc(&self.x_label)
            .y_desc(&self.y_label)
            .label_style((FONT, 12).into_font().color(&INK))
            .axis_desc_style((FONT, 13).into_font().color(&INK))
            .axis_style(INK.mix(0.6))
            .bold_line_style(GRID)
            .light_line_style(TRANSPARENT)
            .draw()?;
        for curve in &self.curves {
            let points = curve.points.iter().copied();
            match curve.mark {
                Mark::Line(width) => {
                    let style = curve.colour.stroke_width(width);
                    chart.draw_series(LineSeries::new(points, style))?;
                    // A line of one point is not to be seen.
                    let alone = curve.points.iter().filter(|_| curve.points.len() == 1);
                    chart
                        .draw_series(alone.map(|&at| Circle::new(at, 3, curve.colour.filled())))?;
                }
                Mark::Dots => {
                    let dot = |at| Circle::new(at, 2, curve.colour.filled());
                    chart.draw_series(points.map(dot))?;
                }
            }
        }
        Ok(())
    }
}

/// The range of the finite values with some room; of a width that is not zero.
fn span(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let values = values.filter(|value| value.is_finite());
    let ends = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
        (low.min(value), high.max(value))
    });
    if ends.0 > ends.1 {
        return (0.0, 1.0);
    }
    let least = ends.0.abs().max(ends.1.abs()).max(1e-6) * 1e-3;
    let room = ((ends.1 - ends.0) * 0.05).max(least);
    (ends.0 - room, ends.1 + room)
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
