use super::table::scores;
use super::{ModelReport, StudyReport};
use crate::StudyConfig;
use crate::config::DataConfig;

const STYLE: &str = include_str!("page.css");

/// The report as one page that loads nothing.
pub(super) fn page(
    config: &StudyConfig,
    report: &StudyReport,
    figures: &[(&str, String)],
) -> String {
    let title = format!("Forecasts of {}", escape(&report.target));
    let facts: String = facts(config, report)
        .iter()
        .map(|(name, value)| format!("<dt>{name}</dt><dd>{}</dd>\n", escape(value)))
        .collect();
    let figures: String = figures
        .iter()
        .map(|(title, svg)| format!("<h2>{}</h2>\n<figure>\n{svg}</figure>\n", escape(title)))
        .collect();
    let table = table(report);
    let config = serde_json::to_string_pretty(config).expect("plain data becomes JSON");
    let config = escape(&config);
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n\
         <h1>{title}</h1>\n<dl>\n{facts}</dl>\n<h2>Scores on the test part</h2>\n{table}{figures}\
         <h2>Configuration</h2>\n<details>\n<summary>config.json</summary>\n<pre>{config}</pre>\n\
         </details>\n</main>\n</body>\n</html>\n"
    )
}

fn facts(config: &StudyConfig, report: &StudyReport) -> Vec<(&'static str, String)> {
    let data = match &config.data {
        DataConfig::Volumes { hours, .. } => format!("synthetic trading volumes, {hours} hours"),
        DataConfig::Fbm { paths } => format!("{paths} fractional Brownian motions"),
        DataConfig::Area { paths } => format!("{paths} noisy loops"),
        DataConfig::File(file) => file.path.display().to_string(),
    };
    let (length, horizon) = (config.length, config.horizon);
    let windows = match config.data.is_of_paths() {
        true => format!("paths of {length} points"),
        false => format!("{length} points seen, {horizon} forecast"),
    };
    let [train, valid, test] = report.windows;
    let seeds: Vec<_> = report.seeds.iter().map(u64::to_string).collect();
    vec![
        ("Data", data),
        ("Windows", windows),
        (
            "Parts",
            format!("{train} train, {valid} validate, {test} test"),
        ),
        ("Signature", format!("depth {}", config.depth)),
        ("Seeds", seeds.join(", ")),
        ("Device", report.device.clone()),
    ]
}

fn table(report: &StudyReport) -> String {
    let best = report
        .models
        .iter()
        .map(|row| row.scores.r2)
        .fold(f64::MIN, f64::max);
    let row = |row: &ModelReport| {
        let class = match row.scores.r2 == best && report.models.len() > 1 {
            true => " class=\"best\"",
            false => "",
        };
        let [r2, rmse, mae] = scores(row);
        let cells = [
            row.model.name().into(),
            r2,
            rmse,
            mae,
            grouped(row.parameters),
            row.epochs(),
            format!("{:.3}", row.seconds_per_epoch),
        ];
        let cells: String = cells
            .iter()
            .map(|cell| format!("<td>{cell}</td>"))
            .collect();
        format!("<tr{class}>{cells}</tr>\n")
    };
    let rows: String = report.models.iter().map(row).collect();
    let names = [
        "Model",
        "R²",
        "RMSE",
        "MAE",
        "Parameters",
        "Epochs",
        "Seconds/epoch",
    ];
    let names: String = names
        .iter()
        .map(|name| format!("<th>{name}</th>"))
        .collect();
    let mut note = format!("RMSE and MAE in {}.", escape(&report.unit));
    if report.seeds.len() > 1 {
        let count = report.seeds.len();
        note = format!("Mean ± standard deviation over {count} seeds. {note}");
    }
    format!(
        "<div class=\"scroll\"><table>\n<thead><tr>{names}</tr></thead>\n<tbody>\n{rows}</tbody>\n\
         </table></div>\n<p class=\"note\">{note}</p>\n"
    )
}

/// A whole number with its thousands apart.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let groups = digits.as_bytes().rchunks(3).rev();
    let groups: Vec<_> = groups.map(|group| String::from_utf8_lossy(group)).collect();
    groups.join("\u{202f}")
}

fn escape(text: &str) -> String {
    let escaped = text.replace('&', "&amp;").replace('<', "&lt;");
    escaped.replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::example;

    #[test]
    fn the_page_has_every_model_and_loads_nothing() {
        for (models, seeds) in [(1, 1), (4, 3)] {
            let example = example::study(models, seeds);
            let figures = [("Losses", "<svg></svg>".to_string())];
            let text = page(&example.config, &example.report, &figures);
            for row in &example.report.models {
                assert!(text.contains(&format!("<td>{}</td>", row.model.name())));
            }
            assert_eq!(text.matches("<tr").count(), 1 + models);
            assert_eq!(text.contains("3 seeds"), seeds == 3);
            let loads = [
                "http:", "https:", "src=", "href=", "url(", "@import", "<script",
            ];
            assert!(loads.iter().all(|word| !text.contains(word)));
        }
    }

    #[test]
    fn names_of_the_user_are_text() {
        let mut example = example::study(1, 1);
        example.report.target = "<script>\"a & b\"".into();
        let text = page(&example.config, &example.report, &[]);
        assert!(text.contains("&lt;script&gt;&quot;a &amp; b&quot;") && !text.contains("<script"));
    }

    #[test]
    fn thousands_are_apart() {
        assert_eq!(grouped(12), "12");
        assert_eq!(grouped(1234567), "1\u{202f}234\u{202f}567");
    }
}
