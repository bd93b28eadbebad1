// The panel's words. What the edge says of a decision (its fact) is in English everywhere; the rule's name is said here.

const en = {
  title: "Why does this page show what it shows?",
  door: "Opens with the shop's admin token. This frame is the edge's: the page around it cannot read what you type. The token is kept for this tab alone.",
  token: "Admin token",
  go: "Open",
  trouble: {
    malformed: "This is no admin token. One looks like rpt_ followed by letters and digits.",
    other: "This token is another shop's.",
    wrong: "The edge does not accept this token.",
    edge: "The edge does not answer. Trying again …",
    missing: "No shop on this edge has this key.",
    unpublished: "Nothing of this shop is published yet.",
    refused: "The edge did not understand the page",
  },
  alone: "This belongs onto a page of the shop. Open one with ?rapport=why behind its address.",
  foreign: "The page around this is not one of the shop's, so nothing is told here.",
  unsafe: "The edge has the same origin as the shop here, so the page's scripts could read the token: it is not asked for. The inbox page says what was sent, and why.",
  loading: "Looking …",
  campaigns: "Campaigns",
  no_campaigns: "This shop has none.",
  off: "All campaigns are switched off, for everybody.",
  older: "This page was opened with an earlier version than the live one. Load it again.",
  kinds: { form: "form", survey: "survey" },
  now: { open: "on the screen", shown: "shown", would: "would be shown", held: "held back" },
  waits: "It waits until you are back on the page.",
  holds: "It holds the page, this panel too, until it is closed.",
  rules: {
    trigger: "Its moment", after: "Time", scroll: "Scrolling", exit: "Leaving", visitors: "For whom", pages: "Where", not_pages: "Where not",
    again_after: "Closed before", audience: "To whom", most: "How often", "most of all": "How often, all together", click: "A click", said: "What the page said", "one at a time": "One at a time", switch: "Switched off", show: "Asked for",
  },
  fired: { time: (ms) => `${ms / 1000} s on the page`, scroll: (percent) => `${percent} % of the page scrolled`, exit: () => "about to leave", click: () => "a click on what it waits for", said: () => "what the page said", show: () => "the shop's page asked for it by name" },
  who: "Who is here",
  denied: "Nobody who is known. This browser has not been allowed to remember anything, so it has a new name on every page, and nothing leaves it but what is sent with a form.",
  nameless: "A browser that may be remembered. Nobody has proven yet that they sit before it.",
  gone: "Whoever sat before this browser was erased.",
  shopper: "Shopper",
  browser: "Browser",
  inbox: "In the inbox",
  unhappy: (score) => `Unhappy: ${score} of 100`,
  happy: "Nothing went wrong for them lately.",
  signs: {},
  decisions: "What was decided about them",
  no_decisions: "Nothing was due for them yet.",
  more: "Earlier ones",
  what: { send: "sent", skip: "skipped", defer: "put off", unknown: "in doubt", refused: "refused", end: "ended", move: "moved" },
  shelves: "Shelves",
  own: "The shop's own stays: the shelf is not near yet, is held out for comparison, or would have too little to show.",
  reasons: {
    "went-on-from": "others went on to it", "bought-with": "others bought it together", like: "like what was looked at", "seen-before": "looked at before",
    "bought-before": "bought before", trending: "many look at it", "free-delivery": "fills up to free delivery", pinned: "pinned by the shop",
  },
  knows: "What the page knows",
  facts: { path: "Page", elapsed: "Open for", scrolled: "Scrolled", leaving: "About to leave", cart: "Cart", referrer: "Came from", lang: "Language", device: "May remember", known: "Address given", closed: "Closed before", version: "Version" },
  yes: "yes", no: "no", unasked: "yes, the shop need not ask", nothing: "nothing",
  forget: "Forget the token",
};

