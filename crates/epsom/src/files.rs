//! Reading and writing: limits on what is read, temporary names for what is written.

use epsom_diag::Diagnostic;
use epsom_report::{CsvWriter, ReportError, Table};
use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

/// Pixels per unit of a picture.
pub const PNG_SCALE: f32 = 2.0;

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

/// A file that appears under its name only when it is complete.
///
/// Dropped without [`NewFile::keep`], it leaves nothing behind.
pub struct NewFile {
    path: PathBuf,
    temporary: PathBuf,
    writer: Option<BufWriter<File>>,
}

impl NewFile {
    /// Opens `path` for writing under a temporary name beside it; makes its folder.
    ///
    /// # Errors
    /// `E0903` where that is not possible.
    pub fn create(path: &Path) -> Result<Self, Diagnostic> {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        let Some(name) = name else {
            return Err(Diagnostic::error("E0903", format!("`{}` names no file", path.display())));
        };
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder).map_err(|error| cannot_write(path, &error))?;
        }
        if path.is_dir() {
            let cause = io::Error::other("a folder has this name");
            return Err(cannot_write(path, &cause));
        }
        let temporary = path.with_file_name(format!(".{name}.{}.partial", std::process::id()));
        let file = File::create(&temporary).map_err(|error| cannot_write(path, &error))?;
        Ok(Self { path: path.to_path_buf(), temporary, writer: Some(BufWriter::new(file)) })
    }

    /// Gives the file its name.
    ///
    /// # Errors
    /// `E0903` where the disk refuses.
    pub fn keep(mut self) -> Result<(), Diagnostic> {
        let writer = self.writer.take().expect("taken only here");
        writer
            .into_inner()
            .map_err(|error| error.into_error())
            .and_then(|file| file.sync_all())
            .and_then(|()| std::fs::rename(&self.temporary, &self.path))
            .map_err(|error| cannot_write(&self.path, &error))
    }
}

impl Write for NewFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.writer.as_mut().expect("open until kept").write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.as_mut().expect("open until kept").flush()
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        // After `keep` the temporary name is gone and this does nothing.
        let _ = std::fs::remove_file(&self.temporary);
    }
}

/// Writes one file; it appears under its name when it is complete.
pub fn write_file(path: &Path, bytes: &[u8]) -> Result<(), Diagnostic> {
    let mut file = NewFile::create(path)?;
    file.write_all(bytes).map_err(|error| cannot_write(path, &error))?;
    file.keep()
}

/// Writes every file into `folder`; each appears under its name only when all are complete.
///
/// Returns the line that tells of them.
pub fn write_files(folder: &Path, files: &[(&str, Vec<u8>)]) -> Result<String, Diagnostic> {
    let mut open = Vec::new();
    for (name, bytes) in files {
        let path = folder.join(name);
        let mut file = NewFile::create(&path)?;
        file.write_all(bytes).map_err(|error| cannot_write(&path, &error))?;
        open.push(file);
    }
    for file in open {
        file.keep()?;
    }
    let names: Vec<&str> = files.iter().map(|(name, _)| *name).collect();
    Ok(format!("Written to {}: {}\n", folder.display(), names.join(", ")))
}

/// A table as the bytes of a CSV file.
pub fn csv_bytes(table: &Table) -> Result<Vec<u8>, ReportError> {
    let mut writer = CsvWriter::new(Vec::new());
    writer.write(table)?;
    writer.finish()
}

/// Form of a chart's file: drawn, or the numbers behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChartForm {
    /// Lines and text.
    Svg,
    /// Pixels.
    Png,
    /// The numbers.
    Csv,
}

impl ChartForm {
    /// As the ending of `path` says.
    ///
    /// # Errors
    /// `E0911` for another ending, with `endings` as what is known.
    pub fn of(path: &Path, endings: &str) -> Result<Self, Diagnostic> {
        match path.extension().unwrap_or_default().to_str() {
            Some("svg") => Ok(Self::Svg),
            Some("png") => Ok(Self::Png),
            Some("csv") => Ok(Self::Csv),
            _ => {
                let message = format!("`{}` does not say what to write", path.display());
                let note = format!("{endings}: `.svg`, `.png`, `.csv`");
                Err(Diagnostic::error("E0911", message).note(note))
            }
        }
    }
}

/// The message for a path in a folder that does not exist.
pub fn missing_folder(path: &Path) -> Option<Diagnostic> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty())?;
    (!folder.is_dir()).then(|| {
        let shown = folder.display();
        Diagnostic::error("E0903", format!("there is no folder `{shown}`"))
            .note(format!("the result would be `{}`", path.display()))
            .help(format!("make it with `mkdir -p {shown}`, or choose another place with `-o`"))
    })
}

/// The message for a path that cannot be written.
pub fn cannot_write(path: &Path, error: &dyn std::fmt::Display) -> Diagnostic {
    Diagnostic::error("E0903", format!("cannot write `{}`", path.display()))
        .note(format!("cause: {error}"))
        .help("choose another place with `-o`")
}
