//! Plain tables and figure values to CSV, Arrow, SVG, PNG, HTML.
