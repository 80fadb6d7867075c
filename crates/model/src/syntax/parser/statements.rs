//! Statements of both dialects.

use super::super::ast::{
    Call, Compartment, Covariate, Dialect, Expr, InitialMode, Interpolation, ItemKind, Name,
    Output, Quoted, Target,
};
use super::super::lexer::TokenKind;
use super::{CLAUSES, Parser, Unread};
use epsom_diag::{Diagnostic, Span, did_you_mean, list_names};

/// Words that begin a statement of `.epm`.
pub const STATEMENTS: &[&str] = &[
    "model",
    "time",
    "unchecked",
    "substance",
    "covariate",
    "param",
    "hypothesis",
    "use",
    "port",
    "override",
    "correlate",
    "compartment",
    "register",
    "event",
    "window",
    "function",
    "inflow",
    "initial",
    "conserve",
    "output",
    "if",
];

impl Parser {
    pub(super) fn statement(&mut self) -> Result<ItemKind, Unread> {
        self.deeper()?;
        let done = self.statement_inner();
        self.depth = self.depth.saturating_sub(1);
        done
    }

    fn statement_inner(&mut self) -> Result<ItemKind, Unread> {
        let TokenKind::Word(word) = self.peek().clone() else {
            return Err(self.expected("a statement"));
        };
        if let Some(target) = self.target()? {
            self.expect_assign("the left side")?;
            self.skip_newlines();
            return Ok(ItemKind::Assign { target, value: self.value()? });
        }
        if matches!(self.peek_at(1), TokenKind::Mark("~")) {
            return self.residual();
        }
        if self.dialect == Dialect::IniModel
            && let Some(n_tokens) = self.linear_endpoint(&word)
        {
            // The brackets go with the name; the caller gives it one that can be an output.
            let mut text = String::new();
            let mut span = self.span();
            for _ in 0..n_tokens {
                if let TokenKind::Word(part) = self.peek() {
                    text += part;
                } else if let TokenKind::Mark(mark) = self.peek() {
                    text += mark;
                }
                span = span.to(self.next().span);
            }
            return self.residual_of(Name { text, span });
        }
        if self.dialect == Dialect::IniModel
            && matches!(self.peek_at(1), TokenKind::Mark("("))
            && let Some(read) = self.declaring_call(&word)
        {
            return read;
        }
        let span = self.next().span;
        if self.dialect == Dialect::IniModel && word != "if" && STATEMENTS.contains(&&*word) {
            self.diagnostics.push(
                Diagnostic::error(
                    "E0105",
                    format!("`{word}` begins no statement of this text form"),
                )
                .at(span, "a statement of `.epm` texts")
                .help("parameters stand in `ini({…})`, without a word in front"),
            );
            return Err(Unread);
        }
        if word == "if" {
            return self.if_statement();
        }
        self.flat_statement(&word, span)
    }

    /// How many tokens `linCmt()` or `linCmt(cl, v)` before a `~` has.
    fn linear_endpoint(&self, word: &str) -> Option<usize> {
        if word != "linCmt" || *self.peek_at(1) != TokenKind::Mark("(") {
            return None;
        }
        let inside = (2..).take_while(|&at| {
            matches!(self.peek_at(at), TokenKind::Word(_) | TokenKind::Mark(","))
        });
        let end = 2 + inside.count();
        let closed = *self.peek_at(end) == TokenKind::Mark(")");
        (closed && *self.peek_at(end + 1) == TokenKind::Mark("~")).then_some(end + 1)
    }

