//! What honest people write stays in the inbox.

use super::{default_filter, message, points_of, score};
use crate::spam::{
    Captcha, PlainAnswers, ProofOfWork, Signals, SpamRules, TimeToFill, Verdict, mail_addresses,
};

const TEXTS: &[(&str, &str, &str)] = &[
    (
        "ANNA BERG",
        "anna.berg@example.co.uk",
        "Hello, I would like to order 12 chairs like those at https://www.example.org/chairs?id=7. \
         Please call +44 20 7946 0958 after 5 p.m.!!! NASA-quality, as you say, would be GREAT. Thanks",
    ),
    (
        "JÜRGEN MÜLLER",
        "juergen@müller.de",
        "Guten Tag, ist das Gerät (siehe www.beispiel.de/geräte) noch lieferbar? Straße und Größe stehen \
         unten. Tel.: 0221 / 123 45 67. Mit freundlichen Grüßen",
    ),
    (
        "AYŞE YILMAZ",
        "ayse@ornek.com.tr",
        "Merhaba, İstanbul'daki mağazanız pazar günü açık mı? https://ornek.com.tr/magaza sayfasında \
         göremedim. Telefonum 0532 123 45 67. IŞIKLAR için de teşekkürler!",
    ),
    (
        "محمد علي",
        "mohammed@example.ae",
        "السلام عليكم، أرغب في حجز موعد يوم الأحد الساعة ١٠:٣٠. رأيت الصفحة https://example.ae/booking \
         ورقم هاتفي ‎+971 50 123 4567‏. شكرًا جزيلًا",
    ),
    (
        "王小明",
        "wang@example.cn",
        "您好。我想了解产品价格，请看https://example.cn/产品。我的电话是138-0013-8000，谢谢！",
    ),
    (
        "ヤマダ タロウ",
        "yamada@example.jp",
        "はじめまして。ホームページ（https://example.jp/）を拝見しました。見積もりをお願いします。\
         電話：０３－１２３４－５６７８。よろしくお願いいたします。",
    ),
    (
        "ИВАН ПЕТРОВ",
        "ivan@example.ru",
        "Здравствуйте! Подскажите, пожалуйста, есть ли в наличии товар с сайта пример.рф? Мой телефон: \
         8 (495) 123-45-67. Спасибо.Он мне ОЧЕНЬ нужен",
    ),
    (
        "अनीता शर्मा",
        "anita@example.in",
        "नमस्ते, मुझे https://example.in/course के बारे में जानकारी चाहिए। मेरा नंबर ९८७६५ ४३२१० है। \
         धन्यवाद",
    ),
    (
        "FRANÇOISE LEFÈVRE",
        "francoise@exemple.fr",
        "Bonjour, j'ai vu l'offre sur exemple.fr/été, est-ce que c'est encore valable ? Rappelez-moi au \
         01 23 45 67 89.Ça serait super, à bientôt !",
    ),
    (
        "JOSÉ NÚÑEZ",
        "jose@ejemplo.es",
        "¡Hola! ¿Tienen mesa para 4 el sábado? Vi el menú en https://ejemplo.es/menú. Mi teléfono es \
         +34 612 345 678. ¡¡GRACIAS!!",
    ),
];

#[test]
fn honest_texts_in_ten_languages_have_not_one_point() {
    let filter = default_filter();
    for (name, email, text) in TEXTS {
        let answers = [("name", *name), ("email", *email), ("message", *text)]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into_iter()
            .collect();
        let addresses = mail_addresses(&answers);
        assert_eq!(addresses, [*email]);
        let scored = filter.score(&Signals {
            mail_addresses: &addresses,
            ..Signals::of(&PlainAnswers::of(&answers))
        });
        assert_eq!((scored.verdict, scored.reasons), (Verdict::Inbox, vec![]), "{text}");
    }
}

#[test]
fn honest_people_with_one_oddity_stay_in_the_inbox() {
    let filter = default_filter();
    let answers = message(TEXTS[0].2);
    let spelt = PlainAnswers::of(&answers);
    let plain = Signals::of(&spelt);
    for odd in [
        Signals { time_to_fill: TimeToFill::TookMs(0), ..plain },
        Signals { time_to_fill: TimeToFill::TookMs(u64::MAX), ..plain },
        Signals { time_to_fill: TimeToFill::Missing, ..plain },
        Signals { time_to_fill: TimeToFill::Forged, ..plain },
        Signals { proof_of_work: ProofOfWork::Absent, ..plain },
        Signals { proof_of_work: ProofOfWork::Failed, ..plain },
        Signals { captcha: Captcha::LowScore(0.0), ..plain },
        Signals { captcha: Captcha::Unverifiable, ..plain },
        Signals { mail_addresses: &["anna@mailinator.com"], ..plain },
        Signals { earlier_copies: u32::MAX, ..plain },
        Signals { spam_probability: Some(0.98), ..plain },
    ] {
        assert_eq!(filter.score(&odd).verdict, Verdict::Inbox, "{odd:?}");
    }
    let sources = "https://example.org/source <a href=https://example.org>x</a> ".repeat(50);
    assert_eq!(score(&filter, &sources).verdict, Verdict::Inbox);
}

#[test]
fn no_layer_refuses_alone_under_the_default_thresholds() {
    // The worst of each layer, also of those that have nothing to find by default.
    let rules = SpamRules {
        banned_words: vec!["one".into(), "two".into(), "three".into(), "four".into()],
        banned_addresses: vec!["example.org".into()],
        banned_networks: vec!["192.0.2.0/24".into()],
        ..SpamRules::default()
    };
    let filter = super::filter(&rules);
    let answers = message(&format!("one two three four {}", "[url]a.com[/url] ".repeat(100)));
    let spelt = PlainAnswers::of(&answers);
    let worst = Signals {
        mail_addresses: &["x@example.org", "x@mailinator.com"],
        client_address: Some("192.0.2.1".parse().expect("an address")),
        honeypot: Some("_gotcha"),
        time_to_fill: TimeToFill::TookMs(0),
        proof_of_work: ProofOfWork::Failed,
        captcha: Captcha::Failed,
        earlier_copies: u32::MAX,
        spam_probability: Some(1.0),
        ..Signals::of(&spelt)
    };
    let scored = filter.score(&worst);
    let named: Vec<_> = scored.reasons.iter().map(|reason| reason.layer.as_ref()).collect();
    assert_eq!(named, crate::spam::layer_names().collect::<Vec<_>>());
    for reason in &scored.reasons {
        assert!(!rules.refuse_from.reached_by(reason.points), "{reason}");
    }
    // Those that the documentation says can send someone to the spam folder alone, and no other.
    let alone: Vec<_> = scored
        .reasons
        .iter()
        .filter(|reason| rules.spam_from.reached_by(reason.points))
        .map(|reason| reason.layer.as_ref())
        .collect();
    let documented =
        ["honeypot", "captcha", "banned_networks", "banned_addresses", "banned_words", "bayes"];
    assert_eq!(alone, documented);
    assert_eq!(points_of(&scored, "links"), 9);
}
