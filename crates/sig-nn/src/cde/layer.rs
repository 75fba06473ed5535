//! The forward passes that all layers of this folder have.

use burn::tensor::Tensor;

use super::control::points_at;
use crate::ragged::mean_of_rows;

/// The forward passes of a layer that has `drive(path)` and `drive_ragged(path, lengths)`,
/// `states(start, controls)`. Its output is read from `$summary(states, windows of each row)`.
macro_rules! cde_layer {
    ($layer:ident, $summary:ident, $what:literal) => {
        impl $layer {
            #[doc = concat!("The read-out of ", $what, ", for classes or one value per path.")]
            ///
            /// # Shapes
            ///
            /// - path: `[batch, length, d_input]`
            /// - output: `[batch, d_output]`
            ///
            /// # Panics
            ///
            /// Panics if the path has no points or not `d_input` channels, or the layer has windows that
            /// do not follow on one another from the first point to the last.
            #[track_caller]
            pub fn forward(&self, path: Tensor<3>) -> Tensor<2> {
                self.summarised(self.drive(path))
            }

            /// [`forward`](Self::forward) for paths of different lengths, padded to one: each row
            /// gives what the row alone gives, values and gradients, whatever the padding holds.
            ///
            /// # Arguments
            ///
            /// - `path`: padded paths; values after the last point of a row are ignored.
            /// - `lengths`: how many points each row has, from 1 to `length`.
            ///
            /// # Shapes
            ///
            /// - path: `[batch, length, d_input]`
            /// - output: `[batch, d_output]`
            ///
            /// # Panics
            ///
            /// Panics as [`forward`](Self::forward), and if there are not as many lengths as rows, or
            /// one is 0 or exceeds the length of the paths.
            #[doc(alias = "padding")]
            #[doc(alias = "mask")]
            #[track_caller]
            pub fn forward_ragged(&self, path: Tensor<3>, lengths: &[usize]) -> Tensor<2> {
                self.summarised(self.drive_ragged(path, lengths))
            }

            /// The read-out of every state: the first one before the path moves, then one after each
            /// window.
            ///
            /// # Shapes
            ///
            /// - path: `[batch, length, d_input]`
            /// - output: `[batch, windows + 1, d_output]`
            ///
            /// # Panics
            ///
            /// Panics as [`forward`](Self::forward).
            #[track_caller]
            pub fn forward_sequence(&self, path: Tensor<3>) -> Tensor<3> {
                let drive = self.drive(path);
                self.read_out(self.states(drive.start, drive.controls))
            }

            /// [`forward_sequence`](Self::forward_sequence) for paths of different lengths, padded to
            /// one.
            ///
            /// # Arguments
            ///
            /// - `path`, `lengths`: as for [`forward_ragged`](Self::forward_ragged).
            ///
            /// # Shapes
            ///
            /// - path: `[batch, length, d_input]`
            /// - output: `[batch, windows + 1, d_output]` with the windows of the longest row and zeros
            ///   behind the last of each row, and how many outputs each row has
            ///
            /// # Panics
            ///
            /// Panics as [`forward_ragged`](Self::forward_ragged).
            #[doc(alias = "padding")]
            #[doc(alias = "mask")]
            #[track_caller]
            pub fn forward_sequence_ragged(
                &self,
                path: Tensor<3>,
                lengths: &[usize],
            ) -> (Tensor<3>, Vec<usize>) {
                let drive = self.drive_ragged(path, lengths);
                let counts = drive.counts.unwrap_or_default();
                let counts: Vec<usize> = counts.into_iter().map(|windows| windows + 1).collect();
                let outputs = self.read_out(self.states(drive.start, drive.controls));
                ($crate::ragged::zero_after(outputs, &counts), counts)
            }

            fn summarised(&self, drive: $crate::cde::control::Drive) -> Tensor<2> {
                let states = self.states(drive.start, drive.controls);
                let summary = $summary(states, drive.counts.as_deref());
                self.output.forward(summary)
            }

            /// The output layer at every state, as one product.
            fn read_out(&self, states: Tensor<3>) -> Tensor<3> {
                let [batch, count, hidden] = states.dims();
                let outputs = self.output.forward(states.reshape([batch * count, hidden]));
                let [_, width] = outputs.dims();
                outputs.reshape([batch, count, width])
            }

            #[track_caller]
            fn assert_path(&self, path: &Tensor<3>) {
                let [batch, length, channels] = path.dims();
                assert!(
                    length > 0,
                    "{}: a path needs at least 1 point, got length = 0 (axis 1 of the path {:?})",
                    stringify!($layer),
                    [batch, length, channels]
                );
                assert!(
                    channels == self.d_input,
                    "{}: axis 2 of the path must have d_input = {} channels, got {channels}",
                    stringify!($layer),
                    self.d_input
                );
            }
        }
    };
}
pub(crate) use cde_layer;

/// The drive of a layer with `transforms`, `windows` and `depth`, whose controls are log-signatures.
macro_rules! log_driven {
    ($layer:ident) => {
        impl $layer {
            #[track_caller]
            fn drive(&self, path: Tensor<3>) -> $crate::cde::control::Drive {
                self.assert_path(&path);
                self.cut().drive(path)
            }

            #[track_caller]
            fn drive_ragged(
                &self,
                path: Tensor<3>,
                lengths: &[usize],
            ) -> $crate::cde::control::Drive {
                self.assert_path(&path);
                self.cut().drive_ragged(path, lengths)
            }

            #[track_caller]
            fn assert_start(
                &self,
                start: &burn::tensor::Tensor<2>,
                logsignatures: &burn::tensor::Tensor<3>,
            ) {
                let [channels, _] = self.initial.weight.shape().dims();
                $crate::cde::control::assert_drive(
                    stringify!($layer),
                    ("start", start, channels),
                    logsignatures,
                    (channels, self.depth),
                );
            }

            fn cut(&self) -> $crate::cde::control::Cut<'_> {
                $crate::cde::control::Cut {
                    layer: stringify!($layer),
                    transforms: &self.transforms,
                    windows: &self.windows,
                    depth: self.depth,
                }
            }
        }
    };
}
pub(crate) use log_driven;

/// The last of states `[batch, states, hidden]`. Behind the last window of a row nothing moves, so it
/// is the last of each row.
pub(crate) fn last_state(states: Tensor<3>, _windows: Option<&[usize]>) -> Tensor<2> {
    let last = states.dims()[1] - 1;
    points_at(states, last)
}

/// The mean of the states that a row has.
pub(crate) fn mean_state(states: Tensor<3>, windows: Option<&[usize]>) -> Tensor<2> {
    let Some(windows) = windows else {
        return states.mean_dim(1).squeeze_dim(1);
    };
    let counts: Vec<usize> = windows.iter().map(|windows| windows + 1).collect();
    mean_of_rows(states, &counts)
}
