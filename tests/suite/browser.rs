//! The pages of `run` and `explain`, opened in a real browser and clicked through.

mod chromium;

use crate::command::lexlog;
use chromium::{Page, installed};
use serde_json::json;
use std::io::Write;
use std::path::PathBuf;

const POLICY: &str = r#"
type Party
type Transfer
event transfer(id: Transfer -> recipient: Party, on: date) reads "{id} goes to {recipient} on {on}"
input foreign(party: Party) reads "{party} is foreign"
judgement harmless(party: Party) reads "{party} is harmless"
verdict licence(transfer: Transfer) reads "{transfer} needs a licence"
verdict statement(transfer: Transfer) reads "{transfer} needs a statement"
notice law_2025_1 "The <b>law</b> on transfers" {
    issuer "Ministry"
    published 2025-01-01
    effective 2025-01-01
    source "law.txt" "page 1"
    clause 1 "Licence & more" { licence(T) if transfer(T, R, _), foreign(R). }
    clause 2 "Statement" { statement(T) if transfer(T, R, _), not harmless(R). }
}
notice pause "Pause" {
    published 2025-06-01
    effective 2025-06-01
    suspends law_2025_1/1 from 2025-06-01 through 2025-06-30
}
"#;
const EVIL: &str = "<script>window.bad = 1</script>";
const FACTS: &str = r#"transfer(t1, "<script>window.bad = 1</script>", 2025-03-01).
transfer(t2, acme, 2025-03-02). transfer(t3, acme, 2025-06-10).
foreign("<script>window.bad = 1</script>"). foreign(acme). not harmless(acme). harmless("<script>window.bad = 1</script>").
transfer(t4, bolt, 2025-03-03).
"#;

/// A page that a command prints, in a browser; `None` where none is installed.
fn opened(arguments: &[&str]) -> Option<(Page, PathBuf, tempfile::TempDir)> {
    let Some(browser) = installed() else {
        // Past the test runner, which shows nothing of what a passing test prints.
        let notice = "NOTICE: no browser is installed, so a page was not opened in one: install chromium, or name one in CHROME";
        writeln!(std::io::stderr(), "{notice}").expect("it is written");
        return None;
    };
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path("law.lexlog"), POLICY).expect("written");
    std::fs::write(path("facts.lexlog"), FACTS).expect("written");
    let (policy, facts) = (path("law.lexlog"), path("facts.lexlog"));
    let (policy, facts) = (policy.to_string_lossy(), facts.to_string_lossy());
    let own = [arguments[0], &policy, "--facts", &facts, "--format", "html"];
    let run = lexlog(&[&own[..], &arguments[1..]].concat());
    assert_eq!(run.code, 0, "{}", run.transcript());
    let page = path("page.html");
    std::fs::write(&page, run.out).expect("written");
    Some((Page::open(&browser, &page), page, folder))
}