    /// A statement that holds no other: apart, so that nested blocks need little stack.
    fn flat_statement(&mut self, word: &str, span: Span) -> Result<ItemKind, Unread> {
        match word {
            "model" => {
                let name = self.name("the model's name after `model`")?;
                let titled = matches!(self.peek(), TokenKind::Quoted(_));
                let title = if titled { Some(self.quoted("a title")?) } else { None };
                Ok(ItemKind::Model { name, title })
            }
            "time" => match self.optional_unit() {
                Some(unit) => Ok(ItemKind::Time { unit }),
                None => Err(self.expected("a unit of time, such as `[h]`")),
            },
            "unchecked" => {
                let why = self.quoted("a reason in quotes after `unchecked`")?;
                Ok(ItemKind::Unchecked { why })
            }
            "substance" => Ok(ItemKind::Substance { name: self.name("a substance's name")? }),
            "covariate" => self.covariate(),
            "param" => {
                let name = self.name("a parameter's name after `param`")?;
                self.expect_assign("the parameter's name")?;
                self.skip_newlines();
                let value = self.value()?;
                Ok(ItemKind::Param(Box::new(self.param_clauses(name, value)?)))
            }
            "use" => self.module(),
            "port" => {
                let name = self.name("a name after `port`")?;
                match self.optional_unit() {
                    Some(unit) => Ok(ItemKind::Port { name, unit, value: None }),
                    None => Err(self.expected("the port's unit, such as `[mmol/h]`")),
                }
            }
            "override" => {
                let name = self.name("a parameter's name, such as `gut.k`, after `override`")?;
                self.expect_assign("the parameter's name")?;
                self.skip_newlines();
                let value = self.value()?;
                Ok(ItemKind::Override(Box::new(self.param_clauses(name, value)?)))
            }
            "hypothesis" => {
                let name = self.name("a name after `hypothesis`")?;
                let assumes = self.quoted("what it assumes, in quotes")?;
                Ok(ItemKind::Hypothesis { name, assumes })
            }
            "correlate" => {
                let first = self.name("a parameter's name after `correlate`")?;
                self.expect_mark(",", "between the two parameters")?;
                let second = self.name("a second parameter's name")?;
                self.expect_assign("the two names")?;
                let value = self.expr()?;
                let words = ["uncertain", "varies", "occasion"];
                let found = words.into_iter().find(|word| self.take_clause(word));
                let span = self.last_span();
                let level = found.map(|word| Name { text: word.to_string(), span });
                let provenance = self.provenance()?;
                Ok(ItemKind::Correlate { first, second, value, level, provenance })
            }
            "compartment" => self.compartments(),
            "register" => self.register(),
            "event" => self.event(),
            "window" => self.window(),
            "function" => {
                let name = self.name("a name after `function`")?;
                self.open("after the function's name")?;
                let mut arguments = Vec::new();
                while !self.is_mark(")") {
                    arguments.push(self.name("an argument's name")?);
                    if !self.take_mark(",") {
                        break;
                    }
                }
                self.close("the arguments")?;
                self.expect_assign("the arguments")?;
                self.skip_newlines();
                Ok(ItemKind::Function { name, arguments, body: self.expr()? })
            }
            "inflow" => Ok(ItemKind::Inflow {
                name: self.name("a name after `inflow`")?,
                scope: String::new(),
            }),
            "initial" => self.initial(),
            "conserve" => Ok(ItemKind::Conserve { value: self.expr()?, scope: String::new() }),
            "output" => self.output(),
            _ if self.dialect == Dialect::IniModel => {
                self.diagnostics.push(
                    Diagnostic::error("E0108", format!("`{word}` is not supported here"))
                        .at(span, "nothing honors this statement")
                        .note(
                            "statements: `x <- …`, `d/dt(x) <- …`, `x(0) <- …`, `f(x) <- …`, \
                             `alag(x) <- …`, `rate(x) <- …`, `dur(x) <- …`, `mtime(x) <- …`, \
                             `if (…) {…} else {…}`, `x ~ prop(…)`, `linear(x)`, `locf(x)`, \
                             `nocb(x)`, `midpoint(x)`, `cmt(x)`",
                        )
                        .help("leave it out, or write what it does as an assignment"),
                );
                Err(Unread)
            }
            _ => {
                let said = Diagnostic::error("E0105", format!("`{word}` begins no statement"))
                    .at(span, "not a statement");
                self.diagnostics.push(match did_you_mean(word, STATEMENTS.iter().copied()) {
                    _ if CLAUSES.contains(&word) => said.help(
                        "a clause follows a parameter: begin the statement before it with `param`",
                    ),
                    Some(near) => said.help(format!("did you mean `{near}`?")),
                    None => said
                        .note(format!("statements: {}", list_names(STATEMENTS.iter().copied(), 20)))
                        .help("an assignment is `name = expression`"),
                });
                Err(Unread)
            }
        }
    }

