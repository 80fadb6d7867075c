//! Tables as Parquet, in row groups of bounded size, so that memory does not grow with the rows.

use crate::{ReportError, Table, Values};
use arrow_array::{ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema};
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;
use std::io::Write;
use std::sync::Arc;

/// Rows of a row group. What a file says of each of its groups stays in memory until its end, so
/// small tables share one.
const GROUP_ROWS: usize = 1 << 17;

/// Writes tables with the same columns one after the other.
///
/// Units stand in the field metadata under `unit`; NaN becomes null.
pub struct ParquetWriter<W: Write + Send> {
    destination: Option<W>,
    inner: Option<(ArrowWriter<W>, Arc<Schema>)>,
}

impl<W: Write + Send> ParquetWriter<W> {
    /// Writes to `destination`.
    pub fn new(destination: W) -> Self {
        Self { destination: Some(destination), inner: None }
    }

    /// Appends the rows of `table`.
    ///
    /// # Errors
    /// `Columns` where names or types differ from the first table's, `Parquet` where the encoder or
    /// the destination refuses.
    pub fn write(&mut self, table: &Table) -> Result<(), ReportError> {
        let schema = Arc::new(schema(table));
        if let Some(destination) = self.destination.take() {
            let properties = WriterProperties::builder()
                .set_compression(Compression::SNAPPY)
                .set_max_row_group_row_count(Some(GROUP_ROWS))
                .build();
            let writer = ArrowWriter::try_new(destination, schema.clone(), Some(properties))
                .map_err(ReportError::Parquet)?;
            self.inner = Some((writer, schema.clone()));
        }
        let (writer, first) = self.inner.as_mut().expect("made on the first call");
        if *first != schema {
            let differs = schema
                .fields()
                .iter()
                .find(|field| !first.fields().iter().any(|known| known == *field));
            return Err(ReportError::Columns(
                differs.map_or_else(String::new, |field| field.name().clone()),
            ));
        }
        let arrays: Vec<ArrayRef> =
            table.columns.iter().map(|column| array(&column.values)).collect();
        let batch = RecordBatch::try_new(first.clone(), arrays)
            .map_err(|error| ReportError::Columns(error.to_string()))?;
        writer.write(&batch).map_err(ReportError::Parquet)
    }

    /// Writes the footer and gives the destination back.
    ///
    /// # Errors
    /// `Parquet` where the encoder or the destination refuses.
    pub fn finish(self) -> Result<Option<W>, ReportError> {
        match self.inner {
            Some((writer, _)) => writer.into_inner().map(Some).map_err(ReportError::Parquet),
            None => Ok(self.destination),
        }
    }
}

fn schema(table: &Table) -> Schema {
    Schema::new(
        table
            .columns
            .iter()
            .map(|column| {
                let kind = match column.values {
                    Values::Text(_) => DataType::Utf8,
                    Values::Number(_) => DataType::Float64,
                    Values::Integer(_) => DataType::Int64,
                };
                let field = Field::new(&column.name, kind, true);
                if column.unit.is_empty() {
                    field
                } else {
                    field.with_metadata([("unit", column.unit.as_str())])
                }
            })
            .collect::<Vec<_>>(),
    )
}

fn array(values: &Values) -> ArrayRef {
    match values {
        Values::Text(cells) => Arc::new(StringArray::from(cells.clone())),
        Values::Number(cells) => Arc::new(Float64Array::from_iter(
            cells.iter().map(|&cell| (!cell.is_nan()).then_some(cell)),
        )),
        Values::Integer(cells) => Arc::new(Int64Array::from(cells.clone())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Column;

    #[test]
    fn tables_share_row_groups_of_bounded_size() {
        let chunk = Table { columns: vec![Column::number("cp", "mg/L", vec![1.0, f64::NAN])] };
        let long = vec![2.0; GROUP_ROWS];
        let long = Table { columns: vec![Column::number("cp", "mg/L", long)] };
        let mut writer = ParquetWriter::new(Vec::new());
        for table in [&chunk, &chunk, &chunk, &long] {
            writer.write(table).expect("memory takes it");
        }
        let bytes = writer.finish().expect("footer").expect("a destination");
        assert_eq!(&bytes[..4], b"PAR1");
        assert_eq!(&bytes[bytes.len() - 4..], b"PAR1");
        let metadata = parquet::file::metadata::ParquetMetaDataReader::new()
            .parse_and_finish(&bytes::Bytes::from(bytes))
            .expect("reads back");
        let rows = metadata.row_groups().iter().map(|group| group.num_rows());
        assert_eq!(rows.collect::<Vec<_>>(), [GROUP_ROWS as i64, 6]);
        assert_eq!(metadata.file_metadata().num_rows(), GROUP_ROWS as i64 + 6);
    }
}
