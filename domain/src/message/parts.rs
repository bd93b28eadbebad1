//! In how many parts a text message is sent; each is paid for.

/// The GSM 7-bit alphabet (3GPP TS 23.038): each of these takes one septet …
const ONE_SEPTET: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡\
    ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
/// … and each of these two.
const TWO_SEPTETS: &str = "\u{c}^{}\\[~]|€";

/// In how many parts a text is sent: 160 septets, or 153 in each of several, as long as every character is
/// of the GSM alphabet; else 70 units of UTF-16, or 67 in each of several. No character is cut in two.
pub fn parts(text: &str) -> usize {
    let septets = |c: char| match () {
        () if ONE_SEPTET.contains(c) => Some(1),
        () if TWO_SEPTETS.contains(c) => Some(2),
        () => None,
    };
    let (sizes, whole, part): (Vec<usize>, _, _) = match text.chars().map(septets).collect() {
        Some(sizes) => (sizes, 160, 153),
        None => (text.chars().map(char::len_utf16).collect(), 70, 67),
    };
    if sizes.iter().sum::<usize>() <= whole {
        return 1;
    }
    let mut parts = 1;
    let mut room = part;
    for size in sizes {
        if size > room {
            (parts, room) = (parts + 1, part);
        }
        room -= size;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_counted_by_septets_or_by_units_of_utf_16() {
        for (text, expected) in [
            (String::new(), 1),
            ("a".repeat(160), 1),
            ("a".repeat(161), 2),
            ("a".repeat(306), 2),
            ("a".repeat(307), 3),
            ("€".repeat(80), 1),
            ("€".repeat(81), 2),
            // 153 septets hold 76 of these; the one that would be cut goes to the next part.
            ("€".repeat(152), 2),
            ("€".repeat(153), 3),
            ("é".repeat(160), 1),
            ("ç".repeat(70), 1),
            ("ç".repeat(71), 2),
            ("م".repeat(134), 2),
            ("م".repeat(135), 3),
            ("🌊".repeat(35), 1),
            ("🌊".repeat(36), 2),
            ("🌊".repeat(66), 2),
            ("🌊".repeat(67), 3),
        ] {
            assert_eq!(parts(&text), expected, "{} of {:?}", text.chars().count(), text.chars().next());
        }
    }

    #[test]
    fn the_alphabet_has_a_hundred_and_twenty_seven_characters_and_ten_more() {
        // The 128th is the escape to the others.
        assert_eq!((ONE_SEPTET.chars().count(), TWO_SEPTETS.chars().count()), (127, 10));
    }
}
