use std::fmt::Write;

use super::StudyReport;

/// The scores as a table for the terminal, one model a line.
pub(crate) fn table(report: &StudyReport) -> String {
    let mut text = format!(
        "{:<9} {:>8} {:>8} {:>8} {:>11} {:>7} {:>5} {:>8}\n",
        "model", "R2", "RMSE", "MAE", "parameters", "epochs", "best", "seconds"
    );
    for row in &report.models {
        let scores = row.scores;
        writeln!(
            text,
            "{:<9} {:>8.4} {:>8.4} {:>8.4} {:>11} {:>7} {:>5} {:>8.1}",
            row.model.name(),
            scores.r2,
            scores.rmse,
            scores.mae,
            row.parameters,
            row.epochs,
            row.best_epoch,
            row.seconds
        )
        .expect("a string takes any text");
    }
    text
}
