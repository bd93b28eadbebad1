//! Amounts of money: whole minor units of a currency, read from decimals without floating point.

mod words;

use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::id::Malformed;

/// A currency of ISO 4217, those included that ended in the last years and still stand in old files.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Currency([u8; 3]);

/// Codes of ISO 4217 with two digits after the point, then those that ended since 2000.
const CENTS: &str = "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF \
    CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL \
    HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR \
    MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP \
    SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD XCD XCG YER \
    ZAR ZMW ZWG ANG BGN CUC EEK HRK LTL LVL MRO SKK SLL STD VEF ZWL";
/// Codes without a minor unit.
const WHOLE: &str = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF";
/// Codes with three digits after the point.
const MILLS: &str = "BHD IQD JOD KWD LYD OMR TND";
/// Codes with four.
const TEN_THOUSANDTHS: &str = "CLF UYW";

impl Currency {
    /// How many digits stand after the point (ISO 4217, "minor unit").
    pub fn exponent(self) -> u32 {
        let in_list = |list: &str| list.split(' ').any(|code| code.as_bytes() == self.0);
        if in_list(WHOLE) {
            0
        } else if in_list(MILLS) {
            3
        } else if in_list(TEN_THOUSANDTHS) {
            4
        } else {
            2
        }
    }

    /// The code, three capital letters.
    pub fn as_str(&self) -> &str {
        core::str::from_utf8(&self.0).unwrap_or_default()
    }
}

/// Reads the code in either case.
impl FromStr for Currency {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let code = text.trim().to_ascii_uppercase();
        let known = [CENTS, WHOLE, MILLS, TEN_THOUSANDTHS].iter().any(|list| list.split(' ').any(|c| c == code));
        <[u8; 3]>::try_from(code.as_bytes())
            .ok()
            .filter(|_| known)
            .map(Self)
            .ok_or(Malformed("expected a currency of ISO 4217, such as \"EUR\""))
    }
}

impl TryFrom<String> for Currency {
    type Error = Malformed;

    fn try_from(text: String) -> Result<Self, Malformed> {
        text.parse()
    }
}

impl From<Currency> for String {
    fn from(currency: Currency) -> Self {
        currency.as_str().to_owned()
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An amount, possibly below zero.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Money {
    /// Which money.
    pub currency: Currency,
    /// How much, in the currency's minor unit: cents for EUR, yen for JPY, fils for BHD.
    pub minor: i64,
}

/// The most digits before the point.
const MOST_DIGITS: usize = 12;
/// The most digits after it that are looked at.
const MOST_FRACTION: usize = 12;

impl Money {
    /// Reads a plain decimal such as `19.90` or `-5`. Digits beyond the minor unit must be zero.
    pub fn exact(decimal: &str, currency: Currency) -> Result<Self, Malformed> {
        match read(decimal, currency)? {
            (money, true) => Ok(money),
            (_, false) => Err(Malformed("expected no more digits after the point than the currency has")),
        }
    }

    /// Reads a plain decimal as foreign systems write it: digits beyond the minor unit are rounded,
    /// halves away from zero.
    pub fn rounded(decimal: &str, currency: Currency) -> Result<Self, Malformed> {
        read(decimal, currency).map(|(money, _)| money)
    }

    /// The amount without its sign.
    #[must_use]
    pub const fn abs(self) -> Self {
        Self { minor: self.minor.saturating_abs(), ..self }
    }

    /// The sum of those amounts that are in this currency; it stays at the largest number there is.
    pub fn sum(amounts: impl Iterator<Item = Self>, currency: Currency) -> Self {
        let minor =
            amounts.filter(|money| money.currency == currency).fold(0_i64, |sum, m| sum.saturating_add(m.minor));
        Self { currency, minor }
    }
}

/// The amount, rounded to the minor unit, and whether nothing was rounded.
fn read(decimal: &str, currency: Currency) -> Result<(Money, bool), Malformed> {
    const HOW: Malformed = Malformed("expected a plain decimal such as \"19.90\", at most 12 digits before the point");
    let (negative, digits) = match decimal.trim().strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, decimal.trim()),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let plain = |part: &str, most: usize| (1..=most).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
    if !plain(whole, MOST_DIGITS) || !plain(fraction, MOST_FRACTION) {
        return Err(HOW);
    }
    let exponent = currency.exponent() as usize;
    let digit = |n: usize| fraction.as_bytes().get(n).map_or(0, |b| i64::from(b - b'0'));
    let mut minor: i64 = whole.parse().map_err(|_| HOW)?;
    for n in 0..exponent {
        minor = minor * 10 + digit(n);
    }
    let exact = fraction.bytes().skip(exponent).all(|b| b == b'0');
    minor += i64::from(digit(exponent) >= 5);
    Ok((Money { currency, minor: if negative { -minor } else { minor } }, exact))
}

/// The amount as a plain decimal with its currency: `19.90 EUR`.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let exponent = self.currency.exponent();
        let one = 10_u64.pow(exponent);
        let size = self.minor.unsigned_abs();
        let sign = if self.minor < 0 { "-" } else { "" };
        if exponent == 0 {
            write!(f, "{sign}{size} {}", self.currency)
        } else {
            write!(f, "{sign}{}.{:0width$} {}", size / one, size % one, self.currency, width = exponent as usize)
        }
    }
}

