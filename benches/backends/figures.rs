//! The times of a subject against batch, length and depth, as SVG.

use plotters::coord::Shift;
use plotters::coord::ranged1d::{AsRangedCoord, ValueFormatter};
use plotters::prelude::*;

use crate::subject::Subject;
use crate::sweep::{AXES, Sweeps};

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Drawn = Result<(), Box<dyn std::error::Error>>;

const FONT: &str = "Helvetica, Arial, sans-serif";
const PANEL: (u32, u32) = (320, 320);
const LEGEND: u32 = 26;

/// Backends have colours of their own, methods shades of them (after Okabe and Ito).
const COLOURS: [RGBColor; 6] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(230, 159, 0),
    RGBColor(30, 30, 30),
];

/// The methods of a backend, beside one another in the series.
const METHODS: usize = 3;

/// One panel per axis below a legend.
pub(crate) fn figure(sweeps: &Sweeps, subject: Subject) -> Result<String, String> {
    let mut text = String::new();
    draw(sweeps, subject, &mut text).map_err(|error| error.to_string())?;
    Ok(text)
}

fn draw(sweeps: &Sweeps, subject: Subject, text: &mut String) -> Drawn {
    let backends = sweeps.series.len().div_ceil(METHODS) as u32;
    let legend = LEGEND * backends;
    let size = (PANEL.0 * AXES.len() as u32, PANEL.1 + legend);
    let area = SVGBackend::with_string(text, size).into_drawing_area();
    area.fill(&WHITE)?;
    let (top, body) = area.split_vertically(legend);
    for (index, series) in sweeps.series.iter().enumerate() {
        let left = 20 + PANEL.0 as i32 * (index % METHODS) as i32;
        let middle = (LEGEND * (index / METHODS) as u32 + LEGEND / 2) as i32;
        let line = [(left, middle), (left + 18, middle)];
        top.draw(&PathElement::new(line, colour(index).stroke_width(3)))?;
        let style = (FONT, 14).into_font().color(&BLACK);
        top.draw(&Text::new(
            series.name.as_str(),
            (left + 24, middle - 6),
            style,
        ))?;
    }
    for (axis, area) in body.split_evenly((1, AXES.len())).into_iter().enumerate() {
        let marks: Vec<f64> = sweeps.sizes(axis).iter().map(|&size| size as f64).collect();
        let (first, last) = (marks[0], marks[marks.len() - 1]);
        if AXES[axis].0 == "depth" {
            panel(sweeps, subject, axis, &area, first..last)?;
        } else {
            let range = (first..last).log_scale().with_key_points(marks);
            panel(sweeps, subject, axis, &area, range)?;
        }
    }
    Ok(area.present()?)
}

fn panel<X: AsRangedCoord<Value = f64>>(
    sweeps: &Sweeps,
    subject: Subject,
    axis: usize,
    area: &Area,
    range: X,
) -> Drawn
where
    X::CoordDescType: ValueFormatter<f64>,
{
    let series = 0..sweeps.series.len();
    let curves: Vec<_> = series
        .map(|series| sweeps.points(series, subject, axis))
        .collect();
    // One range of times for all panels of a subject.
    let all = (0..AXES.len()).flat_map(|axis| {
        let points = move |series| sweeps.points(series, subject, axis);
        (0..sweeps.series.len()).flat_map(points)
    });
    let (low, high) = all.fold((f64::INFINITY, 0f64), |(low, high), (_, time)| {
        (low.min(time), high.max(time))
    });
    if high == 0.0 {
        return Ok(()); // nothing was measured
    }
    let decades = low.log10().floor() as i32..=high.log10().ceil() as i32;
    let (low, high) = (10f64.powi(*decades.start()), 10f64.powi(*decades.end()));
    let marks: Vec<f64> = decades.map(|decade| 10f64.powi(decade)).collect();
    let times = (low..high.max(low * 10.0))
        .log_scale()
        .with_key_points(marks);
    let mut chart = ChartBuilder::on(area)
        .margin(10)
        .margin_right(22)
        .x_label_area_size(44)
        .y_label_area_size(62)
        .build_cartesian_2d(range, times)?;
    chart
        .configure_mesh()
        .x_labels(8)
        .max_light_lines(0)
        .x_label_formatter(&|size| format!("{size:.0}"))
        .y_label_formatter(&|time| format!("{time}"))
        .x_desc(AXES[axis].0)
        .y_desc("milliseconds")
        .label_style((FONT, 12).into_font().color(&BLACK))
        .axis_desc_style((FONT, 13).into_font().color(&BLACK))
        .bold_line_style(RGBColor(229, 229, 229))
        .draw()?;
    for (index, points) in curves.into_iter().enumerate() {
        let style = colour(index);
        chart.draw_series(LineSeries::new(points.clone(), style.stroke_width(2)))?;
        let dot = |at| Circle::new(at, 3, style.filled());
        chart.draw_series(points.into_iter().map(dot))?;
    }
    Ok(())
}

fn colour(series: usize) -> RGBAColor {
    let shade = [1.0, 0.6, 0.35][series % METHODS];
    COLOURS[series / METHODS % COLOURS.len()].mix(shade)
}
