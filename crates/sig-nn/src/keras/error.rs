use std::path::PathBuf;

/// Why weights could not be loaded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KerasError {
    /// The file could not be read.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The reason.
        source: std::io::Error,
    },
    /// The file is neither HDF5 nor a `.keras` archive, or is damaged.
    #[error("{}: {reason}", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// There is no such layer or variable.
    #[error("there is no `{name}` among the weights, which are {groups}")]
    Missing {
        /// What was looked for.
        name: String,
        /// The groups that have variables.
        groups: String,
    },
    /// A variable has other sizes than the parameter.
    #[error(
        "`{name}` has the shape {found:?}, and the layer needs {expected:?} for its {parameter}"
    )]
    Shape {
        /// The variable.
        name: String,
        /// The parameter.
        parameter: &'static str,
        /// The sizes of the parameter.
        expected: Vec<usize>,
        /// The sizes of the variable.
        found: Vec<usize>,
    },
    /// The variables of a layer are not those that the layer here has: a bias or a norm more or
    /// less.
    #[error("`{name}` has {found} variables, and the layer needs {expected}")]
    Variables {
        /// The group.
        name: String,
        /// How many the layer has.
        expected: usize,
        /// How many there are.
        found: usize,
    },
    /// The layer was not made with `reference`, so it would not predict what it does in Keras.
    #[error("`{name}` is a layer of sigkan: make ours with `with_reference(true)`")]
    NotReference {
        /// The group.
        name: String,
    },
}