    /// The left side of an assignment, if one stands here; takes nothing otherwise.
    fn target(&mut self) -> Result<Option<Target>, Unread> {
        let is_assign = |kind: &TokenKind| matches!(kind, TokenKind::Mark("=" | "<-"));
        if is_assign(self.peek_at(1)) {
            return Ok(Some(Target::Name(self.name("a name")?)));
        }
        let derivative = self.is_word("d")
            && matches!(self.peek_at(1), TokenKind::Mark("/"))
            && matches!(self.peek_at(2), TokenKind::Word(word) if word == "dt");
        if derivative {
            self.at += 3;
            self.open("after `d/dt`")?;
            let name = self.name("a compartment's name in `d/dt(…)`")?;
            self.close("`d/dt(`")?;
            return Ok(Some(Target::Derivative(name)));
        }
        if let Some(target) = self.other_derivative() {
            return Ok(Some(target));
        }
        let bracketed = matches!(self.peek_at(1), TokenKind::Mark("("))
            && matches!(self.peek_at(3), TokenKind::Mark(")"))
            && is_assign(self.peek_at(4));
        if !bracketed {
            return Ok(None);
        }
        let first = self.name("a name")?;
        let inside = self.peek_at(1).clone();
        let target = match (inside, first.text.as_str()) {
            (TokenKind::Number(0.0, _), _) => {
                self.at += 3;
                return Ok(Some(Target::InitialValue(first)));
            }
            (TokenKind::Word(_), "f" | "F") => Target::Bioavailability,
            (TokenKind::Word(_), "alag" | "lag") => Target::Lag,
            (TokenKind::Word(_), "rate") => Target::Rate,
            (TokenKind::Word(_), "dur") => Target::Duration,
            (TokenKind::Word(_), "mtime") => Target::StopTime,
            _ => {
                let what = format!("`{}(…)` can't be assigned", first.text);
                let said = Diagnostic::error("E0105", what).at(first.span, "not a left side").note(
                    "left sides: `x`, `d/dt(x)`, `x(0)`, `f(x)`, `alag(x)`, `rate(x)`, `dur(x)`, `mtime(x)`",
                );
                self.diagnostics.push(match first.text.as_str() {
                    "DADT" => said.help("a derivative is written `d/dt(NAME) = …`"),
                    "A_0" | "A0" => said.help("a start is written `NAME(0) = …`"),
                    _ => said,
                });
                return Err(Unread);
            }
        };
        self.at += 1;
        let name = self.name("a name in the brackets")?;
        self.at += 1;
        Ok(Some(target(name)))
    }

    /// `Cc ~ prop(4[%]) + add(0.1[mg/L])`
    fn residual(&mut self) -> Result<ItemKind, Unread> {
        let output = self.name("an output's name")?;
        self.residual_of(output)
    }

    fn residual_of(&mut self, output: Name) -> Result<ItemKind, Unread> {
        self.expect_mark("~", "after the output's name")?;
        let mut terms: Vec<Call> = Vec::new();
        loop {
            let name = self.name("an error term, such as `prop(4[%])`")?;
            terms.push(self.call(name)?);
            if !self.take_mark("+") {
                break;
            }
        }
        let barred = self.dialect == Dialect::IniModel && self.take_mark("|");
        let endpoint = if barred { Some(self.name("an endpoint's name after `|`")?) } else { None };
        Ok(ItemKind::Residual { output, terms, endpoint, provenance: self.provenance()? })
    }

    /// `linear(wt)`, `cmt(depot)` and the like; none where `word` is no such statement.
    fn declaring_call(&mut self, word: &str) -> Option<Result<ItemKind, Unread>> {
        let how = match word {
            "linear" => Some(Interpolation::Linear),
            "locf" => Some(Interpolation::Forward),
            "nocb" => Some(Interpolation::Backward),
            "midpoint" => Some(Interpolation::Midpoint),
            "cmt" => None,
            _ => return None,
        };
        self.next();
        Some(self.names_in_brackets().map(|names| {
            match how {
                Some(how) => ItemKind::Interpolate { how, names },
                None => ItemKind::Compartments(
                    names
                        .into_iter()
                        .map(|name| Compartment { name, unit: None, scale: None, label: None })
                        .collect(),
                ),
            }
        }))
    }

    fn names_in_brackets(&mut self) -> Result<Vec<Name>, Unread> {
        self.open("after the word")?;
        let mut names = Vec::new();
        loop {
            names.push(self.name("a name")?);
            if !self.take_mark(",") {
                break;
            }
        }
        self.close("the list of names")?;
        Ok(names)
    }

    /// `gut/absorption as gut (intake = diet)`, behind `use`
    fn module(&mut self) -> Result<ItemKind, Unread> {
        let start = self.span();
        let path = match self.peek().clone() {
            TokenKind::Quoted(text) => {
                self.next();
                text
            }
            _ => {
                let mut path = self.name("a module's path after `use`")?.text;
                while self.take_mark("/") {
                    path = format!("{path}/{}", self.name("a part of the path")?.text);
                }
                path
            }
        };
        let path = Quoted { text: path, span: start.to(self.last_span()) };
        if !self.take_word("as") {
            return Err(self.expected("`as NAME` after the module's path"));
        }
        let name = self.name("a name after `as`")?;
        let mut bindings = Vec::new();
        if self.is_mark("(") {
            self.open("after the name")?;
            while !self.is_mark(")") {
                let port = self.name("a port's name")?;
                self.expect_assign("the port's name")?;
                bindings.push((port, self.expr()?));
                if !self.take_mark(",") {
                    break;
                }
            }
            self.close("the ports")?;
        }
        Ok(ItemKind::Use { path, name, bindings })
    }

