//! The list of limits: one line each, in the order of their numbers.
//! RFC 4918, section 20.2.

use std::time::Duration;

use super::value::Value as _;
use super::{BadLimit, KIB, MIB, Row, days, fit, ms, secs};

macro_rules! limits {
    ($($number:literal $key:ident: $kind:ty = $default:expr, $least:expr, $most:expr, $about:literal;)*) => {
        /// The limits in force. A field is named as its key in `[limits]`; sizes are bytes,
        /// everything else counts.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct Limits {$(
            #[doc = concat!($number, ": ", $about, ".")]
            pub $key: $kind,
        )*}

        impl Default for Limits {
            fn default() -> Self {
                Self { $($key: $default,)* }
            }
        }

        impl Limits {
            /// Sets the limit of that key to a value written as in `config.toml`.
            ///
            /// # Errors
            /// [`BadLimit`] if there is no such key, the text cannot be read, or the value lies
            /// outside the hard bounds; then nothing changes.
            pub fn set(&mut self, key: &str, text: &str) -> Result<(), BadLimit> {
                match key {
                    $(stringify!($key) => self.$key = fit::<$kind>(text, ($least, $most))?,)*
                    _ => return Err(BadLimit::Unknown),
                }
                Ok(())
            }
        }

        /// Every limit, in the order of their numbers.
        pub const TABLE: &[Row] = &[$(Row {
            key: stringify!($key),
            number: $number,
            about: $about,
            default: || { let value: $kind = $default; value.show() },
            bounds: || { let (least, most): ($kind, $kind) = ($least, $most); (least.show(), most.show()) },
        },)*];
    };
}

