//! Regimen text to [`Regimen`].
//!
//! ```text
//! regimen  = [ number product "of" ] amount unit [ "/" time ] what { clause }
//! product  = "capsules" | "tablets" | "sachets" | "scoops"
//! what     = "Mg" [ "as" salt ] | symbol | salt "salt"
//! clause   = [ times ] "daily" | "every" number time | "at" clock { "and" clock }
//!          | "for" number time | "from" "day" number | "starting" "at" number time
//!          | "with" "meals" | "between" "meals" | "oral" | "iv" [ "over" number time ]
//! times    = "once" | "twice" | "three times" | "four times" | number "times"
//! ```

use epsom_diag::{Diagnostic, FileId, Span, did_you_mean, list_names};
use epsom_units::{Base, Dimension, Substances, parse_unit};

use super::content::{Given, parse_content, salt_not_said};
use super::words::{Word, Words};
use super::{Content, Regimen, Route, Schedule, Timing};
use crate::salts::Salts;

/// Words that start a clause.
const CLAUSES: &[&str] = &[
    "once", "twice", "three", "four", "every", "at", "for", "from", "starting", "with", "between",
    "oral", "iv", "daily",
];
/// Words that stand inside a clause.
const INNER: &[&str] = &["times", "day", "over", "meals", "and"];
/// Most doses of one regimen.
const MOST_DOSES: f64 = 100_000.0;
/// Latest time and longest duration, h: a thousand years.
const MOST_HOURS: f64 = 8_766_000.0;

/// Reads a regimen; all that is wrong with it is reported at once.
///
/// # Errors
/// Diagnostics E0650 to E0656 with spans into `text` as file `file`.
///
/// # Example
/// ```
/// use epsom_diag::FileId;
/// use epsom_magnesium::{regimen::{dose_times_h, parse_regimen}, salts::built_in_salts};
/// let regimen = parse_regimen("1 g MgO every 12 h for 1 d", FileId(0), built_in_salts()).unwrap();
/// assert_eq!(dose_times_h(&regimen), [0.0, 12.0]);
/// assert!(parse_regimen("500 mg oxide", FileId(0), built_in_salts()).is_err());
/// ```
pub fn parse_regimen(text: &str, file: FileId, salts: &Salts) -> Result<Regimen, Vec<Diagnostic>> {
    let mut words = Words::new(text, file);
    let mut found = Vec::new();
    let start = words.here();
    let given = parse_content(&mut words, text, salts, &mut found);
    let dose_span = words.since(start);
    let mut clauses = Clauses::default();
    let mut all_read = true;
    while let Some(word) = words.peek() {
        if let Err(diagnostic) = parse_clause(&mut words, word, &mut clauses) {
            found.push(*diagnostic);
            all_read = false;
            while words.peek().is_some_and(|word| !is_clause_word(word)) {
                words.take();
            }
        }
    }
    let hourly = given.as_ref().is_some_and(|given| given.rate.is_some());
    let dose = match given {
        Some(Given { content, rate: Some(at) }) => infused(content, at, &mut clauses, &mut found),
        Some(given) => Some(given.content),
        None => None,
    };
    let route = route(&clauses, hourly, &mut found);
    let (start_h, schedule) = match schedule(&clauses, words.here()) {
        Ok(schedule) => schedule,
        Err(diagnostic) => {
            // A clause that could not be read is missing from the schedule too: say it once.
            if all_read {
                found.push(*diagnostic);
            }
            (0.0, Schedule::Once)
        }
    };
    if let (Some(dose), Route::Oral { .. }) = (&dose, route)
        && dose.salt.is_none()
    {
        found.push(salt_not_said(dose, dose_span, salts));
    }
    match dose {
        Some(dose) if found.is_empty() => {
            Ok(Regimen { text: text.trim().to_string(), dose, route, start_h, schedule })
        }
        _ => Err(found),
    }
}

