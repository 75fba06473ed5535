//! The devices a study computes on.

use std::net::{TcpStream, ToSocketAddrs};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use burn::tensor::Device;
use burn::train::{ExecutionStrategy, MultiDeviceOptim};

use crate::device::{NamedDevice, panic_message};
use crate::{Error, StudyArgs};

/// How long a server that is there may take to accept a connection.
const PATIENCE: Duration = Duration::from_secs(2);

/// One device, or several that share out the windows of each training step.
pub(crate) struct Devices {
    /// For the report: the name of the backend, or the addresses of the servers.
    pub(crate) name: String,
    all: Vec<Device>,
    /// The addresses of servers, if they are on such.
    servers: Vec<String>,
    /// Whether each keeps its own copy of the model, their gradients being added up by the devices
    /// themselves; else the first has the model, and the others a copy for each step.
    replicated: bool,
}

impl Devices {
    /// The devices that the options ask for, all of them started or reached.
    ///
    /// # Errors
    ///
    /// Says which option cannot be met, and why.
    pub(crate) fn open(args: &StudyArgs) -> Result<Self, Error> {
        if !args.remote.is_empty() {
            let all = remote_devices(&args.remote)?;
            return Ok(Self {
                name: args.remote.join(", "),
                all,
                servers: args.remote.clone(),
                replicated: false,
            });
        }
        let NamedDevice { name, device } = NamedDevice::open(args.device.as_deref())?;
        let all = match args.devices.unwrap_or(1) {
            1 => vec![device],
            count => several(name, count)?,
        };
        Ok(Self {
            name: name.into(),
            replicated: all.len() > 1,
            all,
            servers: Vec::new(),
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

    /// How Burn trains on them. The gradients of several are added up: those of [`Batch`]es that are
    /// parts of one are weighted for that.
    ///
    /// [`Batch`]: crate::data::Batch
    pub(crate) fn strategy(&self) -> ExecutionStrategy {
        use burn::tensor::distributed::{DistributedConfig, ReduceOperation};
        let all = self.all.clone();
        match (all.len(), self.replicated) {
            (1, _) => ExecutionStrategy::single(self.main().clone()),
            (_, false) => ExecutionStrategy::multi(all, MultiDeviceOptim::OptimMainDevice),
            (_, true) => {
                let config = DistributedConfig {
                    all_reduce_op: ReduceOperation::Sum,
                };
                ExecutionStrategy::ddp(all, config)
            }
        }
    }

    /// What goes wrong in a training, with the panics of Burn where it saves a model whose server has
    /// ended. On a device of this machine a panic is none of that, and goes on.
    pub(crate) fn guard(&self, training: impl FnOnce() -> Option<String>) -> Option<String> {
        if self.servers.is_empty() {
            return training();
        }
        let outcome = catch_unwind(AssertUnwindSafe(training));
        outcome.unwrap_or_else(|panic| Some(panic_message(&*panic).into()))
    }

    /// After a failure on servers: which of them do not answer any more. Nothing if all do and the
    /// failure is `explained` without that.
    pub(crate) fn lost(&self, explained: bool) -> Option<String> {
        let silent = self.servers.iter().filter(|url| !answers(url));
        let silent: Vec<&str> = silent.map(String::as_str).collect();
        match silent.is_empty() {
            false => Some(format!("no answer from {}", silent.join(", "))),
            true if self.servers.is_empty() || explained => None,
            true => Some("a server has closed the connection".into()),
        }
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

/// So many devices of a backend that can add up gradients among themselves.
fn several(name: &str, count: usize) -> Result<Vec<Device>, Error> {
    let found = peers(name).ok_or_else(|| {
        Error::Usage(format!(
            "--devices {count}: several devices are for --device cuda, and not {name}; on other \
             devices start a server each, and give a --remote each"
        ))
    })?;
    match (1..=found.len()).contains(&count) {
        true => Ok(found.into_iter().take(count).collect()),
        false => Err(Error::Usage(format!(
            "--devices {count}: {name} has {}",
            found.len()
        ))),
    }
}

/// All devices of a backend, if it is such a one.
fn peers(name: &str) -> Option<Vec<Device>> {
    match name {
        #[cfg(feature = "cuda")]
        "cuda" => {
            let all = Device::enumerate(burn::tensor::DeviceType::Cuda);
            Some(all.into_iter().collect())
        }
        _ => None,
    }
}

/// All devices of all servers, given as `ws://HOST:PORT`.
///
/// # Errors
///
/// [`Error::Remote`] if this build lacks the feature `remote`, or names the address that is malformed, given
/// twice, does not answer, or whose server lacks an operation of this version.
#[cfg(feature = "remote")]
pub fn remote_devices(urls: &[String]) -> Result<Vec<Device>, Error> {
    use burn::remote::RemoteHost;

    let mut all = Vec::new();
    for (index, url) in urls.iter().enumerate() {
        let failed = |reason: String| Error::Remote {
            url: url.clone(),
            reason,
        };
        if !url.starts_with("ws://") {
            return Err(failed(
                "an address of the form ws://HOST:PORT is expected".into(),
            ));
        }
        if urls[..index].contains(url) {
            return Err(failed("given twice".into()));
        }
        let devices = RemoteHost::websocket(url).devices();
        for device in devices.map_err(|error| failed(error.to_string()))? {
            sig_nn::check_server(&device).map_err(|error| failed(error.to_string()))?;
            all.push(device);
        }
    }
    Ok(all)
}

/// All devices of all servers, for which this build lacks the feature `remote`.
///
/// # Errors
///
/// Always [`Error::Remote`].
#[cfg(not(feature = "remote"))]
pub fn remote_devices(urls: &[String]) -> Result<Vec<Device>, Error> {
    Err(Error::Remote {
        url: urls.first().cloned().unwrap_or_default(),
        reason: "this build lacks the feature `remote`; use `cargo run --release --example \
                 sigkan --features remote`"
            .into(),
    })
}
