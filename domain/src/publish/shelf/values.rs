//! Values of shelves as merchants write them.

use std::str::FromStr;

use crate::id::Malformed;

/// A range: "20 to 50", "from 20" or "up to 50", with or without units; both ends included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Between {
    /// The lower end, as it was written.
    pub from: Option<String>,
    /// The upper end, as it was written.
    pub to: Option<String>,
}

impl FromStr for Between {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        const HOW: Malformed = Malformed("expected a range such as \"20 to 50\", \"from 20\" or \"up to 50\"");
        let text = text.trim();
        let number = |text: &str| {
            let text = text.trim();
            if text.bytes().any(|byte| byte.is_ascii_digit()) { Ok(Some(text.to_owned())) } else { Err(HOW) }
        };
        if let Some(from) = text.strip_prefix("from ") {
            return Ok(Self { from: number(from)?, to: None });
        }
        if let Some(to) = text.strip_prefix("up to ") {
            return Ok(Self { from: None, to: number(to)? });
        }
        let (from, to) = text.split_once(" to ").ok_or(HOW)?;
        Ok(Self { from: number(from)?, to: number(to)? })
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Between {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Between".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "pattern": "^\\s*(from |up to |[0-9.]+( ?%)? to )[0-9.]+( ?%)?\\s*$" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_has_one_end_or_two() {
        let between = |from: Option<&str>, to: Option<&str>| {
            Ok(Between { from: from.map(str::to_owned), to: to.map(str::to_owned) })
        };
        assert_eq!("20 to 50.5".parse(), between(Some("20"), Some("50.5")));
        assert_eq!(" from 40 %".parse(), between(Some("40 %"), None));
        assert_eq!("up to 50".parse(), between(None, Some("50")));
        for wrong in ["", "20", "20-50", "from", "to 50", "from cheap"] {
            assert!(wrong.parse::<Between>().is_err(), "{wrong}");
        }
    }
}
