//! Plans in closed form, limits that bind or conflict, random questions against simple heuristics, frozen bits.

mod bits;
mod closed_form;
mod conflict;
mod defects;
mod prop_plans;
mod scene;
mod size;
