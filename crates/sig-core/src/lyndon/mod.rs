//! Bases of the free Lie algebra, in which log-signatures have their coordinates.

mod basis;
mod blocks;
mod bracket;
mod cache;
mod hall;
mod modular;
mod polynomial;
mod splits;
mod words;

pub use basis::LogSignatureBasis;
pub(crate) use blocks::Block;
pub use bracket::{Bracket, lyndon_brackets};
pub(crate) use cache::{blocks, lyndon_places};
pub use hall::hall_brackets;
#[cfg(feature = "host-backend")]
pub(crate) use splits::LyndonPlaces;
pub use words::{logsignature_channels, lyndon_words};
