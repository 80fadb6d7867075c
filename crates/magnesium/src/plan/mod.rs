//! The plan for one person: what a regimen is predicted to do, what limits apply and why.
//!
//! Options, ranges and sources; never an order. The steps: [`read_facts`] and [`person`] say who it
//! is, [`taken`] what is taken, [`plan`] holds both against gates, limits, bands and interactions
//! and runs the whole-body model; [`words`] and [`to_json`] say what was found.

mod albumin;
mod bands;
mod cohorts;
mod conditions;
mod day;
mod draw;
mod explore;
mod facts;
mod food;
mod gates;
mod goal;
mod intake;
mod interactions;
mod json;
mod kidney;
mod measured;
mod medicines;
mod person;
mod predict;
mod report;
mod setpoint;
mod stool;
#[cfg(test)]
mod tests;
pub mod words;

pub use albumin::{AtUsualAlbumin, at_usual_albumin};
pub use bands::{Band, Level as BandLevel, Printed, bands};
pub use cohorts::{Cohort, Odds, cohorts};
pub use conditions::UnknownCondition;
pub use day::{Day, Found, Wanted, day, keeps, near_hours};
pub use explore::{
    DAILY_MG, EXPLORE_DRAWS, EXPLORE_SCHEMA, Explored, SALTS, SPLITS, Tried, explore,
    explored_to_json,
};
pub use facts::{Fact, Given, KEYS, fact, read_facts, template};
pub use food::{FoodPattern, available_share, pattern_mg};
pub use gates::{Gate, gates};
pub use goal::goal_lines;
pub use intake::{Intake, Status, intakes};
pub use interactions::{First, Interaction, NotChecked, interactions, joined, shortfall_h};
pub use json::{SCHEMA, to_json};
pub use kidney::{
    CreatinineClearance, Filtration, IndexedFiltration, Kidney, bedside_schwartz, body_surface_m2,
    ckd_epi_2021, de_indexed, kidney,
};
pub use measured::{SerumValue, UrineValue, read_measured};
pub use medicines::{Medicine, medicine, rows_of};
pub use person::{Bowel, Person, Sex, person};
pub use predict::{Body, Drawing, LEVELS_MMOL_PER_L, Prediction, predict};
pub use report::{Plan, Taken, plan, taken};
pub use setpoint::{Prior, SetPoint};
pub use stool::{Stool, stool};
