//! Which method a subject is stepped with.
//!
//! Tsit5 and Dop853 estimate the fastest rate from their last two stages, which are taken at the
//! same time (Hairer, Wanner, Solving Ordinary Differential Equations II, IV.2). Steps that stay at
//! the edge of the stability region hand the subject to Rodas4 or Rodas5P. Tight tolerances have
//! the methods of higher order. An implicit step costs more: where such steps turn out not to be
//! longer by as much, the subject goes back and the next trial comes later.

use crate::tableau::rodas4::RODAS4;
use crate::tableau::rodas5p::RODAS5P;
use crate::tableau::rosenbrock::Rosenbrock;
use crate::tableau::scaled::Scaled;
use crate::tableau::{dop853, tsit5};

/// A method with steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Method {
    /// Explicit.
    #[default]
    Tsit5,
    /// Explicit, for very tight tolerances.
    Dop853,
    /// For stiff problems.
    Rodas4,
    /// For stiff problems at tight tolerances.
    Rodas5P,
}

/// What is known of a subject's stiffness.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Stiffness {
    method: Method,
    /// Method that is not limited by accuracy, and the one to try where it is by stability.
    explicit: Method,
    implicit: Method,
    /// Steps of the explicit method at the edge of stability, and since the last of them.
    n_limited: u32,
    n_calm: u32,
    /// Such steps needed before the implicit method is tried.
    n_needed: u32,
    /// Steps of the implicit method in its trial.
    n_tried: u32,
    /// Time that the steps counted have covered, h.
    covered_h: f64,
    /// Mean size of the explicit method's steps at the edge, h.
    explicit_h: f64,
}

/// Steps at the edge before the first trial, and calm steps that make them forgotten; as Hairer
/// and Wanner have them.
const N_LIMITED: u32 = 15;
const N_CALM: u32 = 6;
/// Length of a trial, steps.
const N_TRIED: u32 = 60;
/// Relative tolerances below which the higher order saves more steps than its stages cost: of the
/// implicit methods, and of the explicit ones.
const TIGHT: f64 = 1e-5;
const TIGHTER: f64 = 1e-8;
/// Growth of the wait for the next trial.
const LATER: u32 = 4;

impl Method {
    /// Whether its steps factor a Jacobian.
    pub(crate) fn is_implicit(self) -> bool {
        matches!(self, Self::Rodas4 | Self::Rodas5P)
    }

    /// Coefficients of an explicit method.
    #[inline(always)]
    pub(crate) fn explicit(self) -> Option<&'static Scaled> {
        match self {
            Self::Tsit5 => Some(&tsit5::SCALED),
            Self::Dop853 => Some(&dop853::SCALED),
            Self::Rodas4 | Self::Rodas5P => None,
        }
    }

    /// Order of the error that the step size is chosen by.
    pub(crate) fn order(self) -> i32 {
        match self {
            Self::Dop853 => 8,
            Self::Tsit5 | Self::Rodas5P => 5,
            Self::Rodas4 => 4,
        }
    }

    /// Coefficients of a Rosenbrock method.
    pub(crate) fn implicit(self) -> Option<&'static Rosenbrock> {
        match self {
            Self::Rodas4 => Some(&RODAS4),
            Self::Rodas5P => Some(&RODAS5P),
            Self::Tsit5 | Self::Dop853 => None,
        }
    }

    /// Square of step times rate from which on a step counts as at the edge: the regions end at 3.5
    /// and 6.2 on the negative real axis. Times the square of the weight that the last slope but one is
    /// kept with.
    pub(crate) fn edge(self) -> f64 {
        let product = if self == Self::Dop853 { 6.0 } else { 3.25 };
        let weight = self.explicit().map_or(1.0, |tableau| tableau.weights[tableau.n_stages - 2]);
        let product = product * weight;
        product * product
    }

    /// What an implicit step costs in steps of this explicit method. In those of Tsit5: about as
    /// many derivatives, a Jacobian with its factors, six or eight solves, twice the combinations
    /// of stages; a step of Dop853 costs twice as much.
    fn implicit_cost(self) -> f64 {
        if self == Self::Dop853 { 1.5 } else { 3.0 }
    }
}