limits! {
    "L-01" uri_bytes: usize = 8 * KIB, 1, 16 * KIB, "request target";
    "L-02" header_block_bytes: usize = 32 * KIB, 8 * KIB, 256 * KIB, "request line and header block";
    "L-02" header_count: usize = 100, 1, 1000, "header fields of a request";
    "L-03" header_time: Duration = secs(10), ms(1), secs(600), "from the first byte of a header block to its end";
    "L-04" body_bytes: usize = 4 * MIB, KIB, 64 * MIB, "request body";
    "L-04" file_body_bytes: usize = 64 * MIB, KIB, 1024 * MIB, "body of a file below /files/ or of an attachment";
    "L-04" attachment_bytes: usize = 64 * MIB, KIB, 1024 * MIB, "one attachment that the server keeps; never more than file_body_bytes";
    "L-05" body_start_time: Duration = secs(10), ms(1), secs(600), "until the first byte of a request body";
    "L-05" body_rate: usize = KIB, 1, MIB, "least bytes per second of a request body";
    "L-05" body_rate_time: Duration = secs(10), ms(1), secs(600), "window over which the rate of a body is averaged";
    "L-05" body_time: Duration = secs(60), ms(1), secs(3600), "whole request body, but for files and attachments";
    "L-05" file_body_time: Duration = secs(600), ms(1), secs(7200), "whole body of a file or an attachment";
    "L-06" idle_time: Duration = secs(75), ms(1), secs(3600), "idle connection";
    "L-07" request_time: Duration = secs(30), ms(1), secs(600), "handling of a request after its body";
    "L-07" report_time: Duration = secs(60), ms(1), secs(600), "handling of a REPORT after its body";
    "L-08" write_stall_time: Duration = secs(30), ms(1), secs(600), "answer of which no byte is taken";
    "L-09" connections: usize = 1024, 1, 65_536, "open connections";
    "L-09" connections_per_address: usize = 64, 1, 65_536, "open connections of one client address";
    "L-10" requests_at_once: usize = 256, 1, 65_536, "requests in hand; over HTTP/1.1 one of whose body at most 16 KiB came is waited for, and is not among them";
    "L-10" expansions_at_once: usize = 8, 1, 1024, "reports in hand that expand series or add up busy times";
    "L-11" tls_handshake_time: Duration = secs(10), ms(1), secs(600), "TLS handshake";
    "L-12" http2_streams: usize = 32, 1, 256, "requests at once on one HTTP/2 connection";
    "L-12" http2_pending_resets: usize = 20, 1, 200, "HTTP/2 streams that a client has reset and we have not seen yet";
    "L-12" http2_error_resets: usize = 256, 1, 1024, "HTTP/2 streams that we have reset for errors";
    "L-12" http2_ping_interval: Duration = secs(20), ms(1), secs(600), "quiet HTTP/2 connection until it is asked for a sign of life";
    "L-12" http2_ping_time: Duration = secs(10), ms(1), secs(600), "answer to that";
    "L-14" path_segment_bytes: usize = 255, 1, 255, "one path segment, decoded";
    "L-14" path_segments: usize = 16, 1, 16, "segments of a path";

    "L-20" xml_bytes: usize = MIB, KIB, 16 * MIB, "XML body";
    "L-21" xml_depth: usize = 32, 12, 256, "depth of elements";
    "L-22" xml_elements: usize = 50_000, 100, 1_000_000, "elements of a document";
    "L-23" xml_attributes: usize = 32, 4, 256, "attributes of an element";
    "L-23" xml_namespaces: usize = 64, 8, 1024, "namespace declarations in force at one place of a document";
    "L-24" xml_name_bytes: usize = 256, 64, 1024, "name of an element or attribute";
    "L-24" xml_text_bytes: usize = 256 * KIB, KIB, 4 * MIB, "one text of a document";
    "L-27" multiget_hrefs: usize = 5000, 50, 100_000, "hrefs of a calendar-multiget";
    "L-28" requested_properties: usize = 200, 50, 2000, "properties named in one PROPFIND or REPORT";
    "L-28" patched_properties: usize = 50, 10, 1000, "properties of one PROPPATCH";
    "L-28" dead_property_bytes: usize = 8 * KIB, KIB, MIB, "one dead property";
    "L-28" dead_properties: usize = 50, 10, 1000, "dead properties that one reader keeps on one resource";
    "L-29" filter_conditions: usize = 50, 10, 1000, "conditions of one filter";

    "L-30" object_bytes: usize = MIB, 16 * KIB, 4 * MIB, "calendar object resource";
    "L-31" content_lines: usize = 20_000, 100, 200_000, "content lines of an object";
    "L-31" component_properties: usize = 1000, 50, 20_000, "properties of one component";
    "L-31" property_parameters: usize = 64, 8, 256, "parameters of one property";
    "L-32" line_bytes: usize = 64 * KIB, KIB, MIB, "one unfolded content line";
    "L-32" name_bytes: usize = 64, 32, 256, "name of a component, property or parameter";
    "L-33" component_depth: usize = 4, 3, 16, "depth of components";
    "L-33" components: usize = 1200, 10, 20_000, "components of an object";
    "L-34" attendees: usize = 100, 1, 5000, "attendees of one component, and distinct ones of an object";
    "L-35" alarms: usize = 10, 0, 100, "alarms of one component";
    "L-35" attachments: usize = 10, 0, 100, "attachments of one component";
    "L-35" managed_attachments: usize = 10, 1, 100, "attachments of one object that the server keeps";
    "L-35" inline_attachment_bytes: usize = 0, 0, MIB, "attachment inside an object";
    "L-36" timezones: usize = 10, 1, 100, "time zones of an object";
    "L-36" timezone_observances: usize = 200, 2, 2000, "observances of one time zone";
    "L-37" uid_bytes: usize = KIB, 255, 4 * KIB, "UID";

    "L-41" occurrences: usize = 1000, 1, 3500, "instances of one event in a report; announced as max-instances, unless the room's max_instances is less, which bounds a booking";
    "L-43" expansion_steps: usize = 100_000, 5000, 1_000_000, "candidates tried in one expansion for a report; for a booking always 100000";
    "L-44" expansion_time: Duration = ms(50), ms(1), secs(5), "work of the processor on one expansion for a report; for a booking always 50ms";
    "L-45" exception_dates: usize = 1000, 1, 10_000, "EXDATE and RDATE values of one component";

    "L-52" range_time: Duration = days(1096), days(31), days(3660), "range of an expansion or a free-busy request";
    "L-53" instances_per_request: usize = 20_000, 100, 1_000_000, "instances made for one request";
    "L-54" answer_bytes: usize = 64 * MIB, MIB, 1024 * MIB, "whole answer";
    "L-54" answer_texts_at_once: usize = 16 * MIB, 2 * MIB, 1024 * MIB, "texts held by answers that hold more than 1 MiB";
    "L-55" sync_members: usize = 5000, 10, 100_000, "members on one page of a sync-collection";
    "L-56" search_results: usize = 50, 1, 1000, "results of a principal search";
    "L-56" search_text_chars: usize = 2, 1, 16, "least characters of a principal search";
    "L-56" searches_per_minute: usize = 60, 1, 10_000, "principal searches of one user in a minute";
    "L-57" expand_property_depth: usize = 2, 1, 8, "nesting of expand-property";

    "L-60" user_name_bytes: usize = 255, 64, 1024, "user name at sign-in";
    "L-60" password_bytes: usize = KIB, 64, 4 * KIB, "password at sign-in";
    "L-61" hash_memory_kib: usize = 19_456, 19_456, 19_456, "Argon2id memory, in KiB";
    "L-61" hash_passes: usize = 2, 2, 2, "Argon2id passes";
    "L-62" hashes_waiting: usize = 32, 1, 1024, "password checks waiting for a processor";
    "L-62" hash_wait_time: Duration = secs(2), ms(1), secs(30), "wait of a password check for a processor";
    "L-63" failure_time: Duration = secs(300), ms(1), days(1), "how long a failed sign-in counts";
    "L-63" failures_per_pair: usize = 10, 1, 10_000, "failed sign-ins of one account from one address";
    "L-63" failures_per_address: usize = 30, 1, 10_000, "failed sign-ins from one address";
    "L-63" failures_per_account: usize = 100, 1, 100_000, "failed sign-ins of one account";
    "L-63" failure_wait_time: Duration = secs(30), ms(1), secs(600), "longest pause between tries beyond these counts";
    "L-63" known_pair_time: Duration = days(30), secs(1), days(400), "how long a good sign-in keeps an account and address apart from the other counts";
    "L-64" login_idle_time: Duration = secs(300), ms(1), secs(3600), "good sign-in remembered since its last use";
    "L-64" login_time: Duration = secs(3600), ms(1), days(1), "good sign-in remembered at all";
    "L-64" login_recheck_time: Duration = ms(500), ms(1), secs(1), "until a remembered sign-in is held against the account again";
    "L-64" logins_remembered: usize = 10_000, 16, 1_000_000, "good sign-ins remembered";
    "L-64" wrong_login_time: Duration = secs(5), ms(1), secs(60), "wrong password remembered";
    "L-65" future_bookings: usize = 500, 1, 100_000, "bookings of one user in the future";
    "L-65" bookings_per_hour: usize = 120, 1, 100_000, "bookings of one user in an hour";
    "L-66" room_resources: usize = 250_000, 100, 10_000_000, "resources of one room, past ones included";
    "L-66" folder_bytes: usize = 1024 * MIB, MIB, 1024 * 1024 * MIB, "all files of one person or one room; attachments of a person's events count with the files";
    "L-66" folder_members: usize = 10_000, 10, 1_000_000, "files and collections in one folder";
    "L-66" inbox_messages: usize = 1000, 10, 100_000, "messages kept in one scheduling inbox";
    "L-67" free_disk_bytes: usize = 64 * MIB, 0, 1024 * 1024 * 1024 * MIB, "left on the disk beside an SQLite file; with less nothing new is taken";
    "L-68" letters_per_hour: usize = 200, 1, 100_000, "letters to people outside that one person causes in an hour; mails to one address";
    "L-68" letters_per_day: usize = 1000, 1, 1_000_000, "letters to people outside that one person causes in a day; mails to one address";
    "L-68" letter_merge_time: Duration = secs(60), ms(1), secs(3600), "in which a message waits for others to the same person about the same; a later invitation takes the place of one that waits";
    "L-68" letter_try_time: Duration = days(5), ms(1), days(60), "until a message that could not be sent is given up";
    "L-69" inbox_time: Duration = days(90), days(1), days(3660), "scheduling messages kept";
    "L-69" notice_time: Duration = days(90), days(1), days(3660), "messages to people kept, sent or not";
    "L-69" audit_time: Duration = days(400), days(1), days(36_600), "audit rows kept, and requests of other programs after they were decided";
    "L-69" change_time: Duration = days(90), days(1), days(3660), "change rows kept";
    "L-69" changes_kept: usize = 10_000, 100, 10_000_000, "change rows of one calendar kept at least";
    "L-70" push_registrations: usize = 500, 1, 100_000, "push registrations of one user";
    "L-71" push_time: Duration = days(7), days(3), days(60), "push registration until it has to be renewed";
    "L-72" lock_time: Duration = secs(3600), secs(1), days(7), "longest time of a WebDAV lock";
    "L-72" locks_per_user: usize = 100, 1, 10_000, "WebDAV locks that one person holds";
    "L-73" rows_at_once: usize = 50, 1, 1000, "rows of requests that other programs handed in, read at once";
}
