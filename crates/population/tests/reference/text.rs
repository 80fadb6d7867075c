//! The arithmetic part of an `ini`/`model` text as a model.

use epsom_model::ir::{
    BinaryOp, Compartment, DisplayUnit, Distribution, ExprId, Model, Node, Output, Param,
    Provenance, Residual, UnaryOp,
};
use std::collections::BTreeMap;

pub fn read_model(text: &str) -> Model {
    let mut model = Model { name: "case".into(), ..Model::default() };
    let mut known = BTreeMap::new();
    let zero = model.exprs.add(Node::Const(0.0));
    for line in text.lines() {
        if let Some((name, value)) = line.split_once("<-") {
            let at = model.params.len() as u32;
            known.insert(name.trim().to_string(), model.exprs.add(Node::Param(at)));
            model.params.push(param(name.trim(), value.trim().parse().unwrap()));
        } else if let Some(name) = function_of(line, "d/dt") {
            let at = model.compartments.len() as u32;
            known.insert(name.to_string(), model.exprs.add(Node::State(at)));
            model.compartments.push(Compartment::of(name, zero));
        }
    }
    for line in text.lines() {
        let Some((left, right)) = line.split_once(" = ") else { continue };
        let letters: Vec<char> = right.chars().filter(|letter| *letter != ' ').collect();
        let mut reader = Reader { letters, at: 0, known: &known, model: &mut model };
        let value = reader.sum();
        assert_eq!(reader.at, reader.letters.len(), "{line}");
        let place = |function| {
            let name = function_of(left, function)?;
            model.compartments.iter().position(|compartment| compartment.name == name)
        };
        let places = ["d/dt", "alag", "dur", "f"].map(place);
        if let [Some(at), ..] = places {
            model.compartments[at].derivative = value;
        } else if let [_, Some(at), ..] = places {
            model.compartments[at].lag = Some(value);
        } else if let [_, _, Some(at), _] = places {
            model.compartments[at].duration = Some(value);
        } else if let [.., Some(at)] = places {
            model.compartments[at].bioavailability = Some(value);
        } else {
            known.insert(left.trim().to_string(), value);
            model.outputs.push(Output {
                name: left.trim().into(),
                value,
                unit: DisplayUnit::default(),
                label: String::new(),
                residual: Residual::default(),
            });
        }
    }
    model
}

fn function_of<'a>(line: &'a str, function: &str) -> Option<&'a str> {
    line.trim().strip_prefix(function)?.strip_prefix('(')?.split(')').next()
}

fn param(name: &str, value: f64) -> Param {
    Param {
        name: name.into(),
        value,
        unit: DisplayUnit::default(),
        uncertain: Distribution::Fixed,
        varies: Distribution::Fixed,
        bounds: (f64::NEG_INFINITY, f64::INFINITY),
        provenance: Provenance::default(),
        spread_assumed: String::new(),
        label: String::new(),
    }
}

struct Reader<'a> {
    letters: Vec<char>,
    at: usize,
    known: &'a BTreeMap<String, ExprId>,
    model: &'a mut Model,
}

impl Reader<'_> {
    fn peek(&self) -> char {
        self.letters.get(self.at).copied().unwrap_or('\0')
    }

    fn sum(&mut self) -> ExprId {
        let mut left = self.term();
        while let '+' | '-' = self.peek() {
            let op = if self.peek() == '+' { BinaryOp::Add } else { BinaryOp::Sub };
            self.at += 1;
            let right = self.term();
            left = self.model.exprs.add(Node::Binary(op, left, right));
        }
        left
    }

    fn term(&mut self) -> ExprId {
        let mut left = self.atom();
        while let '*' | '/' = self.peek() {
            let op = if self.peek() == '*' { BinaryOp::Mul } else { BinaryOp::Div };
            self.at += 1;
            let right = self.atom();
            left = self.model.exprs.add(Node::Binary(op, left, right));
        }
        left
    }

    fn atom(&mut self) -> ExprId {
        match self.peek() {
            '-' => {
                self.at += 1;
                let inner = self.atom();
                self.model.exprs.add(Node::Unary(UnaryOp::Neg, inner))
            }
            '(' => {
                self.at += 1;
                let inner = self.sum();
                assert_eq!(self.peek(), ')');
                self.at += 1;
                inner
            }
            _ => {
                let start = self.at;
                while self.peek().is_alphanumeric() || matches!(self.peek(), '_' | '.') {
                    self.at += 1;
                }
                let word: String = self.letters[start..self.at].iter().collect();
                match word.parse() {
                    Ok(number) => self.model.exprs.add(Node::Const(number)),
                    Err(_) => self.known[&word],
                }
            }
        }
    }
}
