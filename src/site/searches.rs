//! How often one person searches principals (L-56): programs search while somebody types.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use http::StatusCode;

use crate::dav::DavError;
use crate::domain::id::UserId;
use crate::domain::time::Instant;

/// Searches of each person in the minute that runs.
#[derive(Debug)]
pub(super) struct Searches {
    most: usize,
    minute: Mutex<(i64, HashMap<UserId, usize>)>,
}

impl Searches {
    pub(super) fn new(most: usize) -> Self {
        Self { most, minute: Mutex::default() }
    }

    /// Counts one more.
    ///
    /// # Errors
    /// 429 with the seconds until the next minute, if there were enough in this one.
    pub(super) fn count(&self, user: UserId, now: Instant) -> Result<(), DavError> {
        let mut minute = self.minute.lock().unwrap_or_else(PoisonError::into_inner);
        let this = now.secs().div_euclid(60);
        if minute.0 != this {
            *minute = (this, HashMap::new());
        }
        let count = minute.1.entry(user).or_default();
        if *count >= self.most {
            let mut error = DavError::status(StatusCode::TOO_MANY_REQUESTS);
            error.retry_after_secs = u32::try_from(60 - now.secs().rem_euclid(60)).ok();
            return Err(error);
        }
        *count += 1;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_person_may_search_so_often_in_a_minute() {
        let searches = Searches::new(2);
        let at = |secs: i64| Instant::from_secs(600 + secs);
        let (ada, bob) = (UserId::new(1), UserId::new(2));
        assert!(searches.count(ada, at(0)).is_ok());
        assert!(searches.count(ada, at(10)).is_ok());
        let error = searches.count(ada, at(20)).unwrap_err();
        assert_eq!((error.status, error.retry_after_secs), (StatusCode::TOO_MANY_REQUESTS, Some(40)));
        assert!(searches.count(bob, at(20)).is_ok());
        assert!(searches.count(ada, at(60)).is_ok());
    }
}