const ar = {
  title: "لماذا تعرض هذه الصفحة ما تعرضه؟",
  door: "تُفتح برمز إدارة المتجر. هذا الإطار تابع للخادم: لا تستطيع الصفحة من حوله قراءة ما تكتبه. يُحفظ الرمز لهذا اللسان وحده.",
  token: "رمز الإدارة",
  go: "فتح",
  trouble: {
    malformed: "هذا ليس رمز إدارة. يبدأ الرمز بـ rpt_ تليه حروف وأرقام.",
    other: "هذا الرمز لمتجر آخر.",
    wrong: "لا يقبل الخادم هذا الرمز.",
    edge: "الخادم لا يجيب. نحاول من جديد …",
    missing: "لا يوجد متجر بهذا المفتاح على هذا الخادم.",
    unpublished: "لم يُنشر شيء لهذا المتجر بعد.",
    refused: "لم يفهم الخادم ما قالته الصفحة",
  },
  alone: "مكان هذه اللوحة صفحة من صفحات المتجر. افتح إحداها مع ‎?rapport=why‎ في آخر عنوانها.",
  foreign: "الصفحة من حول هذا الإطار ليست من صفحات المتجر، لذلك لا يُقال هنا شيء.",
  unsafe: "للخادم هنا أصل المتجر نفسه، فتستطيع نصوص الصفحة قراءة الرمز؛ لذلك لا يُطلب. صفحة الوارد تقول ما أُرسل ولماذا.",
  loading: "لحظة …",
  campaigns: "الحملات",
  no_campaigns: "ليس لهذا المتجر حملات.",
  off: "كل الحملات موقوفة عن الجميع.",
  older: "فُتحت هذه الصفحة بنسخة أقدم من النسخة الحالية. أعد تحميلها.",
  kinds: { form: "نموذج", survey: "استبيان" },
  now: { open: "على الشاشة", shown: "عُرضت", would: "ستُعرض", held: "محجوبة" },
  waits: "تنتظر حتى تعود إلى الصفحة.",
  holds: "تمسك بالصفحة، وبهذه اللوحة أيضًا، حتى تُغلق.",
  rules: {
    trigger: "لحظتها", after: "الوقت", scroll: "التمرير", exit: "المغادرة", visitors: "لمن", pages: "أين", not_pages: "أين لا",
    again_after: "أُغلقت من قبل", audience: "لمن تُعرض", most: "كم مرة", "most of all": "كم مرة، كلها معًا", click: "نقرة", said: "ما قالته الصفحة", "one at a time": "واحدة في كل مرة", switch: "موقوفة", show: "بطلب",
  },
  fired: { time: (ms) => `${ms / 1000} ث على الصفحة`, scroll: (percent) => `مُرِّر ${percent}٪ من الصفحة`, exit: () => "على وشك المغادرة", click: () => "نقرة على ما تنتظره", said: () => "ما قالته الصفحة", show: () => "طلبتها صفحة المتجر باسمها" },
  who: "من هنا",
  denied: "لا أحد معروف. لم يُسمح لهذا المتصفح بتذكّر شيء، فله اسم جديد في كل صفحة، ولا يغادره إلا ما يُرسل مع نموذج.",
  nameless: "متصفح يجوز تذكّره. لم يُثبت أحد بعد أنه يجلس أمامه.",
  gone: "مُحي من كان يجلس أمام هذا المتصفح.",
  shopper: "المتسوّق",
  browser: "المتصفح",
  inbox: "في الوارد",
  unhappy: (score) => `عدم الرضا: ${score} من 100`,
  happy: "لم يحدث له ما يسوء مؤخرًا.",
  signs: {
    "rage click": "نقر غاضب", "dead click": "نقر بلا أثر", "form fight": "نموذج لا يُقبل", "empty search": "بحث بلا نتيجة", "coupon failed": "قسيمة لم تُقبل",
    return: "إرجاع", "low answer": "تقييم منخفض", "damaged trust": "ثقة تضررت",
  },
  decisions: "ما تقرّر بشأنه",
  no_decisions: "لم يحن له شيء بعد.",
  more: "الأقدم",
  what: { send: "أُرسلت", skip: "تُركت", defer: "أُجّلت", unknown: "مشكوك فيها", refused: "رُفضت", end: "انتهت", move: "نُقلت" },
  shelves: "الرفوف",
  own: "يبقى ما وضعه المتجر: الرف لم يقترب بعد، أو محجوب للمقارنة، أو ليس فيه ما يكفي.",
  reasons: {
    "went-on-from": "انتقل إليه آخرون", "bought-with": "اشتراه آخرون معًا", like: "يشبه ما شوهد", "seen-before": "شوهد من قبل",
    "bought-before": "اشتُري من قبل", trending: "ينظر إليه كثيرون", "free-delivery": "يكمل حتى التوصيل المجاني", pinned: "ثبّته المتجر",
  },
  knows: "ما تعرفه الصفحة",
  facts: { path: "الصفحة", elapsed: "مفتوحة منذ", scrolled: "التمرير", leaving: "على وشك المغادرة", cart: "السلة", referrer: "جاء من", lang: "اللغة", device: "يجوز التذكّر", known: "أُعطي العنوان", closed: "أُغلقت من قبل", version: "النسخة" },
  yes: "نعم", no: "لا", unasked: "نعم، لا يلزم المتجر أن يسأل", nothing: "لا شيء",
  forget: "انسَ الرمز",
};

const ALL = { en, ar };

/** Words in a language, with how it writes moments; `dir` is the way it is read. */
export function speak(tag) {
  const lang = ALL[tag] ? tag : "en";
  const locale = lang === "ar" ? "ar-u-nu-latn" : "en-GB";
  const full = new Intl.DateTimeFormat(locale, { dateStyle: "full", timeStyle: "medium" });
  const today = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit" });
  const other = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" });
  const day = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", year: "numeric" });
  return {
    ...ALL[lang],
    language: lang,
    dir: lang === "ar" ? "rtl" : "ltr",
    full: (at) => full.format(at),
    day: (at) => day.format(at),
    moment: (at) => (new Date(at).toDateString() === new Date().toDateString() ? today : other).format(at),
  };
}
