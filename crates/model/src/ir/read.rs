//! Text form to model: the reverse of [`super::print`].

use super::names;
use super::{
    Balance, Combined, Compartment, Correlation, Covariate, DisplayUnit, Distribution, ErrorScale,
    Event, ExprId, Interpolation, Level, Mode, Model, Node, Occasion, Output, Param, Residual,
    Start,
};

/// Why a line of the text form is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadError {
    /// Line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub message: String,
}

impl std::fmt::Display for ReadError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "line {}: {}", self.line, self.message)
    }
}

impl std::error::Error for ReadError {}

/// The model of a text that [`super::print`] wrote.
///
/// # Errors
/// Names the first line that is no line of the text form. Whether the model holds together is
/// for [`super::verify`] to say.
pub fn read(text: &str) -> Result<Model, ReadError> {
    let mut reader = Reader { model: Model::default(), nodes: Vec::new() };
    for (at, line) in text.lines().enumerate() {
        let failed = |message| ReadError { line: at + 1, message };
        let words = words(line).map_err(failed)?;
        let mut line = Line { words, at: 0 };
        reader.line(&mut line).and_then(|()| line.end()).map_err(failed)?;
    }
    Ok(reader.model)
}

type Read<T> = Result<T, String>;

/// The words of one line.
struct Line {
    words: Vec<String>,
    at: usize,
}

impl Line {
    fn word(&mut self) -> Read<String> {
        let word = self.words.get(self.at).cloned().ok_or("the line ends too early")?;
        self.at += 1;
        Ok(word)
    }

    fn take(&mut self, word: &str) -> bool {
        let found = self.words.get(self.at).is_some_and(|one| one == word);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, word: &str) -> Read<()> {
        if self.take(word) { Ok(()) } else { Err(format!("`{word}` is missing")) }
    }

    fn number<T: std::str::FromStr>(&mut self) -> Read<T> {
        let word = self.word()?;
        word.parse().map_err(|_| format!("`{word}` is no number"))
    }

    fn end(&self) -> Read<()> {
        match self.words.get(self.at) {
            None => Ok(()),
            Some(more) => Err(format!("`{more}` is not understood")),
        }
    }

    /// The index that a declaration writes, which must be the next.
    fn index(&mut self, next: usize) -> Read<()> {
        let found: usize = self.number()?;
        if found == next { Ok(()) } else { Err(format!("index {found} where {next} is next")) }
    }

    fn unit(&mut self) -> Read<DisplayUnit> {
        if !self.take("unit") {
            return Ok(DisplayUnit::default());
        }
        Ok(DisplayUnit { text: self.word()?, per_base: self.number()? })
    }

    /// The text after `what`, or none.
    fn text(&mut self, what: &str) -> Read<String> {
        if self.take(what) { self.word() } else { Ok(String::new()) }
    }

    fn distribution(&mut self) -> Read<Distribution> {
        Ok(match self.word()?.as_str() {
            "fixed" => Distribution::Fixed,
            "normal" => Distribution::Normal { sd: self.number()? },
            "lognormal" => Distribution::LogNormal { sd: self.number()? },
            "logitnormal" => Distribution::LogitNormal { sd: self.number()? },
            "uniform" => Distribution::Uniform { lo: self.number()?, hi: self.number()? },
            "triangular" => Distribution::Triangular { lo: self.number()?, hi: self.number()? },
            other => return Err(format!("no distribution `{other}`")),
        })
    }
}

struct Reader {
    model: Model,
    /// Where each printed node stands in the table.
    nodes: Vec<ExprId>,
}

