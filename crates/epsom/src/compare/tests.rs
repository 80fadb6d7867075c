//! What is shown of a result made by hand: table, figure, page, files.

use super::{figure, files, page, table};
use epsom_evidence::builtin;
use epsom_magnesium::compare::{
    Arm, Ask, Base, Comparison, Measures, Profile, Who, marked, plan, settings,
};
use epsom_magnesium::salts::built_in_salts;
use epsom_magnesium::{MODELS, plasma_route, read};
use epsom_population::{DrawReport, Interval};
use epsom_report::{render_html, render_svg};
use expect_test::expect;

fn around(value: f64) -> Interval {
    Interval { median: value, lo: 0.5 * value, hi: 2.0 * value }
}

fn rise(base: f64, by: f64) -> Interval {
    Interval { median: base + by, lo: base + 0.5 * by, hi: base + 2.0 * by }
}

/// Rises that grow over the weeks, and a day with a hump after each dose.
fn by_hand(dose: &str) -> Comparison {
    let (model, _) = read(&MODELS[0]).expect("a test checks it");
    let model = plasma_route(&model);
    let ask = Ask {
        dose: Some(dose.to_string()),
        n_doses_a_day: Some(1),
        n_weeks: Some(2),
        ..Ask::default()
    };
    let settings = settings(&ask, built_in_salts()).expect("settings of a test");
    let planned = plan(&settings, &model, builtin()).expect("fits the meals");
    let arms = planned.members.iter().map(|member| {
        let size = 1.0 + member.group as f64;
        let measures = Measures {
            absorbed_mmol_per_day: around(size),
            absorbed_percent: around(5.0 * size),
            serum_mmol_per_l: around(0.014 * size),
            serum_percent: around(1.6 * size),
            urine_mmol_per_day: around(0.9 * size),
            csf_percent: around(0.4 * size),
            cmax_mmol_per_l: rise(0.85, 0.03 * size),
            tmax_h: around(2.0),
            peak_rise_mmol_per_l: around(0.03 * size),
            auc_mmol_h_per_l: around(0.34 * size),
            fluctuation_percent: around(150.0),
        };
        let day = planned.day_h.iter().map(|&hour| {
            let since =
                member.dose_hours.iter().map(|dose| (hour - dose).abs()).fold(24.0, f64::min);
            rise(0.85, 0.03 * size / (1.0 + since))
        });
        let form = &settings.forms[member.form];
        Arm {
            form: member.form,
            timing: member.timing,
            group: member.group,
            dose_hours: member.dose_hours.clone(),
            dose: member.dose,
            residue_mmol: member.residue_mmol,
            measures,
            less_first: (member.form > 0).then_some(measures),
            over_first: None,
            over_between: None,
            profile: Profile {
                daily: (0..14).map(|day| rise(0.85, 0.001 * size * f64::from(day))).collect(),
                day: day.collect(),
            },
            marked: marked(&model, form, member.timing, &settings.person, builtin()),
        }
    });
    Comparison {
        arms: arms.collect(),
        who: Who {
            weight_kg: 70.0,
            gfr_ml_per_min: 120.0,
            serum_mmol_per_l: 0.85,
            diet_mmol_per_day: 14.0,
        },
        base: Base {
            serum_mmol_per_l: rise(0.85, 0.0),
            urine_mmol_per_day: around(4.2),
            absorbed_mmol_per_day: around(5.0),
            day: planned.day_h.iter().map(|_| rise(0.85, 0.0)).collect(),
        },
        day_h: planned.day_h.clone(),
        n_used: 500,
        failures: Vec::new(),
        detectable_percent: 11.1,
        draws: DrawReport::default(),
        interrupted: false,
        extrapolates: Vec::new(),
        settings,
    }
}

