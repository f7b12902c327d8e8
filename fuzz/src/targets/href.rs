//! Paths: one spelling each, never outside, the same for a request's target and for a body.

use roomdav::dav::Href;

pub(crate) fn feed(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let Ok(href) = Href::parse(text) else { return };
    let spelled = href.as_str();
    assert_eq!(Href::parse(spelled).as_ref(), Ok(&href), "idempotent: {spelled}");
    assert!(spelled.starts_with('/') && spelled.is_ascii(), "{spelled}");
    for segment in href.segments() {
        assert!(!segment.is_empty() && segment != "." && segment != "..", "{spelled}");
        assert!(!segment.contains(['/', '\\', '\0']), "{spelled}");
        // vdirsyncer names a member after a UID that may hold one; no other control character.
        assert!(!segment.chars().any(|c| c.is_control() && c != '\n'), "{spelled}");
    }
    // In a body the same place is written in the same way.
    let referred = Href::parse_reference(spelled, &["x.example"]);
    assert_eq!(referred.as_ref(), Ok(&href), "{spelled}");
    let absolute = Href::parse_reference(&format!("http://x.example{spelled}"), &["x.example"]);
    assert_eq!(absolute.as_ref(), Ok(&href), "{spelled}");
    if let (Some(parent), Some(name)) = (href.parent(), href.name()) {
        assert!(parent.contains(&href), "{spelled}");
        let back = if href.is_collection() { parent.join_collection(&name) } else { parent.join(&name) };
        assert_eq!(back, href, "{spelled}");
    }
}
