use plotters::style::{Color, RGBColor};

use super::plots::{Curve, Figure, Mark, Panel};
use super::{Outcome, StudyReport};
use crate::data::{Dataset, Part};

/// Time steps of the forecast plot.
const SHOWN: usize = 168;
/// Points of a plot of estimates.
const POINTS: usize = 600;

const CAME: RGBColor = RGBColor(120, 120, 120);
/// One a model, told apart by the colour-blind too (after Okabe and Ito).
const COLOURS: [RGBColor; 9] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(230, 159, 0),
    RGBColor(86, 180, 233),
    RGBColor(110, 64, 170),
    RGBColor(140, 86, 75),
    RGBColor(30, 30, 30),
];

/// What the figures of a study are drawn from.
pub(super) struct Figures<'a> {
    /// Of the first seed.
    pub(super) dataset: &'a Dataset,
    pub(super) report: &'a StudyReport,
    pub(super) outcomes: &'a [Outcome],
    /// Whether windows are independent paths.
    pub(super) of_paths: bool,
}

impl Figures<'_> {
    /// The training and the validation loss by epoch; a line a training.
    pub(super) fn losses(&self) -> Figure {
        let panel = |title: &str, valid: bool| Panel {
            title: title.into(),
            x_label: "epoch".into(),
            y_label: "mean squared error".into(),
            curves: self.losses_of(valid),
            logarithmic: true,
        };
        Figure {
            panels: vec![
                panel("Training loss", false),
                panel("Validation loss", true),
            ],
            columns: 2,
            size: (480, 340),
            legend: self.legend(),
        }
    }

    fn losses_of(&self, valid: bool) -> Vec<Curve> {
        let strong = self.report.seeds.len() == 1;
        let curve = |outcome: &Outcome| {
            let point = |loss: f64| loss.max(f64::MIN_POSITIVE).log10();
            let epochs = outcome.history.epochs.iter();
            Curve {
                points: epochs
                    .map(|it| (it.epoch, if valid { it.valid_loss } else { it.train_loss }))
                    .map(|(epoch, loss)| (epoch as f64, point(loss)))
                    .collect(),
                colour: self.colour(outcome).mix(if strong { 1.0 } else { 0.6 }),
                mark: Mark::Line(if strong { 2 } else { 1 }),
            }
        };
        self.outcomes.iter().map(curve).collect()
    }

    /// What came and what was forecast, a panel a model, of the first seed.
    pub(super) fn forecasts(&self) -> Figure {
        let first = |outcome: &&Outcome| outcome.run.seed == self.report.seeds[0];
        let outcomes: Vec<_> = self.outcomes.iter().filter(first).collect();
        let title = |outcome: &Outcome| {
            let (name, r2) = (outcome.run.model.name(), outcome.report.scores.r2);
            format!("{name}   R² {r2:.3}")
        };
        let panel = |outcome: &&Outcome| match self.of_paths {
            true => self.estimates(title(outcome), outcome),
            false => self.in_time(title(outcome), outcome),
        };
        let panels: Vec<_> = outcomes.iter().map(panel).collect();
        let (columns, size) = match (self.of_paths, panels.len()) {
            (true, 1) => (1, (480, 440)),
            (true, 2..=4) => (2, (480, 440)),
            (true, _) => (3, (320, 320)),
            (false, 1) => (1, (960, 340)),
            (false, _) => (2, (480, 260)),
        };
        let legend = match self.of_paths {
            true => Vec::new(),
            false => {
                let mut forecast = format!("forecast {} ahead", self.last() + 1);
                if panels.len() > 1 {
                    forecast += ", in the colour of its model";
                }
                vec![("what came".into(), CAME), (forecast, pick(0))]
            }
        };
        Figure {
            panels,
            columns,
            size,
            legend,
        }
    }

    /// The last step of each forecast at the time step that it is about, beside what came.
    fn in_time(&self, title: String, outcome: &Outcome) -> Panel {
        let windows = 0..self.dataset.windows.count(Part::Test).min(SHOWN);
        let curve = |value: &dyn Fn(usize) -> f64, colour: RGBColor, width| {
            let point = |window| ((window + self.last()) as f64, value(window));
            Curve {
                points: windows.clone().map(point).collect(),
                colour: colour.to_rgba(),
                mark: Mark::Line(width),
            }
        };
        let came = curve(&|window| self.came(window), CAME, 1);
        let forecast = |window| self.forecast(outcome, window);
        Panel {
            title,
            x_label: "time step of the test part".into(),
            y_label: short(&self.report.target),
            curves: vec![came, curve(&forecast, self.colour(outcome), 2)],
            logarithmic: false,
        }
    }

    /// What was estimated by what it is, beside the line where the two are the same.
    fn estimates(&self, title: String, outcome: &Outcome) -> Panel {
        let paths = 0..self.dataset.windows.count(Part::Test).min(POINTS);
        let point = |path| (self.came(path), self.forecast(outcome, path));
        let points: Vec<_> = paths.map(point).collect();
        let values = points.iter().map(|point| point.0);
        let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
            (low.min(value), high.max(value))
        });
        let equal = Curve {
            points: vec![(low, low), (high, high)],
            colour: CAME.to_rgba(),
            mark: Mark::Line(1),
        };
        let estimates = Curve {
            points,
            colour: self.colour(outcome).mix(0.5),
            mark: Mark::Dots,
        };
        Panel {
            title,
            x_label: short(&self.report.target),
            y_label: "estimate".into(),
            curves: vec![equal, estimates],
            logarithmic: false,
        }
    }

    fn last(&self) -> usize {
        self.dataset.windows.horizon - 1
    }

    fn came(&self, window: usize) -> f64 {
        let value = self.dataset.windows.target(Part::Test, window).last();
        self.undo(window, f64::from(value.expect("the horizon is not 0")))
    }

    fn forecast(&self, outcome: &Outcome, window: usize) -> f64 {
        self.undo(window, outcome.forecasts[window][self.last()])
    }

    fn undo(&self, window: usize, value: f64) -> f64 {
        let first = self.dataset.windows.first_target(Part::Test, window);
        self.dataset.target.undo(first + self.last(), value)
    }

    fn legend(&self) -> Vec<(String, RGBColor)> {
        let models = self.report.models.iter().enumerate();
        models
            .filter(|(_, row)| row.model.learns())
            .map(|(index, row)| (row.model.name().into(), pick(index)))
            .collect()
    }

    fn colour(&self, outcome: &Outcome) -> RGBColor {
        let of = |row: &super::ModelReport| row.model == outcome.run.model;
        pick(self.report.models.iter().position(of).unwrap_or_default())
    }
}

