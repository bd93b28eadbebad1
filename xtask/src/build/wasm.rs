//! From what rustc makes to what is served: wasm-bindgen's glue and the smallest equivalent wasm.

use crate::{files, node, run, size};
use anyhow::{Context, Result};
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use walrus::ir::{self, Visitor};
use walrus::{FunctionId, Module};
use wasm_bindgen_cli_support::{Bindgen, Output};

/// What rustc enables for wasm32-unknown-unknown. `--all-features` would write imports that
/// browsers refuse, so each is named.
const FEATURES: [&str; 6] = [
    "--enable-bulk-memory",
    "--enable-nontrapping-float-to-int",
    "--enable-sign-ext",
    "--enable-mutable-globals",
    "--enable-reference-types",
    "--enable-multivalue",
];

const STRIP: [&str; 3] = ["--strip-debug", "--strip-producers", "--strip-target-features"];

/// Tried in turn when size matters: the smallest file is not always the smallest under brotli.
const CANDIDATES: [&[&str]; 4] = [&["-Oz"], &["-Os"], &["-Oz", "--converge"], &["-Oz", "--gufa-optimizing", "-Oz"]];

/// How hard to look for the smallest widget.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Effort {
    /// One pass: for the next look at a change.
    Quick,
    /// Every way we know; what brotli makes smallest is kept.
    Smallest,
}

/// Runs wasm-bindgen over `input` and writes `NAME.js` and `NAME_bg.wasm` into `folder`.
pub fn bind(input: &Path, folder: &Path, configure: impl FnOnce(&mut Bindgen) -> Result<()>) -> Result<()> {
    generate(input, configure)?.emit(folder)
}

/// The same with short names on the border between JavaScript and wasm. wasm-bindgen's carry hashes,
/// which no compression makes smaller, on both sides. And without the words of panics: a panic is the end of the wasm either
/// way, and on a shopper's page nobody reads them. They are an eighth of it.
pub fn bind_small(input: &Path, folder: &Path, configure: impl FnOnce(&mut Bindgen) -> Result<()>) -> Result<()> {
    let mut output = generate(input, configure)?;
    let wasm = output.wasm_mut();
    empty(wasm, &named(wasm, only_panics));
    let formats = named(wasm, is_of_formatting);
    if !is_called_from_outside(wasm, &formats) {
        empty(wasm, &formats);
    }
    let imports = wasm.imports.iter_mut().map(|import| &mut import.name);
    let exports = wasm.exports.iter_mut().map(|export| &mut export.name);
    let mut shortened = Vec::new();
    for name in imports.chain(exports).filter(|name| ends_in_a_hash(name)) {
        let short = format!("${}", shortened.len());
        shortened.push((std::mem::replace(name, short.clone()), short));
    }
    output.emit(folder)?;
    for path in files::below(folder)?.iter().filter(|path| path.extension().is_some_and(|kind| kind == "js")) {
        let mut glue = files::read_text(path)?;
        for (long, short) in &shortened {
            glue = glue.replace(long, short);
        }
        files::write(path, glue.as_bytes())?;
    }
    Ok(())
}

/// The functions of the module itself whose mangled names are such.
fn named(wasm: &Module, is_such: fn(&str) -> bool) -> HashSet<FunctionId> {
    let such = wasm.funcs.iter_local().map(|(id, _)| wasm.funcs.get(id));
    such.filter(|function| function.name.as_deref().is_some_and(is_such)).map(walrus::Function::id).collect()
}

/// Leaves nothing in functions that never run.
fn empty(wasm: &mut Module, functions: &HashSet<FunctionId>) {
    for function in wasm.funcs.iter_mut().filter(|function| functions.contains(&function.id())) {
        let builder = function.kind.unwrap_local_mut().builder_mut();
        builder.func_body().instrs_mut().clear();
        builder.func_body().unreachable();
    }
}

/// Whether any other function calls one of these by its name, and not through a table.
fn is_called_from_outside(wasm: &Module, functions: &HashSet<FunctionId>) -> bool {
    struct Calls<'a>(&'a HashSet<FunctionId>, bool);
    impl Visitor<'_> for Calls<'_> {
        fn visit_function_id(&mut self, function: &FunctionId) {
            self.1 |= self.0.contains(function);
        }
    }
    let mut calls = Calls(functions, false);
    for (id, function) in wasm.funcs.iter_local() {
        if !functions.contains(&id) {
            ir::dfs_in_order(&mut calls, function, function.entry_block());
        }
    }
    calls.1
}

fn generate(input: &Path, configure: impl FnOnce(&mut Bindgen) -> Result<()>) -> Result<Output> {
    let mut bindgen = Bindgen::new();
    bindgen.input_path(input).typescript(false).remove_producers_section(true);
    configure(&mut bindgen)?;
    bindgen.generate_output().with_context(|| format!("wasm-bindgen on {}", files::shown(input)))
}

