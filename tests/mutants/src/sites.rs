//! Where the mutants of a file are, and what stands there under each.

use std::collections::BTreeMap;
use std::ops::Range;

use anyhow::{Result, bail};
use proc_macro2::Span;
use syn::spanned::Spanned as _;
use syn::visit::{self, Visit};

use crate::list::{Genre, Mutant, Place};

/// Where something may be different, in bytes of the source.
#[derive(Debug, Default)]
pub struct Sites {
    /// Expressions from a byte up to another, and what stands in their place under each mutant.
    pub choices: BTreeMap<(usize, usize), Texts>,
    /// Where functions begin to do something, and what they return instead.
    pub bodies: Vec<(usize, Texts)>,
    /// Where the pattern of an arm ends, and the mutant that takes the arm away.
    pub arms: Vec<(usize, u32)>,
    /// Functions that hold mutants and are constant.
    pub constant: Vec<Constant>,
    /// Mutants that cannot stand behind a switch.
    pub alone: Vec<u32>,
}

/// What stands somewhere under each mutant.
pub type Texts = Vec<(u32, String)>;

/// A constant function: behind a switch it is not constant any more.
#[derive(Debug)]
pub struct Constant {
    /// Where the word stands that says so.
    pub word: Range<usize>,
    /// What it is called.
    pub name: String,
    /// The mutants in it.
    pub mutants: Vec<u32>,
}

/// Finds the places of a file's mutants.
pub fn find(source: &str, mutants: &[&Mutant]) -> Result<Sites> {
    let file = syn::parse_file(source)?;
    let wanted = mutants.iter().map(|mutant| Ok((range(source, mutant)?, *mutant)));
    let mut finder = Finder { source, wanted: wanted.collect::<Result<_>>()?, sites: Sites::default() };
    finder.visit_file(&file);
    let Finder { wanted, mut sites, .. } = finder;
    sites.alone.extend(wanted.iter().map(|(_, mutant)| mutant.number));
    Ok(sites)
}

/// What a mutant replaces.
pub fn range(source: &str, mutant: &Mutant) -> Result<Range<usize>> {
    let ends = [mutant.span.start, mutant.span.end].map(|place| byte_at(source, place));
    match ends {
        [Some(start), Some(end)] => Ok(start..end),
        _ => bail!("{}: there is no such place", mutant.name),
    }
}

fn byte_at(source: &str, place: Place) -> Option<usize> {
    let line = source.split_inclusive('\n').nth(place.line.checked_sub(1)?)?;
    let before: usize = source.split_inclusive('\n').take(place.line - 1).map(str::len).sum();
    let within: usize = line.chars().take(place.column.checked_sub(1)?).map(char::len_utf8).sum();
    Some(before + within)
}

struct Finder<'a> {
    source: &'a str,
    /// Those that were not found yet.
    wanted: Vec<(Range<usize>, &'a Mutant)>,
    sites: Sites,
}

impl<'a> Finder<'a> {
    /// The mutants of a kind at a place; they are found then.
    fn at(&mut self, genre: Genre, place: &Range<usize>) -> Vec<&'a Mutant> {
        let here = |(range, mutant): &(Range<usize>, &Mutant)| mutant.genre == genre && range == place;
        let (found, rest) = std::mem::take(&mut self.wanted).into_iter().partition(|one| here(one));
        self.wanted = rest;
        let found: Vec<(Range<usize>, &Mutant)> = found;
        found.into_iter().map(|(_, mutant)| mutant).collect()
    }

    fn text(&self, range: Range<usize>) -> &'a str {
        self.source.get(range).unwrap_or_default()
    }

    fn choose(&mut self, at: &Range<usize>, mutant: u32, text: String) {
        self.sites.choices.entry((at.start, at.end)).or_default().push((mutant, text));
    }

    fn function(&mut self, signature: &syn::Signature, block: &syn::Block) {
        if let Some(word) = &signature.constness {
            let whole = bytes(block.span());
            let within = self.wanted.iter().filter(|(range, _)| whole.start <= range.start && range.end <= whole.end);
            let mutants: Vec<u32> = within.map(|(_, mutant)| mutant.number).collect();
            if !mutants.is_empty() {
                let name = signature.ident.to_string();
                self.sites.constant.push(Constant { word: bytes(word.span), name, mutants });
            }
        }
        // What only says what it can do is of one type: that of the mutant or its own.
        let one_type = self.text(bytes(signature.output.span())).contains("impl ");
        if let (Some(first), Some(last), false) = (block.stmts.first(), block.stmts.last(), one_type) {
            let body = bytes(first.span()).start..bytes(last.span()).end;
            let returns = self.at(Genre::FnValue, &body);
            if !returns.is_empty() {
                let returns = returns.into_iter().map(|mutant| (mutant.number, mutant.replacement.clone())).collect();
                self.sites.bodies.push((body.start, returns));
            }
        }
    }
}

