//! The devices a study computes on.

use std::any::Any;
use std::net::{TcpStream, ToSocketAddrs};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use burn::tensor::distributed::{DistributedConfig, ReduceOperation};
use burn::tensor::{Device, Tensor};
use burn::train::{ExecutionStrategy, MultiDeviceOptim};

use sig_core::NamedDevice;

use crate::{Error, StudyArgs};

/// How long a server may take to accept a connection.
const PATIENCE: Duration = Duration::from_secs(2);

/// How long a server of several may sleep.
const WAKE: Duration = Duration::from_secs(1);

/// One device, or several that share the windows of each training step.
pub(crate) struct Devices {
    /// For the report: the name of the backend, or the addresses of the servers.
    pub(crate) name: String,
    all: Vec<Device>,
    /// The addresses of the servers, none on this machine.
    servers: Vec<String>,
}

impl Devices {
    /// Opens the devices that the options name: each is started or reached.
    ///
    /// # Errors
    ///
    /// Names the option that cannot be met, and why.
    pub(crate) fn open(args: &StudyArgs) -> Result<Self, Error> {
        let servers = args.remote.clone();
        if !servers.is_empty() {
            return Ok(Self {
                name: servers.join(", "),
                all: remote_devices(&servers)?,
                servers,
            });
        }
        let found = NamedDevice::open(args.device.as_deref())?;
        if !found.passed_over.is_empty() {
            tell!("Device: {found}");
        }
        let NamedDevice { name, device, .. } = found;
        let all = match args.devices.unwrap_or(1) {
            1 => vec![device],
            count => several(name, count)?,
        };
        Ok(Self {
            name: name.into(),
            all,
            servers,
        })
    }

    /// The device of the model, of validation and of evaluation.
    pub(crate) fn main(&self) -> &Device {
        &self.all[0]
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.all.len()
    }

    /// How Burn trains on them. The gradients of several devices are added up: a [`Batch`] that is
    /// part of a step is weighted for that.
    ///
    /// [`Batch`]: crate::data::Batch
    pub(crate) fn strategy(&self) -> ExecutionStrategy {
        let all_reduce_op = ReduceOperation::Sum;
        match &self.all[..] {
            [one] => ExecutionStrategy::single(one.clone()),
            // Each device keeps a copy of the model, and they add up the gradients themselves.
            all if self.servers.is_empty() => {
                ExecutionStrategy::ddp(all.to_vec(), DistributedConfig { all_reduce_op })
            }
            // The first device has the model, and the others get a copy for each step.
            all => ExecutionStrategy::multi(all.to_vec(), MultiDeviceOptim::OptimMainDevice),
        }
    }

    /// Runs a training. On servers a panic of Burn is an error, too: it panics where it saves a
    /// model whose server has ended. On a device of this machine a panic goes on.
    pub(crate) fn guard<T>(&self, training: impl FnOnce() -> T) -> Result<T, String> {
        if self.servers.is_empty() {
            return Ok(training());
        }
        let outcome = self.while_awake(|| catch_unwind(AssertUnwindSafe(training)));
        outcome.map_err(|panic| panic_message(&*panic).into())
    }

    /// Calls `training` while each server sends a number to another one every [`WAKE`].
    ///
    /// A server of Burn 0.22.1 that is asked for a tensor looks whether it has it, and else waits
    /// to be told of the next one. A tensor that becomes ready between the two is missed, and both
    /// servers wait forever, unless something else is sent.
    fn while_awake<T>(&self, training: impl FnOnce() -> T) -> T {
        if self.all.len() == 1 {
            return training();
        }
        let next = self.all.iter().cycle().skip(1);
        thread::scope(|scope| {
            // Each on a thread of its own, where it waits for no other server.
            let threads = self.all.iter().zip(next).map(|(from, to)| {
                let (running, over) = mpsc::channel::<()>();
                let thread = scope.spawn(move || {
                    while over.recv_timeout(WAKE) == Err(RecvTimeoutError::Timeout) {
                        let _number = Tensor::<1>::zeros([1], from).to_device(to);
                        if from.sync().is_err() {
                            return;
                        }
                    }
                });
                (running, thread)
            });
            let threads: Vec<_> = threads.collect();
            let outcome = training();
            for (running, thread) in threads {
                drop(running);
                // A server that has ended is told by the training.
                let _ = thread.join();
            }
            outcome
        })
    }

