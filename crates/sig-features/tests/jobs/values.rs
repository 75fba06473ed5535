//! The features are those of the library.

use std::fs;

use burn::tensor::{DType, Device, Tensor, TensorData};
use sig_core::logsignatures::logsignature;
use sig_core::signatures::{Basepoint, signature};
use sig_core::transforms::{LeadLagOrder, basepoint, lead_lag, time_augment};
use sig_core::windows::Windows;

use crate::bench::{Bench, run_options};
use crate::read::{features, rows, text};

/// The windows of a path of so many points, if it is long enough.
type WindowsOf = fn(usize) -> Option<Windows>;

fn tensor(points: &[Vec<f64>]) -> Tensor<3> {
    let data = TensorData::new(points.concat(), [1, points.len(), points[0].len()]);
    Tensor::from_data(data, (&Device::flex(), DType::F64))
}

fn numbers(tensor: Tensor<2>) -> Vec<f64> {
    tensor.into_data().try_into_vec::<f64>().unwrap()
}

fn assert_close(ours: &[f64], expected: &[f64]) {
    assert_eq!(ours.len(), expected.len());
    for (ours, expected) in ours.iter().zip(expected) {
        assert!(
            (ours - expected).abs() <= 1e-12 * expected.abs().max(1.0),
            "{ours} {expected}"
        );
    }
}

#[test]
fn whole_paths_are_those_of_the_library() {
    let bench = Bench::new(300, 1);
    let summary = bench
        .run(
            "out",
            &["--group", "id", "--columns", "b,a", "--depth", "3"],
        )
        .unwrap();
    let long: Vec<_> = bench
        .paths
        .iter()
        .enumerate()
        .filter(|(_, path)| path.len() > 1)
        .collect();
    assert_eq!((summary.paths, summary.rows), (300, long.len() as u64));
    assert_eq!(summary.short_paths, 300 - long.len() as u64);
    let rows = rows(&bench.path("out"));
    for (row, (id, path)) in rows.iter().zip(&long) {
        assert_eq!(text(row, "id"), format!("path {id}"));
        assert_eq!(text(row, "end"), path.len().to_string());
        let before: usize = bench.paths[..*id].iter().map(Vec::len).sum();
        assert_eq!(text(row, "row"), (before + path.len()).to_string());
        let points: Vec<_> = path.iter().map(|[a, b, _]| vec![*b, *a]).collect();
        assert_close(
            &features(row, "row"),
            &numbers(signature(tensor(&points), 3)),
        );
    }
    let names: Vec<_> = rows[0]
        .get_column_iter()
        .map(|(name, _)| name.clone())
        .collect();
    assert_eq!(names[..6], ["id", "start", "end", "row", "(0)", "(1)"]);
}

#[test]
fn windows_are_cut_first_and_transformed_then() {
    let bench = Bench::new(60, 2);
    let transform = [
        "--group",
        "id",
        "--time",
        "when",
        "--transform",
        "time,lead-lag,basepoint",
        "--log",
    ];
    let kinds: [(&[&str], WindowsOf); 3] = [
        (&["--window", "5", "--hop", "2"], |points| {
            (points >= 5).then_some(Windows::Sliding { window: 5, hop: 2 })
        }),
        (&["--expanding", "3", "--hop", "4"], |points| {
            (points >= 3).then_some(Windows::Expanding { first: 3, hop: 4 })
        }),
        (&["--dyadic", "2"], |points| {
            (points >= 5).then_some(Windows::Dyadic { levels: 2 })
        }),
    ];
    for (index, (options, windows)) in kinds.into_iter().enumerate() {
        let out = format!("out {index}");
        let summary = bench
            .run(&out, &[&transform[..], options].concat())
            .unwrap();
        let mut rows = rows(&bench.path(&out)).into_iter();
        for path in &bench.paths {
            for range in windows(path.len())
                .map(|w| w.ranges(path.len()))
                .unwrap_or_default()
            {
                let row = rows.next().unwrap();
                assert_eq!(text(&row, "start"), range.start.to_string());
                assert_eq!(text(&row, "end"), range.end.to_string());
                let first = path[range.start][2];
                let points: Vec<_> = path[range]
                    .iter()
                    .map(|[a, b, t]| vec![*a, *b, t - first])
                    .collect();
                let path = lead_lag(time_augment(tensor(&points), 1.0), LeadLagOrder::LeadLag);
                let path = basepoint(path, &Basepoint::Zero);
                assert_close(&features(&row, "end_time"), &numbers(logsignature(path, 2)));
            }
        }
        assert!(rows.next().is_none() && summary.rows > 100);
    }
}

#[test]
fn a_long_path_slides_from_chunk_to_chunk() {
    let root = tempfile::tempdir().unwrap();
    let input = root.path().join("in.csv");
    let value = |row: usize| ((row * 7919) % 1000) as f64 / 8.0;
    let text: String = (0..250_000)
        .map(|row| format!("{},{row}\n", value(row)))
        .collect();
    fs::write(&input, format!("a,b\n{text}")).unwrap();
    let out = root.path().join("out");
    let [input, output] = [&input, &out].map(|path| path.display().to_string());
    let options = [
        "features", &input, "-o", &output, "--window", "3000", "--hop", "7001", "--f32", "--depth",
        "1",
    ];
    run_options(&options.map(String::from)).unwrap();
    let rows = rows(&out);
    assert_eq!(rows.len(), (250_000 - 3000) / 7001 + 1);
    for (index, row) in rows.iter().enumerate() {
        let (first, last) = (7001 * index, 7001 * index + 2999);
        assert_eq!(crate::read::text(row, "row"), (last + 1).to_string());
        assert_eq!(features(row, "row"), [value(last) - value(first), 2999.0]);
    }
}
