//! Whether the whole database keeps what it promises: read only, on either database, beside a
//! running server (reliability: R1 to R7, R80, R140, P-16).

use crate::store::StoreError;

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
        let mut snapshot = self.store.snapshot().await?;
        let mut tx = snapshot.tx();
        let mut check = tx.check();
        let mut findings = check.file().await?;
        findings.extend(check.rows(now).await?);
        findings.extend(check.peaks(now).await?);
        let mut after = None;
        loop {
            let texts = check.texts(after).await?;
            let Some(last) = texts.last() else { return Ok(findings) };
            after = Some(last.id);
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