impl Stiffness {
    /// Nothing is known yet of a subject that is to be solved to the relative tolerance `rtol`.
    pub(crate) fn unknown(rtol: f64) -> Self {
        let explicit = if rtol < TIGHTER { Method::Dop853 } else { Method::Tsit5 };
        Self {
            method: explicit,
            explicit,
            implicit: if rtol < TIGHT { Method::Rodas5P } else { Method::Rodas4 },
            n_limited: 0,
            n_calm: 0,
            n_needed: N_LIMITED,
            n_tried: 0,
            covered_h: 0.0,
            explicit_h: 0.0,
        }
    }

    /// Method to step with.
    pub(crate) fn method(&self) -> Method {
        self.method
    }

    /// Method where no implicit one may be.
    pub(crate) fn explicit(&self) -> Method {
        self.explicit
    }

    /// Whether every step is to be told, not only explicit ones at the edge.
    pub(crate) fn is_told(&self) -> bool {
        match self.method {
            Method::Tsit5 | Method::Dop853 => self.n_limited > 0,
            Method::Rodas4 | Method::Rodas5P => self.n_tried < N_TRIED,
        }
    }

    /// Takes note of an explicit step of size `h`, and whether it is at the edge of stability. True
    /// where the method changes.
    pub(crate) fn explicit_step(&mut self, h: f64, is_at_edge: bool) -> bool {
        if is_at_edge {
            if self.n_limited == 0 {
                self.covered_h = 0.0;
            }
            self.n_calm = 0;
            self.n_limited += 1;
            self.covered_h += h;
            if self.n_limited == self.n_needed {
                self.explicit_h = self.covered_h / f64::from(self.n_limited);
                (self.method, self.n_limited, self.n_tried) = (self.implicit, 0, 0);
                self.covered_h = 0.0;
                return true;
            }
        } else if self.n_limited > 0 {
            self.n_calm += 1;
            if self.n_calm == N_CALM {
                self.n_limited = 0;
            }
        }
        false
    }

    /// Takes note of an accepted step of the implicit method of size `h`. True where the method changes.
    pub(crate) fn implicit_step(&mut self, h: f64) -> bool {
        if self.n_tried == N_TRIED {
            return false;
        }
        self.n_tried += 1;
        self.covered_h += h;
        let cost = self.explicit.implicit_cost();
        let is_longer = self.covered_h > cost * self.explicit_h * f64::from(N_TRIED);
        if self.n_tried < N_TRIED || is_longer {
            return false;
        }
        self.method = self.explicit;
        (self.n_calm, self.covered_h) = (0, 0.0);
        self.n_needed = self.n_needed.saturating_mul(LATER);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_at_the_edge_change_the_method_and_calm_ones_forget_them() {
        let mut one = Stiffness::unknown(1e-3);
        for _ in 0..N_LIMITED - 1 {
            assert!(!one.explicit_step(0.1, true));
        }
        (0..N_CALM).for_each(|_| assert!(!one.explicit_step(0.1, false)));
        for _ in 0..N_LIMITED - 1 {
            assert!(!one.explicit_step(0.1, true));
        }
        assert!(one.explicit_step(0.1, true));
        assert_eq!(one.method(), Method::Rodas4);
    }

    #[test]
    fn the_tolerance_chooses_the_methods() {
        let of = |rtol| {
            let one = Stiffness::unknown(rtol);
            (one.explicit, one.implicit)
        };
        assert_eq!(of(1e-4), (Method::Tsit5, Method::Rodas4));
        assert_eq!(of(1e-8), (Method::Tsit5, Method::Rodas5P));
        assert_eq!(of(1e-10), (Method::Dop853, Method::Rodas5P));
    }

    #[test]
    fn steps_that_are_not_longer_change_it_back_and_the_next_trial_comes_later() {
        let mut one = Stiffness::unknown(1e-3);
        (0..N_LIMITED).for_each(|_| _ = one.explicit_step(0.1, true));
        let mut long = one;
        assert!((0..3 * N_TRIED).all(|_| !long.implicit_step(1.0)));
        assert_eq!((0..N_TRIED).filter(|_| one.implicit_step(0.2)).count(), 1);
        assert_eq!(one.method(), Method::Tsit5);
        let n_until = (1..).find(|_| one.explicit_step(0.1, true));
        assert_eq!(n_until, Some(LATER * N_LIMITED));
    }
}