impl Reader {
    fn line(&mut self, line: &mut Line) -> Read<()> {
        let first = line.word()?;
        if let Some(number) = first.strip_prefix('%') {
            if number.parse() != Ok(self.nodes.len()) {
                return Err(format!("`{first}` where %{} is next", self.nodes.len()));
            }
            line.expect("=")?;
            let node = self.node(line)?;
            self.nodes.push(self.model.exprs.add(node));
            return Ok(());
        }
        match first.as_str() {
            "model" => {
                self.model.name = line.word()?;
                self.model.title = line.word()?;
                self.model.checked = line.take("checked");
            }
            "time" => self.model.time_unit = line.unit()?,
            "param" => self.param(line)?,
            "hypothesis" => {
                let at = line.number()?;
                self.model.hypotheses.push(at);
            }
            "correlation" => {
                let (first, second) = (line.number()?, line.number()?);
                line.expect("=")?;
                let rho = line.number()?;
                let words = Level::WORDS.iter();
                let level = words.copied().find(|(word, _)| line.take(word));
                let Some((_, level)) = level else { return Err("a spread is missing".into()) };
                self.model.correlations.push(Correlation { first, second, rho, level });
            }
            "occasion" => {
                let (param, covariate) = (line.number()?, line.number()?);
                line.expect("by")?;
                let by = line.number()?;
                line.expect("=")?;
                let sd = line.number()?;
                self.model.occasions.push(Occasion { param, covariate, by, sd });
            }
            "covariate" => self.covariate(line)?,
            "compartment" => self.compartment(line)?,
            "register" => {
                let at = line.number()?;
                self.model.registers.push(at);
            }
            "mode" => self.mode(line)?,
            "event" => self.event(line)?,
            "change" => {
                let at = line.number()?;
                line.expect("=")?;
                let value = self.operand(line)?;
                let event = self.model.events.last_mut().ok_or("no event above")?;
                event.changes.push((at, value));
            }
            "d/dt" | "initial" | "f" | "alag" | "rate" | "dur" => self.property(&first, line)?,
            "output" => self.output(line)?,
            "residual" => self.residual(line)?,
            "balance" => {
                let total = self.operand(line)?;
                line.expect("inflow")?;
                let inflow = self.operand(line)?;
                self.model.balances.push(Balance { total, inflow });
            }
            "start" => {
                self.model.start = match line.word()?.as_str() {
                    "values" => Start::Values,
                    "steady_state" => Start::SteadyState,
                    "periodic" => Start::Periodic { period: line.number()? },
                    other => return Err(format!("no start `{other}`")),
                };
            }
            other => return Err(format!("no line begins with `{other}`")),
        }
        Ok(())
    }

    fn param(&mut self, line: &mut Line) -> Read<()> {
        line.index(self.model.params.len())?;
        let name = line.word()?;
        line.expect("=")?;
        let mut param = Param {
            name,
            value: line.number()?,
            unit: line.unit()?,
            uncertain: Distribution::Fixed,
            varies: Distribution::Fixed,
            bounds: (f64::NEG_INFINITY, f64::INFINITY),
            provenance: Default::default(),
            spread_assumed: String::new(),
            label: String::new(),
        };
        if line.take("uncertain") {
            param.uncertain = line.distribution()?;
        }
        if line.take("varies") {
            param.varies = line.distribution()?;
        }
        if line.take("bounds") {
            param.bounds = (line.number()?, line.number()?);
        }
        let from = &mut param.provenance;
        while line.take("row") {
            from.rows.push(line.word()?);
        }
        if line.take("assumed") {
            from.assumed = Some(line.word()?);
        }
        from.recalled = line.take("recalled");
        from.assumption_row = line.take("assumption_row");
        from.not_human = line.take("not_human");
        param.spread_assumed = line.text("spread_assumed")?;
        param.label = line.text("label")?;
        self.model.params.push(param);
        Ok(())
    }

    fn covariate(&mut self, line: &mut Line) -> Read<()> {
        line.index(self.model.covariates.len())?;
        let name = line.word()?;
        line.expect("=")?;
        let (default, unit) = (line.number()?, line.unit()?);
        let interpolation = if line.take("backward") {
            Interpolation::Backward
        } else if line.take("midpoint") {
            Interpolation::Midpoint
        } else if line.take("linear") {
            Interpolation::Linear
        } else {
            Interpolation::Forward
        };
        let bounds = match line.take("bounds") {
            true => (line.number()?, line.number()?),
            false => (f64::NEG_INFINITY, f64::INFINITY),
        };
        let label = line.text("label")?;
        let covariate = Covariate { name, default, unit, interpolation, bounds, label };
        self.model.covariates.push(covariate);
        Ok(())
    }

