//! The folder of features, in which every file is either complete or absent.

mod folder;
mod part;
mod state;

pub(crate) use folder::Folder;
pub(crate) use part::{Part, Schema};
pub(crate) use state::{Input, State};