impl<'ast> Visit<'ast> for Finder<'_> {
    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.function(&item.sig, &item.block);
        visit::visit_item_fn(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.function(&item.sig, &item.block);
        visit::visit_impl_item_fn(self, item);
    }

    fn visit_trait_item_fn(&mut self, item: &'ast syn::TraitItemFn) {
        if let Some(block) = &item.default {
            self.function(&item.sig, block);
        }
        visit::visit_trait_item_fn(self, item);
    }

    fn visit_expr_binary(&mut self, expr: &'ast syn::ExprBinary) {
        // What a condition binds would be bound in one branch only: those stay unfound, and so alone.
        if !binds(&expr.left) && !binds(&expr.right) {
            let (left, right) = (bytes(expr.left.span()), bytes(expr.right.span()));
            for mutant in self.at(Genre::BinaryOperator, &bytes(expr.op.span())) {
                let (left, right) = (self.text(left.clone()), self.text(right.clone()));
                let text = format!("({left}) {} ({right})", mutant.replacement);
                self.choose(&bytes(expr.span()), mutant.number, text);
            }
        }
        visit::visit_expr_binary(self, expr);
    }

    fn visit_expr_unary(&mut self, expr: &'ast syn::ExprUnary) {
        for mutant in self.at(Genre::UnaryOperator, &bytes(expr.op.span())) {
            let text = self.text(bytes(expr.expr.span())).to_owned();
            self.choose(&bytes(expr.span()), mutant.number, text);
        }
        visit::visit_expr_unary(self, expr);
    }

    fn visit_expr_match(&mut self, expr: &'ast syn::ExprMatch) {
        // Behind a switch an arm counts no more for the compiler: another has to take in what is left.
        let rest = expr.arms.iter().any(|arm| matches!(arm.pat, syn::Pat::Wild(_)) && arm.guard.is_none());
        for arm in &expr.arms {
            if rest {
                for mutant in self.at(Genre::MatchArm, &bytes(arm.span())) {
                    self.sites.arms.push((bytes(arm.pat.span()).end, mutant.number));
                }
            }
            if let Some((_, guard)) = &arm.guard
                && !binds(guard)
            {
                let at = bytes(guard.span());
                for mutant in self.at(Genre::MatchArmGuard, &at) {
                    self.choose(&at, mutant.number, mutant.replacement.clone());
                }
            }
        }
        visit::visit_expr_match(self, expr);
    }

    fn visit_expr_struct(&mut self, expr: &'ast syn::ExprStruct) {
        for pair in expr.fields.pairs() {
            let field = bytes(pair.value().span());
            let field = field.start..pair.punct().map_or(field.end, |comma| bytes(comma.span()).end);
            for mutant in self.at(Genre::StructField, &field) {
                let whole = bytes(expr.span());
                let text = format!("{}{}", self.text(whole.start..field.start), self.text(field.end..whole.end));
                self.choose(&whole, mutant.number, text);
            }
        }
        visit::visit_expr_struct(self, expr);
    }
}

fn bytes(span: Span) -> Range<usize> {
    span.byte_range()
}

/// Whether a condition binds names: `let` in it, beside what is asked as well.
fn binds(expr: &syn::Expr) -> bool {
    match expr {
        syn::Expr::Let(_) => true,
        syn::Expr::Binary(both) => binds(&both.left) || binds(&both.right),
        _ => false,
    }
}
