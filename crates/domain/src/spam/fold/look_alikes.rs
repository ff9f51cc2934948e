//! Letters of other scripts, and odd Latin ones, that look like a plain Latin letter.

/// The Latin letters that a lower-case letter looks like, or else itself, written into a buffer.
///
/// After Unicode's list of confusables (UTS #39), cut down to what is used to write whole words.
pub(super) fn latin(c: char, buffer: &mut [u8; 4]) -> &str {
    if c.is_ascii() {
        return c.encode_utf8(buffer);
    }
    match c {
        'а' | 'α' | 'ᴀ' | 'ɑ' | 'ꭺ' | 'ა' => "a",
        'ь' | 'ʙ' | 'ƅ' | 'в' | 'β' | 'ᏼ' => "b",
        'с' | 'ϲ' | 'ᴄ' | 'ꮯ' => "c",
        'ԁ' | 'ᴅ' | 'đ' | 'ɗ' | 'ð' => "d",
        'е' | 'є' | 'ε' | 'ҽ' | 'ᴇ' | 'ə' | 'ɛ' => "e",
        'ꜰ' | 'ƒ' => "f",
        'ɡ' | 'ɢ' | 'ԍ' | 'ց' => "g",
        'һ' | 'ʜ' | 'н' | 'հ' | 'ħ' => "h",
        'і' | 'ι' | 'ı' | 'ɪ' | 'ɩ' | 'ӏ' => "i",
        'ј' | 'ᴊ' | 'ϳ' => "j",
        'к' | 'κ' | 'ᴋ' => "k",
        'ʟ' | 'ł' | 'ⅼ' | 'ɭ' => "l",
        'м' | 'ᴍ' => "m",
        'ո' | 'ɴ' | 'η' | 'ŋ' | 'ռ' => "n",
        'о' | 'ο' | 'ᴏ' | 'օ' | 'ø' | 'σ' | 'ჿ' => "o",
        'р' | 'ρ' | 'ᴘ' | 'þ' => "p",
        'ԛ' | 'գ' => "q",
        'г' | 'ʀ' | 'ꮁ' => "r",
        'ѕ' | 'ꜱ' | 'ʂ' => "s",
        'т' | 'τ' | 'ᴛ' => "t",
        'υ' | 'ᴜ' | 'ս' | 'ʋ' => "u",
        'ѵ' | 'ν' | 'ᴠ' => "v",
        'ԝ' | 'ᴡ' | 'ա' | 'ω' | 'ѡ' => "w",
        'х' | 'χ' => "x",
        'у' | 'γ' | 'ʏ' | 'ү' => "y",
        'ᴢ' | 'ʐ' => "z",
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        _ => c.encode_utf8(buffer),
    }
}
