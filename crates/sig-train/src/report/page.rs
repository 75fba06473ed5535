use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::table::{SCORES, scores};
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
    let title = format!("Forecasts of {}", report.target);
    let config_json = serde_json::to_string_pretty(config).expect("plain data becomes JSON");
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                main {
                    h1 { (title) }
                    dl {
                        @for (name, value) in facts(config, report) { dt { (name) } dd { (value) } }
                    }
                    h2 { "Scores on the test part" }
                    (table(report, !config.data.groups().is_empty()))
                    @for (title, svg) in figures {
                        h2 { (title) }
                        figure { (PreEscaped(svg)) }
                    }
                    h2 { "Configuration" }
                    details {
                        summary { "config.json" }
                        pre { (config_json) }
                    }
                }
            }
        }
    };
    page.into_string()
}

fn facts(config: &StudyConfig, report: &StudyReport) -> Vec<(&'static str, String)> {
    let data = match &config.data {
        DataConfig::Volumes { hours, .. } => format!("synthetic trading volumes, {hours} hours"),
        DataConfig::Fbm { paths } => format!("{paths} fractional Brownian motions"),
        DataConfig::Area { paths } => format!("{paths} noisy loops"),
        DataConfig::File(file) => file.path.display().to_string(),
    };
    let (length, horizon) = (config.length, config.horizon);
    let windows = if config.data.is_of_paths() {
        format!("paths of {length} points")
    } else {
        format!("{length} points, {horizon} forecast")
    };
    let [train, valid, test] = report.windows;
    let seeds: Vec<_> = report.seeds.iter().map(u64::to_string).collect();
    vec![
        ("Data", data),
        ("Windows", windows),
        (
            "Parts",
            format!("{train} training, {valid} validation, {test} test"),
        ),
        ("Signature", format!("depth {}", config.depth)),
        ("Seeds", seeds.join(", ")),
        ("Device", report.device.clone()),
    ]
}

/// # Arguments
///
/// - `several`: whether there are several series.
fn table(report: &StudyReport, several: bool) -> Markup {
    let scored = report.models.iter().map(|row| row.scores.r2);
    let best = scored.fold(f64::MIN, f64::max);
    let is_best = |row: &ModelReport| row.scores.r2 == best && report.models.len() > 1;
    let names = ["Model"].into_iter().chain(SCORES);
    let names = names.chain(["Parameters", "Epochs", "Seconds/epoch"]);
    html! {
        div.scroll {
            table {
                thead { tr { @for name in names { th { (name) } } } }
                tbody {
                    @for row in &report.models {
                        tr class=[is_best(row).then_some("best")] {
                            td { (row.model.name()) }
                            @for score in scores(row) { td { (score) } }
                            td { (grouped(row.parameters)) }
                            td { (row.epochs()) }
                            td { (format!("{:.3}", row.seconds_per_epoch)) }
                        }
                    }
                }
            }
        }
        p.note {
            @let runs = report.models[0].runs.len();
            @if runs > 1 { "Mean ± standard deviation over " (runs) " trainings. " }
            "RMSE and MAE in the unit of the target. MASE: errors over the mean change of the training part "
            @match report.season {
                Some(season) => { "over a season, " (season) " rows. " }
                None => { "from row to row. " }
            }
            "Coverage: the share of the actual values that lie within the 80 % intervals. "
            "R2: 1 − squared errors over squared differences from the mean of the test part"
            @if several { ", of each series from its own" }
            "."
        }
    }
}

/// A whole number with its thousands apart.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let groups = digits.as_bytes().rchunks(3).rev();
    let groups: Vec<_> = groups.map(|group| String::from_utf8_lossy(group)).collect();
    groups.join("\u{202f}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::FileConfig;
    use crate::report::tests as example;

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
            assert_eq!(text.contains("3 trainings"), seeds == 3);
            let loads = [
                "http:", "https:", "src=", "href=", "url(", "@import", "<script",
            ];
            assert!(loads.iter().all(|word| !text.contains(word)));
        }
    }

    #[test]
    fn of_several_series_each_mean_is_its_own() {
        let mut example = example::study(1, 1);
        let own = ", of each series from its own";
        assert!(!page(&example.config, &example.report, &[]).contains(own));
        example.config.data = DataConfig::File(FileConfig {
            group: vec!["shop".into()],
            ..Default::default()
        });
        assert!(page(&example.config, &example.report, &[]).contains(own));
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