/// Reads the first part of a regimen alone: `2 g MgT`, `150 mg Mg`, `10 mmol Mg as oxide`.
///
/// # Errors
/// Diagnostics E0650 to E0656 with spans into `text` as file `file`.
pub fn parse_dose(text: &str, file: FileId, salts: &Salts) -> Result<Content, Vec<Diagnostic>> {
    let mut words = Words::new(text, file);
    let mut found = Vec::new();
    let given = parse_content(&mut words, text, salts, &mut found);
    if let Some(at) = given.as_ref().and_then(|given| given.rate) {
        found.push(
            Diagnostic::error("E0653", "a rate is no dose").at(at, "an amount should stand here"),
        );
    }
    if let Some(word) = words.peek().filter(|_| found.is_empty()) {
        found.push(
            Diagnostic::error("E0653", "more than a dose stands here")
                .at(words.span(word), "a dose ends before this")
                .help("say how often, how long and when by options of their own"),
        );
    }
    given.map(|given| given.content).filter(|_| found.is_empty()).ok_or(found)
}

/// Whether a clause starts here.
pub(super) fn is_clause_word(word: Word<'_>) -> bool {
    CLAUSES.iter().any(|clause| word.is(clause))
        || word.text.starts_with(|c: char| c.is_ascii_digit())
}

/// What the clauses say, each with its place.
#[derive(Default)]
struct Clauses {
    often: Option<(Often, Span)>,
    clock_h: Option<(Vec<f64>, Span)>,
    duration_h: Option<(f64, Span)>,
    start_h: Option<(f64, Span)>,
    timing: Option<(Timing, Span)>,
    way: Option<(Way, Span)>,
}

#[derive(Clone, Copy)]
enum Way {
    Mouth,
    /// Into a vein, over so many hours where that is said.
    Vein(Option<f64>),
}

#[derive(Clone, Copy)]
enum Often {
    /// Times a day.
    Daily(f64),
    /// Interval, h.
    Every(f64),
}

type Parsed<T> = Result<T, Box<Diagnostic>>;

fn parse_clause(words: &mut Words<'_>, word: Word<'_>, clauses: &mut Clauses) -> Parsed<()> {
    words.take();
    let start = words.span(word);
    match word.text.to_ascii_lowercase().as_str() {
        "once" | "twice" | "three" | "four" => {
            let times = match word.text.len() {
                _ if word.is("once") => 1.0,
                _ if word.is("twice") => 2.0,
                _ if word.is("three") => 3.0,
                _ => 4.0,
            };
            if times > 2.0 {
                expect(words, "times")?;
            }
            expect(words, "daily")?;
            set(&mut clauses.often, Often::Daily(times), words.since(start))
        }
        // `1 g MgT daily`: once.
        "daily" => set(&mut clauses.often, Often::Daily(1.0), start),
        "every" => {
            let hours = duration(words)?;
            set(&mut clauses.often, Often::Every(hours), words.since(start))
        }
        "at" => {
            let mut times = vec![clock(words)?];
            while words.eat("and") || words.peek().is_some_and(|next| next.text.contains(':')) {
                let at = words.here();
                let time = clock(words)?;
                if times.last().is_some_and(|last| *last >= time) {
                    let message = "clock times of a day are listed in rising order";
                    return Err(Diagnostic::error("E0655", message)
                        .at(at, "not after the time before it")
                        .into());
                }
                times.push(time);
            }
            set(&mut clauses.clock_h, times, words.since(start))
        }
        "for" => {
            let hours = duration(words)?;
            set(&mut clauses.duration_h, hours, words.since(start))
        }
        "from" => {
            expect(words, "day")?;
            let at = words.here();
            let day = words.take().and_then(|word| word.text.parse::<u32>().ok());
            match day {
                Some(day @ 1..=365_250) => {
                    set(&mut clauses.start_h, f64::from(day - 1) * 24.0, words.since(start))
                }
                _ => Err(Diagnostic::error("E0653", "days are counted from 1")
                    .at(at, "a whole number from 1 should stand here")
                    .into()),
            }
        }
        "starting" => {
            expect(words, "at")?;
            let hours = time_span(words, true)?;
            set(&mut clauses.start_h, hours, words.since(start))
        }
        "with" | "between" => {
            expect(words, "meals")?;
            let timing = if word.is("with") { Timing::WithMeals } else { Timing::BetweenMeals };
            set(&mut clauses.timing, timing, words.since(start))
        }
        "oral" => set(&mut clauses.way, Way::Mouth, start),
        "iv" => {
            let hours = if words.eat("over") { Some(duration(words)?) } else { None };
            set(&mut clauses.way, Way::Vein(hours), words.since(start))
        }
        "im" | "intramuscular" => {
            Err(Diagnostic::error("E0653", "an injection into muscle is not part of the model")
                .at(start, "by mouth or `iv` only")
                .help("an infusion is no stand-in: uptake from muscle takes hours")
                .into())
        }
        _ => {
            let number = word.text.parse::<u32>().ok();
            match number {
                Some(times @ 1..=24) if words.eat("times") => {
                    expect(words, "daily")?;
                    set(&mut clauses.often, Often::Daily(f64::from(times)), words.since(start))
                }
                _ => Err(unexpected(word, start).into()),
            }
        }
    }
}

