//! A bar on a terminal, for work that takes more than a moment.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Work shorter than this shows no bar.
const PATIENCE: Duration = Duration::from_secs(1);

/// Counts work; draws nothing where standard error is no terminal.
pub(crate) struct Progress {
    started: Instant,
    n_all: u64,
    n_done: AtomicU64,
    what: &'static str,
    bar: OnceLock<ProgressBar>,
}

impl Progress {
    /// For so many pieces of work.
    pub(crate) fn new(what: &'static str, n_all: u64) -> Self {
        let (n_done, bar) = (AtomicU64::new(0), OnceLock::new());
        Self { started: Instant::now(), n_all, n_done, what, bar }
    }

    /// Pieces done so far.
    pub(crate) fn done(&self) -> u64 {
        self.n_done.load(Ordering::Relaxed)
    }

    /// So many more are done.
    pub(crate) fn add(&self, n: u64) {
        let n_done = self.n_done.fetch_add(n, Ordering::Relaxed) + n;
        if self.started.elapsed() > PATIENCE && std::io::stderr().is_terminal() {
            self.bar.get_or_init(|| bar(self.n_all, self.what)).set_position(n_done);
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = self.bar.get() {
            bar.finish_and_clear();
        }
    }
}

fn bar(n_all: u64, what: &'static str) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(n_all), ProgressDrawTarget::stderr());
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} {msg}, {eta} left");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.set_message(what);
    bar
}
