//! Registers of conditions: what they are just after a stop, and when they flip by the clock.

use super::{Clock, RunCause, RunFailure};
use epsom_model::ir::Mode;

/// State of the registers beside their values.
#[derive(Debug, Clone, Default)]
pub(super) struct Modes {
    /// Something changed since the registers were set.
    pub(super) stale: bool,
    /// Roots have just been located: their registers are right although their values are zero to
    /// rounding.
    pub(super) held: bool,
    /// Modes whose roots end the present stretch.
    pub(super) crossed: Vec<usize>,
    /// Modes whose roots were located at this very time.
    pub(super) here: Vec<usize>,
    /// Next exact stop, h.
    pub(super) next_flip_h: f64,
    /// Flips at `last_flip_h`, to find those without end.
    pub(super) n_flips: u32,
    pub(super) last_flip_h: f64,
}

/// Most flips in a time too short for the clock to tell apart.
const MOST_FLIPS: u32 = 1000;

impl Modes {
    /// Nothing is known of the time that comes.
    pub(super) fn restart(&mut self) {
        *self = Self { stale: true, ..Self::default() };
    }
}

impl Clock<'_> {
    /// Sets the registers to what they are just after now.
    #[inline]
    pub(super) fn refresh_modes(&mut self) -> Result<(), RunFailure> {
        if !std::mem::take(&mut self.modes.stale) {
            return Ok(());
        }
        if self.inputs.modes.is_empty() {
            self.modes.next_flip_h = f64::INFINITY;
            self.modes.held = false;
            return Ok(());
        }
        self.set_modes_anew()
    }

    #[inline(never)]
    fn set_modes_anew(&mut self) -> Result<(), RunFailure> {
        let by_clock = self.inputs.time_h >= self.modes.next_flip_h;
        if self.n_by() == 0 || !by_clock {
            return self.set_modes();
        }
        let (slopes, modes) = (self.own_slopes(), self.inputs.modes.clone());
        self.set_modes()?;
        let flipped = |&at: &usize| {
            let by_clock = !matches!(self.compiled.model.modes[at], Mode::Root { .. });
            by_clock && self.inputs.modes[at] != modes[at]
        };
        if let Some(at) = (0..modes.len()).find(flipped) {
            let moves = self.flip_by(at, self.inputs.modes[at] != 0.0);
            self.jump(&slopes, &moves);
            self.stop_by = moves;
        }
        Ok(())
    }

    fn set_modes(&mut self) -> Result<(), RunFailure> {
        let compiled = self.compiled;
        self.modes.next_flip_h = f64::INFINITY;
        for (at, mode) in compiled.model.modes.iter().enumerate() {
            let fault = self.failed(RunCause::Window { mode: at as u32 });
            let value = |id| compiled.value_of(id, &self.inputs).ok_or(fault);
            let (now_h, held) = (self.inputs.time_h, self.modes.held);
            let (is, flip_h) = match *mode {
                Mode::Window { every, from, length } => {
                    let window = Window {
                        every_h: value(every)?,
                        from_h: value(from)?,
                        length_h: value(length)?,
                    };
                    window.at(now_h).ok_or(fault)?
                }
                Mode::Affine { value: id, strict } => {
                    let slope = compiled.mode_slopes[at].map_or(Ok(0.0), value)?;
                    affine(now_h, value(id)?, slope, strict)
                }
                Mode::Root { .. } if held => (self.inputs.modes[at] != 0.0, f64::INFINITY),
                Mode::Root { value: id, strict } => {
                    (self.root_truth(at, value(id)?, strict), f64::INFINITY)
                }
            };
            self.inputs.modes[at] = f64::from(is);
            self.modes.next_flip_h = self.modes.next_flip_h.min(flip_h);
        }
        self.modes.held = false;
        Ok(())
    }

    /// Truth just after now: where its root was located now and an event has turned the value back,
    /// it is false, although the value may lie a digit beyond the root.
    fn root_truth(&self, mode: usize, value: f64, strict: bool) -> bool {
        if self.modes.here.contains(&mode)
            && let Some(along) = &self.compiled.root_slopes[mode]
        {
            let rate = self.rate_along(along, &self.own_slopes());
            if rate < 0.0 && value.abs() <= near_h(self.inputs.time_h) * -rate {
                return false;
            }
        }
        truth(value, strict)
    }

    /// Takes modes whose roots were located at the end of the present stretch; they flip when it is
    /// reached, after the observations before it.
    pub(crate) fn cross(&mut self, modes: Vec<usize>) {
        self.modes.crossed = modes;
    }

    /// Flips the modes that the stretch ended with.
    #[inline]
    pub(super) fn flip(&mut self) {
        if !self.modes.crossed.is_empty() {
            self.flip_crossed();
        }
    }

    #[inline(never)]
    fn flip_crossed(&mut self) {
        let modes = std::mem::take(&mut self.modes.crossed);
        let time_h = self.inputs.time_h;
        let carried = (self.n_by() > 0).then(|| {
            let slopes = self.own_slopes();
            // Of those that flip together the first says when.
            let moves = self.root_by(modes[0], &slopes);
            (slopes, moves)
        });
        for &at in &modes {
            self.inputs.modes[at] = 1.0 - self.inputs.modes[at];
        }
        if let Some((slopes, moves)) = carried {
            self.jump(&slopes, &moves);
            self.stop_by = moves;
        }
        self.modes.here.clone_from(&modes);
        self.modes.held = true;
        self.counts.flips += modes.len() as u64;
        let near = time_h - self.modes.last_flip_h <= near_h(time_h);
        self.modes.n_flips = if near { self.modes.n_flips + 1 } else { 0 };
        self.modes.last_flip_h = time_h;
        if self.modes.n_flips > MOST_FLIPS {
            let mode = modes.first().map_or(0, |&at| at as u32);
            let cause = RunCause::Chattering { mode };
            let failure = self.failed(self.event_of(mode).unwrap_or(cause));
            self.failure.get_or_insert(failure);
        }
    }
}