/// Whether a function only says what went wrong and ends, by its mangled name: those of the standard library, Yew's
/// hook, and whatever writes values for them.
fn only_panics(name: &str) -> bool {
    const NAMES: [&str; 13] = [
        "5Debug3fmt",
        "core..fmt..Debug$GT$",
        "24console_error_panic_hook4hook",
        "3std9panicking15panic_with_hook",
        "4core9panicking",
        "slice_error_fail",
        "slice_index_fail",
        "len_mismatch_fail",
        "13unwrap_failed",
        "13expect_failed",
        "7raw_vec12handle_error",
        "17capacity_overflow",
        "18handle_alloc_error",
    ];
    let from_std = ["4core", "core..fmt", "5alloc", "3std", "console_error_panic_hook"]
        .iter()
        .any(|library| name.contains(library));
    from_std && !name.contains("closure") && NAMES.iter().any(|never| name.contains(never))
}

/// Whether a function writes values as text, by its mangled name: all that the standard library does for `format!`. Tables
/// keep it although its only callers ended with panics; without a call into it nothing of it can run.
fn is_of_formatting(name: &str) -> bool {
    ["4core3fmt", "4core..fmt", "3fmt7Display3fmt", "fmt..Display$GT$3fmt"].iter().any(|part| name.contains(part))
}

/// Sixteen hexadecimal digits at the end make a name that occurs nowhere as a part of another.
fn ends_in_a_hash(name: &str) -> bool {
    let hash = name.len().checked_sub(16).and_then(|start| name.get(start..));
    hash.is_some_and(|hash| hash.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// Optimises for the fewest bytes under brotli.
pub fn shrink(input: &Path, effort: Effort) -> Result<Vec<u8>> {
    let candidates = match effort {
        Effort::Quick => &CANDIDATES[..1],
        Effort::Smallest => &CANDIDATES[..],
    };
    let mut tried = Vec::new();
    for pair in candidates.chunks(2) {
        tried.extend(std::thread::scope(|scope| {
            let runs: Vec<_> = pair.iter().map(|flags| scope.spawn(|| weigh(input, flags))).collect();
            runs.into_iter()
                .map(|run| run.join().unwrap_or_else(|_| Err(anyhow::anyhow!("wasm-opt was interrupted"))))
                .collect::<Result<Vec<_>>>()
        })?);
    }
    for (flags, bytes, brotli) in &tried {
        eprintln!("    wasm-opt {}: {} B, brotli {brotli} B", flags.join(" "), bytes.len());
    }
    let smallest = tried.into_iter().min_by_key(|(_, _, brotli)| *brotli);
    smallest.map(|(_, bytes, _)| bytes).context("no way to optimise was tried")
}

/// Optimises for speed. More than `-O1` takes minutes for a Worker, and ingestion is no faster for it.
pub fn quicken(input: &Path) -> Result<Vec<u8>> {
    optimise(input, &["-O1"])
}

type Weighed<'a> = (&'a [&'a str], Vec<u8>, u64);

fn weigh<'a>(input: &Path, flags: &'a [&'a str]) -> Result<Weighed<'a>> {
    let bytes = optimise(input, flags)?;
    let brotli = size::brotli(&bytes)?;
    Ok((flags, bytes, brotli))
}

fn optimise(input: &Path, flags: &[&str]) -> Result<Vec<u8>> {
    let output: PathBuf = input.with_extension(format!("{}.wasm", flags.concat()));
    let mut wasm_opt = node::program("wasm-opt");
    wasm_opt.arg(input).arg("-o").arg(&output).args(FEATURES).args(flags).args(STRIP);
    run::read(&mut wasm_opt)?;
    let bytes = files::read(&output)?;
    let _ = std::fs::remove_file(output);
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::{ends_in_a_hash, only_panics};

    #[test]
    fn what_only_says_that_all_is_over_is_known_by_its_name() {
        for name in [
            "_ZN4core9panicking9panic_fmt17h0123456789abcdefE",
            "_RNvNtCsgXGp5Oqx2Ny_4core9panicking18panic_bounds_check",
            "_RNvNtCsgXGp5Oqx2Ny_4core3str19slice_error_fail_rt",
            "_ZN4core6option13unwrap_failed17h0123456789abcdefE",
            "_ZN5alloc7raw_vec12handle_error17h0123456789abcdefE",
        ] {
            assert!(only_panics(name), "{name}");
        }
        for name in
            ["mount", "_ZN6widget4form13unwrap_failed17h0123456789abcdefE", "_ZN4core3fmt5write17h0123456789abcdefE"]
        {
            assert!(!only_panics(name), "{name}");
        }
    }

    #[test]
    fn only_names_with_a_hash_are_shortened() {
        assert!(ends_in_a_hash("__wbg_append_8e1943d73c953e77"));
        assert!(ends_in_a_hash("wasm_bindgen__convert__closures_____invoke__h97609c99d2b8eb6f"));
        for name in ["mount", "memory", "__wbindgen_start", "", "__wbg_append_8e1943d7"] {
            assert!(!ends_in_a_hash(name), "{name}");
        }
    }
}
