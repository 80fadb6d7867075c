//! Subjects that share a pattern, one per lane.

use super::advance::advance;
use super::exponential::{ROOM, Room, exponential};
use super::form::Form;
use super::pattern::{Pattern, Step, Timing, alike, is_plain, pattern};
use super::sheet::Sheet;
use super::start::Starts;
use crate::compile::Compiled;
use crate::cpu::Cpu;
use crate::enters::{Property, enters};
use crate::integrate::{Isa, Lanes, Left, Options, Solver, Subject, Trajectory};
use crate::row::Row;
use crate::timeline::DoseKind;

/// Subjects that go at a time.
const WIDTH: usize = 32;
/// Fewer share a pattern in vain.
const FEWEST: usize = 4;
/// Groups that a subject is compared with.
const MOST_COMPARED: usize = 8;

/// Takes a trajectory by the index of its subject.
type Take<'a> = dyn FnMut(usize, &mut Trajectory) + 'a;

/// Runs subjects that go together, each to the bits that it would have alone; says who is done.
///
/// Whatever is not plain (a number that is not finite, a dose at times of its own) is left to the
/// clock of its subject.
pub(crate) fn together(
    compiled: &Compiled,
    subjects: &[Subject<'_>],
    options: &Options,
    left: &mut Left<'_>,
    take: &mut Take<'_>,
) -> Vec<bool> {
    let mut done = vec![false; subjects.len()];
    let exact = matches!(options.solver, Solver::Auto | Solver::Linear);
    let many = subjects.len() >= FEWEST && options.lanes != Lanes::L1;
    let Some(form) = (exact && many).then(|| compiled.form()).flatten() else { return done };
    let Some(starts) = &form.starts else { return done };
    let cpu = Cpu::new(options.isa);
    for members in groups(subjects) {
        if members.len() < FEWEST {
            continue;
        }
        let mut group = Group::<WIDTH>::new(compiled, form, starts, cpu);
        for chunk in members.chunks(WIDTH) {
            let mut rows: Vec<Vec<f64>> =
                chunk.iter().map(|_| left.rows.pop().unwrap_or_default()).collect();
            on_machine(&mut group, subjects, chunk, &mut rows);
            for (lane, (&at, rows)) in chunk.iter().zip(rows).enumerate() {
                if !group.is_good[lane] {
                    left.rows.push(rows);
                    continue;
                }
                let mut trajectory =
                    Trajectory { rows, width: group.width, ..Trajectory::default() };
                take(at, &mut trajectory);
                left.rows.push(trajectory.rows);
                done[at] = true;
            }
            if group.pattern == Found::No {
                break;
            }
        }
    }
    done
}

/// Subjects whose timelines are alike, by index.
fn groups(subjects: &[Subject<'_>]) -> Vec<Vec<usize>> {
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for (at, subject) in subjects.iter().enumerate() {
        let first = groups.last().map(|group| subjects[group[0]].timeline);
        let is_known = first.is_some_and(|first| std::ptr::eq(first, subject.timeline));
        let serves = subject.conduct.is_none() && subject.follows.is_empty();
        if !serves || !(is_known || is_plain(subject.timeline)) {
            continue;
        }
        let last = groups.iter_mut().rev().take(MOST_COMPARED);
        let like = |group: &Vec<usize>| alike(subjects[group[0]].timeline, subject.timeline);
        match last.into_iter().find(|group| like(group)) {
            Some(group) => group.push(at),
            None => groups.push(vec![at]),
        }
    }
    groups
}

/// The pattern of a group.
#[derive(PartialEq)]
enum Found {
    /// Not looked for yet.
    Unknown,
    /// None that serves.
    No,
    Yes(Pattern),
}

/// What one group needs, used again for each of its chunks.
struct Group<'a, const W: usize> {
    compiled: &'a Compiled,
    form: &'a Form,
    starts: &'a Starts,
    cpu: Cpu,
    pattern: Found,
    /// What the pattern was made for.
    timings: Vec<Timing>,
    /// Compartment of each dose.
    dosed: Vec<usize>,
    /// Values per row.
    width: usize,
    /// Register files of the form, the starts and the outputs.
    files: [Vec<Row<W>>; 3],
    /// Of the outputs once more: the state goes from one to the other.
    other: Vec<Row<W>>,
    /// `A`, `b`, and their room.
    a: Room,
    b: Room,
    room: Room,
    /// Per length of the pattern.
    phi: Room,
    psi: Room,
    /// Inflow, what it adds, rates of infusions.
    columns: Room,
    /// Per dose: what enters at once, and the rate.
    entries: Room,
    /// Whether lanes stand for a subject that is done.
    is_good: [bool; W],
}

impl<'a, const W: usize> Group<'a, W> {
    fn new(compiled: &'a Compiled, form: &'a Form, starts: &'a Starts, cpu: Cpu) -> Self {
        let n = compiled.layout.n_states;
        let programs = [form.program(), &starts.program, &compiled.outputs];
        Self {
            compiled,
            form,
            starts,
            cpu,
            pattern: Found::Unknown,
            timings: Vec::new(),
            dosed: Vec::new(),
            width: compiled.width(),
            files: programs.map(|program| program.registers()),
            other: Vec::new(),
            a: Room::new::<W>(n * n),
            b: Room::new::<W>(n),
            room: Room::new::<W>((ROOM * n + 2) * n),
            phi: Room::default(),
            psi: Room::default(),
            columns: Room::new::<W>(3 * n),
            entries: Room::default(),
            is_good: [false; W],
        }
    }

    /// Puts the inputs of the subjects of a chunk into the lanes; those left over repeat the first.
    #[inline(always)]
    fn load(&mut self, subjects: &[Subject<'_>], chunk: &[usize]) {
        let (compiled, layout) = (self.compiled, self.compiled.layout);
        let programs = [self.form.program(), &self.starts.program, &compiled.outputs];
        let mut covariates = vec![0.0; layout.n_covariates];
        for lane in 0..W {
            let subject = &subjects[chunk[if lane < chunk.len() { lane } else { 0 }]];
            covariates.fill(0.0);
            covariates.iter_mut().zip(&subject.covariates).for_each(|(to, from)| *to = *from);
            for track in subject.timeline.tracks() {
                covariates[track.covariate as usize] = track.values[0];
            }
            let mut finite = true;
            for (at, &value) in subject.params.iter().chain(&covariates).enumerate() {
                finite &= value.is_finite();
                for (file, program) in self.files.iter_mut().zip(programs) {
                    file[program.input(at)][lane] = value;
                }
            }
            self.is_good[lane] =
                lane < chunk.len() && finite && subject.params.len() == layout.n_params;
        }
    }

    /// Start and doses of each lane; makes the pattern where there is none.
    #[inline(always)]
    fn begin(&mut self, subjects: &[Subject<'_>], chunk: &[usize]) {
        let n = self.compiled.layout.n_states;
        let [form_file, start_file, out_file] = &mut self.files;
        self.form.compute(form_file, self.cpu, self.a.lanes(), self.b.lanes());
        self.starts.program.hoist_on(start_file, self.cpu);
        self.compiled.outputs.hoist_on(out_file, self.cpu);
        let root = |root: usize| &start_file[self.starts.program.roots()[root] as usize];
        let state = &mut out_file[..n];
        state.fill(Row::ZERO);
        for &(at, initial) in &self.starts.initial {
            state[at] = *root(initial);
        }
        for lane in 0..W {
            self.is_good[lane] &= state.iter().all(|column| column[lane].is_finite());
        }
        self.other.clone_from(out_file);
        let n_doses = subjects[chunk[0]].timeline.doses().count();
        if self.entries.is_empty() {
            self.entries = Room::new::<W>(2 * n_doses);
        }
        let entries = self.entries.lanes::<W>();
        let mut timings = Vec::with_capacity(n_doses);
        for lane in 0..W {
            let subject = &subjects[chunk[if lane < chunk.len() { lane } else { 0 }]];
            timings.clear();
            for (at, dose) in subject.timeline.doses().enumerate() {
                let roots = self.starts.properties[dose.compartment as usize];
                let value = |property: Property| Some(root(roots[property as usize]?)[lane]);
                // A split dose goes subject by subject.
                let is_split = matches!(dose.kind, DoseKind::Split { .. });
                let Some(found) = enters(dose, value).ok().filter(|_| !is_split) else {
                    self.is_good[lane] = false;
                    break;
                };
                (entries[2 * at][lane], entries[2 * at + 1][lane]) = (found.bolus, found.rate);
                timings.push(Timing { lag_h: found.lag_h, duration_h: found.duration_h });
            }
            if self.is_good[lane] && self.pattern == Found::Unknown {
                let doses = subject.timeline.doses();
                self.dosed = doses.map(|dose| dose.compartment as usize).collect();
                self.timings.clone_from(&timings);
                self.pattern = match pattern(subject.timeline, &timings) {
                    Some(found) => {
                        self.phi = Room::new::<W>(found.lengths_h.len() * n * n);
                        self.psi = Room::new::<W>(found.lengths_h.len() * n * n);
                        Found::Yes(found)
                    }
                    None => Found::No,
                };
            }
            self.is_good[lane] &= timings == self.timings;
        }
    }

    /// Runs the pattern and writes each lane's rows.
    #[inline(always)]
    fn run(&mut self, rows: &mut [Vec<f64>]) {
        let (n, nn) = (self.compiled.layout.n_states, self.compiled.layout.n_states.pow(2));
        let Found::Yes(pattern) = &self.pattern else {
            self.is_good.fill(false);
            return;
        };
        let n_values = pattern.times_h.len() * self.width;
        rows.iter_mut().for_each(|rows| rows.resize(n_values, 0.0));
        let structure = &self.form.structure;
        let flows = pattern.infuses || self.form.has_inflow();
        let (phi, psi) = (self.phi.lanes::<W>(), self.psi.lanes::<W>());
        for (at, &length_h) in pattern.lengths_h.iter().enumerate() {
            let places = at * nn..(at + 1) * nn;
            let psi = flows.then(|| &mut psi[places.clone()]);
            let (a, room) = (self.a.lanes(), self.room.lanes());
            exponential(structure, a, &[length_h; W], room, &mut phi[places], psi);
        }
        let b = &self.b.lanes::<W>()[..n];
        let (inflow, rest) = self.columns.lanes::<W>().split_at_mut(n);
        let (add, rates) = rest.split_at_mut(n);
        let (add, rates) = (&mut add[..n], &mut rates[..n]);
        inflow.copy_from_slice(b);
        rates.fill([0.0; W]);
        // What is added holds for one length and one inflow.
        let mut added = None;
        let mut n_running = vec![0_u32; n];
        let entries = self.entries.lanes::<W>();
        let mut sheet = Sheet::<W>::new(rows, self.cpu);
        let mut times_h = pattern.times_h.iter();
        let outputs = &self.compiled.outputs;
        let (mut file, mut other) = (&mut self.files[2][..], &mut self.other[..]);
        for &step in &pattern.steps {
            match step {
                Step::Over(at) => {
                    let places = at as usize * nn..(at as usize + 1) * nn;
                    if flows && added != Some(at) {
                        advance(structure, &psi[places.clone()], None, inflow, add);
                        added = Some(at);
                    }
                    let add = flows.then_some(&*add);
                    advance(structure, &phi[places], add, &file[..n], &mut other[..n]);
                    std::mem::swap(&mut file, &mut other);
                }
                Step::Row => {
                    file[outputs.time()].0 = [times_h.next().copied().unwrap_or_default(); W];
                    outputs.call_on(file, 0, self.cpu);
                    for &register in &self.compiled.shown.row {
                        sheet.push(&file[register].0);
                    }
                }
                Step::Enter(dose) => {
                    let into = &mut file[self.dosed[dose as usize]].0;
                    let bolus = &entries[2 * dose as usize];
                    for lane in 0..W {
                        into[lane] += bolus[lane];
                    }
                }
                Step::Start(dose) | Step::End(dose) => {
                    let into = self.dosed[dose as usize];
                    let sign = if matches!(step, Step::Start(_)) { 1.0 } else { -1.0 };
                    n_running[into] = n_running[into].wrapping_add_signed(sign as i32);
                    let is_last = n_running[into] == 0;
                    let (rates, inflow) = (&mut rates[into], &mut inflow[into]);
                    let (entry, b) = (&entries[2 * dose as usize + 1], &b[into]);
                    for lane in 0..W {
                        let sum = rates[lane] + sign * entry[lane];
                        // The last one leaves exactly nothing.
                        rates[lane] = if is_last { 0.0 } else { sum };
                        inflow[lane] = b[lane] + rates[lane];
                    }
                    added = None;
                }
            }
        }
        sheet.finish();
        // A compartment that was not finite once still is not, whether shown or not.
        for column in &file[..n] {
            sheet.sum(column);
        }
        for (good, sum) in self.is_good.iter_mut().zip(&sheet.sums) {
            *good &= sum.is_finite();
        }
    }
}

#[allow(unsafe_code, reason = "the same safe code, compiled for wider vectors")]
fn on_machine<const W: usize>(
    group: &mut Group<'_, W>,
    subjects: &[Subject<'_>],
    chunk: &[usize],
    rows: &mut [Vec<f64>],
) {
    match group.cpu.isa() {
        // SAFETY: a `Cpu` holds only an instruction set that the processor has.
        #[cfg(target_arch = "x86_64")]
        Isa::Avx512 => unsafe { here_avx512(group, subjects, chunk, rows) },
        // SAFETY: as above.
        #[cfg(target_arch = "x86_64")]
        Isa::Avx2 => unsafe { here_avx2(group, subjects, chunk, rows) },
        _ => here(group, subjects, chunk, rows),
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512dq,avx512vl")]
fn here_avx512<const W: usize>(
    group: &mut Group<'_, W>,
    subjects: &[Subject<'_>],
    chunk: &[usize],
    rows: &mut [Vec<f64>],
) {
    here(group, subjects, chunk, rows);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn here_avx2<const W: usize>(
    group: &mut Group<'_, W>,
    subjects: &[Subject<'_>],
    chunk: &[usize],
    rows: &mut [Vec<f64>],
) {
    here(group, subjects, chunk, rows);
}

#[inline(always)]
fn here<const W: usize>(
    group: &mut Group<'_, W>,
    subjects: &[Subject<'_>],
    chunk: &[usize],
    rows: &mut [Vec<f64>],
) {
    group.load(subjects, chunk);
    group.begin(subjects, chunk);
    group.run(rows);
}
