//! Paths in the plane, as a picture.

use std::error::Error;
use std::path::Path;

use plotters::prelude::*;

/// Writes an SVG picture of the paths.
pub(super) fn draw(file: &Path, paths: &[(&str, Vec<[f64; 2]>)]) -> Result<(), Box<dyn Error>> {
    let mut svg = String::new();
    draw_into(&mut svg, paths)?;
    let written = std::fs::create_dir_all(file.parent().unwrap_or(file))
        .and_then(|()| std::fs::write(file, svg));
    written.map_err(|error| format!("{}: {error}", file.display()).into())
}

fn draw_into(svg: &mut String, paths: &[(&str, Vec<[f64; 2]>)]) -> Result<(), Box<dyn Error>> {
    let area = SVGBackend::with_string(svg, (640, 640)).into_drawing_area();
    area.fill(&WHITE)?;
    let furthest = paths.iter().flat_map(|(_, path)| path.as_flattened());
    let end = furthest.fold(1.0f64, |end, x| end.max(x.abs())) * 1.1;
    let mut chart = ChartBuilder::on(&area)
        .caption("A path found from its signature", ("sans-serif", 20))
        .margin(12)
        .x_label_area_size(30)
        .y_label_area_size(40)
        .build_cartesian_2d(-end..end, -end..end)?;
    chart.configure_mesh().light_line_style(WHITE).draw()?;
    for (index, (name, path)) in paths.iter().enumerate() {
        let colour = Palette99::pick(index).to_rgba();
        let style = colour.stroke_width([6, 3, 1][index.min(2)]);
        let points = || path.iter().map(|&[x, y]| (x, y));
        chart
            .draw_series(LineSeries::new(points(), style))?
            .label(*name)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 20, y)], style));
        chart.draw_series(points().map(|point| Circle::new(point, 4, colour.filled())))?;
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::MiddleMiddle)
        .background_style(WHITE.mix(0.8))
        .border_style(BLACK)
        .draw()?;
    area.present()?;
    Ok(())
}
