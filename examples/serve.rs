//! A server that computes for programs on other machines:
//! `cargo run --release --example serve --features remote -- --help`.

use std::net::TcpListener;
use std::process::ExitCode;

use burn::server::WebSocketTransport;
use burn_sig::{NamedDevice, nn::remote_server};
use clap::Parser;

/// Computes on a device of this machine for programs that reach it by a WebSocket, such as
/// `sig-train --remote ws://HOST:PORT`. The connection is neither encrypted nor are programs asked who
/// they are: for the loopback, or a network of which all machines are trusted.
#[derive(Parser)]
#[command(name = "serve", version)]
struct Cli {
    /// The address to listen at; 0.0.0.0 is any of this machine
    #[arg(long, default_value = "127.0.0.1")]
    host: String,

    /// The port to listen at; 0 is any free one
    #[arg(long, default_value_t = 3000)]
    port: u16,

    /// Where to compute: flex, ndarray, wgpu, vulkan, metal, webgpu, cuda, rocm or cpu, if compiled
    /// in [default: the best that is]
    #[arg(long, env = "BURN_DEVICE")]
    device: Option<String>,
}

fn main() -> ExitCode {
    match serve(&Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Serves until Ctrl-C.
fn serve(cli: &Cli) -> Result<(), Box<dyn std::error::Error>> {
    let found = NamedDevice::open(cli.device.as_deref())?;
    let address = (cli.host.as_str(), cli.port);
    let listener = TcpListener::bind(address)
        .map_err(|error| format!("--host {} --port {}: {error}", cli.host, cli.port))?;
    println!("{found} at ws://{}", listener.local_addr()?);
    remote_server([found.device]).serve(WebSocketTransport::from_listener(listener))?;
    Ok(())
}
