//! Bases of the free Lie algebra, in which log-signatures have their coordinates.
//!
//! Coordinates in brackets are a linear map of those at the Lyndon words, and nothing depends on
//! letters but their order: words with the same letters form a class, and classes whose letters
//! occur as often in the same order share their matrices and are one [`Block`]. A block is one
//! small matrix product for all its classes and rows. Its matrices come from brackets multiplied
//! out into words, inverted exactly modulo a prime, and are kept for the life of the process.

mod basis;
mod blocks;
mod bracket;
mod cache;
mod hall;
mod polynomial;
mod splits;
mod words;

pub use basis::LogSignatureBasis;
pub use blocks::Block;
pub use bracket::{Bracket, lyndon_brackets};
pub use cache::{blocks, lyndon_places};
pub use hall::hall_brackets;
pub use splits::{LyndonPlaces, Split};
pub use words::{logsignature_channels, lyndon_words};
