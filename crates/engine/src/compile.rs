//! A checked model to programs.

use epsom_model::ir;

use crate::program::{Layout, Program, lower};

/// Programs of a model.
#[derive(Debug, Clone, PartialEq)]
pub struct Compiled {
    /// Where a subject's inputs stand.
    pub layout: Layout,
    /// Time derivatives, without infusions.
    pub derivatives: Program,
    /// Outputs.
    pub outputs: Program,
}

/// One subject at one time.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// Time, h.
    pub t: f64,
    /// Compartments.
    pub y: Vec<f64>,
    /// Inputs, as [`Layout`] says.
    pub inputs: Vec<f64>,
}

/// Programs of `model`.
pub fn compile(model: &ir::Model) -> Compiled {
    let layout = Layout {
        n_params: model.params.len(),
        n_covariates: model.covariates.len(),
        n_modes: model.modes.len(),
        n_states: model.compartments.len(),
    };
    let derivatives: Vec<_> = model.compartments.iter().map(|one| one.derivative).collect();
    let outputs: Vec<_> = model.outputs.iter().map(|one| one.value).collect();
    Compiled {
        layout,
        derivatives: lower(&model.exprs, &derivatives, layout),
        outputs: lower(&model.exprs, &outputs, layout),
    }
}

/// Outputs of one subject now.
///
/// # Shape
/// One value per output, in the model's order.
pub fn outputs(compiled: &Compiled, column: &Column) -> Vec<f64> {
    let program = &compiled.outputs;
    let mut file = program.registers::<1>();
    column.y.iter().enumerate().for_each(|(at, &value)| file[at] = [value]);
    file[program.time()] = [column.t];
    column.inputs.iter().enumerate().for_each(|(at, &value)| file[program.input(at)] = [value]);
    program.hoist(&mut file);
    program.call(&mut file);
    program.roots().iter().map(|&root| file[root as usize][0]).collect()
}
