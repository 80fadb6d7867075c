//! Salt forms, body stores, the comparison of salts.
