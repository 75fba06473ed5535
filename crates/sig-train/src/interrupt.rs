//! Ctrl-C, and the signals that ask a process to end.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use burn::train::Interrupter;

/// What a shell expects of a program that Ctrl-C has ended.
const STOPPED: i32 = 130;

static ASKED: AtomicBool = AtomicBool::new(false);
static TRAINING: Mutex<Option<Interrupter>> = Mutex::new(None);

/// From now on, Ctrl-C ends a training after the batch that it is in, with its last complete epoch on
/// the disk to go on from, and anything else, or when it comes again, at once. For a command line;
/// to be called once.
///
/// # Errors
///
/// Says so if the system does not let it, or it has been called before.
pub fn stop_on_ctrl_c() -> Result<(), crate::Error> {
    let handler = || {
        let training = TRAINING.lock().ok().and_then(|training| training.clone());
        match training.filter(|_| !ASKED.swap(true, Ordering::SeqCst)) {
            Some(training) => training.stop(Some("Ctrl-C")),
            None => std::process::exit(STOPPED),
        }
    };
    ctrlc::set_handler(handler)
        .map_err(|error| crate::Error::Usage(format!("Ctrl-C cannot be handled: {error}")))
}

/// As long as it lives, Ctrl-C stops this training.
pub(crate) struct Stoppable;

impl Stoppable {
    pub(crate) fn new(interrupter: Interrupter) -> Self {
        if ASKED.load(Ordering::SeqCst) {
            interrupter.stop(Some("Ctrl-C"));
        }
        set(Some(interrupter));
        Self
    }
}

impl Drop for Stoppable {
    fn drop(&mut self) {
        set(None);
    }
}

fn set(interrupter: Option<Interrupter>) {
    *TRAINING.lock().expect("no holder of the training panics") = interrupter;
}

/// Lets Ctrl-C be a signal again, which the dashboard makes a key that means nothing to it. The
/// dashboard sets up the terminal on a thread of its own, which is waited for.
#[cfg(unix)]
pub(crate) fn through_the_dashboard() {
    use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
    let terminal = std::io::stdin();
    for _ in 0..100 {
        let Ok(mut modes) = tcgetattr(&terminal) else {
            return;
        };
        if !modes.local_modes.contains(LocalModes::ICANON) {
            modes.local_modes.insert(LocalModes::ISIG);
            // Without it the key `q` still stops the training.
            let _ = tcsetattr(&terminal, OptionalActions::Now, &modes);
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
}

#[cfg(not(unix))]
pub(crate) fn through_the_dashboard() {}
