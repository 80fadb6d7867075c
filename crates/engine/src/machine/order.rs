//! In which order operations are done.
//!
//! A processor looks ahead over some hundred instructions, less where they wait for each other. In
//! a long computation those that much else waits for go first.

use super::straight::{One, Op, Place, Straight, Two, Value};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

/// How many parts are computed together, and most operations of all of them.
const TOGETHER: [usize; 2] = [4, 2];
const MOST_TOGETHER: usize = 1024;

/// How far before its place an operation may go, together with others and alone: results that wait
/// take registers.
const NEAR: usize = 32;
const FAR: usize = 256;

/// Operations that begin in one cycle.
const PER_CYCLE: usize = 2;

/// Cycles in which no other division begins.
const PER_DIVISION: u32 = 16;

/// Cycles until a result can be read.
fn latency(op: Op) -> u32 {
    match op {
        Op::Load(_) | Op::Told(_) | Op::Constant(_) | Op::Store(..) | Op::Flag(..) => 0,
        Op::Two(Two::Div, ..) => 24,
        Op::One(One::Sqrt, _) => 32,
        Op::Two(Two::MulHalves, ..) => 5,
        Op::Two(Two::And | Two::Or | Two::Xor | Two::AddBits | Two::SubBits, ..) => 1,
        _ => 4,
    }
}

/// The operations as they are done, and how many of `n_parts` they do together.
///
/// Of a short computation the processor sees several parts at once anyway, and does more of them at a
/// time if they take turns. In a long one they would take each other's registers: its operations move
/// further instead. Where functions are called, all stays as it is.
pub(super) fn arranged(straight: &Straight, n_parts: usize) -> (Vec<Op>, usize) {
    let ops = &straight.ops;
    if ops.iter().any(|op| matches!(op, Op::Call(..))) {
        return (ops.clone(), 1);
    }
    let fits = |&n: &usize| n_parts.is_multiple_of(n) && n * ops.len() <= MOST_TOGETHER;
    match TOGETHER.into_iter().find(fits) {
        Some(together) => (many(&ordered(ops, NEAR), together), together),
        None => (ordered(ops, FAR), 1),
    }
}

/// The operations of as many parts as are computed `together`, each after that of the part before
/// it; what is the same in all parts is that of the first.
fn many(ops: &[Op], together: usize) -> Vec<Op> {
    let of_part = |value: Value, part: usize| {
        let at = value.0 as usize;
        let is_shared = matches!(ops[at], Op::Constant(_) | Op::Told(_));
        Value((at * together + if is_shared { 0 } else { part }) as u32)
    };
    let parts = (0..ops.len() * together).map(|at| (ops[at / together], at % together));
    parts.map(|(op, part)| op.reading(|value| of_part(value, part))).collect()
}

/// The operations that are needed, in an order in which fewer wait, none more than `ahead` before its
/// place.
fn ordered(ops: &[Op], ahead: usize) -> Vec<Op> {
    let mut order = Order::new(ops, ahead);
    let mut cycle = 0;
    while order.head < ops.len() {
        order.cycle(cycle);
        cycle += 1;
    }
    let mut places = vec![0; ops.len()];
    for (place, &at) in order.done.iter().enumerate() {
        places[at as usize] = place as u32;
    }
    let moved = |value: Value| Value(places[value.0 as usize]);
    order.done.iter().map(|&at| ops[at as usize].reading(moved)).collect()
}

struct Order<'a> {
    ops: &'a [Op],
    ahead: usize,
    /// Cycles from the start of each operation to the last result that needs it.
    paths: Vec<u32>,
    /// Operations that have to come after each.
    later: Vec<Vec<u32>>,
    /// How many each still waits for.
    missing: Vec<u32>,
    /// From when on each may begin.
    from: Vec<u32>,
    is_done: Vec<bool>,
    done: Vec<u32>,
    /// The first that is not done; those up to `entered` may be.
    head: usize,
    entered: usize,
    /// Operations whose operands are ready at some cycle, and those whose are now: the longest path
    /// first.
    soon: BinaryHeap<Reverse<(u32, u32)>>,
    now: BinaryHeap<(bool, u32, Reverse<u32>)>,
    next_division: u32,
}

