//! Drawn people against the table, named people against the rows and the README.

use epsom_evidence::{Kind, builtin};
use epsom_maths::Address;
use epsom_model::ir::Model;

use super::population::{TABLE, population};
use super::{general, named, named_markdown};
use crate::body::{MODELS, read};

const N: u32 = 20_000;
/// A share of draws may lie this many of its standard deviations off: twice in a million.
const WIDE: f64 = 4.8;

fn model() -> Model {
    read(&MODELS[0]).unwrap().0
}

/// Values of the columns of one person; all of them.
fn person(subject: u32, known: &dyn Fn(&str) -> Option<f64>) -> Vec<f64> {
    let at = Address { seed: 7, subject, ..Address::default() };
    general().draw(&at, known).iter().map(|one| one.value).collect()
}

fn nothing(_: &str) -> Option<f64> {
    None
}

#[test]
fn the_committed_table_names_covariates_of_the_model_and_covers_every_adult() {
    let found = population(TABLE, builtin()).unwrap();
    let model = model();
    for column in &found.columns {
        assert!(model.covariates.iter().any(|one| one.name == column.covariate), "{column:?}");
    }
    for is_woman in [false, true] {
        for year in 20..90 {
            let margins: Vec<usize> =
                found.margins_of(is_woman, f64::from(year) + 0.5).map(|one| one.column).collect();
            assert_eq!(margins, (2..found.columns.len()).collect::<Vec<_>>(), "{year}");
        }
    }
    for margin in &found.margins {
        let percentiles = margin.quantiles.percentiles;
        assert!(percentiles.is_sorted(), "{margin:?}");
        let (lo, hi) = margin.quantiles.bounds;
        assert!(lo < percentiles[0] && percentiles[2] < hi, "{margin:?}");
        // Bounds cut off slips, not people.
        let (below, above) = margin.quantiles.inside();
        assert!(below + (1.0 - above) < 0.005, "{margin:?}: {below} {above}");
    }
}

/// The share of people below each printed percentile is the printed share, within Monte-Carlo
/// error and what the bounds cut off; a value is printed and drawn to the last decimal, so the
/// share lies between those below and at most it.
#[test]
fn drawn_people_have_the_percentiles_of_the_table() {
    let people: Vec<Vec<f64>> = (0..N).map(|subject| person(subject, &nothing)).collect();
    let found = general();
    let mut n_margins = 0;
    for margin in &found.margins {
        let is_in = |one: &&Vec<f64>| {
            margin.is_woman.is_none_or(|sex| sex == (one[0] > 0.0))
                && (margin.ages.0..margin.ages.1).contains(&one[1])
        };
        let values: Vec<f64> = people.iter().filter(is_in).map(|one| one[margin.column]).collect();
        let n = values.len() as f64;
        assert!(n > 300.0, "{margin:?}");
        let (below, above) = margin.quantiles.inside();
        let half = 0.5 / f64::from(10_u32.pow(found.columns[margin.column].digits));
        for (value, p) in margin.quantiles.percentiles.into_iter().zip([0.05, 0.5, 0.95]) {
            let share = |most: f64| values.iter().filter(|one| **one < most).count() as f64 / n;
            let slack = WIDE * (p * (1.0 - p) / n).sqrt() + below + (1.0 - above);
            assert!(share(value - half) <= p + slack, "{margin:?} {p}");
            assert!(share(value + half) >= p - slack, "{margin:?} {p}");
        }
        n_margins += 1;
    }
    assert_eq!(n_margins, found.margins.len());
    let all: f64 = found.bands.iter().map(|band| band.people).sum();
    for band in &found.bands {
        let is_in = |one: &&Vec<f64>| {
            band.is_woman == (one[0] > 0.0) && (band.ages.0..band.ages.1).contains(&one[1])
        };
        let (p, n) = (band.people / all, f64::from(N));
        let share = people.iter().filter(is_in).count() as f64 / n;
        assert!((share - p).abs() <= WIDE * (p * (1.0 - p) / n).sqrt(), "{band:?}: {share}");
    }
}

