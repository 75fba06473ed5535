//! The same bytes from any number of threads and after any number of kills.

use std::fs;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::bench::{Bench, run_options};
use crate::read::files;

/// A job of several files.
const SMALL_PARTS: [&str; 6] = ["--columns", "a,b", "--depth", "3", "--part-mib", "1"];

#[test]
fn the_bytes_depend_on_no_number_of_threads() {
    let bench = Bench::new(8_000, 3);
    let options = [&["--group", "id"], &SMALL_PARTS[..], &["--threads"]].concat();
    bench.run("one", &[&options[..], &["1"]].concat()).unwrap();
    bench
        .run("three", &[&options[..], &["3"]].concat())
        .unwrap();
    assert!(files(&bench.path("one")) == files(&bench.path("three")));
    assert!(bench.path("one/part-00003.parquet").exists());
}

/// Not a test of its own: what is started and killed.
#[test]
#[ignore = "started by another test"]
fn job_to_be_killed() {
    if let Ok(options) = std::env::var("FEATURE_OPTIONS") {
        run_options(&options.split('\n').map(String::from).collect::<Vec<_>>()).unwrap();
    }
}

#[test]
fn after_kills_at_any_moment_the_files_are_the_same_to_the_byte() {
    let bench = Bench::new(12_000, 4);
    let mut text = fs::read_to_string(bench.path("in.csv")).unwrap();
    text.insert_str(text.len() / 2 + 200, "\nwrong\n");
    fs::write(bench.path("in.csv"), text).unwrap();
    for (kind, windows) in [
        ("paths", &[][..]),
        ("windows", &["--window", "11", "--hop", "3"]),
    ] {
        // Without groups a window goes over from one part to the next.
        let group: &[&str] = if kind == "paths" {
            &["--group", "id"]
        } else {
            &[]
        };
        let options = [&SMALL_PARTS[..], &["--skip-bad-rows"], windows, group].concat();
        let whole = bench.run(kind, &options).unwrap();
        assert!(whole.bad_rows >= 1 && whole.parts > 3);
        let killed = format!("killed {kind}");
        let resumed = bench.options(&killed, &[&options[..], &["--resume"]].concat());
        let mut random = StdRng::seed_from_u64(5);
        let began = Instant::now();
        let mut kills = 0;
        loop {
            let mut child = Command::new(std::env::current_exe().unwrap())
                .args(["kills::job_to_be_killed", "--exact", "--ignored"])
                .env("FEATURE_OPTIONS", resumed.join("\n"))
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            // Longer and longer, so that it comes to an end on a slow machine, too.
            let most = 100 + 40 * kills;
            sleep(Duration::from_millis(random.random_range(5..most)));
            let ended = child.try_wait().unwrap();
            child.kill().unwrap();
            child.wait().unwrap();
            match ended {
                Some(status) => {
                    assert!(status.success());
                    break;
                }
                None => kills += 1,
            }
            assert!(began.elapsed() < Duration::from_secs(300), "{kills} kills");
        }
        assert!(kills > 0);
        assert!(
            files(&bench.path(kind)) == files(&bench.path(&killed)),
            "{kind}, {kills} kills"
        );
    }
}

/// A part is kept before the state that knows it, the first one, too.
#[test]
fn a_first_part_without_a_state_is_made_again() {
    let bench = Bench::new(2_000, 3);
    let options = [&SMALL_PARTS[..], &["--group", "id"]].concat();
    bench.run("whole", &options).unwrap();
    let resumed = [&options[..], &["--resume"]].concat();
    let killed = bench.path("killed");
    fs::create_dir(&killed).unwrap();
    fs::write(killed.join("part-00000.parquet"), "of an earlier run").unwrap();
    let refused = bench.run("killed", &resumed).unwrap_err().to_string();
    assert!(
        refused.contains("there is something in this folder"),
        "{refused}"
    );
    fs::write(killed.join("_ids"), "").unwrap();
    bench.run("killed", &resumed).unwrap();
    assert!(files(&bench.path("whole")) == files(&killed));
}
