//! Studies on servers: on one, on two, on one that is killed.

#![cfg(feature = "remote")]

mod support;

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::process::{self, ChildStdout, Command, Stdio};
use std::thread::{self, sleep};
use std::time::Duration;

use burn::backend::Flex;
use burn::backend::ops::IntTensorOps;
use burn::server::{CustomOpRegistry, RemoteServer, WebSocketTransport};
use burn::tensor::{Device, TensorData};
use support::{Bench, run_options, text};

const OPTIONS: [&str; 6] = [
    "--model",
    "sigdense,linear",
    "--epochs",
    "2",
    "--batch-size",
    "48",
];

/// Not a test of its own: the server that [`Server::start`] starts.
#[test]
#[ignore = "started by the other tests"]
fn server() {
    serve(sig_nn::remote_server([Device::flex()]));
}

/// Nor is this: a server that says of each operation that it has version 9 of it.
#[test]
#[ignore = "started by the other tests"]
fn server_of_another_version() {
    let mut operations = CustomOpRegistry::<Flex>::new();
    operations.register("sig::operations", |handles, question, device| {
        let [answer] = &question.outputs[..] else {
            panic!("one answer is expected");
        };
        let versions = TensorData::full(answer.shape.clone(), 9i32);
        let versions = Flex::int_from_data(versions, device);
        handles.register_int_tensor::<Flex>(&answer.id, versions);
    });
    serve(RemoteServer::new([Device::flex()]).with_custom_ops(operations));
}

fn serve(server: RemoteServer) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    println!("ws://{}", listener.local_addr().unwrap());
    server
        .serve(WebSocketTransport::from_listener(listener))
        .unwrap();
}

/// A server in a process of its own, which ends with this value.
struct Server {
    process: process::Child,
    url: String,
    /// Open, or the process would end where it has more to say.
    _output: BufReader<ChildStdout>,
}

impl Server {
    fn start() -> Self {
        Self::start_as("server")
    }

    /// One of the two above.
    fn start_as(name: &str) -> Self {
        let mut process = Command::new(std::env::current_exe().unwrap())
            .args([name, "--exact", "--ignored", "--nocapture"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(process.stdout.take().unwrap());
        let mut line = String::new();
        while !line.contains("ws://") {
            line.clear();
            let read = output.read_line(&mut line).unwrap();
            assert!(read > 0, "the server has told no address");
        }
        Self {
            url: line[line.find("ws://").unwrap()..].trim().to_string(),
            process,
            _output: output,
        }
    }

    fn kill(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

fn study(bench: &Bench, to: &str, servers: &[&Server], options: &[&str]) -> Result<(), String> {
    let mut more: Vec<&str> = options.to_vec();
    for server in servers {
        more.extend(["--remote", &server.url]);
    }
    bench.study(to, &more).map(drop)
}

/// The rows of losses.csv: model, seed, epoch and step, and the loss.
fn losses(bench: &Bench, from: &str) -> Vec<(String, f64)> {
    let text = bench.read(&format!("{from}/losses.csv"));
    let rows = text.lines().skip(1).map(|line| {
        let (step, loss) = line.rsplit_once(',').unwrap();
        (step.to_string(), loss.parse().unwrap())
    });
    rows.collect()
}

fn assert_same_losses(bench: &Bench, one: &str, other: &str) {
    let (one, other) = (losses(bench, one), losses(bench, other));
    assert!(one.len() > 15);
    assert_eq!(one.len(), other.len());
    for ((step, one), (same, other)) in one.iter().zip(&other) {
        assert_eq!(step, same);
        assert!((one / other - 1.0).abs() < 1e-5, "{step}: {one} {other}");
    }
}

#[test]
fn losses_are_those_of_one_machine() {
    let bench = Bench::new();
    let (one, two) = (Server::start(), Server::start());
    study(&bench, "local", &[], &OPTIONS).unwrap();
    study(&bench, "one", &[&one], &OPTIONS).unwrap();
    study(&bench, "two", &[&one, &two], &OPTIONS).unwrap();
    assert_same_losses(&bench, "local", "one");
    assert_same_losses(&bench, "local", "two");
    let report = bench.read("two/metrics.json");
    assert!(
        report.contains(&format!("{}, {}", one.url, two.url)),
        "{report}"
    );
}

#[test]
fn a_server_of_another_version_is_refused_before_anything_is_trained() {
    let server = Server::start_as("server_of_another_version");
    let url = &server.url;
    let bench = Bench::new();
    let error = bench.failure("out", &["--remote", url]);
    assert!(error.starts_with(&format!("--remote {url}: ")), "{error}");
    for part in ["version 9", "sig::signature", "this program version 2"] {
        assert!(error.contains(part), "{error}");
    }
    assert!(!bench.path("out").exists());
}

#[test]
fn addresses_that_are_none_are_told() {
    let bench = Bench::new();
    let error = bench.failure("out", &["--remote", "localhost:3000"]);
    assert!(error.contains("ws://HOST:PORT"), "{error}");
    assert!(!bench.path("out").exists());
}

/// Both servers of a study and one of them only: whatever the first has is gone, or what the second
/// was asked for.
#[test]
fn a_study_whose_server_is_killed_ends_with_an_error_and_goes_on_elsewhere() {
    const OPTIONS: [&str; 6] = ["--model", "mlp", "--epochs", "6", "--batch-size", "48"];
    for killed in 0..2 {
        let bench = Bench::new();
        let mut servers = [Server::start(), Server::start()];
        let error = thread::scope(|scope| {
            let [first, second] = &servers;
            let urls = [&first.url, &second.url];
            let bench = &bench;
            let study = scope.spawn(move || {
                let remote = urls.iter().flat_map(|url| ["--remote", url]);
                let more: Vec<&str> = OPTIONS.into_iter().chain(remote).collect();
                bench.failure("out", &more)
            });
            let reached = bench.path("out/mlp/seed-42/checkpoints/history-2.json");
            while !reached.exists() {
                assert!(
                    !study.is_finished(),
                    "the study ended before its server was killed"
                );
                sleep(Duration::from_millis(1));
            }
            let id = servers[killed].process.id().to_string();
            assert!(
                Command::new("kill")
                    .args(["-9", &id])
                    .status()
                    .unwrap()
                    .success()
            );
            study.join().unwrap()
        });
        let told = format!("training mlp: no answer from {}, ", servers[killed].url);
        assert!(error.starts_with(&told), "{error}");
        assert!(error.contains("--resume"), "{error}");
        assert!(!bench.path("out/metrics.json").exists());
        servers[killed].kill();

        let server = Server::start();
        let out = text(&bench.path("out"));
        run_options(&["--resume", "--artifacts", &out, "--remote", &server.url]).unwrap();
        study(&bench, "local", &[], &OPTIONS).unwrap();
        assert_same_losses(&bench, "local", "out");
        assert!(!bench.path("out/mlp/seed-42/checkpoints").exists());
    }
}
