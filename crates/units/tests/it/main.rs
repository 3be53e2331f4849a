//! Properties of the unit types.

mod prop_units;