/// Keeps what a clause says; a second one of its kind is a contradiction.
fn set<T>(place: &mut Option<(T, Span)>, value: T, span: Span) -> Parsed<()> {
    if let Some((_, first)) = place {
        return Err(Diagnostic::error("E0655", "a regimen says the same thing twice")
            .at(span, "said a second time")
            .label(*first, "said first")
            .help("use one regimen for each part of a plan")
            .into());
    }
    *place = Some((value, span));
    Ok(())
}

fn unexpected(word: Word<'_>, at: Span) -> Diagnostic {
    let diagnostic =
        Diagnostic::error("E0653", format!("`{}` has no meaning here in a regimen", word.text))
            .at(at, "not a part of the grammar");
    match did_you_mean(word.text, CLAUSES.iter().chain(INNER).copied()) {
        Some(near) if !word.is(near) => diagnostic.help(format!("did you mean `{near}`?")),
        _ => {
            let known = list_names(CLAUSES.iter().copied(), 20);
            diagnostic.note(format!("a part starts with a number of times or with {known}"))
        }
    }
}

fn expect(words: &mut Words<'_>, wanted: &str) -> Parsed<()> {
    if words.eat(wanted) {
        return Ok(());
    }
    let message = match words.peek() {
        Some(word) => format!("`{wanted}` should stand before `{}`", word.text),
        None => format!("the regimen ends where `{wanted}` should follow"),
    };
    let at = words.here();
    Err(Diagnostic::error("E0653", message).at(at, format!("`{wanted}` should stand here")).into())
}

/// A duration above 0, in h.
fn duration(words: &mut Words<'_>) -> Parsed<f64> {
    time_span(words, false)
}

fn time_span(words: &mut Words<'_>, zero_allowed: bool) -> Parsed<f64> {
    let start = words.here();
    let number = words.peek().map_or("", |word| word.text);
    let Ok(value) = number.parse::<f64>() else {
        return Err(Diagnostic::error("E0653", "a time is a number with a unit")
            .at(start, "a number should stand here")
            .help("for example `12 weeks` or `8 h`")
            .into());
    };
    words.take();
    let unit = words.peek().map_or("", |word| word.text);
    let parsed = parse_unit(unit, &Substances::default(), None)
        .ok()
        .filter(|unit| unit.dimension == Dimension::base(Base::Time));
    let Some(parsed) = parsed else {
        let known = ["min", "h", "d", "day", "days", "week", "weeks", "month", "months", "year"];
        let at = words.here();
        let diagnostic = Diagnostic::error("E0653", format!("`{number}` has no unit of time"))
            .at(at, "a unit of time should stand here");
        return Err(diagnostic
            .help(match did_you_mean(unit, known) {
                Some(near) if near != unit => format!("did you mean `{near}`?"),
                _ => format!("units of time are {}", list_names(known, 10)),
            })
            .into());
    };
    words.take();
    let hours = parsed.to_base(value);
    let in_range = hours <= MOST_HOURS && (hours > 0.0 || (zero_allowed && hours == 0.0));
    if !in_range {
        return Err(Diagnostic::error("E0651", "a time is positive and at most a thousand years")
            .at(words.since(start), "out of range")
            .into());
    }
    Ok(hours)
}

