use boon::{Compiler, SchemaIndex, Schemas};
use serde_json::Value;

use super::*;
use crate::publish::shelf::schema as shelf;

struct Checked {
    schemas: Schemas,
    index: SchemaIndex,
}

impl Checked {
    fn new(schema: &str) -> Self {
        let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
        compiler.add_resource("schema.json", serde_json::from_str(schema).unwrap()).unwrap();
        let index = compiler.compile("schema.json", &mut schemas).unwrap();
        Self { schemas, index }
    }

    fn fits(&self, text: &str) -> Result<(), String> {
        let value: Value = toml::from_str(text).map_err(|error| error.to_string())?;
        self.schemas.validate(&value, self.index).map_err(|error| error.to_string())
    }
}

fn top(path: &str) -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

#[test]
fn the_committed_schemas_are_current() {
    for (name, schema) in [
        ("journey", super::super::schema::journey()),
        ("segment", super::super::schema::segment()),
        ("shelf", shelf::shelf()),
        ("shelves", shelf::shelves()),
    ] {
        let committed = std::fs::read_to_string(top("www/schema").join(format!("{name}.json"))).unwrap();
        assert!(committed.replace("\r\n", "\n") == schema, "www/schema/{name}.json is old: cargo xtask schema");
    }
}

#[test]
fn the_demo_shop_s_files_fit_their_schemas() {
    let shelves = std::fs::read_to_string(top("www/demo/rapport/shelves.toml")).unwrap();
    Checked::new(&shelf::shelves()).fits(&shelves).unwrap();
    for (folder, schema) in [
        ("journeys", super::super::schema::journey()),
        ("segments", super::super::schema::segment()),
        ("shelves", shelf::shelf()),
    ] {
        let schema = Checked::new(&schema);
        let mut count = 0;
        for entry in std::fs::read_dir(top("www/demo/rapport").join(folder)).unwrap() {
            let path = entry.unwrap().path();
            let text = std::fs::read_to_string(&path).unwrap();
            schema.fits(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            count += 1;
        }
        assert!(count > 0);
    }
}

#[test]
fn a_schema_refuses_what_the_compiler_refuses_for_its_form() {
    let schema = Checked::new(&super::super::schema::journey());
    let good = "entry = { event = \"order.confirmed\" }\n[[step]]\nsend = \"hello\"\n";
    schema.fits(good).unwrap();
    for wrong in [
        "",
        "entry = { event = \"order.confirmed\" }",
        "entry = { event = \"order.lost\" }\nstep = [{ exit = true }]",
        "entry = { event = \"order.confirmed\", at = \"10:00\" }\nstep = [{ exit = true }]",
        "entry = { segment = \"regulars\", event = \"custom\" }\nstep = [{ exit = true }]",
        "entry = { silence = \"150 %\" }\nstep = [{ exit = true }]",
        "entry = { segment = \"regulars\" }\nagain = \"sometimes\"\nstep = [{ exit = true }]",
        "entry = { segment = \"regulars\" }\nkey = \"moon\"\nstep = [{ exit = true }]",
        "entry = { segment = \"regulars\" }\nfilter = { }\nstep = [{ exit = true }]",
        "entry = { segment = \"regulars\" }\nfilter = { not = { tag = \"A b\" } }\nstep = [{ exit = true }]",
        "entry = { segment = \"regulars\" }\nfilter = { fact = \"wealth\", at_least = 1 }\nstep = [{ exit = true }]",
        "entry = { segment = \"regulars\" }\nfilter = { fact = \"orders\", at_least = \"many\" }\nstep = [{ exit = true }]",
        "entry = { segment = \"regulars\" }\nstep = [{ wait = \"1 month\" }]",
        "entry = { segment = \"regulars\" }\nstep = [{ wait = \"1 day\", at = \"25:00\" }]",
        "entry = { segment = \"regulars\" }\nstep = [{ wait = \"1 day\", send = \"hello\" }]",
        "entry = { segment = \"regulars\" }\nstep = [{ wait_until = \"someday\" }]",
        "entry = { segment = \"regulars\" }\nstep = [{ wait_for = { event = \"code.used\" } }]",
        "entry = { segment = \"regulars\" }\nstep = [{ branch = [{ if = { tag = \"a\" } }] }]",
        "entry = { segment = \"regulars\" }\nstep = [{ split = [{ share = \"half\", step = [] }] }]",
        "entry = { segment = \"regulars\" }\nstep = [{ send = \"hello\", fallback = { valid_for = \"1 day\" } }]",
        "entry = { segment = \"regulars\" }\nstep = [{ tag = \"a\", wiat = \"1 day\" }]",
    ] {
        assert!(schema.fits(wrong).is_err(), "{wrong}");
        assert!(read_as(wrong, &known()).is_err(), "{wrong}");
    }
    let segment = Checked::new(&super::super::schema::segment());
    segment.fits("when = { tag = \"a\" }\ntitle = { en = \"A\" }").unwrap();
    for wrong in ["", "title = \"A\"", "when = { tag = \"a\" }\ntitle = 3", "when = { tag = \"a\", likes = \"b\" }"] {
        assert!(segment.fits(wrong).is_err(), "{wrong}");
    }
    let rules = Checked::new(&shelf::shelf());
    let good = "kind = \"next\"\ntext.en.title = \"A\"\nrule = [{ boost = { brand = \"B\" }, by = 1.5 }]";
    rules.fits(good).unwrap();
    for (from, to) in [
        ("next", "after"),
        ("title", "name"),
        ("boost", "lift"),
        ("brand = \"B\"", ""),
        ("brand = \"B\"", "margin = \"much\""),
        ("by = 1.5", "pin = { id = \"1\" }"),
        ("by = 1.5", "market = \"A b\""),
    ] {
        assert!(rules.fits(&good.replacen(from, to, 1)).is_err(), "{from} {to}");
    }
}