/// Times nearer than this the clock can hardly tell apart.
///
/// Times near 0 have more digits than conditions need: there a minute is the measure.
pub(super) fn near_h(time_h: f64) -> f64 {
    1e3 * f64::EPSILON * time_h.abs().max(1.0 / 60.0)
}

/// Whether a condition holds where its value is `value`.
pub(super) fn truth(value: f64, strict: bool) -> bool {
    value > 0.0 || (!strict && value == 0.0)
}

/// Truth just after now of a value that moves along a line, and when it flips.
fn affine(now_h: f64, value: f64, slope: f64, strict: bool) -> (bool, f64) {
    // At a stop made for the root the value is zero but for the rounding of its terms.
    let rounding = 8.0 * f64::EPSILON * (slope * now_h).abs();
    if slope == 0.0 || !slope.is_finite() {
        return (truth(value, strict), f64::INFINITY);
    }
    if value.abs() <= rounding {
        return (slope > 0.0, f64::INFINITY);
    }
    let root_h = now_h - value / slope;
    (value > 0.0, if root_h > now_h { root_h } else { f64::INFINITY })
}

/// `[from + k every, from + k every + length)` for each whole `k`.
#[derive(Debug, Clone, Copy)]
struct Window {
    every_h: f64,
    from_h: f64,
    length_h: f64,
}

impl Window {
    /// Whether `time_h` is inside, and when that changes; none where the window is no window.
    fn at(self, time_h: f64) -> Option<(bool, f64)> {
        let Self { every_h, from_h, length_h } = self;
        let usable = every_h > 0.0 && [every_h, from_h, length_h].iter().all(|x| x.is_finite());
        if !usable {
            return None;
        }
        if length_h <= 0.0 || length_h >= every_h {
            return Some((length_h > 0.0, f64::INFINITY));
        }
        // The same sums as the stops have, so that a stop is on the right side of itself.
        let opens = |k: f64| from_h + k * every_h;
        let mut k = ((time_h - from_h) / every_h).floor();
        while opens(k + 1.0) <= time_h {
            k += 1.0;
        }
        while opens(k) > time_h {
            k -= 1.0;
        }
        let closes_h = opens(k) + length_h;
        Some(if time_h < closes_h { (true, closes_h) } else { (false, opens(k + 1.0)) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_is_closed_left_and_open_right_at_its_own_stops() {
        let window = Window { every_h: 24.1, from_h: 8.3, length_h: 0.7 };
        let (mut time_h, mut inside) = (0.0, false);
        for stop in 0..2000 {
            let (is, next_h) = window.at(time_h).unwrap();
            assert!(stop == 0 || is == inside, "stop {stop} at {time_h}");
            assert!(next_h > time_h);
            (time_h, inside) = (next_h, !is);
        }
        assert!(window.at(8.3 - 24.1).unwrap().0);
        assert!(Window { every_h: 0.0, ..window }.at(1.0).is_none());
    }

    #[test]
    fn a_line_flips_at_its_root_and_not_again() {
        let (is, root_h) = affine(0.0, -0.1 * 3.0, 0.1, true);
        assert!(!is);
        assert_eq!(affine(root_h, 0.1 * root_h - 0.1 * 3.0, 0.1, true), (true, f64::INFINITY));
        assert_eq!(affine(24.0, 0.0, -1.0, false), (false, f64::INFINITY));
    }
}
