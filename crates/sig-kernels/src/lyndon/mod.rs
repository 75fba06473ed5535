//! Bases of the free Lie algebra, in which log-signatures have their coordinates.
//!
//! Coordinates in brackets are a linear map of those at the Lyndon words, and nothing depends on
//! letters but their order: words with the same letters form a class, and classes whose letters
//! occur as often in the same order share their matrices and are one block. Its matrices come from
//! brackets multiplied out into words and inverted exactly modulo a prime. All blocks together are
//! sparse matrices, a [`ChangeOfBasis`], which are kept for the life of the process.

mod basis;
mod blocks;
mod bracket;
mod cache;
mod change;
mod hall;
mod polynomial;
mod splits;
mod words;

pub use basis::LogSignatureBasis;
pub use bracket::{Bracket, lyndon_brackets};
pub use cache::{change_of_basis, lyndon_places};
pub use change::{ChangeOfBasis, Entries, LieMap, SparseMatrix};
pub use hall::hall_brackets;
pub use splits::{LyndonPlaces, Split};
pub use words::{logsignature_channels, lyndon_words};