#[test]
fn the_table_has_a_block_per_set_of_like_salts() {
    expect![[r#"
        70 kg, filtration 120 mL/min, serum 0.85 mmol/L without a dose, 14 mmol a day in three meals
        one dose a day for 2 weeks; 500 draws of what is not known, seed 1
        without a dose: 5.00 (2.50 to 10.00) mmol absorbed a day, 4.20 (2.10 to 8.40) mmol in
        urine, mean serum 0.850 (0.850 to 0.850) mmol/L

         salt         form                        mg salt/day  mg Mg/day  assumed with meals  assumed between meals
         L-threonate  l_threonate_monohydrate            3857        300                  27                     28
         citrate      citrate_tribasic_anhydrous         1856        300                  28                     29
         oxide        oxide                             497.5        300                  27                     28
         glycinate    bisglycinate_anhydrous             2128        300                  28                     29
         assumed: how many numbers behind the result are assumed or recalled

         L-threonate, citrate and glycinate                           with meals           between meals
         absorbed from the salt                 mmol/day     1.00 (0.50 to 2.00)     2.00 (1.00 to 4.00)
         the same, of the dose                  %                    5 (2 to 10)            10 (5 to 20)
         rise of serum                          mmol/L    0.014 (0.007 to 0.028)  0.028 (0.014 to 0.056)
         the same                               mg/dL     0.034 (0.017 to 0.068)  0.068 (0.034 to 0.136)
         the same                               mEq/L     0.028 (0.014 to 0.056)  0.056 (0.028 to 0.112)
         the same, of serum                     %               1.6 (0.8 to 3.2)        3.2 (1.6 to 6.4)
         rise of urine                          mmol/day     0.90 (0.45 to 1.80)     1.80 (0.90 to 3.60)
         rise of CSF, plasma route              %            0.40 (0.20 to 0.80)     0.80 (0.40 to 1.60)
         highest serum of the day               mmol/L    0.880 (0.865 to 0.910)  0.910 (0.880 to 0.970)
         highest rise of the day                mmol/L    0.030 (0.015 to 0.060)  0.060 (0.030 to 0.120)
         highest rise after a dose              h               2.0 (1.0 to 4.0)        2.0 (1.0 to 4.0)
         area of the rise, 0-24 h               mmol*h/L     0.34 (0.17 to 0.68)     0.68 (0.34 to 1.36)
         highest less lowest rise, of the mean  %                150 (75 to 300)         150 (75 to 300)

         oxide                                                             with meals           between meals
         absorbed from the salt                      mmol/day     3.00 (1.50 to 6.00)     4.00 (2.00 to 8.00)
         the same, of the dose                       %                   15 (8 to 30)           20 (10 to 40)
         rise of serum                               mmol/L    0.042 (0.021 to 0.084)  0.056 (0.028 to 0.112)
         the same                                    mg/dL     0.102 (0.051 to 0.204)  0.136 (0.068 to 0.272)
         the same                                    mEq/L     0.084 (0.042 to 0.168)  0.112 (0.056 to 0.224)
         the same, of serum                          %               4.8 (2.4 to 9.6)       6.4 (3.2 to 12.8)
         rise of urine                               mmol/day     2.70 (1.35 to 5.40)     3.60 (1.80 to 7.20)
         rise of CSF, plasma route                   %            1.20 (0.60 to 2.40)     1.60 (0.80 to 3.20)
         highest serum of the day                    mmol/L    0.940 (0.895 to 1.030)  0.970 (0.910 to 1.090)
         highest rise of the day                     mmol/L    0.090 (0.045 to 0.180)  0.120 (0.060 to 0.240)
         highest rise after a dose                   h               2.0 (1.0 to 4.0)        2.0 (1.0 to 4.0)
         area of the rise, 0-24 h                    mmol*h/L     1.02 (0.51 to 2.04)     1.36 (0.68 to 2.72)
         highest less lowest rise, of the mean       %                150 (75 to 300)         150 (75 to 300)
         absorbed from the salt less L-threonate     mmol/day     3.00 (1.50 to 6.00)     4.00 (2.00 to 8.00)
         rise of serum less L-threonate              mmol/L    0.042 (0.021 to 0.084)  0.056 (0.028 to 0.112)
         rise of urine less L-threonate              mmol/day     2.70 (1.35 to 5.40)     3.60 (1.80 to 7.20)
         rise of CSF, plasma route less L-threonate  %            1.20 (0.60 to 2.40)     1.60 (0.80 to 3.20)
         area of the rise over L-threonate, 90 %     ratio
         highest rise over L-threonate, 90 %         ratio

        Each number is the median of the draws with its middle 95 %: what is not known of the
        parameters, not how people differ.
        Of the parameters, 0 are drawn with a spread from their row, 0 with an assumed one and 0
        with the default width because none was given; 0 are held.
        - The evidence knows no difference between L-threonate, citrate and glycinate taken with
          meals or between meals at 12.3 mmol a dose: they dissolve alike, and no study of such
          doses in people found another.
        - Of each dose of oxide 1.6 of 12.3 mmol dissolve slowly and are hardly absorbed.
        - Between meals L-threonate is absorbed 2.0 times as much as with meals (2.00 against 1.00
          mmol a day): food fills the same saturable uptake.
        - The median rise of serum is smaller than one repeat serum test can detect (about 11 %,
          row EPS113) with every salt.
        - The change of cerebrospinal fluid is by the plasma route alone. A gain specific to
          L-threonate is not part of it: it was seen in rats, and no measurement of human
          cerebrospinal fluid or brain on oral L-threonate was found.
        Research and education, not medical advice.
    "#]].assert_eq(&table::text(&by_hand("300 mg Mg")));
}

#[test]
fn the_figure_tells_what_its_ribbons_mean() {
    let drawing = figure::figure(&by_hand("150 mg Mg"));
    assert_eq!((drawing.panels.len(), drawing.n_columns), (4, 2));
    // All four salts are one line.
    assert_eq!(drawing.panels[0].series.len(), 1);
    assert_eq!(drawing.panels[0].series[0].name, "L-threonate, citrate, oxide and glycinate");
    expect!["Total serum magnesium; 70 kg, filtration 120 mL/min, serum 0.85 mmol/L without a dose, 14 mmol a day in three meals; one dose a day for 2 weeks; 500 draws of what is not known, seed 1. Lines are medians of the draws and ribbons their middle 95 %: what is not known of the parameters, not how people differ. Meals at 8, 13 and 19 h. Salts that dissolve alike share a line."].assert_eq(&drawing.caption);
    assert_eq!(figure::figure(&by_hand("300 mg Mg")).panels[0].series.len(), 2);
    let svg = render_svg(&drawing).expect("draws");
    for word in ["one repeat test detects", "clock time (h)", "without a dose"] {
        assert!(svg.contains(word), "{word}");
    }
}

#[test]
fn the_page_stands_alone() {
    let comparison = by_hand("300 mg Mg");
    let svg = render_svg(&figure::figure(&comparison)).expect("draws");
    let html = render_html(&page::page(&comparison, &svg)).expect("fills");
    for word in ["not medical advice", "no difference between", "EPS112", "less the first", "<svg"]
    {
        assert!(html.to_lowercase().contains(&word.to_lowercase()), "{word}");
    }
    for outside in ["<script", "<link", "src=\"http", "@import"] {
        assert!(!html.contains(outside), "{outside}");
    }
}

#[test]
fn files_hold_what_is_shown() {
    let name = format!("epsom-compare-by-hand-{}", std::process::id());
    let folder = std::env::temp_dir().join(name);
    let _ = std::fs::remove_dir_all(&folder);
    files::write(&by_hand("300 mg Mg"), &folder).expect("the build folder can be written");
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).expect("written");
    let summary = read("summary.csv");
    let lines: Vec<&str> = summary.lines().collect();
    assert_eq!(lines.len(), 1 + 8 * 13);
    expect![[r#"
        form,timing,quantity,unit,median,lo,hi,less_first_median,less_first_lo,less_first_hi,over_first,over_first_lo90,over_first_hi90,over_between,over_between_lo90,over_between_hi90
        L-threonate,with-meals,absorbed,mmol/day,1,0.5,2,,,,,,,,,
        L-threonate,with-meals,absorbed_percent,%,5,2.5,10,,,,,,,,,
        L-threonate,with-meals,serum_change,mmol/L,0.014,0.007,0.028,,,,,,,,,
    "#]]
    .assert_eq(&(lines[..4].join("\n") + "\n"));
    assert_eq!(read("serum_by_day.csv").lines().count(), 1 + 8 * 14);
    assert_eq!(read("serum_last_day.csv").lines().count(), 1 + 9 * 97);
    let manifest: serde_json::Value =
        serde_json::from_str(&read("manifest.json")).expect("is JSON");
    assert_eq!(manifest["seed"], 1);
    assert_eq!(manifest["files"].as_array().map(Vec::len), Some(7));
    let names: Vec<_> = std::fs::read_dir(&folder).expect("a folder").collect();
    assert_eq!(names.len(), 8);
    std::fs::remove_dir_all(&folder).expect("ours");
}
