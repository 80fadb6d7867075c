//! Citations: the BibTeX entry of a source, and a line of text made from it.

use crate::{REFERENCES, Tables};

/// The BibTeX entry of a source, as it stands in `references.bib`.
pub fn bibtex(tables: &Tables, key: &str) -> Option<&'static str> {
    let key = tables.canonical(key);
    let mark = format!("{{{key},\n");
    let at = REFERENCES.find(&mark)?;
    let start = REFERENCES[..at].rfind('@')?;
    let end = REFERENCES[at..].find("\n}")? + at + 2;
    Some(&REFERENCES[start..end])
}

/// One line: authors, title, journal, year, volume, pages, DOI or address.
pub fn citation(tables: &Tables, key: &str) -> Option<String> {
    let Some(entry) = bibtex(tables, key) else {
        // A user's own source has no BibTeX entry.
        let source = tables.source(key)?;
        let year = source.year.map_or(String::new(), |year| format!(" ({year})"));
        let place =
            if source.doi.is_empty() { source.url.clone() } else { doi_address(&source.doi) };
        return Some(format!("{}{year}. {place}", source.title).trim_end().to_owned());
    };
    let field = |name: &str| field(entry, name).unwrap_or_default();
    let mut text = authors(&field("author"));
    let year = field("year");
    if !year.is_empty() {
        text += &format!(" ({year})");
    }
    text += &format!(". {}", field("title").trim_end_matches('.'));
    let journal = [field("journal"), field("howpublished"), field("publisher")].join("");
    if !journal.is_empty() {
        text += &format!(". {journal}");
    }
    let (volume, number, pages) = (field("volume"), field("number"), field("pages"));
    if !volume.is_empty() {
        text += &format!(" {volume}");
    }
    if !number.is_empty() {
        text += &format!("({number})");
    }
    if !pages.is_empty() {
        text += &format!(":{}", pages.replace("--", "-"));
    }
    let (doi, url) = (field("doi"), field("url"));
    if !doi.is_empty() {
        text += &format!(". {}", doi_address(&doi));
    } else if !url.is_empty() {
        text += &format!(". {url}");
    }
    Some(text)
}

/// The address of a DOI.
pub fn doi_address(doi: &str) -> String {
    format!("https://doi.org/{doi}")
}

/// The content of a field, without its braces.
fn field(entry: &str, name: &str) -> Option<String> {
    let mark = format!("\n  {name} = {{");
    let at = entry.find(&mark)? + mark.len();
    let rest = &entry[at..];
    let mut depth = 1;
    for (index, letter) in rest.char_indices() {
        depth += match letter {
            '{' => 1,
            '}' => -1,
            _ => 0,
        };
        if depth == 0 {
            return Some(rest[..index].replace(['{', '}'], ""));
        }
    }
    None
}

/// Up to three names; more, or a list that ends in `others`, become "et al.".
fn authors(field: &str) -> String {
    let names: Vec<&str> = field.split(" and ").collect();
    let shown: Vec<&str> = names.iter().copied().filter(|name| *name != "others").take(3).collect();
    let text = shown.join("; ");
    if shown.len() < names.len() { format!("{text} et al.") } else { text }
}

#[cfg(test)]
mod tests {
    use super::{bibtex, citation};
    use crate::builtin;

    #[test]
    fn an_entry_is_found_whole() {
        let entry = bibtex(builtin(), "liu2016").unwrap();
        assert!(entry.starts_with("@article{liu2016,") && entry.ends_with("\n}"));
        assert_eq!(entry.matches('@').count(), 1);
        // Another name of the same paper.
        assert!(bibtex(builtin(), "jahnen2012").unwrap().contains("{jahnendechent2012,"));
        assert_eq!(bibtex(builtin(), "nobody1900"), None);
    }

    #[test]
    fn a_line_holds_who_what_where_when() {
        assert_eq!(
            citation(builtin(), "liu2016").unwrap(),
            "Liu, Guosong; Weinger, Jason G.; Lu, Zhong-Lin et al. (2016). Efficacy and safety of \
             MMFS-01 for treating cognitive impairment in older adults. Journal of Alzheimer's \
             Disease. https://doi.org/10.3233/JAD-150538"
        );
        for source in builtin().sources() {
            let line = citation(builtin(), &source.key).unwrap();
            assert!(line.len() > 10 && !line.contains(['{', '}']), "{line}");
        }
    }
}
