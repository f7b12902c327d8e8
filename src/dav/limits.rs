//! The limits that this layer keeps, with their defaults (L-14 to L-28, L-55 to L-57).
//!
//! Whoever starts the server may set them; nothing here reads configuration.

/// How much one request may ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// L-20: bytes of an XML body.
    pub xml_bytes: usize,
    /// L-21: how deep elements nest.
    pub xml_depth: usize,
    /// L-22: elements in a document.
    pub xml_elements: usize,
    /// L-23: attributes on an element, namespace declarations included.
    pub xml_attributes: usize,
    /// L-23: namespace declarations in force at one place of a document.
    pub xml_namespaces: usize,
    /// L-24: bytes of a name.
    pub xml_name: usize,
    /// L-24: bytes of one text or CDATA node.
    pub xml_text: usize,
    /// L-28: properties named in a PROPFIND or REPORT.
    pub properties_asked: usize,
    /// L-28: properties named in a PROPPATCH, MKCOL or MKCALENDAR.
    pub properties_patched: usize,
    /// L-28: bytes of one dead property.
    pub dead_property: usize,
    /// L-28: dead properties that one reader keeps on one resource.
    pub dead_properties: usize,
    /// L-55: members in one sync-collection answer.
    pub sync_page: u32,
    /// L-56: principals in one search.
    pub search_results: usize,
    /// L-56: principal searches of one user in a minute.
    pub searches_per_minute: usize,
    /// L-56: characters that a search string has at least.
    pub search_chars: usize,
    /// L-70: push registrations of one person.
    pub push_registrations: usize,
    /// L-71: seconds that a push registration holds at most.
    pub push_secs: u64,
    /// L-57: how deep expand-property nests.
    pub expand_depth: usize,
    /// L-27: hrefs that one expand-property follows, and one multiget names.
    pub hrefs: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            xml_bytes: 1 << 20,
            xml_depth: 32,
            xml_elements: 50_000,
            xml_attributes: 32,
            xml_namespaces: 64,
            xml_name: 256,
            xml_text: 256 << 10,
            properties_asked: 200,
            properties_patched: 50,
            dead_property: 8 << 10,
            dead_properties: 50,
            sync_page: 5_000,
            search_results: 50,
            searches_per_minute: 60,
            search_chars: 2,
            push_registrations: 500,
            push_secs: 7 * 86_400,
            expand_depth: 2,
            hrefs: 5_000,
        }
    }
}

/// L-15: members of one If-Match or If-None-Match list.
pub const MAX_TAGS: usize = 64;
/// L-14: bytes of one path segment after decoding.
pub const MAX_SEGMENT: usize = 255;
/// L-14: segments of a path.
pub const MAX_SEGMENTS: usize = 16;
