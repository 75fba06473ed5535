use super::{ModelReport, StudyReport};
use crate::config::ModelKind;
use crate::evaluate::Scores;

/// The scores as a table for the terminal, one line per model; with several seeds, mean ± standard
/// deviation.
pub(crate) fn table(report: &StudyReport) -> String {
    let several = report.seeds.len() > 1;
    let width = if several { 16 } else { 9 };
    let mut text = format!(
        "{:<9} {:>width$} {:>width$} {:>width$} {:>11} {:>8} {:>9}\n",
        "model", "R2", "RMSE", "MAE", "parameters", "epochs", "s/epoch"
    );
    text.extend(report.models.iter().map(|row| {
        let [r2, rmse, mae] = scores(row);
        format!(
            "{:<9} {r2:>width$} {rmse:>width$} {mae:>width$} {:>11} {:>8} {:>9.3}\n",
            row.model.name(),
            row.parameters,
            row.epochs(),
            row.seconds_per_epoch
        )
    }));
    if several {
        let count = report.seeds.len();
        text += &format!("mean ± standard deviation over {count} seeds\n");
    }
    text
}

/// A line for each model that is worse than one which repeats the last value, if that is in the study.
pub(crate) fn worse_than_naive(report: &StudyReport) -> impl Iterator<Item = String> {
    let naive = report
        .models
        .iter()
        .find(|row| row.model == ModelKind::Naive);
    report.models.iter().filter_map(move |row| {
        let (name, r2, naive) = (row.model.name(), row.scores.r2, naive?.scores.r2);
        (r2 < naive).then(|| {
            format!("{name} is worse than repeating the last value: R2 {r2:.4} against {naive:.4}")
        })
    })
}

/// R², RMSE and MAE, with their spread if there is one.
pub(super) fn scores(row: &ModelReport) -> [String; 3] {
    let value = |of: fn(&Scores) -> f64| match &row.spread {
        None => format!("{:.4}", of(&row.scores)),
        Some(spread) => format!("{:.4} ± {:.4}", of(&row.scores), of(spread)),
    };
    [value(|s| s.r2), value(|s| s.rmse), value(|s| s.mae)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::tests as example;

    #[test]
    fn columns_stand_below_their_names() {
        for (models, seeds) in [(1, 1), (4, 3)] {
            let report = example::study(models, seeds).report;
            let text = table(&report);
            let lines: Vec<_> = text.lines().collect();
            assert_eq!(lines.len(), 1 + models + usize::from(seeds > 1));
            let width = |line: &str| line.chars().count();
            assert!(
                lines[1..=models]
                    .iter()
                    .all(|line| width(line) == width(lines[0])),
                "{text}"
            );
            assert_eq!(text.contains('±'), seeds > 1);
        }
    }
}
