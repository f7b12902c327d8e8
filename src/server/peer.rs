//! Who is at the other end: client addresses, what a proxy says of them, and how many
//! connections each may have (L-09, D-05).

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};

use http::header::{self, HeaderMap, HeaderName};

/// Headers in which proxies speak. They count from a configured proxy only and are never
/// passed on (D-05).
const FORWARDED: [HeaderName; 7] = [
    HeaderName::from_static("x-forwarded-for"),
    HeaderName::from_static("x-forwarded-proto"),
    HeaderName::from_static("x-forwarded-host"),
    HeaderName::from_static("x-forwarded-port"),
    HeaderName::from_static("x-real-ip"),
    HeaderName::from_static("x-remote-user"),
    header::FORWARDED,
];

/// Takes the proxy headers off a request and answers the client's address, and whether a
/// trusted proxy says that the client spoke TLS with it.
pub(super) fn unwrap(peer: IpAddr, headers: &mut HeaderMap, proxies: &[IpAddr]) -> (IpAddr, bool) {
    let trusted = proxies.contains(&peer);
    let mut client = peer;
    let mut secure = false;
    if trusted {
        let chain = headers.get_all(&FORWARDED[0]);
        let named = chain.iter().rev().filter_map(|value| value.to_str().ok());
        let mut addresses =
            named.flat_map(|list| list.rsplit(',')).map_while(|text| text.trim().parse().ok());
        client = addresses.find(|address: &IpAddr| !proxies.contains(address)).unwrap_or(peer).to_canonical();
        secure =
            headers.get(&FORWARDED[1]).is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"https"));
    }
    for name in FORWARDED {
        headers.remove(name);
    }
    (client, secure)
}

/// The addresses that count as one: an IPv6 client has a whole /64 to itself.
pub(super) fn neighbourhood(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX))),
        v4 @ IpAddr::V4(_) => v4,
    }
}

/// How much each address has in hand.
#[derive(Debug)]
pub(super) struct PerAddress {
    counts: Mutex<HashMap<IpAddr, usize>>,
    most: usize,
}

impl PerAddress {
    pub(super) fn new(most: usize) -> Arc<Self> {
        Arc::new(Self { counts: Mutex::default(), most })
    }

    /// Counts one more until the answer is dropped; `None` if the address has all it may have.
    pub(super) fn enter(self: &Arc<Self>, address: IpAddr) -> Option<Place> {
        let address = neighbourhood(address);
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(address).or_default();
        if *count >= self.most {
            return None;
        }
        *count += 1;
        Some(Place { counts: Arc::clone(self), address })
    }
}

/// One that counts, until dropped.
#[derive(Debug)]
pub(super) struct Place {
    counts: Arc<PerAddress>,
    address: IpAddr,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut counts = self.counts.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    fn unwrapped(peer: &str, lines: &[(&'static str, &str)]) -> (IpAddr, bool) {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, value.parse().expect("a header value"));
        }
        let answer = unwrap(address(peer), &mut headers, &[address("10.0.0.1"), address("10.0.0.2")]);
        assert!(headers.is_empty(), "D-05: proxy headers go no further");
        answer
    }

    #[test]
    fn a_stranger_cannot_say_whom_he_speaks_for() {
        let lines =
            [("x-forwarded-for", "1.2.3.4"), ("x-forwarded-proto", "https"), ("x-remote-user", "ada")];
        assert_eq!(unwrapped("192.0.2.9", &lines), (address("192.0.2.9"), false), "D-05");
    }

    #[test]
    fn a_proxy_names_the_last_address_that_is_no_proxy() {
        let lines = [("x-forwarded-for", "6.6.6.6, 1.2.3.4"), ("x-forwarded-for", "10.0.0.2")];
        assert_eq!(unwrapped("10.0.0.1", &lines), (address("1.2.3.4"), false));
        let lines = [("x-forwarded-for", "1.2.3.4, nonsense"), ("x-forwarded-proto", "HTTPS")];
        assert_eq!(unwrapped("10.0.0.1", &lines), (address("10.0.0.1"), true));
    }

    #[test]
    fn an_ipv6_client_counts_by_its_network() {
        assert_eq!(neighbourhood(address("2001:db8:1:2:3:4:5:6")), address("2001:db8:1:2::"));
        assert_eq!(neighbourhood(address("::ffff:192.0.2.9")), address("192.0.2.9"));
    }

    #[test]
    fn a_place_is_free_again_when_it_is_dropped() {
        let places = PerAddress::new(2);
        let (a, b) = (places.enter(address("192.0.2.1")), places.enter(address("192.0.2.1")));
        assert!(a.is_some() && b.is_some(), "L-09");
        assert!(places.enter(address("192.0.2.1")).is_none(), "L-09");
        assert!(places.enter(address("192.0.2.2")).is_some());
        drop(a);
        assert!(places.enter(address("192.0.2.1")).is_some());
    }
}
