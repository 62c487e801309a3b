//! Digests: of which policy and which facts a certificate speaks.

use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// The SHA-256 of some bytes, in hexadecimal digits.
pub fn of_bytes(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The same of a file, of whatever size.
pub fn of_file(path: &Path) -> io::Result<String> {
    let mut digest = Sha256::new();
    let mut file = File::open(path)?;
    let mut some = vec![0; 1 << 20];
    loop {
        match file.read(&mut some)? {
            0 => break,
            count => digest.update(&some[..count]),
        }
    }
    let digest = digest.finalize();
    Ok(digest.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// A text of a policy as it is digested: without comments, and with every stretch of blanks and line ends outside quotes as
/// one blank; none at the start and the end.
pub fn canonical(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut has_blank = false;
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        let is_doc = letter == '/' && letters.clone().take(2).eq(['/', '/']);
        if letter == '#' || is_doc {
            while letters.peek().is_some_and(|next| *next != '\n') {
                letters.next();
            }
            continue;
        }
        if letter.is_whitespace() || letter == '\u{feff}' {
            has_blank = true;
            continue;
        }
        if std::mem::take(&mut has_blank) && !out.is_empty() {
            out.push(' ');
        }
        out.push(letter);
        if letter == '"' {
            while let Some(inside) = letters.next() {
                out.push(inside);
                match inside {
                    '\\' => out.extend(letters.next()),
                    '"' | '\n' => break,
                    _ => {}
                }
            }
        }
    }
    out
}

/// The digest of a policy: of the digests of its canonical texts and of the files beside them, sorted, one a line.
pub fn of_policy<'t>(
    policy_texts: impl Iterator<Item = &'t str>,
    files: impl Iterator<Item = &'t str>,
) -> String {
    let texts = policy_texts.map(|text| of_bytes(canonical(text).as_bytes()));
    let files = files.map(|text| of_bytes(text.as_bytes()));
    let mut digests: Vec<String> = texts.chain(files).collect();
    digests.sort();
    of_bytes((digests.join("\n") + "\n").as_bytes())
}