/// The correlation of normal scores is that of its row: its error is (1 - r^2) / sqrt(n).
#[test]
fn weight_goes_with_height_as_its_row_says() {
    for (sex, key) in [(0.0, "pop.rho.man"), (1.0, "pop.rho.woman")] {
        let known = move |name: &str| match name {
            "sex" => Some(sex),
            // 45 years, in hours.
            "age" => Some(45.0 * 8766.0),
            _ => None,
        };
        let found = general();
        let column =
            |name: &str| found.columns.iter().position(|one| one.covariate == name).unwrap();
        let margin = |at: usize| {
            found.margins_of(sex > 0.0, 45.0).find(|one| one.column == at).unwrap().quantiles
        };
        let (height, weight) = (column("height"), column("wt"));
        let scores: Vec<[f64; 2]> = (0..N)
            .map(|subject| {
                // Sex and age are known, so two columns less are drawn.
                let one = person(subject, &known);
                [margin(height).score(one[height - 2]), margin(weight).score(one[weight - 2])]
            })
            .collect();
        let n = f64::from(N);
        let sum = |of: &dyn Fn(&[f64; 2]) -> f64| scores.iter().map(of).sum::<f64>() / n;
        let (mx, my) = (sum(&|z| z[0]), sum(&|z| z[1]));
        let cov = sum(&|z| (z[0] - mx) * (z[1] - my));
        let vx = sum(&|z| (z[0] - mx) * (z[0] - mx));
        let vy = sum(&|z| (z[1] - my) * (z[1] - my));
        let found = cov / (vx * vy).sqrt();
        let row = builtin().value(key).unwrap().printed().unwrap().value();
        // Rounding to a decimal adds 0.03 of variance of a tenth: below 1e-4 here.
        let slack = WIDE * (1.0 - row * row) / n.sqrt() + 1e-3;
        assert!((found - row).abs() <= slack, "{key}: {found}");
    }
}

/// What the notes of derived rows say, computed again.
#[test]
fn derived_rows_of_the_population_follow_from_their_parents() {
    let evidence = builtin();
    let row = |key: &str| evidence.value(key).unwrap();
    let spread = |key: &str| match row(key).spread {
        epsom_evidence::Spread::P5To95 { lo, hi } => epsom_maths::ln(hi / lo) / 3.29,
        ref other => panic!("{key}: {other:?}"),
    };
    for sex in ["man", "woman"] {
        let [w, h, b] = ["wt", "height", "bmi"].map(|what| spread(&format!("pop.{what}.{sex}")));
        let rho = (w * w + 4.0 * h * h - b * b) / (4.0 * w * h);
        assert!(row(&format!("pop.rho.{sex}")).agrees(rho), "{sex}: {rho}");
    }
    let found = general();
    let sd = row("pop.egfr.sd").printed().unwrap().value();
    let below_60 = |sd: f64| {
        let all: f64 = found.bands.iter().map(|band| band.people).sum();
        let of_band = |band: &super::population::Band| {
            let years = band.ages.0 as u32..band.ages.1 as u32;
            let mean = |year: u32| {
                let decade = (year / 10 * 10).min(70);
                row(&format!("pop.egfr.{decade}")).printed().unwrap().value()
            };
            let n = years.len() as f64;
            let share = |year: u32| epsom_maths::norm_cdf((60.0 - mean(year)) / sd) / n;
            band.people / all * years.map(share).sum::<f64>()
        };
        found.bands.iter().map(of_band).sum::<f64>()
    };
    let wanted = ["pop.egfr.stage3", "pop.egfr.stage4"]
        .map(|key| row(key).printed().unwrap().value())
        .iter()
        .sum::<f64>()
        / 100.0;
    // The printed sd is rounded to a decimal.
    assert!(below_60(sd - 0.05) < wanted && wanted < below_60(sd + 0.05), "{}", below_60(sd));
}

