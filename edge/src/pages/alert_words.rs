//! The words in which the merchant is told of what cannot wait. A language more is a table more.

use domain::message::day_in_words;
use domain::time::Timestamp;

/// Every word of a mail to the merchant in one language.
pub struct Words {
    pub language: &'static str,
    pub none_left: &'static str,
    pub some_left: &'static str,
    pub running_dry: &'static str,
    /// That objects keep some codes ready.
    pub set_aside: &'static str,
    pub trouble: &'static str,
    pub then: &'static str,
    /// The same, once none is left but what is set aside.
    pub then_empty: &'static str,
    pub more_codes: &'static str,
    pub once: &'static str,
    pub lately: &'static str,
    pub look: &'static str,
    pub journey: &'static str,
    /// Around what somebody said.
    pub quoted: &'static str,
    pub asked: &'static str,
    pub on_page: &'static str,
    pub with_cart: &'static str,
    pub survey: &'static str,
    /// What can go wrong for somebody, by the name of its sign.
    signs: [(&'static str, &'static str); 8],
}

const EN: Words = Words {
    language: "en",
    none_left: "No codes left: {offer}",
    some_left: "{n} codes left: {offer}",
    running_dry: "The pool of codes for the offer {offer} is running dry: {n} are left, and you want to hear of fewer than {low}.",
    set_aside: "A few more may be set aside already for the next shoppers. They are not counted here.",
    trouble: "No more could be made: {what}",
    then: "Once none is left, whoever earns a code gets one of the offer {fallback} instead.",
    then_empty: "Once those are gone, too, whoever earns a code gets one of the offer {fallback} instead.",
    more_codes: "More codes, one in each line:",
    once: "You get this letter once each time that it comes to this.",
    lately: "What happened lately:",
    look: "Look at this shopper",
    journey: "Your journey {journey} told you this.",
    quoted: "“{text}”",
    asked: "Somebody answered so a moment ago when they were asked: {question}",
    on_page: "They were on {page}",
    with_cart: "In their cart were things for {sum}.",
    survey: "Your survey {survey} tells you at once of this answer. Nobody has to be known to answer it.",
    signs: [
        ("damaged trust", "lost their trust in the shop"),
        ("low answer", "gave a low answer"),
        ("return", "asked for a return"),
        ("coupon failed", "had a code that did not work"),
        ("rage click", "clicked again and again in one place"),
        ("form fight", "could not get a form to be taken"),
        ("empty search", "searched and found nothing"),
        ("dead click", "clicked where nothing happened"),
    ],
};

const AR: Words = Words {
    language: "ar",
    none_left: "نفدت الرموز: {offer}",
    some_left: "بقي من الرموز {n}: {offer}",
    running_dry: "رموز العرض {offer} توشك على النفاد: بقي منها {n}، وقد طلبتَ أن نخبرك حين تقلّ عن {low}.",
    set_aside: "قد تكون رموز قليلة أخرى محجوزة للزبائن التالين، وهي غير محسوبة هنا.",
    trouble: "تعذّر إنشاء رموز أخرى: {what}",
    then: "وحين لا يبقى شيء منها يحصل من يستحق رمزًا على رمز من العرض {fallback} بدلًا منه.",
    then_empty: "وحين تنفد هذه أيضًا يحصل من يستحق رمزًا على رمز من العرض {fallback} بدلًا منه.",
    more_codes: "لإضافة رموز، واحد في كل سطر:",
    once: "تصلك هذه الرسالة مرة واحدة في كل مرة يحدث فيها ذلك.",
    lately: "ما حدث مؤخرًا:",
    look: "صفحة هذا الزبون",
    journey: "أخبرتك بهذا رحلتك {journey}.",
    quoted: "«{text}»",
    asked: "هكذا أجاب أحد الزوار قبل لحظات حين سُئل: {question}",
    on_page: "كان في الصفحة {page}",
    with_cart: "كانت في سلته أشياء بقيمة {sum}.",
    survey: "يخبرك استبيانك {survey} بهذه الإجابة فورًا. ولا يلزم أن نعرف من أجاب.",
    signs: [
        ("damaged trust", "فقد ثقته بالمتجر"),
        ("low answer", "أعطى تقييمًا منخفضًا"),
        ("return", "طلب إرجاع شيء"),
        ("coupon failed", "لم يعمل رمز الخصم معه"),
        ("rage click", "ضغط مرارًا في المكان نفسه"),
        ("form fight", "لم تُقبل استمارته"),
        ("empty search", "بحث ولم يجد شيئًا"),
        ("dead click", "ضغط حيث لم يحدث شيء"),
    ],
};

impl Words {
    /// What happened on a day, by the name of its sign; one that we do not know says itself.
    pub fn sign(&self, at: Timestamp, sign: &str) -> String {
        let says = self.signs.iter().find(|(name, _)| *name == sign).map_or(sign, |(_, says)| says);
        format!("{}: {says}", day_in_words(at, self.language))
    }
}

/// The words in a language of the shop's; English for those we have none for.
pub fn of(language: &str) -> &'static Words {
    match language.split('-').next() {
        Some("ar") => &AR,
        _ => &EN,
    }
}
