use std::path::Path;

use plotters::prelude::*;

use crate::{Error, artifacts};

const SIZE: (u32, u32) = (960, 480);

/// A named line of a plot.
pub(crate) struct Curve {
    pub(crate) name: String,
    pub(crate) points: Vec<(f64, f64)>,
}

/// Draws in memory and writes at the end, so that no half of a plot is ever on the disk.
///
/// `labels`: the title and what the axes are.
pub(crate) fn draw(path: &Path, curves: &[Curve], labels: [&str; 3]) -> Result<(), Error> {
    let mut text = String::new();
    let drawn = draw_into(&mut text, curves, labels);
    drawn.map_err(|error| Error::Plot {
        path: path.to_path_buf(),
        reason: error.to_string(),
    })?;
    artifacts::write(path, text.as_bytes())
}

fn draw_into(
    text: &mut String,
    curves: &[Curve],
    [title, x_label, y_label]: [&str; 3],
) -> Result<(), Box<dyn std::error::Error>> {
    let area = SVGBackend::with_string(text, SIZE).into_drawing_area();
    area.fill(&WHITE)?;
    let points = || curves.iter().flat_map(|curve| &curve.points);
    let (x, y) = (span(points().map(|p| p.0)), span(points().map(|p| p.1)));
    let mut chart = ChartBuilder::on(&area)
        .caption(title, ("sans-serif", 20))
        .margin(12)
        .x_label_area_size(40)
        .y_label_area_size(60)
        .build_cartesian_2d(x.0..x.1, y.0..y.1)?;
    chart
        .configure_mesh()
        .x_desc(x_label)
        .y_desc(y_label)
        .light_line_style(WHITE)
        .draw()?;
    for (index, curve) in curves.iter().enumerate() {
        let colour = Palette99::pick(index).to_rgba();
        let points = curve.points.iter().copied();
        chart
            .draw_series(LineSeries::new(points, colour.stroke_width(2)))?
            .label(&curve.name)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 20, y)], colour.stroke_width(2)));
    }
    chart
        .configure_series_labels()
        .background_style(WHITE.mix(0.8))
        .border_style(BLACK)
        .draw()?;
    area.present()?;
    Ok(())
}

/// The range of the values with some room; of a width that is not zero.
fn span(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let ends = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
        (low.min(value), high.max(value))
    });
    let room = ((ends.1 - ends.0) * 0.05).max(1e-6);
    (ends.0 - room, ends.1 + room)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plot_names_its_curves() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("losses.svg");
        let points = (1..=5).map(|x| (x as f64, 1.0 / x as f64)).collect();
        draw(
            &path,
            &[Curve {
                name: "sigdense".into(),
                points,
            }],
            ["title", "x", "y"],
        )
        .unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.starts_with("<svg") && text.trim_end().ends_with("</svg>"));
        assert!(text.contains("sigdense") && text.contains("<polyline"));
    }

    #[test]
    fn a_single_point_can_be_drawn() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("losses.svg");
        draw(
            &path,
            &[Curve {
                name: "mlp".into(),
                points: vec![(1.0, 0.0)],
            }],
            ["title", "x", "y"],
        )
        .unwrap();
        assert!(path.exists());
    }
}
