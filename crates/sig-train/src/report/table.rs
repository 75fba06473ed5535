use super::{ModelReport, StudyReport};
use crate::config::ModelKind;
use crate::evaluate::Scores;

/// The scores as a table for the terminal, one line per model; with several seeds or folds, mean ± standard
/// deviation.
pub(crate) fn table(report: &StudyReport) -> String {
    let runs = report.models[0].runs.len();
    let several = runs > 1;
    let width = if several { 19 } else { 9 };
    let mut text = format!("{:<14}", "model");
    text.extend(SCORES.map(|name| format!(" {name:>width$}")));
    text += &format!(" {:>11} {:>8} {:>9}\n", "parameters", "epochs", "s/epoch");
    text.extend(report.models.iter().map(|row| {
        let scores = scores(row)
            .map(|score| format!(" {score:>width$}"))
            .concat();
        format!(
            "{:<14}{scores} {:>11} {:>8} {:>9.3}\n",
            row.model.name(),
            row.parameters,
            row.epochs(),
            row.seconds_per_epoch
        )
    }));
    if several {
        text += &format!("mean ± standard deviation over {runs} trainings\n");
    }
    if report
        .models
        .iter()
        .any(|row| row.scores.coverage.is_some())
    {
        text += "coverage: share of the actual values that lie within the 80 % intervals\n";
    }
    text
}

/// A line for each trained model that is worse than the best one which repeats values, if such a one is
/// in the study.
pub(crate) fn worse_than_naive(report: &StudyReport) -> Vec<String> {
    let (trained, repeating): (Vec<_>, Vec<_>) =
        report.models.iter().partition(|row| row.model.learns());
    let best = repeating
        .into_iter()
        .max_by(|one, other| one.scores.r2.total_cmp(&other.scores.r2));
    let Some(best) = best else { return Vec::new() };
    let what = match best.model {
        ModelKind::SeasonalNaive => "the last season",
        _ => "the last value",
    };
    let worse = trained
        .into_iter()
        .filter(|row| row.scores.r2 < best.scores.r2);
    let told = worse.map(|row| {
        let (name, rule) = (row.model.name(), best.model.name());
        let (r2, best) = (row.scores.r2, best.scores.r2);
        format!("{name} is worse than {rule}, which repeats {what}: R2 {r2:.4} against {best:.4}")
    });
    told.collect()
}

/// The names of the [`scores`].
pub(super) const SCORES: [&str; 5] = ["R2", "RMSE", "MAE", "MASE", "coverage"];

/// R², RMSE, MAE, MASE and the share of actual values in their intervals, with their spread if there is
/// one.
pub(super) fn scores(row: &ModelReport) -> [String; 5] {
    let of: [fn(&Scores) -> Option<f64>; 5] = [
        |s| Some(s.r2),
        |s| Some(s.rmse),
        |s| Some(s.mae),
        |s| s.mase,
        |s| s.coverage,
    ];
    of.map(
        |of| match (of(&row.scores), row.spread.as_ref().and_then(of)) {
            (None, _) => "–".into(),
            (Some(value), None) => number(value),
            (Some(value), Some(spread)) => format!("{} ± {}", number(value), number(spread)),
        },
    )
}

/// Four decimals, of large numbers less.
fn number(value: f64) -> String {
    match value.abs() {
        1e6.. => format!("{value:.2e}"),
        1e3.. => format!("{value:.1}"),
        _ => format!("{value:.4}"),
    }
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
            assert_eq!(lines.len(), 2 + models + usize::from(seeds > 1));
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

    #[test]
    fn models_are_compared_with_the_better_repetition() {
        let mut report = example::study(4, 1).report;
        let kinds = [
            ModelKind::Linear,
            ModelKind::Mlp,
            ModelKind::Naive,
            ModelKind::SeasonalNaive,
        ];
        for ((row, kind), r2) in report
            .models
            .iter_mut()
            .zip(kinds)
            .zip([0.5, 0.8, 0.2, 0.7])
        {
            (row.model, row.scores.r2) = (kind, r2);
        }
        let expected = "linear is worse than seasonal-naive, which repeats the last season: R2 0.5000 \
                        against 0.7000";
        assert_eq!(worse_than_naive(&report), [expected]);
        report.models.truncate(3);
        assert!(worse_than_naive(&report).is_empty());
        report.models[0].scores.r2 = 0.1;
        assert!(worse_than_naive(&report)[0].contains("naive, which repeats the last value"));
    }
}