    fn compartment(&mut self, line: &mut Line) -> Read<()> {
        line.index(self.model.compartments.len())?;
        let (name, unit) = (line.word()?, line.unit()?);
        let scale = if line.take("scale") { Some(line.number()?) } else { None };
        let accumulator = line.take("accumulator");
        self.model.compartments.push(Compartment {
            name,
            unit,
            // Follows in a line of its own; a node that does not exist until then.
            derivative: ExprId(u32::MAX),
            initial: None,
            bioavailability: None,
            lag: None,
            rate: None,
            duration: None,
            scale,
            accumulator,
            label: line.text("label")?,
        });
        Ok(())
    }

    fn mode(&mut self, line: &mut Line) -> Read<()> {
        line.index(self.model.modes.len())?;
        let kind = line.word()?;
        let strict = line.take("strict");
        let mode = match kind.as_str() {
            "root" => Mode::Root { value: self.operand(line)?, strict },
            "affine" => Mode::Affine { value: self.operand(line)?, strict },
            "window" => Mode::Window {
                every: self.operand(line)?,
                from: self.operand(line)?,
                length: self.operand(line)?,
            },
            other => return Err(format!("no mode `{other}`")),
        };
        self.model.modes.push(mode);
        Ok(())
    }

    /// `event stop when %3 delay %4 priority %5 cancelable late_values at_start`, changes behind it
    fn event(&mut self, line: &mut Line) -> Read<()> {
        let mut event = Event { name: line.word()?, ..Event::default() };
        line.expect("when")?;
        event.condition = self.operand(line)?;
        for (what, slot) in [("delay", &mut event.delay), ("priority", &mut event.priority)] {
            if line.take(what) {
                *slot = Some(self.operand(line)?);
            }
        }
        event.cancelable = line.take("cancelable");
        event.late_values = line.take("late_values");
        event.at_start = line.take("at_start");
        self.model.events.push(event);
        Ok(())
    }

    /// `d/dt central = %7`
    fn property(&mut self, what: &str, line: &mut Line) -> Read<()> {
        let name = line.word()?;
        line.expect("=")?;
        let value = self.operand(line)?;
        let found = self.model.compartments.iter_mut().find(|one| one.name == name);
        let one = found.ok_or_else(|| format!("no compartment `{name}`"))?;
        match what {
            "initial" => one.initial = Some(value),
            "f" => one.bioavailability = Some(value),
            "alag" => one.lag = Some(value),
            "rate" => one.rate = Some(value),
            "dur" => one.duration = Some(value),
            _ => one.derivative = value,
        }
        Ok(())
    }

    fn output(&mut self, line: &mut Line) -> Read<()> {
        let name = line.word()?;
        line.expect("=")?;
        let mut output = Output {
            name,
            value: self.operand(line)?,
            unit: line.unit()?,
            label: String::new(),
            residual: Default::default(),
        };
        output.label = line.text("label")?;
        self.model.outputs.push(output);
        Ok(())
    }

    /// `residual y log add %3 prop %4 power %5 sum`, behind its output
    fn residual(&mut self, line: &mut Line) -> Read<()> {
        let name = line.word()?;
        let mut residual = Residual::default();
        if line.take("log") {
            residual.scale = ErrorScale::Log;
        } else if line.take("logit") {
            residual.scale = ErrorScale::Logit { lo: line.number()?, hi: line.number()? };
        } else if line.take("box_cox") {
            residual.scale = ErrorScale::BoxCox { lambda: self.operand(line)? };
        } else if line.take("yeo_johnson") {
            residual.scale = ErrorScale::YeoJohnson { lambda: self.operand(line)? };
        }
        for (what, slot) in [
            ("add", &mut residual.add),
            ("prop", &mut residual.prop),
            ("power", &mut residual.power),
        ] {
            if line.take(what) {
                *slot = Some(self.operand(line)?);
            }
        }
        if line.take("sum") {
            residual.combined = Combined::Sum;
        }
        let found = self.model.outputs.iter_mut().find(|one| one.name == name);
        found.ok_or_else(|| format!("no output `{name}`"))?.residual = residual;
        Ok(())
    }

