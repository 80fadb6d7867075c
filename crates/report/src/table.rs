//! Columns of text or numbers, and their CSV form.

use crate::{ReportError, shortest};
use std::io::Write;

/// The cells of one column.
#[derive(Debug, Clone, PartialEq)]
pub enum Values {
    /// Words.
    Text(Vec<String>),
    /// Numbers; NaN is an empty cell.
    Number(Vec<f64>),
    /// Whole numbers.
    Integer(Vec<i64>),
}

impl Values {
    /// Number of cells.
    pub fn len(&self) -> usize {
        match self {
            Self::Text(cells) => cells.len(),
            Self::Number(cells) => cells.len(),
            Self::Integer(cells) => cells.len(),
        }
    }

    /// Whether there is no cell.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Cell `row` as text; a NaN gives an empty text.
    pub fn text(&self, row: usize) -> String {
        match self {
            Self::Text(cells) => cells[row].clone(),
            Self::Number(cells) if cells[row].is_nan() => String::new(),
            Self::Number(cells) => shortest(cells[row]),
            Self::Integer(cells) => cells[row].to_string(),
        }
    }
}

/// A named column with the unit of its numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// Header.
    pub name: String,
    /// Unit as shown; empty for none.
    pub unit: String,
    /// Cells.
    pub values: Values,
}

impl Column {
    /// A column of numbers.
    pub fn number(name: impl Into<String>, unit: impl Into<String>, values: Vec<f64>) -> Self {
        Self { name: name.into(), unit: unit.into(), values: Values::Number(values) }
    }

    /// A column of words.
    pub fn text(name: impl Into<String>, values: Vec<String>) -> Self {
        Self { name: name.into(), unit: String::new(), values: Values::Text(values) }
    }
}

/// Columns of one length.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Table {
    /// Columns in order.
    pub columns: Vec<Column>,
}

impl Table {
    /// Number of rows: that of the first column.
    pub fn n_rows(&self) -> usize {
        self.columns.first().map_or(0, |column| column.values.len())
    }
}

/// Writes tables with the same columns one after the other; the header once.
pub struct CsvWriter<W: Write> {
    inner: csv::Writer<W>,
    header: Option<Vec<String>>,
}

impl<W: Write> CsvWriter<W> {
    /// Writes to `destination`.
    pub fn new(destination: W) -> Self {
        let inner = csv::WriterBuilder::new().buffer_capacity(1 << 16).from_writer(destination);
        Self { inner, header: None }
    }

    /// Appends the rows of `table`.
    ///
    /// # Errors
    /// `Columns` where the names differ from the first table's, `Write` where the destination refuses.
    pub fn write(&mut self, table: &Table) -> Result<(), ReportError> {
        let names: Vec<String> = table.columns.iter().map(|column| column.name.clone()).collect();
        match &self.header {
            None => {
                self.inner.write_record(&names).map_err(into_io)?;
                self.header = Some(names);
            }
            Some(header) if *header != names => {
                let differs = names.iter().zip(header).find(|(new, old)| new != old);
                let name = differs.map_or_else(|| names.join(","), |(new, _)| new.clone());
                return Err(ReportError::Columns(name));
            }
            Some(_) => {}
        }
        for row in 0..table.n_rows() {
            self.inner
                .write_record(table.columns.iter().map(|column| column.values.text(row)))
                .map_err(into_io)?;
        }
        Ok(())
    }

    /// Hands everything to the destination and gives it back.
    ///
    /// # Errors
    /// `Write` where the destination refuses.
    pub fn finish(self) -> Result<W, ReportError> {
        self.inner.into_inner().map_err(|error| ReportError::Write(error.into_error()))
    }
}

fn into_io(error: csv::Error) -> ReportError {
    ReportError::Write(std::io::Error::other(error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_share_one_header_and_missing_numbers_are_empty() {
        let chunk = |id: &str, value: f64| Table {
            columns: vec![
                Column::text("id", vec![id.to_string()]),
                Column::number("cp", "mg/L", vec![value]),
            ],
        };
        let mut writer = CsvWriter::new(Vec::new());
        writer.write(&chunk("a,b", 0.1)).expect("memory takes it");
        writer.write(&chunk("c", f64::NAN)).expect("memory takes it");
        let other = Table { columns: vec![Column::number("x", "", vec![1.0])] };
        assert!(matches!(writer.write(&other), Err(ReportError::Columns(name)) if name == "x"));
        let text = String::from_utf8(writer.finish().expect("flushes")).expect("utf-8");
        assert_eq!(text, "id,cp\n\"a,b\",0.1\nc,\n");
    }
}
