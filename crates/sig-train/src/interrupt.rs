//! Ctrl-C, and the signals that ask a process to end.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::Error;

/// What a shell expects of a program that Ctrl-C has ended.
const STOPPED: i32 = 130;

static TRAINING: AtomicBool = AtomicBool::new(false);
static ASKED: AtomicBool = AtomicBool::new(false);

/// From now on, Ctrl-C ends a training after its current batch, with its last complete epoch on
/// disk to resume from. Anything else, or a second Ctrl-C, ends the program at once. For a command
/// line, which calls it once.
///
/// # Errors
///
/// Says so if the system refuses, or on a second call.
pub fn stop_on_ctrl_c() -> Result<(), Error> {
    let handler = || {
        if ASKED.swap(true, Ordering::SeqCst) || !TRAINING.load(Ordering::SeqCst) {
            std::process::exit(STOPPED);
        }
    };
    ctrlc::set_handler(handler)
        .map_err(|error| Error::Usage(format!("Ctrl-C cannot be handled: {error}")))
}

/// Runs a training that looks whether it is [`asked`] to stop.
pub(crate) fn while_training<T>(training: impl FnOnce() -> T) -> T {
    TRAINING.store(true, Ordering::SeqCst);
    let outcome = training();
    TRAINING.store(false, Ordering::SeqCst);
    outcome
}

/// Whether the user has asked the training to stop.
pub(crate) fn asked() -> bool {
    ASKED.load(Ordering::SeqCst)
}

/// Makes Ctrl-C a signal again, which the dashboard, once it has set up the terminal on its own
/// thread, makes a key without a meaning. (Its key `q` stops a training, too.)
#[cfg(unix)]
pub(crate) fn keep_ctrl_c() {
    use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
    let terminal = std::io::stdin();
    if let Ok(mut modes) = tcgetattr(&terminal)
        && !modes.local_modes.contains(LocalModes::ISIG)
    {
        modes.local_modes.insert(LocalModes::ISIG);
        // Without it, `q` is left.
        let _ = tcsetattr(&terminal, OptionalActions::Now, &modes);
    }
}

#[cfg(not(unix))]
pub(crate) fn keep_ctrl_c() {}
