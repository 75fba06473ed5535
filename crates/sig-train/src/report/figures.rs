use plotters::style::{Color, RGBColor};

use super::plots::{Curve, Figure, Mark, Panel};
use super::{Outcome, StudyReport};
use crate::data::{Dataset, ends};
use crate::model::ModelKind;
use crate::training::EpochRecord;

/// Time steps of the forecast plot.
const SHOWN: usize = 168;
/// Points of a plot of estimates.
const POINTS: usize = 600;

const ACTUAL: RGBColor = RGBColor(120, 120, 120);
/// One per model, distinguishable with colour blindness too (after Okabe and Ito).
const COLOURS: [RGBColor; ModelKind::ALL.len()] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(230, 159, 0),
    RGBColor(86, 180, 233),
    RGBColor(110, 64, 170),
    RGBColor(140, 86, 75),
    RGBColor(30, 30, 30),
    RGBColor(150, 150, 40),
];

/// The data of a study's figures.
pub(super) struct Figures<'a> {
    /// Of the first seed.
    pub(super) dataset: &'a Dataset,
    pub(super) report: &'a StudyReport,
    pub(super) outcomes: &'a [Outcome],
    /// Whether samples are independent paths, rather than windows of one series.
    pub(super) of_paths: bool,
}

impl Figures<'_> {
    /// Training and validation loss over epochs, one line per training.
    pub(super) fn losses(&self) -> Figure {
        let (mix, width) = match self.report.models[0].runs.len() {
            1 => (1.0, 2),
            _ => (0.6, 1),
        };
        let panel = |title: &str, loss: fn(&EpochRecord) -> f64| {
            let point = |it: &EpochRecord| (it.epoch as f64, loss(it).max(f64::MIN_POSITIVE));
            let curve = |outcome: &Outcome| Curve {
                points: outcome.history.epochs.iter().map(point).collect(),
                colour: self.colour(outcome).mix(mix),
                mark: Mark::Line(width),
            };
            Panel {
                title: title.into(),
                x_label: "epoch".into(),
                y_label: "mean squared error".into(),
                curves: self.outcomes.iter().map(curve).collect(),
                logarithmic: true,
            }
        };
        let learning = self.report.models.iter().enumerate();
        let learning = learning.filter(|(_, row)| row.model.learns());
        Figure {
            panels: vec![
                panel("Training loss", |it| it.train_loss),
                panel("Validation loss", |it| it.valid_loss),
            ],
            columns: 2,
            size: (480, 340),
            legend: learning
                .map(|(index, row)| (row.model.name().into(), pick(index)))
                .collect(),
        }
    }

    /// Actual values and forecasts of the first seed, one panel per model.
    pub(super) fn forecasts(&self) -> Figure {
        let seed = self.report.seeds[0];
        let first = |outcome: &&Outcome| outcome.run.seed == seed && outcome.run.is_last_fold();
        let target = short(&self.report.target);
        let (x_label, y_label) = if self.of_paths {
            (target, "estimate".into())
        } else {
            ("time step of the test part".into(), target)
        };
        let panel = |outcome: &Outcome| {
            let (name, r2) = (outcome.run.model.name(), outcome.report.scores.r2);
            Panel {
                title: format!("{name}   R² {r2:.3}"),
                x_label: x_label.clone(),
                y_label: y_label.clone(),
                curves: if self.of_paths {
                    self.estimates(outcome)
                } else {
                    self.in_time(outcome)
                },
                logarithmic: false,
            }
        };
        let panels: Vec<_> = self.outcomes.iter().filter(first).map(panel).collect();
        let (columns, size) = match (self.of_paths, panels.len()) {
            (true, 1) => (1, (480, 440)),
            (true, 2..=4) => (2, (480, 440)),
            (true, _) => (3, (320, 320)),
            (false, 1) => (1, (960, 340)),
            (false, _) => (2, (480, 260)),
        };
        let mut legend = Vec::new();
        if !self.of_paths {
            let mut forecast = format!("forecast {} ahead", self.last() + 1);
            if panels.len() > 1 {
                forecast += ", in the colour of its model";
            }
            legend = vec![("actual".into(), ACTUAL), (forecast, pick(0))];
        }
        Figure {
            panels,
            columns,
            size,
            legend,
        }
    }

    /// The last step of each forecast and the actual value, over time.
    fn in_time(&self, outcome: &Outcome) -> Vec<Curve> {
        let points = self.points(outcome, SHOWN);
        let (actual, forecast) = points
            .enumerate()
            .filter(|(_, (actual, _))| !actual.is_nan())
            .map(|(window, (actual, forecast))| {
                let time = (window + self.last()) as f64;
                ((time, actual), (time, forecast))
            })
            .unzip();
        let line = |points, colour: RGBColor, width| Curve {
            points,
            colour: colour.to_rgba(),
            mark: Mark::Line(width),
        };
        vec![
            line(actual, ACTUAL, 1),
            line(forecast, self.colour(outcome), 2),
        ]
    }

    /// Estimates over actual values, with the line on which both are equal.
    fn estimates(&self, outcome: &Outcome) -> Vec<Curve> {
        let points: Vec<_> = self.points(outcome, POINTS).collect();
        let (low, high) = ends(points.iter().map(|point| point.0));
        let equal = Curve {
            points: vec![(low, low), (high, high)],
            colour: ACTUAL.to_rgba(),
            mark: Mark::Line(1),
        };
        let estimates = Curve {
            points,
            colour: self.colour(outcome).mix(0.5),
            mark: Mark::Dots,
        };
        vec![equal, estimates]
    }

    /// The last actual value and its forecast, of each of the first `most` windows.
    fn points(&self, outcome: &Outcome, most: usize) -> impl Iterator<Item = (f64, f64)> {
        let windows = outcome.windows.iter().take(most);
        windows.map(|window| (window.actual[self.last()], window.forecast[self.last()]))
    }

    fn last(&self) -> usize {
        self.dataset.samples.horizon - 1
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
    use crate::report::tests as example;

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
