//! The table of codes. `epsom explain CODE` prints the page in `docs/errors`.
//!
//! Ranges: 01 text, 02 names, 03 units, 04 structure of a model, 05 provenance, 06 events, regimens
//! and times, 07 numerics, 08 evidence tables, 09 files and command line. `E` errors, `N` notes,
//! `W` warnings.

/// One code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CodeInfo {
    /// Such as `E0312`.
    pub code: &'static str,
    /// What it is about, a few words.
    pub title: &'static str,
    /// The long form, Markdown, with an example.
    pub page: &'static str,
}

/// Adds a row: the page is `docs/errors/CODE.md`.
macro_rules! codes {
    ($($code:literal $title:literal)*) => {
        /// Every code, sorted.
        pub const CODES: &[CodeInfo] = &[$(CodeInfo {
            code: $code,
            title: $title,
            page: include_str!(concat!("../../../docs/errors/", $code, ".md")),
        }),*];
    };
}

codes! {
    "E0101" "text that is not part of the language"
    "E0102" "a quoted text or a unit is not closed"
    "E0103" "something else was expected"
    "E0104" "nested too deep"
    "E0105" "no statement begins like this"
    "E0106" "the numbers of random effects do not fit"
    "E0107" "a model text is not formatted"
    "E0108" "a construct of ini/model text is not supported"
    "E0109" "a text cannot be converted"
    "E0110" "a module cannot be used"
    "E0111" "the ports of a module are not met"
    "E0112" "nothing to override"
    "E0113" "functions make a model too large"
    "E0201" "a name is not defined"
    "E0202" "a function stands without arguments"
    "E0203" "a name is taken twice"
    "E0204" "a quantity depends on itself"
    "E0205" "a compartment is not declared"
    "E0206" "a function has the wrong arguments"
    "E0207" "a function is not known"
    "E0208" "a function calls itself"
    "E0209" "a name of another program does nothing"
    "E0301" "a unit is not understood"
    "E0302" "the unit of time is not a time"
    "E0303" "a substance is not known"
    "E0304" "a compartment or covariate has no unit"
    "E0312" "units do not match"
    "E0313" "a power has no unit"
    "E0401" "a number is needed"
    "E0402" "a branch leaves a quantity unset"
    "E0403" "a compartment has no derivative"
    "E0404" "a condition is never or hardly ever true"
    "E0405" "a step function of a changing quantity"
    "E0406" "a dosing function does not say whose dose"
    "E0407" "a correlation is out of range"
    "E0408" "correlations contradict each other"
    "E0409" "linCmt does not find its parameters"
    "E0410" "a parameter is not a number"
    "E0411" "a value lies outside its bounds"
    "E0412" "a period is not above 0"
    "E0413" "a sum is not conserved"
    "E0414" "the condition of an event never changes"
    "E0415" "an event changes something twice"
    "E0416" "an event changes what it cannot"
    "E0417" "a delay is below 0"
    "E0418" "what a correlation is of is not clear"
    "E0501" "a parameter has no source"
    "E0502" "no such evidence row"
    "E0503" "a row is no source of a number"
    "E0504" "a value is not what its row measures"
    "E0505" "a value differs from its row"
    "E0506" "a parameter is surer than its row"
    "E0507" "a spread is not understood"
    "E0508" "a spread has no source"
    "E0509" "a spread is of the other kind"
    "E0601" "an event file has no records"
    "E0602" "the columns of an event file are wrong"
    "E0603" "a value in an event file is not a number"
    "E0604" "times go back inside a subject"
    "E0605" "the records of a subject are not together"
    "E0606" "no such compartment"
    "E0607" "a dose cannot be given as it is written"
    "E0608" "repeats or steady state without an interval"
    "E0609" "an event code is not known"
    "E0610" "a modelled rate or duration is not in the model"
    "E0611" "an event file is not text"
    "E0612" "a row is longer or shorter than the header"
    "E0613" "a parameter cannot be drawn"
    "E0614" "a rule cannot be read"
    "E0615" "a rule names what the model lacks"
    "E0650" "the mass or amount of what is not said"
    "E0651" "an amount or time is out of range"
    "E0652" "a salt is not known"
    "E0653" "a regimen cannot be read"
    "E0654" "how often or how long is not said"
    "E0655" "parts of a regimen contradict each other"
    "E0656" "with which water a salt is weighed is not said"
    "E0660" "a dose has no place in the model"
    "E0661" "doses do not fit the meals"
    "E0662" "a setting of a comparison cannot be used"
    "E0663" "no draw of a comparison could be solved"
    "E0664" "some draws of a comparison could not be solved"
    "E0670" "a construct cannot be said in ini/model text"
    "E0680" "a fact is no person's"
    "E0681" "facts of a person contradict each other"
    "E0682" "a fact of a person cannot be read"
    "E0683" "nothing says what is taken"
    "E0684" "no draw of a plan could be solved"
    "E0685" "a file holds no measured values that can be read"
    "E0686" "a number can be read in two ways"
    "E0687" "a pattern of food that no row holds"
    "E0701" "a subject could not be solved"
    "E0720" "a target that the model met is missed"
    "E0721" "a setting of a qualification cannot be used"
    "E0735" "a table of what is fitted cannot be used"
    "E0736" "the fit of a calibration did not settle"
    "E0740" "a setting of people or draws cannot be used"
    "E0741" "a file of people cannot be read"
    "E0742" "people and draws cannot be summarized"
    "E0743" "a file of concentrations cannot be read"
    "E0744" "a profile cannot be used"
    "E0745" "a setting of exposure cannot be used"
    "E0746" "groups cannot be compared"
    "E0747" "a setting of a sensitivity run cannot be used"
    "E0748" "some draws of a sensitivity run have no result"
    "E0750" "some runs have no exposure"
    "E0801" "an evidence file is no table, or a column is missing"
    "E0802" "a key stands twice"
    "E0803" "a source key is unknown"
    "E0804" "an alias does not lead to one source"
    "E0805" "a unit of an evidence row is not understood"
    "E0806" "a cell does not hold what its column asks for"
    "E0807" "bounds are out of order"
    "E0808" "rows are not sorted by their key"
    "E0809" "a cell has a space or line too much"
    "E0810" "the prefix of an added evidence folder cannot be used"
    "E0820" "an id of the ledger leads nowhere"
    "E0821" "a status set by hand has no reason"
    "E0822" "a file of an added folder is no table"
    "E0823" "a key of an added table is taken"
    "E0824" "a link of the ledger does not fit its effect"
    "E0826" "a derived row is not what its formula gives"
    "E0901" "a file cannot be read"
    "E0902" "a file is not text of a usable size"
    "E0903" "a file cannot be written"
    "E0904" "there is no such code"
    "E0905" "there is no such row or table of evidence"
    "E0906" "a value given on the command line cannot be used"
    "E0907" "times on the command line cannot be used"
    "E0908" "there is no such model"
    "E0909" "nothing says what to run"
    "E0910" "a covariate has no value"
    "E0911" "the name of a result file does not say its form"
    "E0912" "a dose on the command line does not fit the model"
    "E0914" "a run was interrupted"
    "N0102" "lines around a model function are not read"
    "N0915" "a result rests on numbers that nobody measured in people"
    "N0917" "a result goes beyond what its model was held against"
    "N0918" "who is run, and what of them is assumed"
    "N0919" "parameters are drawn with a default width"
    "N0920" "people take the records of several subjects in turn"
    "W0101" "a hypothesis is on"
    "W0201" "a name is not used"
    "W0202" "a name is taken as a covariate"
    "W0203" "an argument hides a name"
    "W0204" "no event changes a register"
    "W0205" "a function hides one of the language"
    "W0206" "a rate is not smooth"
    "W0207" "parameters are never apart"
    "W0208" "nothing says the unit of a number"
    "W0209" "a share is above 2"
    "W0303" "an output names no unit"
    "W0510" "a number in an equation has no source"
    "W0601" "a column of an event file is not used"
    "W0602" "an interval without repeats does nothing"
    "W0603" "a covariate looks like a code for a missing value"
    "W0740" "all people are alike"
    "W0907" "a covariate is given twice"
    "W0916" "an output is no finite number somewhere"
}

/// The entry of `code`, in any case.
pub fn code_info(code: &str) -> Option<&'static CodeInfo> {
    CODES.iter().find(|info| info.code.eq_ignore_ascii_case(code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_sorted_and_each_page_names_itself() {
        assert!(CODES.windows(2).all(|pair| pair[0].code < pair[1].code));
        for info in CODES {
            let first = info.page.lines().next().unwrap_or_default();
            assert_eq!(first, format!("# {}: {}", info.code, info.title));
        }
    }
}
