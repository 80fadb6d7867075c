//! A user's own tables joined to these: everything fits, or nothing is taken.

use std::borrow::Cow;
use std::collections::BTreeSet;

use epsom_diag::{Diagnostic, did_you_mean, has_errors, list_names};

use crate::Tables;
use crate::integrity::{check_rows, check_table, key_of, known_sources, may_be_empty, span};
use crate::ledger::check_ledger;
use crate::schema::{TABLES, schema};
use crate::sheet::Cell;
use crate::tables::OpenTable;
use crate::units::read_substances;

/// These tables with the rows of a user's files behind them.
///
/// Files are named as here (`studies.csv`, `effects.csv`, `claim_evidence.csv` …).
/// A column may be left out where an empty cell is allowed; rows need no order.
/// A key that is here already is an error: nothing here is ever replaced.
///
/// # Errors
/// Every row and cell that does not hold; spans count in `files`. Nothing is joined then.
pub fn with_added(base: &Tables, files: &[(&str, &str)]) -> Result<Tables, Vec<Diagnostic>> {
    let (added, _) = Tables::read(files);
    let mut out: Vec<Diagnostic> =
        files.iter().filter_map(|(name, _)| unknown_file(name)).collect();
    let mut own: Vec<OpenTable<'_>> = Vec::new();
    for sheet in added.sheets() {
        match sheet {
            Ok(table) => own.push(table),
            Err(message) => out.push(*message),
        }
    }
    let theirs: Vec<OpenTable<'_>> = base.sheets().into_iter().flatten().collect();
    own.iter().for_each(|table| check_header(table, &theirs, &mut out));
    // Cells of a table without its columns would only repeat that.
    if has_errors(&out) {
        return Err(out);
    }
    let known = known_sources(theirs.iter().chain(&own));
    let substances = read_substances(base).unwrap_or_default();
    for table in &own {
        check_table(table, &mut out);
        check_new(table, &theirs, &mut out);
        check_rows(table, &known, &substances, &mut out);
    }
    let all: Vec<OpenTable<'_>> = theirs.iter().chain(&own).cloned().collect();
    check_ledger(&all, &own, &mut out);
    if has_errors(&out) { Err(out) } else { Ok(joined(base, &own)) }
}

fn unknown_file(name: &str) -> Option<Diagnostic> {
    if schema(name).is_some_and(|schema| !schema.key.is_empty()) {
        return None;
    }
    let names = || TABLES.iter().map(|table| table.file);
    let said = Diagnostic::error("E0822", format!("`{name}` is no table of the evidence"))
        .note(format!("tables: {}", list_names(names(), 20)));
    Some(match did_you_mean(name, names()) {
        Some(near) => said.help(format!("did you mean `{near}`")),
        None => said.help("name the file as the table it adds to, or move it elsewhere"),
    })
}

/// Columns that exist here, and those that cannot be left out.
fn check_header(table: &OpenTable<'_>, theirs: &[OpenTable<'_>], out: &mut Vec<Diagnostic>) {
    let Some(schema) = schema(table.name) else { return };
    let Some(model) = theirs.iter().find(|one| one.name == table.name) else { return };
    let header = &table.sheet.header;
    let names = || model.sheet.header.iter().map(|cell| cell.text.as_ref());
    for cell in header.iter().filter(|cell| !names().any(|name| name == cell.text)) {
        let what = format!("`{}` has no column `{}`", table.name, cell.text);
        let said = Diagnostic::error("E0801", what)
            .at(span(table.file_idx, cell.start, cell.end), "unknown column");
        out.push(match did_you_mean(&cell.text, names()) {
            Some(near) => said.help(format!("did you mean `{near}`")),
            None => said.help(format!("the columns are {}", list_names(names(), 40))),
        });
    }
    let needed = schema.columns.iter().filter(|(name, rule)| {
        (schema.key.contains(name) || !may_be_empty(*rule)) && table.sheet.column(name).is_none()
    });
    let needed: Vec<&str> = needed.map(|(name, _)| *name).collect();
    if !needed.is_empty() {
        let end = header.last().map_or(0, |cell| cell.end);
        let what = format!("`{}` lacks {}", table.name, list_names(needed, 40));
        out.push(
            Diagnostic::error("E0801", what)
                .at(span(table.file_idx, 0, end), "header")
                .help("add the columns; others may be left out"),
        );
    }
}

