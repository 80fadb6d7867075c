//! Evidence tables as values, and their integrity.