/// A clock time as hours after midnight.
fn clock(words: &mut Words<'_>) -> Parsed<f64> {
    let at = words.here();
    let text = words.take().map_or("", |word| word.text);
    let parts = text.split_once(':').and_then(|(hour, minute)| {
        let minute = Some(minute).filter(|minute| minute.len() == 2)?;
        Some((hour.parse::<u32>().ok()?, minute.parse::<u32>().ok()?))
    });
    match parts {
        Some((hour @ 0..=23, minute @ 0..=59)) => Ok(f64::from(60 * hour + minute) / 60.0),
        _ => Err(Diagnostic::error("E0653", "a clock time is written as `8:00`")
            .at(at, "a time from 0:00 to 23:59 should stand here")
            .help("a time after the start is written `starting at 12 h`")
            .into()),
    }
}

/// The whole of an infusion that is given by its rate: `1 g/h MgSO4.7H2O iv for 24 h`.
fn infused(
    an_hour: Content,
    at: Span,
    clauses: &mut Clauses,
    found: &mut Vec<Diagnostic>,
) -> Option<Content> {
    let Some((Way::Vein(over), iv)) = clauses.way else {
        found.push(
            Diagnostic::error("E0655", "a rate is given into a vein")
                .at(at, "so much in each hour")
                .help("write `iv for 24 h`, or a dose and how often it is taken"),
        );
        return None;
    };
    for again in [clauses.often.take().map(|(_, at)| at), clauses.clock_h.take().map(|(_, at)| at)]
    {
        found.extend(again.map(|again| {
            Diagnostic::error("E0655", "a rate runs without a break and is not repeated")
                .at(again, "said of doses")
                .label(at, "so much in each hour")
                .help("use one regimen for each infusion, each with `starting at`")
        }));
    }
    let long = match (over, clauses.duration_h.take()) {
        (Some(hours), None) => hours,
        (None, Some((hours, _))) => hours,
        (Some(_), Some((_, second))) => {
            found.push(
                Diagnostic::error("E0655", "a regimen says the same thing twice")
                    .at(second, "said a second time")
                    .label(iv, "said first"),
            );
            return None;
        }
        (None, None) => {
            found.push(
                Diagnostic::error("E0654", "how long is not said")
                    .at(iv, "an infusion without end")
                    .help("add it, as in `1 g/h MgSO4.7H2O iv for 24 h`"),
            );
            return None;
        }
    };
    clauses.way = Some((Way::Vein(Some(long)), iv));
    Some(an_hour.times(long))
}

fn route(clauses: &Clauses, hourly: bool, found: &mut Vec<Diagnostic>) -> Route {
    let timing = clauses.timing.map_or(Timing::NotSaid, |(timing, _)| timing);
    match clauses.way {
        Some((Way::Vein(None), iv)) if !hourly => {
            found.push(
                Diagnostic::error("E0653", "an infusion has no duration")
                    .at(iv, "over how long?")
                    .help(
                        "for example `30 mmol Mg iv over 8 h`, or `1 g/h MgSO4.7H2O iv for 24 h`",
                    ),
            );
            Route::Oral { timing }
        }
        Some((Way::Vein(Some(duration_h)), iv)) => {
            if let Some((_, meals)) = clauses.timing {
                found.push(
                    Diagnostic::error("E0655", "an infusion has no relation to meals")
                        .at(meals, "for doses by mouth only")
                        .label(iv, "given into a vein"),
                );
            }
            Route::Iv { duration_h }
        }
        _ => Route::Oral { timing },
    }
}