fn pick(index: usize) -> RGBColor {
    COLOURS[index % COLOURS.len()]
}

/// A name that fits beside an axis.
fn short(name: &str) -> String {
    const MOST: usize = 28;
    match name.char_indices().nth(MOST) {
        None => name.into(),
        Some((end, _)) => format!("{}…", &name[..end]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::ModelKind;
    use crate::report::example;

    /// A text of a figure and the rectangle that it takes: left, top, right, bottom.
    type Placed = (String, [f64; 4]);

    fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
        let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
        rest.split_once('"').map(|(value, _)| value)
    }

    fn texts(svg: &str) -> Vec<Placed> {
        let place = |element: &str| {
            let (tag, rest) = element.split_once('>').unwrap();
            let text = rest.split_once("</text>").unwrap().0.trim().to_string();
            let number = |name| attribute(tag, name).unwrap().parse::<f64>().unwrap();
            let (x, y, size) = (number("x"), number("y"), number("font-size"));
            let width = 0.55 * size * text.chars().count() as f64;
            let before = match attribute(tag, "text-anchor") {
                Some("middle") => width / 2.0,
                Some("end") => width,
                _ => 0.0,
            };
            let above = match attribute(tag, "dy") {
                Some("0.76em") => 0.0,
                Some("0.5ex") => size / 2.0,
                _ => size,
            };
            let place = match attribute(tag, "transform") {
                None => [x - before, y - above, x - before + width, y - above + size],
                Some(_) => [x - above, y + before - width, x - above + size, y + before],
            };
            (text, place)
        };
        svg.split("<text").skip(1).map(place).collect()
    }

    #[test]
    fn no_text_is_on_another_or_outside() {
        for (models, seeds) in [(1, 1), (2, 1), (8, 1), (8, 3), (ModelKind::ALL.len(), 1)] {
            let example = example::study(models, seeds);
            for of_paths in [false, true] {
                let figures = Figures {
                    dataset: &example.dataset,
                    report: &example.report,
                    outcomes: &example.outcomes,
                    of_paths,
                };
                for figure in [figures.losses(), figures.forecasts()] {
                    let svg = figure.svg().unwrap();
                    let size = ["width", "height"]
                        .map(|name| attribute(&svg, name).unwrap().parse::<f64>().unwrap());
                    let texts = texts(&svg);
                    assert!(texts.len() > 8, "{svg}");
                    for (index, (text, [left, top, right, bottom])) in texts.iter().enumerate() {
                        let inside = *left >= 0.0 && *top >= 0.0;
                        let inside = inside && *right <= size[0] && *bottom <= size[1];
                        assert!(inside, "{models} models: `{text}`");
                        for (other, [x, y, u, v]) in &texts[..index] {
                            let apart = right <= x || u <= left || bottom <= y || v <= top;
                            assert!(apart, "{models} models: `{text}` on `{other}`");
                        }
                    }
                }
            }
        }
    }
}
