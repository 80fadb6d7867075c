//! Model text to checked intermediate representation; symbolic derivatives.
