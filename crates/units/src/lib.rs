//! Dimensions, unit names, substances, conversion.
