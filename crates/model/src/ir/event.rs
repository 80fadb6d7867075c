//! Declared events: what changes the state when a condition comes true.

use super::ExprId;

/// What happens at once when a condition rises from false to true.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Event {
    /// Name in messages.
    pub name: String,
    /// Rises from 0: an expression over what is constant between stops, modes above all.
    pub condition: ExprId,
    /// Time between the rise and the change, h, as it is at the rise; none is 0.
    pub delay: Option<ExprId>,
    /// Of several at one time the highest goes first, as it is then; none is 0.
    pub priority: Option<ExprId>,
    /// Taken back where the condition falls before the change.
    pub cancelable: bool,
    /// New values are computed when the change is made, not at the rise.
    pub late_values: bool,
    /// A condition that holds where the run starts counts as a rise.
    pub at_start: bool,
    /// Compartments by index with their new values, all computed before the first is set.
    pub changes: Vec<(u32, ExprId)>,
}

impl Event {
    /// Every expression it names.
    pub fn reads(&self) -> Vec<ExprId> {
        let more = [self.delay, self.priority].into_iter().flatten();
        let values = self.changes.iter().map(|&(_, value)| value);
        [self.condition].into_iter().chain(more).chain(values).collect()
    }

    /// Renames every expression it names.
    pub(super) fn move_roots(&mut self, to: impl Fn(ExprId) -> ExprId) {
        let times = [&mut self.delay, &mut self.priority].into_iter().flatten();
        let values = self.changes.iter_mut().map(|(_, value)| value);
        for id in times.chain(values).chain([&mut self.condition]) {
            *id = to(*id);
        }
    }
}