    fn node(&self, line: &mut Line) -> Read<Node> {
        let word = line.word()?;
        if let Ok(value) = word.parse::<f64>() {
            return Ok(Node::Const(value));
        }
        if let Some(&(_, op)) = names::UNARY.iter().find(|row| row.0 == word) {
            return Ok(Node::Unary(op, self.operand(line)?));
        }
        if let Some(&(_, op)) = names::BINARY.iter().find(|row| row.0 == word) {
            return Ok(Node::Binary(op, self.operand(line)?, self.operand(line)?));
        }
        Ok(match word.as_str() {
            "time" => Node::Time,
            "param" => Node::Param(line.number()?),
            "covariate" => Node::Covariate(line.number()?),
            "state" => Node::State(line.number()?),
            "mode" => Node::Mode(line.number()?),
            "dose_time" => Node::DoseTime(line.number()?),
            "dose_amount" => Node::DoseAmount(line.number()?),
            "powi" => Node::Powi(self.operand(line)?, line.number()?),
            "select" => Node::Select(self.operand(line)?, self.operand(line)?, self.operand(line)?),
            other => return Err(format!("no node `{other}`")),
        })
    }

    /// `%7`, a node above.
    fn operand(&self, line: &mut Line) -> Read<ExprId> {
        let word = line.word()?;
        let at = word.strip_prefix('%').and_then(|number| number.parse::<usize>().ok());
        let found = at.and_then(|at| self.nodes.get(at)).copied();
        found.ok_or_else(|| format!("`{word}` is no node above"))
    }
}

/// The words of a line; what stands in quotes is one.
fn words(line: &str) -> Read<Vec<String>> {
    let mut found = Vec::new();
    let mut rest = line.chars().peekable();
    while let Some(&first) = rest.peek() {
        if first == ' ' {
            rest.next();
            continue;
        }
        let mut word = String::new();
        if first != '"' {
            while let Some(c) = rest.next_if(|&c| c != ' ') {
                word.push(c);
            }
            found.push(word);
            continue;
        }
        rest.next();
        loop {
            match rest.next() {
                None => return Err("a quoted text does not end".into()),
                Some('"') => break,
                Some('\\') => match rest.next() {
                    Some('n') => word.push('\n'),
                    Some(c @ ('"' | '\\')) => word.push(c),
                    _ => return Err("`\\` begins `\\n`, `\\\"` or `\\\\`".into()),
                },
                Some(c) => word.push(c),
            }
        }
        found.push(word);
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_do_not_fit_are_named() {
        let head = "model m \"\"\n";
        for (line, said) in [
            ("%1 = time", "line 2: `%1` where %0 is next"),
            ("%0 = cube %0", "line 2: no node `cube`"),
            ("%0 = exp %0", "line 2: `%0` is no node above"),
            ("param 1 k = 2", "line 2: index 1 where 0 is next"),
            ("param 0 k = two", "line 2: `two` is no number"),
            ("param 0 k = 2.0 sure", "line 2: `sure` is not understood"),
            ("d/dt a = %0", "line 2: `%0` is no node above"),
            ("start late", "line 2: no start `late`"),
            ("model \"m", "line 2: a quoted text does not end"),
            ("mode 0 root strict", "line 2: the line ends too early"),
        ] {
            let error = read(&format!("{head}{line}\n")).expect_err(line);
            assert_eq!(error.to_string(), said);
        }
    }
}
