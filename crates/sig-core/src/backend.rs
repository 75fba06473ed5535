//! What only authors of backends and of operations need: the trait that a backend implements, the
//! operations it is asked for, and how they go to servers.

#[cfg(feature = "host-backend")]
pub use crate::backends::host::{HostBackend, HostNumber, HostTensor};
pub use crate::devices::{BACKENDS, BackendEntry};
#[cfg(feature = "router")]
pub use crate::devices::{WithBackend, with_backend};
#[cfg(feature = "remote")]
pub use crate::named::{ServerError, ask, check_server};
#[cfg(feature = "router")]
pub use crate::named::{register, register_signature_ops};
pub use crate::operation::*;
pub use crate::ops::{SignatureOps, Tensors, backward, forward};
pub use crate::portable::{narrow, rounded, widened};
pub use crate::series::{in_graph_of, nothing};
#[cfg(feature = "router")]
pub use burn_router::CustomOpRegistry;
pub use sig_kernels::lyndon::LieMap;
pub use sig_kernels::{Pairs, PowerSeries};