impl fmt::Debug for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn minor(decimal: &str, currency: &str, minor: i64) {
        assert_eq!(
            Money::exact(decimal, currency.parse().unwrap()).map(|m| m.minor),
            Ok(minor),
            "{decimal} {currency}"
        );
    }

    #[test]
    fn every_currency_has_its_own_minor_unit() {
        minor("19.90", "EUR", 1_990);
        minor("19.9", "eur", 1_990);
        minor("1980", "JPY", 1_980);
        minor("1980.00", "JPY", 1_980);
        minor("1.234", "BHD", 1_234);
        minor("0.0001", "CLF", 1);
        minor("-0.05", "USD", -5);
        minor("999999999999.9999", "CLF", 9_999_999_999_999_999);
    }

    #[test]
    fn a_fraction_of_the_minor_unit_is_refused_or_rounded() {
        let eur = "EUR".parse().unwrap();
        assert!(Money::exact("0.005", eur).is_err());
        for (decimal, cents) in [("0.005", 1), ("0.0049999", 0), ("-0.005", -1), ("0.1", 10), ("2.675", 268)] {
            assert_eq!(Money::rounded(decimal, eur).map(|m| m.minor), Ok(cents), "{decimal}");
        }
    }

    #[test]
    fn what_is_no_amount_is_refused() {
        let eur = "EUR".parse().unwrap();
        for text in ["", "-", ".", ".5", "5.", "1,50", "1e3", "+1", "--1", "NaN", "1 000", "1234567890123", "٣", "0x1"]
        {
            assert!(Money::rounded(text, eur).is_err(), "{text}");
        }
        for code in ["", "EU", "EURO", "€", "XXX", "ABC"] {
            assert!(code.parse::<Currency>().is_err(), "{code}");
        }
    }

    #[test]
    fn an_amount_reads_well() {
        for (decimal, currency, text) in [
            ("19.9", "EUR", "19.90 EUR"),
            ("-0.05", "EUR", "-0.05 EUR"),
            ("7", "JPY", "7 JPY"),
            ("1.5", "KWD", "1.500 KWD"),
        ] {
            assert_eq!(Money::exact(decimal, currency.parse().unwrap()).unwrap().to_string(), text);
        }
    }

    #[test]
    fn only_one_currency_is_added_up() {
        let money = |decimal, code: &str| Money::exact(decimal, code.parse().unwrap()).unwrap();
        let sum =
            Money::sum([money("1", "EUR"), money("2", "USD"), money("3", "EUR")].into_iter(), "EUR".parse().unwrap());
        assert_eq!(sum, money("4", "EUR"));
    }
}