/// Keys that are new here and unique among themselves.
fn check_new(table: &OpenTable<'_>, theirs: &[OpenTable<'_>], out: &mut Vec<Diagnostic>) {
    let here = theirs.iter().filter(|one| one.name == table.name);
    let mut taken: BTreeSet<String> =
        here.flat_map(|one| one.sheet.rows.iter().map(|row| key_of(one, row))).collect();
    for row in &table.sheet.rows {
        let key = key_of(table, row);
        if taken.contains(&key) {
            out.push(
                Diagnostic::error("E0823", format!("`{key}` of `{}` is taken", table.name))
                    .at(span(table.file_idx, row[0].start, row[0].end), "second row of this key")
                    .help("choose another key, such as one that begins with your folder's name"),
            );
        }
        taken.insert(key);
    }
}

fn joined(base: &Tables, own: &[OpenTable<'_>]) -> Tables {
    let mut files: Vec<(String, Cow<'static, str>)> = Vec::new();
    for (name, text) in base.files() {
        let mut text = text.to_owned();
        let columns: Vec<String> =
            base.sheet(name).header.iter().map(|cell| cell.text.to_string()).collect();
        for table in own.iter().filter(|table| table.name == name) {
            if !text.ends_with('\n') {
                text.push('\n');
            }
            for row in &table.sheet.rows {
                text.push_str(&line(table, row, &columns));
            }
        }
        files.push((name.to_owned(), text.into()));
    }
    Tables::of(files)
}

/// A row with the cells in the order of `columns`.
fn line(table: &OpenTable<'_>, row: &[Cell<'_>], columns: &[String]) -> String {
    let cell = |name: &String| {
        let text =
            table.sheet.column(name).and_then(|at| row.get(at)).map_or("", |cell| &cell.text);
        if text.contains(['"', ',', '\n', '\r']) {
            format!("\"{}\"", text.replace('"', "\"\""))
        } else {
            text.to_owned()
        }
    };
    columns.iter().map(cell).collect::<Vec<_>>().join(",") + "\n"
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::with_added;
    use crate::{Status, builtin, claim};

    const STUDIES: &str = "key,year,design,species,n_total,funding,seen\n\
        mine2027,2027,RCT double-blind parallel,human,600,public,page\n";
    const EFFECTS: &str = "id,study_key,outcome,unit,n_arm,n_control,between_arm_effect,\
        effect_kind,ci_low,ci_high,seen\n\
        mine.01,mine2027,\"CSF magnesium, lumbar\",mmol/L,300,300,0.14,md,0.1,0.18,page\n";
    const LINKS: &str = "claim_id,study_key,part,system,bears,finding,outcome,effect_ids\n\
        C15,mine2027,1,human,direct,for,lumbar CSF,mine.01\n";

    fn messages(files: &[(&str, &str)], expect: Expect) {
        let said = with_added(builtin(), files).err().unwrap_or_default();
        let text: String = said
            .iter()
            .map(|one| {
                let place = one.primary.as_ref().map_or(String::new(), |label| {
                    let text = files[label.span.file.0 as usize].1;
                    format!(" | {}", &text[label.span.start as usize..label.span.end as usize])
                });
                format!("{}: {}{place} | {}\n", one.code, one.message, one.help.join("; "))
            })
            .collect();
        expect.assert_eq(&text);
    }

    #[test]
    fn a_study_that_leaves_it_open_is_not_called_untested() {
        let (effects, links) =
            (EFFECTS.replace("0.1,", "-0.02,"), LINKS.replace(",for,", ",imprecise,"));
        let files = [
            ("studies.csv", STUDIES),
            ("effects.csv", effects.as_str()),
            ("claim_evidence.csv", links.as_str()),
        ];
        let tables = with_added(builtin(), &files).unwrap();
        let after = claim(&tables, "C15").unwrap();
        assert_eq!(after.status, Status::AnimalOnly);
        let said = after.conclusion();
        assert!(said.contains("it was tested") && said.contains("holds both"), "{said}");
    }

    #[test]
    fn an_added_study_changes_what_a_claim_says() {
        let files =
            [("studies.csv", STUDIES), ("effects.csv", EFFECTS), ("claim_evidence.csv", LINKS)];
        let tables = with_added(builtin(), &files).unwrap();
        let before = claim(builtin(), "C15").unwrap();
        let after = claim(&tables, "C15").unwrap();
        assert_eq!((before.status, after.status), (Status::AnimalOnly, Status::SupportedHuman));
        let size = after.size().unwrap().measured.clone().unwrap();
        assert_eq!((size.estimate, size.interval), (Some(0.14), Some((0.1, 0.18))));
        assert_eq!(tables.studies().len(), builtin().studies().len() + 1);
        assert_eq!(crate::integrity(&tables).iter().filter(|one| one.code != "E0808").count(), 0);
    }

    #[test]
    fn every_wrong_cell_is_named() {
        let studies = STUDIES.replace("human,600", "humans,many");
        let effects = EFFECTS.replace("mine2027,", "mien2027,").replace("mmol/L", "mmol/LL");
        let links = LINKS.replace("C15", "C155").replace(",for,", ",yes,");
        messages(
            &[("studies.csv", &studies), ("effects.csv", &effects), ("claim_evidence.csv", &links)],
            expect![[r#"
                E0806: `species` of `mine2027` in `studies.csv` is not a word the column allows | humans | did you mean `human`
                E0806: `n_total` of `mine2027` in `studies.csv` is no whole number | many | write digits only, or leave the cell empty
                E0803: source `mien2027` of `mine.01` in `effects.csv` is unknown | mien2027 | did you mean `mine2027`
                E0805: unit `mmol/LL` of `mine.01` in `effects.csv` is not understood | mmol/LL | `docs/language/units.md` lists the units; the published text goes into `unit_published`
                E0806: `finding` of `C155 / mine2027 / 1` in `claim_evidence.csv` is not a word the column allows | yes | the column allows `for`, `against`, `null`, `imprecise`, `unclear`
                E0820: claim `C155` of `C155 / mine2027 / 1` in `claim_evidence.csv` is unknown | C155 | did you mean `C15`
                E0824: an effect of `mien2027` stands behind `mine2027` in `C155 / mine2027 / 1` of `claim_evidence.csv` | C155 | name effects of the same study
            "#]],
        );
    }

    #[test]
    fn headers_and_files_are_checked_first() {
        messages(
            &[
                ("studies.csv", "key,year,desing,seen\nmine2027,2027,RCT,page\n"),
                ("study.csv", "key\n"),
                ("effects.csv", "id,outcome\n\"open"),
            ],
            expect![[r#"
                E0822: `study.csv` is no table of the evidence | did you mean `studies.csv`
                E0801: `effects.csv` is no table | " | put the whole cell in quotes and double the quotes inside it: `"a ""b"""`
                E0801: `studies.csv` has no column `desing` | desing | did you mean `design`
                E0801: `studies.csv` lacks `species` | key,year,desing,seen | add the columns; others may be left out
            "#]],
        );
    }

    #[test]
    fn nothing_here_is_replaced() {
        let studies = STUDIES.replace("mine2027", "liu2016");
        messages(
            &[("studies.csv", &studies)],
            expect![[r#"
            E0823: `liu2016` of `studies.csv` is taken | liu2016 | choose another key, such as one that begins with your folder's name
        "#]],
        );
    }
}
