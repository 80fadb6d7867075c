//! Reading files, with limits on what is read.

use epsom_diag::Diagnostic;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// Largest text file that is read whole.
const MOST_BYTES: u64 = 512 << 20;

/// The text of a file.
///
/// # Errors
/// `E0901` where it cannot be opened, `E0902` where it is empty, binary or too large; a file of
/// zeros is refused after its first block.
pub fn read_text(path: &Path, what: &str) -> Result<String, Diagnostic> {
    let shown = path.display();
    let failed = |error: io::Error| {
        let said = Diagnostic::error("E0901", format!("cannot read {what} `{shown}`"))
            .note(format!("cause: {error}"));
        match error.kind() {
            io::ErrorKind::NotFound => said.help("check the path; it is taken from this folder"),
            _ => said,
        }
    };
    let mut file = File::open(path).map_err(failed)?;
    let length = file.metadata().map_err(failed)?.len();
    let mut first = vec![0; 1 << 16];
    let n = read_block(&mut file, &mut first).map_err(failed)?;
    first.truncate(n);
    if n == 0 {
        return Err(Diagnostic::error("E0902", format!("{what} `{shown}` is empty")));
    }
    if let Some(at) = first.iter().position(|&byte| byte == 0) {
        return Err(Diagnostic::error("E0902", format!("{what} `{shown}` is not text"))
            .note(format!("byte {at} is zero; the file holds {length} bytes"))
            .help("give a text file; spreadsheets can be saved as CSV"));
    }
    if length > MOST_BYTES {
        return Err(Diagnostic::error("E0902", format!("{what} `{shown}` is too large"))
            .note(format!("it holds {length} bytes, the most is {MOST_BYTES}"))
            .help("split it by subject"));
    }
    let mut bytes = first;
    file.take(MOST_BYTES).read_to_end(&mut bytes).map_err(failed)?;
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        Diagnostic::error("E0902", format!("{what} `{shown}` is not UTF-8 text"))
            .note(format!("byte {at} does not belong to a character"))
            .help("save it as UTF-8")
    })
}

fn read_block(file: &mut File, block: &mut [u8]) -> io::Result<usize> {
    let mut n = 0;
    while n < block.len() {
        match file.read(&mut block[n..])? {
            0 => break,
            more => n += more,
        }
    }
    Ok(n)
}
