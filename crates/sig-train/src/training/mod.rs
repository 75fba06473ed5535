//! One training of one model: Burn's [`SupervisedTraining`](burn::train::SupervisedTraining) with
//! early stopping, a learning rate that goes down on a plateau, and checkpoints to resume from.

mod checkpoints;
mod epoch_end;
mod history;
mod loss_log;
mod plateau;
mod renderer;
mod run;
mod session;

pub(crate) use checkpoints::read_record;
pub(crate) use history::{EpochRecord, History};
pub(crate) use loss_log::LossFile;
pub(crate) use run::Run;
pub(crate) use session::{Session, resumable};