impl<'a> Order<'a> {
    fn new(ops: &'a [Op], ahead: usize) -> Self {
        let n = ops.len();
        let (mut is_needed, mut paths) = (vec![false; n], vec![0; n]);
        for (at, &op) in ops.iter().enumerate().rev() {
            is_needed[at] |= op.writes();
            if is_needed[at] {
                paths[at] += latency(op);
                let path = paths[at];
                for read in op.operands().map(|value| value.0 as usize) {
                    is_needed[read] = true;
                    paths[read] = path.max(paths[read]);
                }
            }
        }
        let (mut later, mut missing) = (vec![Vec::new(); n], vec![0; n]);
        // A row is read before it is written.
        let mut readers: BTreeMap<Place, Vec<u32>> = BTreeMap::new();
        for (at, &op) in ops.iter().enumerate().filter(|&(at, _)| is_needed[at]) {
            let mut follows = |before: u32| {
                later[before as usize].push(at as u32);
                missing[at] += 1;
            };
            op.operands().for_each(|value| follows(value.0));
            if let Op::Store(place, _) | Op::Flag(place, _) = op {
                readers.remove(&place).into_iter().flatten().for_each(follows);
            }
            for read in op.operands() {
                if let Op::Load(place) = ops[read.0 as usize] {
                    readers.entry(place).or_default().push(at as u32);
                }
            }
        }
        Self {
            ops,
            ahead,
            paths,
            later,
            missing,
            from: vec![0; n],
            is_done: is_needed.iter().map(|is| !is).collect(),
            done: Vec::new(),
            head: 0,
            entered: 0,
            soon: BinaryHeap::new(),
            now: BinaryHeap::new(),
            next_division: 0,
        }
    }

    /// Begins the best operations of a cycle.
    fn cycle(&mut self, cycle: u32) {
        let mut begun = 0;
        loop {
            self.advance();
            while let Some(&Reverse((from, at))) = self.soon.peek().filter(|next| next.0.0 <= cycle)
            {
                self.soon.pop();
                let op = self.ops[at as usize];
                // What takes no arithmetic goes at once.
                self.now.push((latency(op) == 0, self.paths[at as usize], Reverse(at)));
                debug_assert!(from <= cycle);
            }
            let Some(&(is_free, _, Reverse(at))) = self.now.peek() else { return };
            if !is_free && begun == PER_CYCLE {
                return;
            }
            self.now.pop();
            let op = self.ops[at as usize];
            if let Op::Two(Two::Div, ..) = op {
                if self.next_division > cycle {
                    self.soon.push(Reverse((self.next_division, at)));
                    continue;
                }
                self.next_division = cycle + PER_DIVISION;
            }
            begun += usize::from(!is_free);
            self.finish(at, cycle + latency(op));
        }
    }

    /// Lets operations enter that are near enough.
    fn advance(&mut self) {
        while self.is_done.get(self.head) == Some(&true) {
            self.head += 1;
        }
        let end = self.ops.len().min(self.head + self.ahead);
        for at in self.entered..end {
            if self.missing[at] == 0 && !self.is_done[at] {
                self.soon.push(Reverse((self.from[at], at as u32)));
            }
        }
        self.entered = self.entered.max(end);
    }

    fn finish(&mut self, at: u32, end: u32) {
        self.is_done[at as usize] = true;
        self.done.push(at);
        for later in std::mem::take(&mut self.later[at as usize]) {
            let after = later as usize;
            self.from[after] = end.max(self.from[after]);
            self.missing[after] -= 1;
            if self.missing[after] == 0 && after < self.entered {
                self.soon.push(Reverse((self.from[after], later)));
            }
        }
    }
}
