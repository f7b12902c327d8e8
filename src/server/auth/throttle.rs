//! Slows those who guess (L-63): counts failed sign-ins per account and address, per address,
//! and per account, and beyond each count lets tries pass with growing pauses only.
//!
//! Only real hash runs are counted (D-23). It locks nobody out: an account and address that
//! signed in well of late are held to their own count alone.

use std::collections::VecDeque;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use quick_cache::sync::Cache;

use crate::domain::id::UserId;
use crate::limits::Limits;
use crate::server::peer::neighbourhood;

/// An account as it is counted; names that belong to nobody count like others (D-22).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Account {
    Known(UserId),
    Unknown(String),
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Subject {
    Pair(Account, IpAddr),
    Address(IpAddr),
    Account(Account),
}

/// The failures of one subject, oldest first; no more are kept than change the answer.
type Failures = Arc<Mutex<VecDeque<Instant>>>;

/// How far beyond a count the pauses grow: 1 s, doubled each time.
const MAX_DOUBLINGS: usize = 12;

/// Counts failures. Bounded: what was not asked for longest is forgotten first.
pub(super) struct Throttle {
    failures: Cache<Subject, Failures>,
    known: Cache<(Account, IpAddr), Instant>,
    limits: Arc<Limits>,
}

impl Throttle {
    pub(super) fn new(limits: &Arc<Limits>) -> Self {
        let room = limits.logins_remembered;
        Self { failures: Cache::new(3 * room), known: Cache::new(room), limits: Arc::clone(limits) }
    }

    /// Whether a try may be hashed now.
    ///
    /// # Errors
    /// How long to wait if not.
    pub(super) fn admit(&self, account: &Account, address: IpAddr, now: Instant) -> Result<(), Duration> {
        let address = neighbourhood(address);
        let pair = (account.clone(), address);
        let known = self.known.get(&pair);
        let is_known =
            known.is_some_and(|then| now.saturating_duration_since(then) < self.limits.known_pair_time);
        let mut wait = self.wait(&Subject::Pair(pair.0, address), now);
        if !is_known {
            wait = wait.max(self.wait(&Subject::Address(address), now));
            wait = wait.max(self.wait(&Subject::Account(account.clone()), now));
        }
        if wait.is_zero() { Ok(()) } else { Err(wait) }
    }

    /// Counts a password that was hashed and found wrong.
    pub(super) fn failed(&self, account: Account, address: IpAddr, now: Instant) {
        let address = neighbourhood(address);
        self.count(&Subject::Pair(account.clone(), address), now);
        self.count(&Subject::Address(address), now);
        self.count(&Subject::Account(account), now);
    }

    /// Remembers that this account signed in well from there.
    pub(super) fn succeeded(&self, account: Account, address: IpAddr, now: Instant) {
        self.known.insert((account, neighbourhood(address)), now);
    }

    fn most(&self, subject: &Subject) -> usize {
        match subject {
            Subject::Pair(..) => self.limits.failures_per_pair,
            Subject::Address(_) => self.limits.failures_per_address,
            Subject::Account(_) => self.limits.failures_per_account,
        }
    }

    fn wait(&self, subject: &Subject, now: Instant) -> Duration {
        let Some(failures) = self.failures.get(subject) else { return Duration::ZERO };
        let mut failures = failures.lock().unwrap_or_else(PoisonError::into_inner);
        while failures
            .front()
            .is_some_and(|at| now.saturating_duration_since(*at) >= self.limits.failure_time)
        {
            failures.pop_front();
        }
        let (Some(beyond), Some(last)) = (failures.len().checked_sub(self.most(subject)), failures.back())
        else {
            return Duration::ZERO;
        };
        let doublings = u32::try_from(beyond.min(MAX_DOUBLINGS)).unwrap_or(0);
        let pause = Duration::from_secs(1 << doublings).min(self.limits.failure_wait_time);
        (*last + pause).saturating_duration_since(now)
    }

    fn count(&self, subject: &Subject, now: Instant) {
        let most = self.most(subject) + MAX_DOUBLINGS;
        let fresh = || Ok::<_, std::convert::Infallible>(Failures::default());
        let Ok(failures) = self.failures.get_or_insert_with(subject, fresh);
        let mut failures = failures.lock().unwrap_or_else(PoisonError::into_inner);
        if failures.len() >= most {
            failures.pop_front();
        }
        failures.push_back(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOME: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));
    const AWAY: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 2));

    fn ada() -> Account {
        Account::Known(UserId::new(1))
    }

    fn throttle() -> (Throttle, Instant) {
        (Throttle::new(&Arc::new(Limits::default())), Instant::now())
    }

    fn name(text: &str) -> Account {
        Account::Unknown(text.to_owned())
    }

    #[test]
    fn ten_failures_of_one_account_from_one_address_are_free_and_then_pauses_grow() {
        let (throttle, mut now) = throttle();
        for _ in 0..10 {
            assert_eq!(throttle.admit(&ada(), HOME, now), Ok(()), "L-63");
            throttle.failed(ada(), HOME, now);
        }
        for secs in [1, 2, 4, 8, 16, 30, 30] {
            assert_eq!(throttle.admit(&ada(), HOME, now), Err(Duration::from_secs(secs)), "L-63");
            now += Duration::from_secs(secs);
            assert_eq!(throttle.admit(&ada(), HOME, now), Ok(()), "L-63");
            throttle.failed(ada(), HOME, now);
        }
        assert_eq!(throttle.admit(&ada(), AWAY, now), Ok(()), "another address has its own count");
        assert_eq!(
            throttle.admit(&ada(), HOME, now + Duration::from_secs(301)),
            Ok(()),
            "failures count for five minutes"
        );
    }

    #[test]
    fn thirty_failures_from_one_address_slow_every_account_there() {
        let (throttle, now) = throttle();
        for number in 0..30 {
            assert_eq!(throttle.admit(&ada(), HOME, now), Ok(()), "L-63");
            throttle.failed(name(&number.to_string()), HOME, now);
        }
        assert_eq!(throttle.admit(&ada(), HOME, now), Err(Duration::from_secs(1)), "L-63");
        assert_eq!(throttle.admit(&ada(), AWAY, now), Ok(()));
    }

    #[test]
    fn a_hundred_failures_of_one_account_slow_it_from_every_new_address() {
        let (throttle, now) = throttle();
        for number in 0..100 {
            throttle.failed(ada(), IpAddr::from([10, 0, 0, number]), now);
        }
        assert_eq!(throttle.admit(&ada(), HOME, now), Err(Duration::from_secs(1)), "L-63");
        assert_eq!(throttle.admit(&name("bob"), HOME, now), Ok(()));
    }

    #[test]
    fn who_signed_in_well_of_late_is_held_to_the_own_count_alone() {
        let (throttle, now) = throttle();
        throttle.succeeded(ada(), HOME, now);
        for number in 0..100 {
            throttle.failed(name(&number.to_string()), HOME, now);
            throttle.failed(ada(), IpAddr::from([10, 0, 0, number]), now);
        }
        assert_eq!(throttle.admit(&ada(), HOME, now), Ok(()), "L-63");
        let later = now + Limits::default().known_pair_time;
        throttle.failed(ada(), HOME, later);
        for number in 0..30 {
            throttle.failed(name(&number.to_string()), HOME, later);
        }
        assert!(throttle.admit(&ada(), HOME, later).is_err(), "L-63: thirty days have passed");
    }
}
