//! A campaign in one language: what the component that draws it needs, in the browser and when it
//! is published.

use serde::{Deserialize, Serialize};

use super::Field;
use crate::consent::Permission;

/// What the wasm reads of a published version, in one language. Travels as postcard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Brain {
    /// Version of this form of data: [`Brain::VERSION`].
    pub v: u8,
    /// The published version.
    pub version: String,
    /// Every form of the shop.
    pub forms: Vec<FormView>,
    /// Words for a birthday, if one is asked for and they are known; else the browser knows them. Written behind all the
    /// rest, so that what was published before there were any is read all the same.
    #[serde(skip)]
    pub calendar: Option<Calendar>,
}

/// A calendar's words in one language.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Calendar {
    /// The word for a day of the month.
    pub day: String,
    /// The word for a month.
    pub month: String,
    /// The word for a year.
    pub year: String,
    /// The months' names, January first.
    pub months: Vec<String>,
}

impl Brain {
    /// The version of the wire form that this code writes and reads.
    pub const VERSION: u8 = 1;

    /// Reads a published brain. Another version of the form is an error, never a guess.
    pub fn read(bytes: &[u8]) -> Result<Self, postcard::Error> {
        match bytes.first() {
            Some(&Self::VERSION) => {
                let (brain, more) = postcard::take_from_bytes::<Self>(bytes)?;
                Ok(Self { calendar: postcard::from_bytes(more).ok(), ..brain })
            }
            _ => Err(postcard::Error::DeserializeBadEncoding),
        }
    }

    /// Writes it.
    pub fn write(&self) -> Result<Vec<u8>, postcard::Error> {
        let mut bytes = postcard::to_allocvec(self)?;
        if let Some(calendar) = &self.calendar {
            bytes.extend(postcard::to_allocvec(calendar)?);
        }
        Ok(bytes)
    }
}

/// A form in one language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormView {
    /// The campaign's name; also the stem of the ids in its markup.
    pub campaign: String,
    /// The permissions it asks for, with their wording.
    pub asks: Vec<AskView>,
    /// Further steps after the address.
    pub steps: Vec<Vec<Field>>,
    /// Where the privacy notice is.
    pub privacy: Option<String>,
    /// The code is shown as soon as the address is given.
    pub reveals_at_once: bool,
    /// It stands before something that was clicked on, and a plain button leads past it. Drawn at publishing only: the
    /// wasm does not take such a form over, and does not read this.
    #[serde(skip)]
    pub before_click: bool,
    /// Its words.
    pub text: FormText,
}

impl FormView {
    /// One of its steps asks for a birthday.
    pub fn asks_birthday(&self) -> bool {
        self.steps.iter().flatten().any(|field| *field == Field::Birthday)
    }
}

/// A permission that a form asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskView {
    /// What may be allowed.
    pub permission: Permission,
    /// The words that are agreed to.
    pub wording: String,
}

/// How a shop wants its campaigns to look: values of CSS custom properties.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "text", serde(deny_unknown_fields))]
pub struct Theme {
    /// Colour of the one button that matters.
    pub accent: String,
    /// Colour of text on it.
    pub accent_ink: String,
    /// Colour of text.
    pub ink: String,
    /// Colour of the card.
    pub paper: String,
    /// Colour of small print.
    pub muted: String,
    /// Radius of corners.
    pub radius: String,
    /// Fonts of text.
    pub font: String,
    /// Fonts of headlines.
    pub display_font: String,
}

impl Theme {
    /// The custom properties with their values, as the style sheet names them.
    pub fn properties(&self) -> [(&'static str, &str); 8] {
        [
            ("accent", &self.accent),
            ("accent-ink", &self.accent_ink),
            ("ink", &self.ink),
            ("paper", &self.paper),
            ("muted", &self.muted),
            ("radius", &self.radius),
            ("font", &self.font),
            ("display-font", &self.display_font),
        ]
    }
}

macro_rules! texts {
    ($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
        #[cfg_attr(feature = "text", serde(deny_unknown_fields))]
        pub struct $name {
            $($(#[$field_doc])* pub $field: String,)*
        }
    };
}

texts! {
    /// The words of a form in one language.
    FormText {
        /// The headline.
        title,
        /// A sentence or two.
        body,
        /// Label of the address field.
        email_label,
        /// Example inside the empty address field.
        email_placeholder,
        /// Label above the permissions.
        asks_label,
        /// The button that sends it.
        submit,
        /// Small print under the button; the privacy link follows it.
        small,
        /// Text of the privacy link.
        privacy,
        /// Name of the closing button.
        close,
        /// Headline after sending.
        done_title,
        /// What happens now.
        done_body,
        /// Headline above the code.
        code_title,
        /// What to do with the code.
        code_body,
        /// The button that copies the code.
        copy,
        /// What it says once copied.
        copied,
        /// The small tab that opens the form again.
        tab,
        /// Headline of the second step.
        step_title,
        /// Why it asks for more.
        step_body,
        /// Its button.
        step_submit,
        /// Leaves it out.
        step_skip,
        /// Label of the name field.
        given_name_label,
        /// Label of the birthday field.
        birthday_label,
        /// Help under the birthday field.
        birthday_help,
        /// No address was entered.
        error_required,
        /// What was entered is no address.
        error_invalid,
        /// `{address}` is replaced by what was probably meant.
        error_typo,
        /// What was entered as birthday is no day.
        error_birthday,
        /// The address could not be sent.
        error_network,
        /// While it is being sent.
        sending,
    }
}
