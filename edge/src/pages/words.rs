//! The words of our own pages. A language more is a table more.

/// Every word of the pages in one language.
pub struct Words {
    pub language: &'static str,
    pub confirm_title: &'static str,
    pub confirm_body: &'static str,
    pub confirm_button: &'static str,
    pub confirmed_title: &'static str,
    pub confirmed_body: &'static str,
    pub ended_title: &'static str,
    pub ended_body: &'static str,
    pub stop_title: &'static str,
    pub stop_body: &'static str,
    pub stop_button: &'static str,
    pub stopped_title: &'static str,
    pub stopped_body: &'static str,
    pub sent_title: &'static str,
    pub sent_body: &'static str,
    pub code_off: &'static str,
    pub code_until: &'static str,
    pub back: &'static str,
}

const EN: Words = Words {
    language: "en",
    confirm_title: "Is this your address?",
    confirm_body: "One press, and we know that we may write to you.",
    confirm_button: "Yes, it is mine",
    confirmed_title: "Thank you. It is confirmed.",
    confirmed_body: "We are glad to know you.",
    ended_title: "This link has had its day",
    ended_body: "For your safety it only works for a week. Leave your address in the shop once more, and a fresh one comes.",
    stop_title: "No more letters?",
    stop_body: "One press, and we stop writing to you. What concerns an order of yours still reaches you.",
    stop_button: "Stop the letters",
    stopped_title: "Done. No more letters.",
    stopped_body: "Thank you for having listened for a while.",
    sent_title: "Nearly there. Look in your inbox.",
    sent_body: "We have just written to you. Press the button in that letter, and all is done.",
    code_off: "{percent} % off.",
    code_until: "Valid until {day}.",
    back: "To the shop",
};

const AR: Words = Words {
    language: "ar",
    confirm_title: "هل هذا عنوانك؟",
    confirm_body: "ضغطة واحدة لنتأكد أننا نستطيع الكتابة إليك.",
    confirm_button: "نعم، إنه عنواني",
    confirmed_title: "شكرًا لك. تم التأكيد.",
    confirmed_body: "يسعدنا أن نتعرف إليك.",
    ended_title: "انتهت صلاحية هذا الرابط",
    ended_body: "حرصًا على سلامتك يعمل الرابط أسبوعًا واحدًا فقط. اترك عنوانك في المتجر مرة أخرى ليصلك رابط جديد.",
    stop_title: "إيقاف الرسائل؟",
    stop_body: "ضغطة واحدة ونتوقف عن الكتابة إليك. أما ما يخص طلباتك فسيصلك كالمعتاد.",
    stop_button: "أوقفوا الرسائل",
    stopped_title: "تم. لن تصلك رسائل بعد الآن.",
    stopped_body: "شكرًا لوقتك معنا.",
    sent_title: "بقيت خطوة. تفقّد بريدك.",
    sent_body: "كتبنا إليك للتوّ. اضغط الزر في تلك الرسالة وينتهي الأمر.",
    code_off: "خصم {percent}%.",
    code_until: "صالح حتى {day}.",
    back: "إلى المتجر",
};

/// The words for a reader's language; English for those we have none for.
pub fn of(language: &str) -> &'static Words {
    match language.split('-').next() {
        Some("ar") => &AR,
        _ => &EN,
    }
}
