use std::fs;
use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};

use burn::module::Param;
use burn::tensor::{Tensor, TensorData};
use hdf5_reader::Hdf5File;
use hdf5_reader::group::Group;
use zip::ZipArchive;
use zip::result::ZipError;

use super::{KerasError, KerasLayer};

/// The weights of a Keras model, by the groups of its layers.
pub struct KerasWeights {
    path: PathBuf,
    file: Hdf5File,
}

impl KerasWeights {
    /// Opens a `.weights.h5` file or a `.keras` archive, told apart by their first bytes.
    ///
    /// # Errors
    ///
    /// Says that the file cannot be read, or that it is neither.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, KerasError> {
        let path = path.as_ref().to_path_buf();
        let mut bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(source) => return Err(KerasError::Io { path, source }),
        };
        if bytes.starts_with(b"PK\x03\x04") {
            bytes = unzip(&bytes).map_err(|error| damaged(&path, error))?;
        }
        let file = Hdf5File::from_vec(bytes).map_err(|error| damaged(&path, error))?;
        Ok(Self { path, file })
    }

    /// The groups that have variables, such as `layers/dense` and `layers/sig_kan/kan_layer`.
    ///
    /// # Errors
    ///
    /// Says that the file is damaged.
    pub fn groups(&self) -> Result<Vec<String>, KerasError> {
        let mut groups = Vec::new();
        let root = self.file.root_group();
        root.and_then(|root| collect_groups(&root, "", &mut groups))
            .map_err(|error| damaged(&self.path, error))?;
        Ok(groups)
    }

    /// A layer with its parameters taken from a group. Their ids, devices and dtypes stay.
    ///
    /// # Errors
    ///
    /// Says that there is no such group, or that the layer is of another kind or size.
    pub fn load<L: KerasLayer>(&self, group: &str, layer: L) -> Result<L, KerasError> {
        layer.load_keras(&KerasGroup {
            weights: self,
            path: group.trim_matches('/').into(),
        })
    }
}

/// The variables of a layer.
pub struct KerasGroup<'a> {
    weights: &'a KerasWeights,
    path: String,
}

impl KerasGroup<'_> {
    /// Where it is in the file.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The group of an inner layer.
    pub fn inner(&self, name: &str) -> Self {
        Self {
            weights: self.weights,
            path: format!("{}/{name}", self.path),
        }
    }

    /// Checks the number of variables of the layer itself.
    ///
    /// # Errors
    ///
    /// Tells both numbers, or that there is no such group.
    pub fn expect_variables(&self, expected: usize) -> Result<(), KerasError> {
        let Ok(group) = self.weights.file.group(&format!("{}/vars", self.path)) else {
            return Err(self.missing(self.path.clone()));
        };
        let members = group.member_names();
        let (_, variables) = members.map_err(|error| damaged(&self.weights.path, error))?;
        if variables.len() == expected {
            return Ok(());
        }
        Err(KerasError::Variables {
            name: self.path.clone(),
            expected,
            found: variables.len(),
        })
    }

    /// A parameter with the numbers of a variable of the same sizes; leading axes of size 1 do not
    /// count.
    ///
    /// # Errors
    ///
    /// Says that there is no such variable, or tells both shapes.
    pub fn load<const D: usize>(
        &self,
        index: usize,
        what: &'static str,
        parameter: Param<Tensor<D>>,
    ) -> Result<Param<Tensor<D>>, KerasError> {
        let name = format!("{}/vars/{index}", self.path);
        let Ok(variable) = self.weights.file.dataset(&name) else {
            return Err(self.missing(name));
        };
        let found: Vec<usize> = variable.shape().iter().map(|&size| size as usize).collect();
        let expected = parameter.dims();
        let extra = found.len().saturating_sub(D);
        if found[extra..] != expected || found[..extra].iter().any(|&size| size != 1) {
            return Err(KerasError::Shape {
                name,
                parameter: what,
                expected: expected.into(),
                found,
            });
        }
        // Variables are of f32 or f64, and read as what they are.
        let data = match variable.read_array::<f64>() {
            Ok(values) => TensorData::new(values.into_iter().collect(), expected),
            Err(_) => {
                let values = variable.read_array::<f32>();
                let values = values.map_err(|error| damaged(&self.weights.path, error))?;
                TensorData::new(values.into_iter().collect(), expected)
            }
        };
        Ok(parameter.map(|old| {
            let data = data.convert_dtype(old.dtype());
            Tensor::from_data(data, (&old.device(), old.dtype()))
        }))
    }

    fn missing(&self, name: String) -> KerasError {
        match self.weights.groups() {
            Ok(groups) => KerasError::Missing {
                name,
                groups: groups.join(", "),
            },
            Err(error) => error,
        }
    }
}

/// Adds the groups below a group that have variables.
fn collect_groups(
    group: &Group,
    path: &str,
    to: &mut Vec<String>,
) -> hdf5_reader::error::Result<()> {
    for child in group.groups()? {
        if child.name() != "vars" {
            let inner = format!("{path}/{}", child.name());
            collect_groups(&child, inner.trim_start_matches('/'), to)?;
        } else if !child.member_names()?.1.is_empty() {
            to.push(path.into());
        }
    }
    Ok(())
}

/// The HDF5 file in a `.keras` archive.
fn unzip(archive: &[u8]) -> Result<Vec<u8>, ZipError> {
    let mut bytes = Vec::new();
    ZipArchive::new(Cursor::new(archive))?
        .by_name("model.weights.h5")?
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn damaged(path: &Path, error: impl std::fmt::Display) -> KerasError {
    KerasError::Format {
        path: path.into(),
        reason: error.to_string(),
    }
}
