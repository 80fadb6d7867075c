//! CSV text as cells that know where they stand.

use std::borrow::Cow;

/// One cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cell<'a> {
    /// Content without quotes.
    pub(crate) text: Cow<'a, str>,
    /// First byte in the file, quotes included.
    pub(crate) start: usize,
    /// One past the last byte.
    pub(crate) end: usize,
}

/// A table as it stands in its file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Sheet<'a> {
    /// Column names.
    pub(crate) header: Vec<Cell<'a>>,
    /// Rows below the header; each as long as it is written.
    pub(crate) rows: Vec<Vec<Cell<'a>>>,
}

/// Text that is no table: a quote that is not closed, or text behind a closing quote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BadQuote {
    /// Where.
    pub(crate) at: usize,
}

impl<'a> Sheet<'a> {
    /// Index of a column.
    pub(crate) fn column(&self, name: &str) -> Option<usize> {
        self.header.iter().position(|cell| cell.text == name)
    }

    /// Rows as arrays of the named cells, in the order of `names`; a missing cell is empty.
    pub(crate) fn records<'s, const N: usize>(
        &'s self,
        names: [&str; N],
    ) -> impl Iterator<Item = [&'s str; N]> + use<'s, 'a, N> {
        let columns = names.map(|name| self.column(name));
        self.rows.iter().map(move |row| {
            columns.map(|at| at.and_then(|at| row.get(at)).map_or("", |cell| cell.text.as_ref()))
        })
    }
}

/// Splits `text` into cells: `,` between them, rows end with `\n` or `\r\n`, `"` quotes.
pub(crate) fn parse_sheet(text: &str) -> Result<Sheet<'_>, BadQuote> {
    let bytes = text.as_bytes();
    let mut rows = Vec::new();
    let mut row = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let cell = if bytes[at] == b'"' { quoted(text, at)? } else { plain(text, at) };
        at = cell.end;
        row.push(cell);
        if bytes.get(at) == Some(&b',') {
            at += 1;
            if at == bytes.len() {
                row.push(Cell { text: Cow::Borrowed(""), start: at, end: at });
            }
            continue;
        }
        if bytes.get(at) == Some(&b'\r') {
            at += 1;
        }
        at += 1;
        rows.push(std::mem::take(&mut row));
    }
    if !row.is_empty() {
        rows.push(row);
    }
    let mut rows = rows.into_iter();
    Ok(Sheet { header: rows.next().unwrap_or_default(), rows: rows.collect() })
}

fn plain(text: &str, start: usize) -> Cell<'_> {
    let bytes = text.as_bytes();
    let mut end = start;
    while end < bytes.len() && bytes[end] != b',' && bytes[end] != b'\n' {
        end += 1;
    }
    if end > start && bytes[end - 1] == b'\r' && bytes.get(end) != Some(&b',') {
        end -= 1;
    }
    Cell { text: Cow::Borrowed(&text[start..end]), start, end }
}

fn quoted(text: &str, start: usize) -> Result<Cell<'_>, BadQuote> {
    let bytes = text.as_bytes();
    let mut at = start + 1;
    let mut doubled = false;
    loop {
        match bytes.get(at) {
            None => return Err(BadQuote { at: start }),
            Some(b'"') if bytes.get(at + 1) == Some(&b'"') => {
                doubled = true;
                at += 2;
            }
            Some(b'"') => break,
            Some(_) => at += 1,
        }
    }
    let inner = &text[start + 1..at];
    let end = at + 1;
    if !matches!(bytes.get(end), None | Some(b',' | b'\n' | b'\r')) {
        return Err(BadQuote { at: end });
    }
    let text = if doubled { Cow::Owned(inner.replace("\"\"", "\"")) } else { Cow::Borrowed(inner) };
    Ok(Cell { text, start, end })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(text: &str) -> Vec<Vec<String>> {
        let sheet = parse_sheet(text).unwrap();
        std::iter::once(&sheet.header)
            .chain(&sheet.rows)
            .map(|row| row.iter().map(|cell| cell.text.to_string()).collect())
            .collect()
    }

    #[test]
    fn quotes_commas_and_line_ends() {
        let want = [vec!["a", "b"], vec!["1,2", "say \"x\"\nnow"], vec!["", ""]];
        assert_eq!(cells("a,b\n\"1,2\",\"say \"\"x\"\"\nnow\"\n,\n"), want);
        assert_eq!(cells("a,b\r\n\"1\",2\r\n,"), [["a", "b"], ["1", "2"], ["", ""]]);
        assert_eq!(cells(""), [Vec::<String>::new()]);
    }

    #[test]
    fn a_cell_knows_where_it_stands() {
        let text = "a,b\nx,\"y\"\n";
        let sheet = parse_sheet(text).unwrap();
        let cell = &sheet.rows[0][1];
        assert_eq!(&text[cell.start..cell.end], "\"y\"");
    }

    #[test]
    fn quotes_must_close_and_end_the_cell() {
        assert_eq!(parse_sheet("a\n\"x\n"), Err(BadQuote { at: 2 }));
        assert_eq!(parse_sheet("a\n\"x\"y\n"), Err(BadQuote { at: 5 }));
    }

    #[test]
    fn records_follow_the_names_asked_for() {
        let sheet = parse_sheet("a,b,c\n1,2,3\n4\n").unwrap();
        let got: Vec<_> = sheet.records(["c", "a", "none"]).collect();
        assert_eq!(got, [["3", "1", ""], ["", "4", ""]]);
    }
}
