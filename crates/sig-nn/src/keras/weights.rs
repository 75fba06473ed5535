use std::fs::File;
use std::io::{ErrorKind, Read, Seek};
use std::path::{Path, PathBuf};

use burn::module::Param;
use burn::tensor::{Tensor, TensorData};
use hdf5_reader::Hdf5File;
use hdf5_reader::group::Group;
use zip::ZipArchive;
use zip::result::ZipError;

use super::{KerasError, KerasLayer};

/// Where Keras puts the weights in a `.keras` archive.
const INSIDE: &str = "model.weights.h5";

/// The weights of a Keras model, by the groups of its layers.
pub struct KerasWeights {
    path: PathBuf,
    file: Hdf5File,
}

impl KerasWeights {
    /// Opens a `.weights.h5` file or a `.keras` archive; which of them it is, is read off its first
    /// bytes.
    ///
    /// # Errors
    ///
    /// Says that there is no such file, or that it is neither.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, KerasError> {
        let path = path.as_ref().to_path_buf();
        match bytes(&path) {
            Ok(bytes) => match Hdf5File::from_vec(bytes) {
                Ok(file) => Ok(Self { path, file }),
                Err(error) => Err(format(&path, error)),
            },
            Err(ZipError::Io(source)) => Err(KerasError::Io { path, source }),
            Err(error) => Err(format(&path, error)),
        }
    }

    /// The groups that have variables, such as `layers/dense` and `layers/sig_kan/kan_layer`.
    ///
    /// # Errors
    ///
    /// Says that the file is damaged.
    pub fn groups(&self) -> Result<Vec<String>, KerasError> {
        let root = self.file.root_group().map_err(|e| format(&self.path, e))?;
        let mut groups = Vec::new();
        self.collect(&root, "", &mut groups)?;
        Ok(groups)
    }

    fn collect(&self, group: &Group, path: &str, to: &mut Vec<String>) -> Result<(), KerasError> {
        for child in group.groups().map_err(|e| format(&self.path, e))? {
            if child.name() == "vars" {
                let (_, variables) = child.member_names().map_err(|e| format(&self.path, e))?;
                if !variables.is_empty() {
                    to.push(path.into());
                }
                continue;
            }
            let inner = match path {
                "" => child.name().to_string(),
                _ => format!("{path}/{}", child.name()),
            };
            self.collect(&child, &inner, to)?;
        }
        Ok(())
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

    /// Checks that the layer itself has so many variables.
    ///
    /// # Errors
    ///
    /// Tells both numbers, or that there is no such group.
    pub fn expect_variables(&self, expected: usize) -> Result<(), KerasError> {
        let name = format!("{}/vars", self.path);
        let Ok(group) = self.weights.file.group(&name) else {
            return Err(self.missing(self.path.clone()));
        };
        let members = group.member_names();
        let (_, variables) = members.map_err(|e| format(&self.weights.path, e))?;
        match variables.len() {
            found if found == expected => Ok(()),
            found => Err(KerasError::Variables {
                name: self.path.clone(),
                expected,
                found,
            }),
        }
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
        let values: Vec<f64> = match variable.read_array::<f64>() {
            Ok(values) => values.iter().copied().collect(),
            Err(_) => {
                let values = variable.read_array::<f32>();
                let values = values.map_err(|e| format(&self.weights.path, e))?;
                values.iter().map(|&value| value.into()).collect()
            }
        };
        let data = TensorData::new(values, expected);
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

/// The HDF5 file, whether by itself or in an archive.
fn bytes(path: &Path) -> Result<Vec<u8>, ZipError> {
    let mut file = File::open(path)?;
    let mut magic = [0; 4];
    match file.read_exact(&mut magic) {
        Err(error) if error.kind() != ErrorKind::UnexpectedEof => return Err(error.into()),
        _ => file.rewind()?,
    }
    let mut bytes = Vec::new();
    match &magic {
        b"PK\x03\x04" => ZipArchive::new(file)?
            .by_name(INSIDE)?
            .read_to_end(&mut bytes)?,
        _ => file.read_to_end(&mut bytes)?,
    };
    Ok(bytes)
}

fn format(path: &Path, error: impl std::fmt::Display) -> KerasError {
    KerasError::Format {
        path: path.into(),
        reason: error.to_string(),
    }
}
