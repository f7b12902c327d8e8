//! Whether the whole database keeps what it promises: read only, on either database, beside a
//! running server (reliability: R1 to R7, R80, R140, P-16).

use std::collections::BTreeSet;

use crate::ical::attach::managed_ids;
use crate::ical::{CalendarObject, Limits};
use crate::store::{CheckedText, StoreError, Tx};

use super::Bookings;
use super::refuse::digest;

impl Bookings {
    /// Everything that is wrong, each in one line; empty where all is well. One consistent view
    /// of the database is looked at.
    ///
    /// # Errors
    /// When the database cannot answer.
    pub async fn check(&self) -> Result<Vec<String>, StoreError> {
        let now = self.now();
        let mut snapshot = self.store.long_snapshot().await?;
        let mut tx = snapshot.tx();
        let mut check = tx.check();
        let mut findings = check.file().await?;
        findings.extend(check.rows(now).await?);
        findings.extend(check.peaks(now).await?);
        let mut after = None;
        loop {
            let texts = tx.check().texts(after).await?;
            let Some(last) = texts.last() else { return Ok(findings) };
            after = Some(last.id);
            findings.extend(links(&mut tx, &texts).await?);
            for stored in texts {
                if digest(&stored.text) != stored.etag {
                    findings.push(format!("the etag of member {} is no hash of its text", stored.id));
                }
                if i64::try_from(stored.text.len()).ok() != Some(stored.size) {
                    findings.push(format!("the size of member {} is not that of its text", stored.id));
                }
            }
        }
    }
}

/// Which attachments the texts name is noted beside them (RFC 8607, section 3.12): what is noted and not
/// named would be kept for ever, and what is named and not noted would go.
async fn links(tx: &mut Tx<'_>, texts: &[CheckedText]) -> Result<Vec<String>, StoreError> {
    let members: Vec<_> = texts.iter().map(|stored| stored.id).collect();
    let noted = tx.attachments().links(&members).await?;
    let mut named = BTreeSet::new();
    let is_noted = |id| noted.iter().any(|(of, _)| *of == id);
    let has_any = |text: &[u8]| text.windows(ATTACH.len()).any(|at| at.eq_ignore_ascii_case(ATTACH));
    for stored in texts.iter().filter(|stored| is_noted(stored.id) || has_any(&stored.text)) {
        if let Ok(object) = CalendarObject::parse_message(stored.text.clone().into(), &Limits::none()) {
            named.extend(managed_ids(&object).into_iter().map(|key| (stored.id, key)));
        }
    }
    let keys: Vec<String> = named.difference(&noted).map(|(_, key)| key.clone()).collect();
    let there: BTreeSet<_> =
        tx.attachments().named(&keys).await?.into_iter().map(|found| found.managed_id).collect();
    let missing = named.difference(&noted).filter(|(_, key)| there.contains(key));
    let missing =
        missing.map(|(id, key)| format!("member {id} names the attachment {key}, which is not noted"));
    let extra = noted.difference(&named);
    let extra =
        extra.map(|(id, key)| format!("member {id} is noted to name the attachment {key}, and does not"));
    Ok(missing.chain(extra).collect())
}

/// A line that may name one. Nobody folds so early in a line; where somebody did, and that is noted, it is
/// found all the same.
const ATTACH: &[u8] = b"\nATTACH";
