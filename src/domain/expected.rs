//! What a writer believes about the member it writes to, judged where the write happens.
//!
//! Built from conditional headers, which this layer does not know.
//! RFC 9110, section 13.1; RFC 4918, section 10.4; RFC 6638, section 8.3; RFC 7809, section 3.1.3.

use super::visibility::View;
use super::zone_names;

/// The condition of one write. Empty: none (and the absence of one decides nothing).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expected {
    /// The member must have one of these versions.
    pub matching: Option<Tags>,
    /// The member must have none of these versions.
    pub none_matching: Option<Tags>,
    /// The schedule-tag must be this one. Empty text counts as matching an object without one:
    /// some clients send it so.
    pub schedule_tag: Option<String>,
    /// One of these lists must hold; `None`: nothing is asked so.
    pub any_of: Option<Vec<Vec<Claim>>>,
}

/// That the member has a version, or has it not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The version, without quotes.
    pub version: String,
    /// Whether it must be another one.
    pub negated: bool,
}

impl Claim {
    fn holds(&self, version: Option<&str>) -> bool {
        (version == Some(self.version.as_str())) != self.negated
    }
}

/// Versions in a condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tags {
    /// `*`: any version at all.
    Any,
    /// These, without quotes.
    These(Vec<String>),
}

impl Tags {
    fn hold(&self, version: Option<&str>) -> bool {
        match (self, version) {
            (_, None) => false,
            (Self::Any, Some(_)) => true,
            (Self::These(tags), Some(version)) => tags.iter().any(|tag| tag == version),
        }
    }
}

impl Expected {
    /// That the member does not exist yet.
    #[must_use]
    pub fn absent() -> Self {
        Self { none_matching: Some(Tags::Any), ..Self::default() }
    }

    /// Whether a member with this version (`None`: there is no member) and schedule-tag is what
    /// the writer believes. A schedule-tag decides alone where both it and a version are given
    /// and it matches: it is the weaker condition, made to survive changes by the server.
    #[must_use]
    pub fn is_met(&self, version: Option<&str>, schedule_tag: Option<&str>) -> bool {
        let hold = |list: &Vec<Claim>| list.iter().all(|claim| claim.holds(version));
        if self.any_of.as_ref().is_some_and(|lists| !lists.iter().any(hold)) {
            return false;
        }
        if self.none_matching.as_ref().is_some_and(|tags| tags.hold(version)) {
            return false;
        }
        if let Some(tag) = &self.schedule_tag {
            return version.is_some() && schedule_tag.unwrap_or_default() == tag;
        }
        self.matching.as_ref().is_none_or(|tags| tags.hold(version))
    }
}

/// The version of a member as one reader knows it: readers who are served different bytes never
/// share one. `content` is the hash of the owner's text, `overlay` that of the alarms this reader
/// added (R107), `nudges` counts the reader's refused changes of it.
#[must_use]
pub fn version(content: &str, view: View, overlay: Option<&str>, nudges: i64) -> String {
    let mut version = format!("{}{content}", view.letter());
    if let Some(overlay) = overlay {
        version.push('+');
        version.push_str(overlay);
    }
    if nudges > 0 {
        version.push('.');
        version.push_str(&nudges.to_string());
    }
    version
}

/// Stands before the release of the zone data in versions of texts that lack the zones it has.
const BY_REFERENCE: char = '~';

/// The version of the same member in the form that names known time zones without explaining them:
/// other bytes, so another version (RFC 7809, section 3.1.3; RFC 9110, section 8.8.3).
#[must_use]
pub fn by_reference(version: &str) -> String {
    format!("{version}{BY_REFERENCE}{}", zone_names::release())
}

/// The version of a member, in whichever form of its text it was got.
#[must_use]
pub fn of_any_form(version: &str) -> &str {
    version.split_once(BY_REFERENCE).map_or(version, |(version, _)| version)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn these(tag: &str) -> Tags {
        Tags::These(vec![tag.into()])
    }

    #[test]
    fn conditions_are_judged_as_http_says() {
        let none = Expected::default();
        assert!(none.is_met(None, None) && none.is_met(Some("a"), None));
        assert!(Expected::absent().is_met(None, None) && !Expected::absent().is_met(Some("a"), None));
        let matching = Expected { matching: Some(these("a")), ..Expected::default() };
        assert!(matching.is_met(Some("a"), None));
        assert!(!matching.is_met(Some("b"), None) && !matching.is_met(None, None));
        let both =
            Expected { matching: Some(these("a")), none_matching: Some(Tags::Any), ..Expected::default() };
        assert!(!both.is_met(Some("a"), None), "both at once: never met");
    }

    #[test]
    fn an_empty_schedule_tag_matches_an_object_without_one() {
        let empty = Expected { schedule_tag: Some(String::new()), ..Expected::default() };
        assert!(empty.is_met(Some("a"), None));
        assert!(!empty.is_met(Some("a"), Some("t")) && !empty.is_met(None, None));
        let tag =
            Expected { schedule_tag: Some("t".into()), matching: Some(these("old")), ..Expected::default() };
        assert!(tag.is_met(Some("new"), Some("t")) && !tag.is_met(Some("old"), Some("u")));
    }

    #[test]
    fn versions_of_different_views_differ() {
        let own = version("abc", View::Own, None, 0);
        let whole = version("abc", View::Whole, None, 0);
        assert_ne!(own, whole);
        assert_ne!(whole, version("abc", View::Whole, Some("x"), 0));
        assert_ne!(whole, version("abc", View::Whole, None, 1));
        let bare = by_reference(&whole);
        assert_ne!(whole, bare);
        assert_eq!((of_any_form(&bare), of_any_form(&whole)), (whole.as_str(), whole.as_str()));
    }
}
