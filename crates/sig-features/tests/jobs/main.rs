//! Whole jobs: their numbers against the library itself, kills, and what is wrong with a file.

mod bench;
mod cases;
mod inputs;
mod kills;
mod read;
mod values;
