//! The committed tables, and tables that are wrong.

use expect_test::{Expect, expect};

use crate::{Grade, Tables, builtin, describe, integrity};

/// Messages as one line each: code, text, the marked part of the file, help.
fn messages(files: &[(&str, &str)]) -> String {
    let (tables, _) = Tables::read(files);
    let mut out = String::new();
    for message in integrity(&tables) {
        let place = message.primary.as_ref().map_or(String::new(), |label| {
            let text = files[label.span.file.0 as usize].1;
            format!(
                " | {} ({})",
                &text[label.span.start as usize..label.span.end as usize],
                label.text
            )
        });
        out += &format!(
            "{}: {}{place} | {}\n",
            message.code,
            message.message,
            message.help.join("; ")
        );
    }
    out
}

fn check(files: &[(&str, &str)], expect: Expect) {
    expect.assert_eq(&messages(files));
}

const SOURCES: &str = "key,aliases,year,title,doi,url,kind,seen,note\n\
    smith2001,,2001,Example,,,article,page,\n";
const VALUES: &str = "id,symbol,meaning,kind,value,lo,hi,unit,unit_published,value_published,\
    substance,spread,spread_lo,spread_hi,spread_kind,spread_published,n,species,population,\
    source_key,locator,level,seen,url,formula,note\n";

/// One row with a few cells changed.
fn row(id: &str, changes: &[(&str, &str)]) -> String {
    let names: Vec<&str> = VALUES.trim_end().split(',').collect();
    let usual = [
        ("id", id),
        ("symbol", "cl"),
        ("meaning", "clearance"),
        ("kind", "number"),
        ("value", "5.1"),
        ("unit", "L/h"),
        ("spread_kind", "none"),
        ("species", "human"),
        ("level", "human_pk"),
        ("source_key", "smith2001"),
        ("seen", "page"),
    ];
    let cell = |name: &&str| {
        let of = |cells: &[(&str, &str)]| {
            cells.iter().find(|(column, _)| column == name).map(|(_, cell)| (*cell).to_owned())
        };
        of(changes).or_else(|| of(&usual)).unwrap_or_default()
    };
    names.iter().map(cell).collect::<Vec<_>>().join(",") + "\n"
}

fn check_rows(rows: &[String], expect: Expect) {
    check(
        &[("sources.csv", SOURCES), ("values.csv", &(VALUES.to_owned() + &rows.concat()))],
        expect,
    );
}

#[test]
fn the_committed_tables_hold_together() {
    let files: Vec<&str> = builtin().files().map(|(name, _)| name).collect();
    let lines: Vec<String> = integrity(builtin())
        .iter()
        .map(|message| {
            let file =
                message.primary.as_ref().map_or("", |label| files[label.span.file.0 as usize]);
            format!("{} {file}: {}", message.code, message.message)
        })
        .collect();
    assert_eq!(lines, Vec::<String>::new());
    // No row was left out because it could not be typed.
    assert_eq!(builtin().values().len(), builtin().list("values.csv").len());
    assert_eq!(builtin().studies().len(), builtin().list("studies.csv").len());
    assert_eq!(builtin().sources().len(), builtin().list("sources.csv").len());
    assert!(builtin().values().len() >= 773, "{}", builtin().values().len());
}

#[test]
fn every_source_is_in_the_bibliography() {
    for source in builtin().sources() {
        assert!(crate::REFERENCES.contains(&format!("{{{},\n", source.key)), "{}", source.key);
    }
}

#[test]
fn a_sound_row_has_no_message() {
    check_rows(
        &[
            row("A1", &[]),
            row("A2", &[("spread_kind", "ci95"), ("spread_lo", "2.1"), ("spread_hi", "17.0")]),
        ],
        expect![""],
    );
}