    /// The error of a training that failed: that of a lost server, unless all servers answer and
    /// the reason explains the failure by itself.
    pub(crate) fn failure(&self, model: String, reason: &str, explained: bool) -> Error {
        let silent = self.servers.iter().filter(|url| !answers(url));
        let silent: Vec<&str> = silent.map(String::as_str).collect();
        let reason = reason.split_whitespace().collect::<Vec<_>>().join(" ");
        let servers = if !silent.is_empty() {
            format!("no answer from {}", silent.join(", "))
        } else if self.servers.is_empty() || explained {
            return Error::Training { model, reason };
        } else {
            "a server has closed the connection".into()
        };
        let reason = format!("{servers}, {reason}; go on with --resume, there or elsewhere");
        Error::Training { model, reason }
    }
}

/// Whether something listens at an address, `ws://HOST:PORT`.
fn answers(url: &str) -> bool {
    let address = url.trim_start_matches("ws://").trim_end_matches('/');
    let addresses = address.to_socket_addrs();
    addresses.is_ok_and(|mut all| {
        all.any(|address| TcpStream::connect_timeout(&address, PATIENCE).is_ok())
    })
}

/// The first `count` devices of a backend whose devices can add up gradients among themselves.
fn several(name: &str, count: usize) -> Result<Vec<Device>, Error> {
    let mut found = peers(name).ok_or_else(|| {
        Error::Usage(format!(
            "--devices {count}: several devices are for --device cuda, and not {name}; on other \
             devices start one server each, and give one --remote each"
        ))
    })?;
    if !(1..=found.len()).contains(&count) {
        let found = found.len();
        return Err(Error::Usage(format!(
            "--devices {count}: {name} has {found}"
        )));
    }
    found.truncate(count);
    Ok(found)
}

/// The devices of a backend whose devices can add up gradients among themselves.
fn peers(name: &str) -> Option<Vec<Device>> {
    match name {
        #[cfg(feature = "cuda")]
        "cuda" => Some(
            Device::enumerate(burn::tensor::DeviceType::Cuda)
                .into_iter()
                .collect(),
        ),
        _ => None,
    }
}

/// What a panic says.
fn panic_message(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("no reason given")
}

/// All devices of all servers.
///
/// # Arguments
///
/// - `urls`: the addresses of the servers, `ws://HOST:PORT`
///
/// # Errors
///
/// [`Error::Remote`] if this build lacks the feature `remote`, or names the address that is
/// malformed, given twice, does not answer, or whose server lacks an operation of this version.
pub fn remote_devices(urls: &[String]) -> Result<Vec<Device>, Error> {
    let mut all = Vec::new();
    for (index, url) in urls.iter().enumerate() {
        let devices = if !url.starts_with("ws://") {
            Err("an address of the form ws://HOST:PORT is expected".into())
        } else if urls[..index].contains(url) {
            Err("given twice".into())
        } else {
            devices_of(url)
        };
        all.extend(devices.map_err(|reason| Error::Remote {
            url: url.clone(),
            reason,
        })?);
    }
    Ok(all)
}

#[cfg(feature = "remote")]
fn devices_of(url: &str) -> Result<Vec<Device>, String> {
    let devices = burn::remote::RemoteHost::websocket(url).devices();
    let devices: Vec<_> = devices
        .map_err(|error| error.to_string())?
        .into_iter()
        .collect();
    for device in &devices {
        sig_nn::check_server(device).map_err(|error| error.to_string())?;
    }
    Ok(devices)
}

#[cfg(not(feature = "remote"))]
fn devices_of(_url: &str) -> Result<Vec<Device>, String> {
    Err(
        "this build lacks the feature `remote`; add `--features remote` to the `cargo` command"
            .into(),
    )
}
