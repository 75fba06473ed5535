//! Memory does not depend on the number of threads, nor on the size of row groups.

use std::fs::File;
use std::sync::Arc;

use clap::Parser;
use parquet::data_type::{DataType, DoubleType, Int64Type};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::parser::parse_message_type;
use peak_alloc::PeakAlloc;
use sig_features::{FeatureArgs, run};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

#[derive(Parser)]
struct Cli {
    #[command(flatten)]
    job: FeatureArgs,
}

fn column<T: DataType>(group: &mut SerializedRowGroupWriter<'_, File>, values: &[T::T]) {
    let mut column = group.next_column().unwrap().unwrap();
    let written = column.typed::<T>().write_batch(values, None, None);
    written.unwrap();
    column.close().unwrap();
}

/// Pages of 8 MiB in one row group: 1.1 million rows of an id and two numbers.
#[test]
fn parquet_takes_the_same_memory_on_all_threads() {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("in.parquet");
    let schema = "message walks { required int64 id; required double a; required double b; }";
    let properties = WriterProperties::builder()
        .set_dictionary_enabled(false)
        .set_data_page_size_limit(8 << 20)
        .set_data_page_row_count_limit(1 << 20);
    let schema = Arc::new(parse_message_type(schema).unwrap());
    let file = File::create(&input).unwrap();
    let mut writer = SerializedFileWriter::new(file, schema, Arc::new(properties.build())).unwrap();
    let mut group = writer.next_row_group().unwrap();
    let rows = 1_100_000;
    let ids: Vec<i64> = (0..rows).map(|row| row / 100).collect();
    column::<Int64Type>(&mut group, &ids);
    for factor in [7, 11] {
        let values: Vec<_> = (0..rows)
            .map(|row| ((row * factor) % 1009) as f64)
            .collect();
        column::<DoubleType>(&mut group, &values);
    }
    group.close().unwrap();
    writer.close().unwrap();

    let most = ["1", "2", "16"].map(|threads| {
        let output = folder.path().join(threads);
        let [input, output] = [&input, &output].map(|path| path.to_str().unwrap());
        let options = ["features", input, "--output", output, "--group", "id"];
        let options = [&options[..], &["--depth", "1", "--threads", threads]].concat();
        let held = MEMORY.current_usage();
        MEMORY.reset_peak_usage();
        run(&Cli::parse_from(options).job).unwrap();
        (MEMORY.peak_usage() - held) >> 20
    });
    assert!(most[0] < 128, "{most:?} MiB");
    assert!(
        most.iter().all(|mib| mib.abs_diff(most[0]) < 16),
        "{most:?} MiB"
    );
}
