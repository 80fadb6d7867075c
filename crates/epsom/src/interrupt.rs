//! Ctrl-C: a run looks here between pieces of work, keeps what is finished and ends.

use crate::done::exit;
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};

static ASKED: AtomicBool = AtomicBool::new(false);
static LISTENING: Once = Once::new();

/// Whether the run should end; the first call begins to listen.
///
/// The second interrupt does not wait.
pub(crate) fn asked() -> bool {
    LISTENING.call_once(|| {
        // Where no handler can be set, an interrupt ends the program as before.
        let _ = ctrlc::set_handler(|| {
            if ASKED.swap(true, Ordering::Relaxed) {
                std::process::exit(i32::from(exit::INTERRUPTED));
            }
        });
    });
    ASKED.load(Ordering::Relaxed)
}
