//! The `DAV` header: the same everywhere, with locks where there are some.
//!
//! R1.4: `1` first; only what works. RFC 4918, sections 6.3, 18 and 18.1 to 18.3; RFC 3744,
//! section 7.2; RFC 4791, sections 2, 5 and 5.1; RFC 5689, section 3.1; RFC 7809, section 3.1.1; RFC 7953,
//! section 7.2.1; WebDAV-Push, section "Service Detection"; RFC 8607, section 3.2.

macro_rules! classes {
    ($numbers:literal, $more:literal) => {
        concat!(
            $numbers,
            ", access-control, calendar-access, calendar-auto-schedule, calendar-availability, \
             calendar-managed-attachments, calendar-no-timezone, calendar-proxy, \
             calendarserver-principal-property-search, \
             calendarserver-principal-search, extended-mkcol",
            $more
        )
    };
}

/// Of a resource that has locks or none, in a server that sends push messages or none.
pub(super) const fn of(locks: bool, push: bool) -> &'static str {
    match (locks, push) {
        (false, false) => classes!("1, 3", ""),
        (false, true) => classes!("1, 3", ", webdav-push"),
        (true, false) => classes!("1, 2, 3", ""),
        (true, true) => classes!("1, 2, 3", ", webdav-push"),
    }
}