#[test]
fn cells_are_held_to_their_column() {
    check_rows(
        &[
            row("A1", &[("value", "2-3")]),
            row("A2", &[("level", "human_pkk"), ("seen", "dreamt")]),
            row("A3", &[("url", "see page 3"), ("n", "about 5")]),
            row("A4", &[("note", "x "), ("symbol", "")]),
        ],
        expect![[r#"
            E0806: `value` of `A1` in `values.csv` is no number | 2-3 (here) | write digits with a decimal point; the published text has its own column
            E0806: `level` of `A2` in `values.csv` is not a word the column allows | human_pkk (here) | did you mean `human_pk`
            E0806: `seen` of `A2` in `values.csv` is not a word the column allows | dreamt (here) | the column allows `page`, `abstract`, `computed`, `recalled`
            E0806: `n` of `A3` in `values.csv` is no whole number | about 5 (here) | write digits only, or leave the cell empty
            E0806: `url` of `A3` in `values.csv` is no web address | see page 3 (here) | write one `https://` address without spaces; words go into `note`
            E0806: `symbol` of `A4` in `values.csv` is empty |  (here) | fill the cell
            E0809: `note` of `A4` in `values.csv` has a space or line too much | x  (here) | remove spaces at the ends and line breaks
            E0806: kind and cells do not agree of `A1` in `values.csv` | A1 (row) | `number` fills `value` only, `interval` fills `lo` and `hi`, `text` fills `value_published`
        "#]],
    );
}

#[test]
fn spreads_bounds_keys_and_order() {
    check_rows(
        &[
            row("B1", &[("spread", "3")]),
            row("A1", &[("spread_kind", "range"), ("spread_lo", "6"), ("spread_hi", "9")]),
            row("A1", &[("kind", "interval"), ("value", ""), ("lo", "3"), ("hi", "2")]),
            row("C1", &[("source_key", "smith2002"), ("spread_kind", "ci95"), ("spread_lo", "2")]),
        ],
        expect![[r#"
            E0808: `values.csv` is not sorted | A1 (stands behind `B1`) | sort the rows by their key, byte by byte (`LC_ALL=C sort`)
            E0802: `A1` stands twice in `values.csv` | A1 (second row) | merge the rows, or give one of them another key
            E0803: source `smith2002` of `C1` in `values.csv` is unknown | smith2002 (no row of `sources.csv`) | did you mean `smith2001`
            E0806: spread and its kind do not agree of `B1` in `values.csv` | B1 (row) | `sd`, `sem` and `cv` fill `spread`; `range`, `ci95` and `p5_95` fill `spread_lo` and `spread_hi`
            E0807: bounds are out of order of `A1` in `values.csv` | A1 (row) | `spread_lo`, `value` and `spread_hi` rise
            E0807: bounds are out of order of `A1` in `values.csv` | A1 (row) | `lo` is not above `hi`
            E0806: spread and its kind do not agree of `C1` in `values.csv` | C1 (row) | `sd`, `sem` and `cv` fill `spread`; `range`, `ci95` and `p5_95` fill `spread_lo` and `spread_hi`
        "#]],
    );
}

#[test]
fn units_parse_with_their_substance() {
    let substances =
        "name,molar_mass_g_per_mol,valence,source_key,seen\nX,20,2,smith2001,computed\n";
    let rows = [
        row("A1", &[("unit", "mmol/furlong")]),
        row("A2", &[("substance", "X")]),
        row("A3", &[("unit", "mEq/L"), ("substance", "X")]),
    ];
    check(
        &[
            ("sources.csv", SOURCES),
            ("substances.csv", substances),
            ("values.csv", &(VALUES.to_owned() + &rows.concat())),
        ],
        expect![[r#"
            E0805: unit `mmol/furlong` of `A1` in `values.csv` is not understood | mmol/furlong (`furlong` is not a unit) | `docs/language/units.md` lists the units; the published text goes into `unit_published`
            E0805: unit `L/h X` of `A2` in `values.csv` is not understood | L/h (there is no mass or amount here that could be of `X`) | put it behind a mass or an amount, as in `mmol/L X`
        "#]],
    );
}

#[test]
fn files_that_are_no_tables() {
    check(
        &[
            ("key_aliases.csv", "alias,folder,canonical,kind\nold2001,x,gone2001,same paper\n"),
            ("stoichiometry.csv", "from,to\nA,B,1\n"),
            ("substances.csv", "name\n\"a"),
        ],
        expect![[r#"
            E0801: `stoichiometry.csv` has no column `mol_per_mol` | from,to (header) | the header names `from`, `to`, `mol_per_mol`
            E0801: a row of `stoichiometry.csv` has 3 cells | A,B,1 (the header has 2) | put a cell that holds a comma in quotes
            E0801: `substances.csv` is no table | " (this quote does not begin or end a cell) | put the whole cell in quotes and double the quotes inside it: `"a ""b"""`
            E0805: the substances cannot be used: `A` is not a known substance | mend `substances.csv`
            E0803: source `gone2001` of `old2001 / x` in `key_aliases.csv` is unknown | gone2001 (no row of `sources.csv`) | add the source to `sources.csv` and `references.bib`
            E0804: alias `old2001` does not lead to one source | old2001 (`gone2001`) | name a key of `sources.csv` that is no alias itself
        "#]],
    );
}

#[test]
fn rows_are_found_by_key_and_alias() {
    let tables = builtin();
    let row = tables.value("PK061").unwrap();
    assert_eq!(describe(row), "5.1 L/h (95 % CI 2.1 to 17)");
    assert_eq!((row.grade(), row.is_recalled(), row.is_assumption()), (Grade::A, false, false));
    assert_eq!(tables.value("PK061x"), None);
    assert_eq!(tables.value("pk061"), Some(row));
    assert_eq!(tables.study("Dolberg2017"), tables.study("dolberg2017"));
    assert_eq!(tables.nearest_value("PK06I"), Some("PK060"));
    assert_eq!(tables.canonical("jahnen2012"), "jahnendechent2012");
    assert_eq!(tables.canonical("zhang2016"), "zhang2016");
    assert!(tables.source("emedicine").is_some());
    assert_eq!(describe(tables.value("tox.mild").unwrap()), "2.1 to 2.4 mmol/L Mg");
    assert_eq!(tables.value("MGT059").unwrap().unit_text(), "mg MgT/kg/day");
    assert!(tables.labelled("half-life").count() > 3);
}

#[test]
fn search_ranks_key_before_title_before_the_rest() {
    let tables = builtin();
    assert_eq!(tables.search("pk061")[0].key, "PK061");
    let hits = tables.search("renal threshold");
    assert_eq!((hits[0].key.as_str(), hits[0].table), ("EPS028", "values.csv"), "{:?}", &hits[..3]);
    assert!(tables.search("xyzzy").is_empty());
    let shown = tables.show("dolberg2017");
    assert_eq!(
        shown.iter().map(|shown| shown.table).collect::<Vec<_>>(),
        ["studies.csv", "sources.csv"]
    );
    assert!(shown[0].cited_by.iter().any(|hit| hit.key == "PK061"));
    assert!(tables.show("nothing").is_empty());
}

#[test]
fn a_folder_of_ones_own_is_added_under_a_prefix() {
    let (mut tables, messages) = Tables::read(&[("sources.csv", SOURCES)]);
    assert_eq!(messages, []);
    let own = "key,aliases,year,title,doi,url,kind,seen,note\nlee2020,,2020,Own,,,article,page,\n";
    let values = VALUES.to_owned() + &row("A1", &[("source_key", "lee2020")]) + &row("A2", &[]);
    let files = [("sources.csv", own), ("values.csv", values.as_str())];
    assert_eq!(tables.extend("mine", &files), []);
    assert_eq!(tables.value("mine.A1").unwrap().source_key, "mine.lee2020");
    assert_eq!(tables.value("mine.A2").unwrap().source_key, "smith2001");
    assert!(tables.source("mine.lee2020").is_some() && tables.value("A1").is_none());
    let again = tables.extend("mine", &files);
    assert_eq!(again.iter().map(|message| message.code).collect::<Vec<_>>(), ["E0810"]);
}