/// Quartiles that the survey prints beside the three percentiles (table 3 of fryar2025, in the
/// notes of the rows) lie within 1.3 % of the line through these.
#[test]
fn quartiles_between_the_percentiles_are_near_those_of_the_survey() {
    for (key, quartiles) in [("pop.wt.man", [75.4, 101.6]), ("pop.wt.woman", [62.6, 89.2])] {
        let row = builtin().value(key).unwrap();
        let epsom_evidence::Spread::P5To95 { lo, hi } = row.spread else { panic!("{key}") };
        let middle = row.printed().unwrap().value();
        let percentiles = [lo, middle, hi];
        let one = epsom_population::Quantiles { percentiles, is_log: true, bounds: (1.0, 1e4) };
        for (p, printed) in [0.25, 0.75].into_iter().zip(quartiles) {
            let found = one.value(epsom_maths::norm_quantile(p));
            assert!((found / printed - 1.0).abs() < 0.0135, "{key} {p}: {found}");
        }
    }
}

#[test]
fn what_is_known_of_someone_changes_only_what_rests_on_it() {
    let free = person(3, &nothing);
    let heavy = person(3, &|name| (name == "wt").then_some(120.0));
    let weight = general().columns.iter().position(|one| one.covariate == "wt").unwrap();
    let mut rest = free.clone();
    rest.remove(weight);
    assert_eq!(heavy, rest);
    // A measured filtration leaves no other to be drawn.
    let names = |known: &dyn Fn(&str) -> Option<f64>| -> Vec<String> {
        let at = Address { seed: 7, subject: 3, ..Address::default() };
        general().draw(&at, known).iter().map(|one| one.column.covariate.clone()).collect()
    };
    assert!(names(&nothing).contains(&"egfr".to_string()));
    assert!(!names(&|name| (name == "gfr").then_some(3.0)).contains(&"egfr".to_string()));
    let tall = person(3, &|name| (name == "height").then_some(200.0));
    assert!(tall[2] > free[weight], "{tall:?} {free:?}");
}

#[test]
fn named_people_stand_on_rows_or_say_why() {
    let evidence = builtin();
    let model = model();
    for one in named() {
        assert!(!one.settings.is_empty() || !one.reasons.is_empty(), "{}", one.name);
        for setting in &one.settings {
            let at = format!("{} {}", one.name, setting.covariate);
            assert!(model.covariates.iter().any(|known| known.name == setting.covariate), "{at}");
            let value: f64 = setting.value.parse().expect(&at);
            if setting.row.is_empty() {
                assert!(!setting.why.is_empty(), "{at}");
                continue;
            }
            if let Some(limit) = evidence.limits().iter().find(|limit| limit.id == setting.row) {
                assert_eq!(limit.value, Some(value), "{at}");
                continue;
            }
            let row = evidence.value(&setting.row).unwrap_or_else(|| panic!("{at}"));
            let mut known = match &row.kind {
                Kind::Number(printed) => vec![printed.value()],
                Kind::Interval { lo, hi } => vec![(lo.value() + hi.value()) / 2.0],
                Kind::Text(_) => Vec::new(),
            };
            if let epsom_evidence::Spread::P5To95 { lo, hi } = row.spread {
                known.extend([lo, hi]);
            }
            // A switch, or a fact of the people of the row in its words.
            let is_said =
                !setting.why.is_empty() && (value == 1.0 || row.meaning.contains(&setting.value));
            // A number of a row in another unit, to the digits that the table gives.
            let n_decimals = setting.value.split_once('.').map_or(0, |(_, digits)| digits.len());
            let factor = match (row.unit.as_str(), setting.unit.as_str()) {
                ("L/min", "L/h") => Some(60.0),
                ("mmol/min", "mmol/day") => Some(60.0 * 24.0),
                _ => None,
            };
            let is_converted = factor.is_some_and(|factor| {
                known.iter().any(|one| format!("{:.n_decimals$}", one * factor) == setting.value)
            });
            assert!(known.contains(&value) || is_said || is_converted, "{at}: {known:?}");
        }
    }
}

#[test]
fn the_readme_holds_the_table_of_named_people() {
    let readme = include_str!("../../../../models/magnesium/README.md");
    let part = readme.split("<!-- people -->\n\n").nth(1);
    let part = part.and_then(|rest| rest.split("\n<!-- /people -->").next());
    if std::env::var_os("UPDATE_EXPECT").is_some() && part != Some(named_markdown().as_str()) {
        println!("{}", named_markdown());
    }
    assert_eq!(part, Some(named_markdown().as_str()));
}
