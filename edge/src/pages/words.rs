//! The words of our own pages. A language more is a table more.

use crate::shard::answers::Stops;

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
    pub stop_letters: Stop,
    pub stop_texts: Stop,
    pub stop_all: Stop,
    pub stopped_body: &'static str,
    pub sent_title: &'static str,
    pub sent_body: &'static str,
    pub code_off: &'static str,
    pub code_until: &'static str,
    pub back: &'static str,
    pub export_title: &'static str,
    pub export_body: &'static str,
    pub export_button: &'static str,
    pub erase_title: &'static str,
    pub erase_body: &'static str,
    pub erase_button: &'static str,
    pub erased_title: &'static str,
    pub erased_body: &'static str,
    pub wish_ended_body: &'static str,
    /// Below our own letters: the way to the preference page, and to the reason on it.
    pub preferences: &'static str,
    pub why: &'static str,
    pub export_letter: Letter,
    pub erase_letter: Letter,
}

/// The words around a button that takes permission back.
pub struct Stop {
    pub title: &'static str,
    pub body: &'static str,
    pub button: &'static str,
    /// The title once it is done.
    pub stopped: &'static str,
    /// That the other channel goes on.
    pub others: &'static str,
}

/// The words of a letter of our own.
pub struct Letter {
    pub title: &'static str,
    pub body: &'static str,
    pub button: &'static str,
    /// For whoever did not ask for it.
    pub ignore: &'static str,
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
    stop_letters: Stop {
        title: "No more letters?",
        body: "One press, and we stop writing to you by e-mail. What concerns an order of yours still reaches you.",
        button: "Stop the letters",
        stopped: "Done. No more letters.",
        others: "Text messages still come to your phone, as you allowed. Those you can stop here, too.",
    },
    stop_texts: Stop {
        title: "No more text messages?",
        body: "One press, and no more news and offers come to your phone. What concerns an order of yours still reaches you.",
        button: "Stop the text messages",
        stopped: "Done. No more text messages.",
        others: "Letters by e-mail still come. Those you can stop here, too.",
    },
    stop_all: Stop {
        title: "No more letters, no more text messages?",
        body: "One press, and we stop writing to you, by e-mail and by text. What concerns an order of yours still reaches you.",
        button: "Stop letters and text messages",
        stopped: "Done. No more letters, no more text messages.",
        others: "",
    },
    stopped_body: "Thank you for having listened for a while.",
    sent_title: "Nearly there. Look in your inbox.",
    sent_body: "We have just written to you. Press the button in that letter, and all is done.",
    code_off: "{percent} % off.",
    code_until: "Valid until {day}.",
    back: "To the shop",
    export_title: "Everything we know of you",
    export_body: "One press, and you get it as a file: your addresses, what you allowed, what you did here as far as we know it was you, and every letter we wrote.",
    export_button: "Give me my file",
    erase_title: "Erase everything?",
    erase_body: "One press, and all we know of you is gone: your name, your addresses, your visits, our letters. It cannot be undone. Codes that you have not used may stop working.",
    erase_button: "Erase everything",
    erased_title: "Done. It is all gone.",
    erased_body: "We do not write to you any more. What is left is a fingerprint of your address that tells nobody who you are, so that no old list can make us write again.",
    wish_ended_body: "For your safety it only works for a day. Ask once more on your preference page, and a fresh one comes.",
    preferences: "How we write to you",
    why: "Why did I get this?",
    export_letter: Letter {
        title: "Your file is ready",
        body: "You asked for everything we know of you. The button leads to it, today only.",
        button: "Show me",
        ignore: "You did not ask for it? Then nothing happens, and you can forget this letter.",
    },
    erase_letter: Letter {
        title: "Erase everything we know of you?",
        body: "You asked us to. The button leads to a page where one more press does it, today only.",
        button: "Go on",
        ignore: "You did not ask for it? Then nothing happens, and you can forget this letter.",
    },
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
    stop_letters: Stop {
        title: "إيقاف رسائل البريد؟",
        body: "ضغطة واحدة ونتوقف عن مراسلتك بالبريد الإلكتروني. أما ما يخص طلباتك فسيصلك كالمعتاد.",
        button: "أوقفوا رسائل البريد",
        stopped: "تم. لن تصلك رسائل بريد بعد الآن.",
        others: "ما زالت الرسائل النصية تصل إلى هاتفك كما سمحت. ويمكنك إيقافها هنا أيضًا.",
    },
    stop_texts: Stop {
        title: "إيقاف الرسائل النصية؟",
        body: "ضغطة واحدة ولا تصل إلى هاتفك أخبار ولا عروض. أما ما يخص طلباتك فسيصلك كالمعتاد.",
        button: "أوقفوا الرسائل النصية",
        stopped: "تم. لن تصلك رسائل نصية بعد الآن.",
        others: "ما زالت رسائل البريد الإلكتروني تصلك. ويمكنك إيقافها هنا أيضًا.",
    },
    stop_all: Stop {
        title: "إيقاف البريد والرسائل النصية؟",
        body: "ضغطة واحدة ونتوقف عن مراسلتك، بالبريد الإلكتروني وبالرسائل النصية. أما ما يخص طلباتك فسيصلك كالمعتاد.",
        button: "أوقفوا البريد والرسائل النصية",
        stopped: "تم. لن يصلك بريد ولا رسائل نصية بعد الآن.",
        others: "",
    },
    stopped_body: "شكرًا لوقتك معنا.",
    sent_title: "بقيت خطوة. تفقّد بريدك.",
    sent_body: "كتبنا إليك للتوّ. اضغط الزر في تلك الرسالة وينتهي الأمر.",
    code_off: "خصم {percent}%.",
    code_until: "صالح حتى {day}.",
    back: "إلى المتجر",
    export_title: "كل ما نعرفه عنك",
    export_body: "ضغطة واحدة ويصلك في ملف: عناوينك، وما سمحت به، وما فعلته هنا على حدّ علمنا، وكل رسالة كتبناها إليك.",
    export_button: "أعطني ملفي",
    erase_title: "محو كل شيء؟",
    erase_body: "ضغطة واحدة ويزول كل ما نعرفه عنك: اسمك وعناوينك وزياراتك ورسائلنا. لا يمكن التراجع عن ذلك، وقد تتوقف الرموز التي لم تستخدمها.",
    erase_button: "محو كل شيء",
    erased_title: "تم. لم يبقَ شيء.",
    erased_body: "لن نكتب إليك بعد الآن. لم تبقَ إلا بصمة من عنوانك لا تكشف هويتك، حتى لا تجعلنا قائمة قديمة نكتب إليك ثانيةً.",
    preferences: "كيف نراسلك",
    why: "لماذا وصلتني هذه الرسالة؟",
    wish_ended_body: "حرصًا على سلامتك يعمل الرابط يومًا واحدًا فقط. اطلبه مرة أخرى من صفحة تفضيلاتك ليصلك رابط جديد.",
    export_letter: Letter {
        title: "ملفك جاهز",
        body: "طلبت كل ما نعرفه عنك. الزر يقودك إليه، اليوم فقط.",
        button: "أرني",
        ignore: "لم تطلب ذلك؟ إذًا لن يحدث شيء، ويمكنك تجاهل هذه الرسالة.",
    },
    erase_letter: Letter {
        title: "هل نمحو كل ما نعرفه عنك؟",
        body: "طلبت منا ذلك. يقودك الزر إلى صفحة تكفي فيها ضغطة أخرى، اليوم فقط.",
        button: "متابعة",
        ignore: "لم تطلب ذلك؟ إذًا لن يحدث شيء، ويمكنك تجاهل هذه الرسالة.",
    },
};

impl Words {
    /// The words about what somebody stops.
    pub const fn stop(&self, stops: Stops) -> &Stop {
        match stops {
            Stops::Letters => &self.stop_letters,
            Stops::Texts => &self.stop_texts,
            Stops::Everything => &self.stop_all,
        }
    }
}

/// The words for a reader's language; English for those we have none for.
pub fn of(language: &str) -> &'static Words {
    match language.split('-').next() {
        Some("ar") => &AR,
        _ => &EN,
    }
}
