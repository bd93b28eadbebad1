//! A shelf as HTML. It is written as text and not by Yew, whose core alone weighs more than all of a shelf: a page with
//! a shelf and no form would fetch it for nothing.
//!
//! The markup says what is what by `data-` attributes, and what surrounds the wasm reports by them: which shelf on the
//! `section`, which product and why on each `li`.

use domain::published::direction;
use domain::shelf::fill::{Item, Reason};
use domain::shelf::settings::{ShelfBrain, ShelfView};

/// What is the same for all of a shelf.
#[derive(Clone, Copy)]
pub struct Frame<'a> {
    /// The published settings.
    pub brain: &'a ShelfBrain,
    /// The shelf and its words.
    pub view: &'a ShelfView,
    /// The language of the words, as a BCP 47 tag.
    pub lang: &'a str,
    /// The market that it was filled for.
    pub market: &'a str,
    /// The id of the product that the page is about; empty if it is about none.
    pub beside: &'a str,
    /// This visitor gets none, for comparison: it is only told what would have been on it.
    pub held: bool,
    /// Writes an amount in minor units of the market's currency.
    pub money: &'a dyn Fn(u32) -> String,
}

/// Arrows and the cross, as paths in a box of 24.
const BACK: &str = "m14.5 5-7 7 7 7";
const FORTH: &str = "m9.5 5 7 7-7 7";
const CROSS: &str = "m6 6 12 12M18 6 6 18";

/// The whole shelf.
pub fn shelf(frame: Frame<'_>, items: &[Item]) -> String {
    let Frame { brain, view, lang, .. } = frame;
    let mut html = Html::default();
    html.raw("<section class=\"box\" aria-labelledby=\"title\"").attribute("lang", lang);
    html.attribute("dir", direction(lang)).attribute("data-shelf", view.shelf.name.as_str());
    html.attribute("data-version", &brain.version).attribute("data-market", frame.market);
    if !frame.beside.is_empty() {
        html.attribute("data-beside", frame.beside);
    }
    if frame.held {
        html.raw(" data-held");
    }
    html.raw("><div class=\"top\"><h2 id=\"title\" part=\"title\" tabindex=\"-1\">").text(&view.title);
    html.raw("</h2><div class=\"ways\" hidden>");
    for (way, word, path) in [("-1", &brain.words.back, BACK), ("1", &brain.words.forth, FORTH)] {
        html.raw("<button type=\"button\" part=\"way\"").attribute("data-way", way).attribute("aria-label", word);
        html.raw(">").icon(path).raw("</button>");
    }
    html.raw("</div></div><ul role=\"list\" part=\"row\">");
    for item in items {
        card(&mut html, frame, item);
    }
    html.raw("</ul><p class=\"unseen\" role=\"status\"").attribute("data-said", &brain.words.dismissed);
    html.raw("></p></section>");
    html.0
}

fn card(html: &mut Html, frame: Frame<'_>, item: &Item) {
    let card = &item.card;
    let words = &frame.brain.words;
    html.raw("<li part=\"item\"").attribute("data-id", &card.id).attribute("data-why", item.reason.as_str());
    html.raw("><a part=\"link\"").address("href", &card.url).raw("><span class=\"pic\" part=\"picture\">");
    if !card.image.is_empty() {
        html.raw("<img alt=\"\" width=\"400\" height=\"500\" loading=\"lazy\" decoding=\"async\"");
        html.address("src", &card.image).raw(">");
    }
    for (bit, badge) in frame.brain.badges.iter().take(8).enumerate() {
        if card.badges >> bit & 1 == 1 {
            html.raw("<span class=\"badge\" part=\"badge\">").text(badge).raw("</span>");
        }
    }
    // A product's name can run the other way than the shelf.
    html.raw("</span><span class=\"title\" part=\"name\" dir=\"auto\">").text(&card.title).raw("</span>");
    if let Some(price) = card.price {
        html.raw("<span class=\"price\" part=\"price\">").text(&(frame.money)(price));
        if let Some(was) = card.was {
            html.raw(" <s><span class=\"unseen\">").text(&words.was).raw(" </span>").text(&(frame.money)(was));
            html.raw("</s>");
        }
        html.raw("</span>");
    }
    if let Some(reason) = isolated(&item.reason).say(&frame.view.reasons, frame.money) {
        html.raw("<span class=\"reason\" part=\"reason\">").text(&reason).raw("</span>");
    }
    html.raw("</a><button type=\"button\" class=\"no\" part=\"no\" aria-label=\"").text(&words.dismiss);
    html.raw(": ").text(&card.title).raw("\"").attribute("title", &words.dismiss).raw(">");
    html.icon(CROSS).raw("</button></li>");
}

/// The reason with the product's name kept from turning the words around it (UAX #9, first strong isolate).
fn isolated(reason: &Reason) -> Reason {
    let apart = |title: &str| ["\u{2068}", title, "\u{2069}"].concat();
    match reason {
        Reason::WentOnFrom(title) => Reason::WentOnFrom(apart(title)),
        Reason::BoughtWith(title) => Reason::BoughtWith(apart(title)),
        Reason::Like(title) => Reason::Like(apart(title)),
        other => other.clone(),
    }
}

/// Text with markup.
#[derive(Default)]
struct Html(String);

impl Html {
    /// Markup as it stands.
    fn raw(&mut self, markup: &str) -> &mut Self {
        self.0.push_str(markup);
        self
    }

    /// Text in which nothing is markup, also within double quotes.
    fn text(&mut self, text: &str) -> &mut Self {
        let mut rest = text;
        while let Some(at) = rest.bytes().position(|byte| matches!(byte, b'&' | b'<' | b'"')) {
            let (before, from) = rest.split_at_checked(at).unwrap_or((rest, ""));
            let (sign, after) = from.split_at_checked(1).unwrap_or_default();
            self.raw(before).raw(match sign {
                "&" => "&amp;",
                "<" => "&lt;",
                _ => "&quot;",
            });
            rest = after;
        }
        self.raw(rest)
    }

    fn attribute(&mut self, name: &str, value: &str) -> &mut Self {
        self.raw(" ").raw(name).raw("=\"").text(value).raw("\"")
    }

    /// An address of a page or a picture; nothing if it is something else.
    fn address(&mut self, name: &str, text: &str) -> &mut Self {
        let fits = text.starts_with('/') || text.starts_with("https://") || text.starts_with("http://");
        if fits { self.attribute(name, text) } else { self }
    }

    fn icon(&mut self, path: &str) -> &mut Self {
        self.raw("<svg viewBox=\"0 0 24 24\" aria-hidden=\"true\"><path").attribute("d", path).raw("/></svg>")
    }
}
