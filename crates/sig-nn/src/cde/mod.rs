//! Differential equations that a path drives: `dy = f(y) dx`, the continuous form of a recurrent
//! network.
//!
//! | layer | the path is taken as | depth | use it for |
//! |---|---|---|---|
//! | [`LogNeuralCde`] | log-signatures of windows | 1 or 2 | long series; few parameters |
//! | [`NeuralRde`] | log-signatures of windows | any | long series |
//! | [`LinearNeuralCde`], [`LinearNeuralCdeStack`] | log-signatures of windows | any | long series, fast training |
//! | [`NeuralCde`] | a smooth curve through the points | | short series, irregular times |
//!
//! All start at a linear map of the first point and have four forward passes: `forward` gives one
//! output per path, `forward_sequence` one per window, both also `_ragged` for paths of different
//! lengths. Time is not a channel unless the transforms add it.
//!
//! [`integrate`] solves an equation of your own, a [`ControlledField`].
//!
//! ```
//! use burn::tensor::{Device, Tensor};
//! use burn_sig::windows::windows_of_time;
//! use burn_sig::nn::cde::LinearNeuralCdeConfig;
//!
//! // Irregular times: windows of a duration, and time as a channel of the path.
//! let times = [0.0, 0.3, 0.4, 1.2, 1.9, 2.4, 4.0];
//! let device = Device::flex();
//! let path = Tensor::<3>::ones([2, 7, 3], &device);
//! let config = LinearNeuralCdeConfig::new(3, 8, 2).with_windows(windows_of_time(&times, 1.0));
//! assert_eq!(config.init(&device).forward(path).dims(), [2, 2]);
//! ```

mod brackets;
pub(crate) mod control;
mod hermite;
mod layer;
mod linear_neural_cde;
mod linear_stack;
pub(crate) mod log_field;
mod log_neural_cde;
mod neural_cde;
mod neural_rde;
pub(crate) mod recurrence;
mod solver;
mod vector_field;

pub use linear_neural_cde::{Flow, LinearNeuralCde, LinearNeuralCdeConfig};
pub use linear_stack::{
    LinearNeuralCdeBlock, LinearNeuralCdeBlockConfig, LinearNeuralCdeStack,
    LinearNeuralCdeStackConfig,
};
pub use log_neural_cde::{LogNeuralCde, LogNeuralCdeConfig};
pub use neural_cde::{NeuralCde, NeuralCdeConfig};
pub use neural_rde::{NeuralRde, NeuralRdeConfig};
pub use recurrence::Scan;
pub use solver::{ControlledField, Solver, integrate};
pub use vector_field::{VectorField, VectorFieldConfig};
