//! The forms of journeys and segments as JSON Schema (draft 7, which editors of TOML read).

use std::borrow::Cow;

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value, json};

use super::form::{At, Read, Sort, bare};
use super::values::{Day, Decimal, Duration, Fact, Name, Often, OneOf, Percent, TimeOfDay};
use super::written::{JourneyText, SegmentText};
use crate::journey::{Number, Word};

/// What can be written into `journeys/NAME.toml`.
pub fn journey() -> String {
    written::<JourneyText>("Journey")
}

/// What can be written into `segments/NAME.toml`.
pub fn segment() -> String {
    written::<SegmentText>("Segment")
}

/// What can be written into a file of this form.
pub(in crate::publish) fn written<T: JsonSchema>(title: &str) -> String {
    let mut schema = SchemaSettings::draft07().into_generator().into_root_schema_for::<T>();
    schema.insert("title".into(), title.into());
    let mut text = serde_json::to_string_pretty(&schema).unwrap_or_default();
    text.push('\n');
    text
}

/// Turns an object of which everything is optional into one of its sorts.
pub fn of_sorts(schema: &mut Schema, sorts: &[Sort]) {
    let Some(object) = schema.as_object_mut() else { return };
    object.remove("required");
    let Some(Value::Object(all)) = object.remove("properties") else { return };
    let own = |sort: &Sort| {
        let words = [sort.word].into_iter().chain(sort.must.iter().copied()).chain(sort.may.iter().copied()).map(bare);
        let properties: Map<String, Value> =
            words.filter_map(|word| Some((word.to_owned(), all.get(word)?.clone()))).collect();
        let required: Vec<&str> = [sort.word].into_iter().chain(sort.must.iter().copied()).map(bare).collect();
        (properties, required)
    };
    if let [sort] = sorts {
        let (properties, required) = own(sort);
        object.insert("properties".into(), properties.into());
        object.insert("required".into(), required.into());
        return;
    }
    let each = sorts.iter().map(|sort| {
        let (properties, required) = own(sort);
        let about = all.get(sort.word).and_then(|lead| lead.get("description")).cloned();
        json!({
            "title": sort.word,
            "description": about,
            "type": "object",
            "properties": properties,
            "required": required,
            "additionalProperties": false,
        })
    });
    object.insert("oneOf".into(), each.collect());
    object.remove("additionalProperties");
}

impl<T: JsonSchema> JsonSchema for At<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }

    /// By reference where it can be: conditions hold conditions, and steps steps.
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        generator.subschema_for::<T>()
    }
}

impl<T: JsonSchema> JsonSchema for Read<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::json_schema(generator)
    }
}

/// Values that are described by hand.
macro_rules! described {
    ($($type:ty = $schema:tt)*) => {
        $(impl JsonSchema for $type {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> Cow<'static, str> {
                stringify!($type).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!($schema)
            }
        })*
    };
}

described! {
    Name = { "type": "string", "pattern": "^[a-z0-9-]{1,40}$" }
    Duration = {
        "type": "string",
        "pattern": "^\\s*[0-9]+\\s*(ms|s|seconds?|min|minutes?|h|hours?|d|days?|weeks?)\\s*$",
    }
    TimeOfDay = { "type": "string", "pattern": "^([01]?[0-9]|2[0-3]):[0-5][0-9]$" }
    Percent = { "type": "string", "pattern": "^\\s*[0-9]+(\\.[0-9])?\\s*%$" }
    Day = {
        "anyOf": [
            { "enum": ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] },
            { "type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$" },
            { "type": "string", "pattern": "^([01]?[0-9]|2[0-3]):[0-5][0-9]$" },
        ],
    }
    Often = {
        "anyOf": [
            { "enum": ["never", "always"] },
            { "type": "string", "pattern": "^\\s*[0-9]+\\s*(ms|s|seconds?|min|minutes?|h|hours?|d|days?|weeks?)\\s*$" },
        ],
    }
    Decimal = { "type": "number" }
    OneOf = {
        "anyOf": [
            { "type": "string" },
            { "type": "array", "items": { "type": "string" }, "minItems": 1 },
        ],
    }
}

impl JsonSchema for Fact {
    fn schema_name() -> Cow<'static, str> {
        "Fact".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let either = [generator.subschema_for::<Number>(), generator.subschema_for::<Word>()];
        json_schema!({ "anyOf": either })
    }
}
