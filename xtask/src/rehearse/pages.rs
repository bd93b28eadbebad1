//! The log's pages, put together into one file.

use anyhow::{Context, Result, bail};
use domain::rehearsal::export::{Counts, Sort, head, sort};
use serde::Deserialize;
use std::io::Write;

/// Which pages are still to come.
#[derive(Default)]
pub struct Pages {
    objects: Option<u16>,
    object: u16,
    after: Option<String>,
    counts: Counts,
}

/// The last line of a page.
#[derive(Deserialize)]
struct Foot {
    page: Page,
}

/// Where the log goes on.
#[derive(Deserialize)]
struct Page {
    /// How many objects the shop has.
    objects: u16,
    /// From where on; nothing when the object has told all.
    next: Option<String>,
}

impl Pages {
    /// Which page to ask for: of which object, after what.
    pub fn next(&self) -> Option<(u16, Option<String>)> {
        let more = self.objects.is_none_or(|objects| self.object < objects);
        more.then(|| (self.object, self.after.clone()))
    }

    /// Takes a page in: the head of the first, and the people of each.
    pub fn take(&mut self, object: u16, page: &str, to: &mut impl Write) -> Result<()> {
        let mut foot = None;
        for (number, line) in page.lines().enumerate() {
            let sort = sort(line.as_bytes());
            if foot.is_some() {
                bail!("a page of object {object} goes on after its end");
            }
            match (number, sort) {
                (0, Some(Sort::Head)) => {
                    head(line).with_context(|| format!("a page of object {object}"))?;
                    if self.objects.is_none() {
                        writeln!(to, "{line}")?;
                    }
                    continue;
                }
                (0, _) => bail!("a page of object {object} begins without the head of an export"),
                (_, Some(Sort::Person)) => self.counts.people += 1,
                (_, Some(Sort::Event)) => self.counts.events += 1,
                (_, Some(Sort::Consent)) => {}
                (_, Some(Sort::Head | Sort::End)) => {
                    bail!("a page of object {object} has a head or an end within it")
                }
                (_, None) => {
                    let Foot { page } = serde_json::from_str(line)
                        .with_context(|| format!("the last line of a page of object {object}"))?;
                    foot = Some(page);
                    continue;
                }
            }
            writeln!(to, "{line}")?;
        }
        let Some(Page { objects, next }) = foot else { bail!("a page of object {object} was cut off") };
        if next.is_some() && next == self.after {
            bail!("object {object} gives the same page again");
        }
        self.objects = Some(objects);
        if next.is_none() {
            self.object += 1;
        }
        self.after = next;
        Ok(())
    }

    /// Writes the end of the file.
    pub fn close(self, to: &mut impl Write) -> Result<Counts> {
        writeln!(to, "{}", self.counts.line()?)?;
        Ok(self.counts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = r#"{"export":1,"shop":"pk_00000000000000000000","zone":"UTC","until":1795608000000}"#;

    fn page(lines: &[&str], foot: &str) -> String {
        let mut all = vec![HEAD];
        all.extend(lines);
        all.push(foot);
        all.join("\n")
    }

    #[test]
    fn pages_of_several_objects_become_one_file_with_one_head_and_one_end() {
        let (mut pages, mut file) = (Pages::default(), Vec::new());
        let (p, e) = (r#"{"person":"x"}"#, r#"{"event":"y"}"#);
        for (asked, lines, foot) in [
            ((0, None), vec![p, e], r#"{"page":{"objects":2,"next":"a"}}"#),
            ((0, Some("a".to_owned())), vec![p], r#"{"page":{"objects":2,"next":null}}"#),
            ((1, None), vec![p, e], r#"{"page":{"objects":2,"next":null}}"#),
        ] {
            assert_eq!(pages.next(), Some(asked.clone()));
            pages.take(asked.0, &page(&lines, foot), &mut file).unwrap();
        }
        assert_eq!(pages.next(), None);
        pages.close(&mut file).unwrap();
        let end = r#"{"end":{"people":3,"events":2}}"#;
        assert_eq!(String::from_utf8(file).unwrap(), [HEAD, p, e, p, p, e, end, ""].join("\n"));
    }

    #[test]
    fn a_page_that_was_cut_off_or_that_comes_again_is_refused() {
        let refused = |page: &str| Pages::default().take(0, page, &mut Vec::new()).is_err();
        assert!(refused(HEAD) && refused("") && refused(r#"{"person":"x"}"#));
        let foot = r#"{"page":{"objects":1,"next":"a"}}"#;
        assert!(refused(&page(&["{}"], foot)) && refused(&page(&[foot], foot)));
        let mut pages = Pages::default();
        let again = page(&[], foot);
        assert!(pages.take(0, &again, &mut Vec::new()).is_ok() && pages.take(0, &again, &mut Vec::new()).is_err());
    }
}