fn schedule(clauses: &Clauses, end: Span) -> Parsed<(f64, Schedule)> {
    let start_h = clauses.start_h.map_or(0.0, |(hours, _)| hours);
    let how_long = |at: Span| {
        Diagnostic::error("E0654", "how long is not said")
            .at(at, "repeated without end")
            .label(end, "the duration can stand here")
            .help("add it, as in `for 12 weeks`")
    };
    let often = match (clauses.often, &clauses.clock_h) {
        (None, None) => {
            let Some((_, at)) = clauses.duration_h else { return Ok((start_h, Schedule::Once)) };
            return Err(Diagnostic::error("E0654", "how often is not said")
                .at(at, "a duration needs a frequency")
                .help("add one, as in `twice daily` or `every 12 h`")
                .into());
        }
        (Some((Often::Every(_), every)), Some((_, clock))) => {
            return Err(Diagnostic::error(
                "E0655",
                "an interval and clock times contradict each other",
            )
            .at(*clock, "at these times each day")
            .label(every, "at equal intervals")
            .help("keep one; `starting at 8 h` sets the first dose of an interval")
            .into());
        }
        (Some((Often::Daily(times), daily)), Some((clock_h, clock)))
            if times != clock_h.len() as f64 =>
        {
            let message = format!(
                "the number of doses a day is {times}, but that of clock times is {}",
                clock_h.len()
            );
            return Err(Diagnostic::error("E0655", message)
                .at(*clock, "these are the clock times")
                .label(daily, "this is the number of doses")
                .into());
        }
        (_, Some((clock_h, at))) => {
            let end_h = match clauses.duration_h {
                Some((hours, _)) => start_h + hours,
                // One clock time alone is one dose.
                None if clauses.often.is_none() && clock_h.len() == 1 => start_h + 24.0,
                None => return Err(how_long(*at).into()),
            };
            let count =
                clock_h.iter().map(|time| days_up_to(end_h - time) - days_up_to(start_h - time));
            return finish(start_h, count.sum(), *at, |count| Schedule::Clock {
                times_h: clock_h.clone(),
                count,
            });
        }
        (Some(often), None) => often,
    };
    let (often, at) = often;
    let interval_h = match often {
        Often::Daily(times) => 24.0 / times,
        Often::Every(hours) => hours,
    };
    let Some((hours, _)) = clauses.duration_h else { return Err(how_long(at).into()) };
    let count = whole_above(hours / interval_h);
    finish(start_h, count, at, |count| Schedule::Every { interval_h, count })
}

/// Number of midnights 0, 24, 48 ... before `hours`.
fn days_up_to(hours: f64) -> f64 {
    whole_above(hours / 24.0).max(0.0)
}

/// Smallest whole number not below `x`; a rounding error above a whole number does not count.
fn whole_above(x: f64) -> f64 {
    (x - 8.0 * f64::EPSILON * x.abs()).ceil()
}

fn finish(
    start_h: f64,
    count: f64,
    at: Span,
    schedule: impl FnOnce(u32) -> Schedule,
) -> Parsed<(f64, Schedule)> {
    if count < 1.0 {
        return Err(Diagnostic::error("E0655", "no dose falls into the duration")
            .at(at, "none of these times")
            .into());
    }
    if count > MOST_DOSES {
        return Err(Diagnostic::error("E0655", format!("a regimen of {count} doses is too long"))
            .at(at, format!("at most {MOST_DOSES} doses"))
            .into());
    }
    Ok((start_h, schedule(count as u32)))
}
