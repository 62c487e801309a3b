//! The words of a statement without what means nothing.

/// Words without comments, and without blanks but those that keep two words apart.
pub(super) fn bare(words: &str) -> String {
    let mut out = String::with_capacity(words.len());
    let mut letters = words.chars().peekable();
    let mut is_apart = false;
    let is_word = |letter: char| letter.is_alphanumeric() || letter == '_' || letter == '"';
    while let Some(letter) = letters.next() {
        match letter {
            '#' => {
                while letters.next_if(|next| *next != '\n').is_some() {}
                is_apart = true;
            }
            blank if blank.is_whitespace() => is_apart = true,
            letter => {
                if is_apart && out.chars().last().is_some_and(is_word) && is_word(letter) {
                    out.push(' ');
                }
                is_apart = false;
                out.push(letter);
                if letter == '"' {
                    quoted(&mut letters, &mut out);
                }
            }
        }
    }
    out
}

/// The rest of a text in quotes, as it is.
fn quoted(letters: &mut std::iter::Peekable<std::str::Chars<'_>>, out: &mut String) {
    while let Some(letter) = letters.next() {
        out.push(letter);
        match letter {
            '"' => return,
            '\\' => out.extend(letters.next()),
            _ => {}
        }
    }
}