    fn covariate(&mut self) -> Result<ItemKind, Unread> {
        let name = self.name("a covariate's name")?;
        let (mut default, mut unit) = (None, None);
        if self.is_assign() {
            self.next();
            default = Some(self.value()?);
        } else {
            unit = self.optional_unit();
        }
        let interpolation = if self.take_word("linear") {
            Interpolation::Linear
        } else if self.take_word("backward") {
            Interpolation::Backward
        } else if self.take_word("midpoint") {
            Interpolation::Midpoint
        } else {
            self.take_word("forward");
            Interpolation::Forward
        };
        let bounds = if self.take_clause("bounds") { Some(self.bounds()?) } else { None };
        let label = self.label()?;
        Ok(ItemKind::Covariate(Covariate { name, default, unit, interpolation, bounds, label }))
    }

    fn compartments(&mut self) -> Result<ItemKind, Unread> {
        let mut found = Vec::new();
        loop {
            self.skip_newlines_after_comma(&found);
            let name = self.name("a compartment's name")?;
            let unit = self.optional_unit();
            let scale = if self.take_clause("scale") { Some(self.expr()?) } else { None };
            found.push(Compartment { name, unit, scale, label: self.label()? });
            if !self.take_mark(",") {
                return Ok(ItemKind::Compartments(found));
            }
        }
    }

    fn skip_newlines_after_comma(&mut self, found: &[Compartment]) {
        if !found.is_empty() {
            self.skip_newlines();
        }
    }

    fn window(&mut self) -> Result<ItemKind, Unread> {
        let name = self.name("a name after `window`")?;
        self.expect_assign("the window's name")?;
        let part = |parser: &mut Self, word: &str| -> Result<Expr, Unread> {
            if !parser.take_word(word) {
                return Err(parser.expected(&format!(
                    "`{word}` in `window NAME = every PERIOD from START for LENGTH`"
                )));
            }
            parser.expr()
        };
        let every = part(self, "every")?;
        let from = part(self, "from")?;
        let length = part(self, "for")?;
        Ok(ItemKind::Window { name, every, from, length })
    }

    fn initial(&mut self) -> Result<ItemKind, Unread> {
        if self.take_word("steady_state") {
            return Ok(ItemKind::Initial { mode: InitialMode::SteadyState });
        }
        if self.take_word("periodic") {
            return Ok(ItemKind::Initial { mode: InitialMode::Periodic(self.expr()?) });
        }
        Err(self.expected("`steady_state` or `periodic PERIOD` after `initial`"))
    }

    fn output(&mut self) -> Result<ItemKind, Unread> {
        let name = self.name("an output's name")?;
        let value = if self.is_assign() {
            self.next();
            self.skip_newlines();
            Some(self.expr()?)
        } else {
            None
        };
        let unit = self.optional_unit();
        Ok(ItemKind::Output(Output { name, value, unit, label: self.label()? }))
    }

    /// `if (…) {…} else if (…) {…} else {…}`; braces may be left out around one statement.
    fn if_statement(&mut self) -> Result<ItemKind, Unread> {
        let mut arms = vec![self.arm()?];
        loop {
            let before = self.at;
            self.skip_newlines();
            if !self.take_word("else") {
                self.at = before;
                return Ok(ItemKind::If { arms, otherwise: None });
            }
            if self.take_word("if") {
                arms.push(self.arm()?);
                continue;
            }
            let otherwise = self.body()?;
            return Ok(ItemKind::If { arms, otherwise: Some(otherwise) });
        }
    }

    fn arm(&mut self) -> Result<(Expr, Vec<super::super::ast::Item>), Unread> {
        self.open("after `if`")?;
        let condition = match self.expr() {
            Ok(condition) => condition,
            Err(Unread) => {
                // The block is read all the same, so that its mistakes are reported too.
                while !matches!(self.peek(), TokenKind::Mark(")" | "{") | TokenKind::End) {
                    self.next();
                }
                self.error_expr()
            }
        };
        self.close("the condition")?;
        Ok((condition, self.body()?))
    }

    fn body(&mut self) -> Result<Vec<super::super::ast::Item>, Unread> {
        self.skip_newlines();
        if self.take_mark("{") {
            return self.block();
        }
        let mut items = Vec::new();
        self.one_item(&mut items);
        Ok(items)
    }
}