#[test]
fn the_page_of_a_run_is_clicked_through_in_a_browser() {
    let Some((mut page, file, _folder)) = opened(&["run"]) else {
        return;
    };
    // Verdicts in a table, all closed; each opens where its row is clicked.
    assert_eq!(
        page.value("document.querySelectorAll('main > .verdicts > tbody').length"),
        json!(5)
    );
    assert_eq!(
        page.value("document.querySelectorAll('.why[open]').length"),
        json!(0)
    );
    page.click(".verdicts tbody tr th");
    page.until("document.querySelector('.why').open");
    assert!(page.is("document.querySelector('.why .tree').offsetHeight > 0"));
    page.click(".verdicts .why > summary");
    page.until("!document.querySelector('.why').open");
    // A party named like a script is shown as such, and nothing else.
    assert!(page.is(&format!("document.body.textContent.includes({EVIL:?})")));
    assert!(page.is("window.bad === undefined"));
    assert!(page.is("document.body.textContent.includes('The <b>law</b> on transfers')"));
    // Search from the keyboard: only the rows that have it stay; Escape brings all back.
    page.press("/");
    page.until("document.activeElement.id === 'find'");
    "bolt"
        .chars()
        .for_each(|letter| page.press(&letter.to_string()));
    let shown = "Array.from(document.querySelectorAll('.verdicts > tbody')).filter(it => !it.hidden).length";
    page.until("document.getElementById('found').textContent.endsWith('found')");
    let all = page.value("document.querySelectorAll('.verdicts > tbody').length");
    let some = page.value(shown);
    assert!(
        some.as_u64() > Some(0) && some.as_u64() < all.as_u64(),
        "{some} of {all}"
    );
    page.press("Escape");
    page.until(
        "document.activeElement.id !== 'find' && document.getElementById('find').value === ''",
    );
    assert_eq!(page.value(shown), all);
    // From verdict to verdict, and open one.
    page.press("j");
    page.until("document.activeElement.tagName === 'SUMMARY'");
    page.press("j");
    page.press("k");
    page.press("Enter");
    page.until("document.activeElement.parentElement.open");
    // Only those of one kind.
    page.value("(() => { const it = document.getElementById('only'); it.value = 'does not hold'; it.onchange(); })()");
    assert!(page.is(&format!("{shown} < {all}")));
    page.value(
        "(() => { const it = document.getElementById('only'); it.value = ''; it.onchange(); })()",
    );
    // Dark where the system is, or by the button.
    let back = "getComputedStyle(document.body).backgroundColor";
    let light = page.value(back);
    let dark = json!({ "features": [{ "name": "prefers-color-scheme", "value": "dark" }] });
    page.ask("Emulation.setEmulatedMedia", dark);
    assert_ne!(page.value(back), light);
    page.ask("Emulation.setEmulatedMedia", json!({ "features": [] }));
    assert_eq!(page.value(back), light);
    page.click("#theme");
    page.until("document.documentElement.dataset.theme === 'dark'");
    assert_ne!(page.value(back), light);
    // A clause leads to its card, with heading, dates, source and the rule's text.
    page.click(".verdicts a[href='#clause-0']");
    page.until("document.getElementById('clause-0').open");
    for words in [
        "Licence & more",
        "published 2025-01-01",
        "suspended by pause from 2025-06-01",
        "law.txt, page 1",
        "licence(T) if",
    ] {
        assert!(
            page.is(&format!(
                "document.getElementById('clause-0').textContent.includes({words:?})"
            )),
            "{words}"
        );
    }
    // The timeline is a picture, with the day that counts; one of all clauses stands outside the table.
    assert!(page.is("document.querySelector('main > section > .picture svg') !== null"));
    assert!(page.is("document.querySelectorAll('.picture svg rect.suspended').length > 0"));
    assert!(page.is("document.querySelector('.picture .mark') !== null"));
    // On paper nothing is hidden, and no buttons are shown.
    page.ask("Emulation.setEmulatedMedia", json!({ "media": "print" }));
    assert!(page.is("getComputedStyle(document.querySelector('.tools')).display === 'none'"));
    page.ask("Emulation.setEmulatedMedia", json!({ "media": "" }));
    assert_eq!(page.complaints, [""; 0]);
    // Without JavaScript it is read all the same.
    page.ask(
        "Emulation.setScriptExecutionDisabled",
        json!({ "value": true }),
    );
    page.ask(
        "Page.navigate",
        json!({ "url": format!("file://{}?plain", file.display()) }),
    );
    page.until("document.readyState === 'complete' && location.search === '?plain'");
    assert!(page.is("document.querySelector('.tools').hidden"));
    page.click(".verdicts .why > summary");
    page.until("document.querySelector('.why').open");
    assert!(page.is("document.querySelector('.why .tree').offsetHeight > 0"));
}

#[test]
fn the_page_of_a_proof_is_clicked_through_in_a_browser() {
    let Some((mut page, _, _folder)) = opened(&["explain", "licence(T)"]) else {
        return;
    };
    assert_eq!(
        page.value("document.querySelectorAll('article').length"),
        json!(2)
    );
    assert!(page.is(&format!("document.querySelector('h1').textContent.includes('t1') && document.body.textContent.includes({EVIL:?})")));
    page.click(".tree summary");
    page.until("!document.querySelector('.tree details').open");
    page.press("/");
    "foreign"
        .chars()
        .for_each(|letter| page.press(&letter.to_string()));
    page.until("document.querySelectorAll('.hit').length > 0");
    assert!(page.is("document.querySelector('.tree details').open"));
    assert!(page.is("document.querySelector('.picture svg') !== null"));
    page.click("nav a[href='#answer-1']");
    page.until("location.hash === '#answer-1'");
    assert!(page.is("window.bad === undefined"));
    assert_eq!(page.complaints, [""; 0]);
}

#[test]
fn the_page_of_a_why_not_is_opened_in_a_browser() {
    let Some((mut page, _, _folder)) = opened(&["explain", "licence(t3)"]) else {
        return;
    };
    assert!(page.is("document.querySelector('.status').textContent === 'does not hold'"));
    assert!(page.is("document.querySelector('.tree').textContent.includes('suspended')"));
    assert!(page.is("document.querySelectorAll('.picture rect.suspended').length > 0"));
    assert_eq!(page.complaints, [""; 0]);
}
