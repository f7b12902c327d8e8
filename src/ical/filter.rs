//! `CALDAV:filter` as a value (RFC 4791, sections 9.7 and 9.9).
//!
//! Built by whoever reads the XML; evaluated by `matching`. A value of these types is always
//! a legal filter, apart from its size (L-29), which [`Filter::test_count`] tells.
//! RFC 4791, section 7.7.

use super::collation::Collation;
use crate::domain::time::{Instant, Period};

/// The earliest and latest instants that open ranges are taken to reach.
const BEGINNING: Instant = Instant::from_secs(-62_135_596_800);
const END: Instant = Instant::from_secs(4_133_980_800);

/// A whole filter: the comp-filter for the VCALENDAR.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter(pub CompFilter);

/// What a named thing must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition<T> {
    /// `is-not-defined`.
    NotDefined,
    /// It is there, and one of them satisfies all of this.
    Defined(T),
}

/// `comp-filter`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompFilter {
    /// The component's name, in any case.
    pub name: String,
    /// What must hold.
    pub condition: Condition<CompCondition>,
}

/// The tests inside a `comp-filter`; all must hold for one component.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CompCondition {
    /// `time-range` by the component's own rules.
    pub time_range: Option<TimeRange>,
    /// `prop-filter`s.
    pub props: Vec<PropFilter>,
    /// `comp-filter`s for the components inside.
    pub comps: Vec<CompFilter>,
}

/// `prop-filter`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PropFilter {
    /// The property's name, in any case.
    pub name: String,
    /// What must hold.
    pub condition: Condition<PropCondition>,
}

/// The tests inside a `prop-filter`; all must hold for one property.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PropCondition {
    /// The value is a time in this range.
    pub time_range: Option<TimeRange>,
    /// `text-match` on the value.
    pub text: Option<TextMatch>,
    /// `param-filter`s.
    pub params: Vec<ParamFilter>,
}

/// `param-filter`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParamFilter {
    /// The parameter's name, in any case.
    pub name: String,
    /// What must hold; `Defined(None)` only asks that it is there.
    pub condition: Condition<Option<TextMatch>>,
}

/// `text-match`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TextMatch {
    /// What is looked for.
    pub text: String,
    /// How.
    pub collation: Collation,
    /// `negate-condition`.
    pub negate: bool,
}

impl TextMatch {
    /// Whether `text` satisfies it, the negation included.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        self.collation.contains(text, &self.text) != self.negate
    }
}

/// `time-range`: half-open, at least one end given, both in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeRange {
    start: Option<Instant>,
    end: Option<Instant>,
}

impl TimeRange {
    /// A range; `None` if it has no end at all or would not be longer than nothing
    /// (`CALDAV:valid-filter`).
    #[must_use]
    pub fn new(start: Option<Instant>, end: Option<Instant>) -> Option<Self> {
        let legal = match (start, end) {
            (None, None) => false,
            (Some(start), Some(end)) => start < end,
            _ => true,
        };
        legal.then_some(Self { start, end })
    }

    /// The given start.
    #[must_use]
    pub fn start(&self) -> Option<Instant> {
        self.start
    }

    /// The given end.
    #[must_use]
    pub fn end(&self) -> Option<Instant> {
        self.end
    }

    /// The range with open ends put at the ends of all time.
    #[must_use]
    pub fn period(&self) -> Period {
        let start = self.start.unwrap_or(BEGINNING);
        Period { start, end: self.end.unwrap_or(END).max(start) }
    }

    /// Whether an instant lies inside.
    #[must_use]
    pub fn has(&self, at: Instant) -> bool {
        self.period().start <= at && at < self.period().end
    }
}

impl Filter {
    /// The filter that every calendar object passes.
    #[must_use]
    pub fn everything() -> Self {
        let condition = Condition::Defined(CompCondition::default());
        Self(CompFilter { name: "VCALENDAR".to_owned(), condition })
    }

    fn inner(&self) -> &[CompFilter] {
        match &self.0.condition {
            Condition::Defined(condition) => &condition.comps,
            Condition::NotDefined => &[],
        }
    }

    /// The kind of component it asks for, when it asks for exactly one.
    #[must_use]
    pub fn component(&self) -> Option<&str> {
        match self.inner() {
            [CompFilter { name, condition: Condition::Defined(_) }] => Some(name),
            _ => None,
        }
    }

    /// A range outside of which no object can match: a hint for whoever looks for candidates.
    /// `None` means that every object is a candidate.
    #[must_use]
    pub fn time_range(&self) -> Option<TimeRange> {
        self.inner().iter().find_map(|filter| match &filter.condition {
            Condition::Defined(condition) if filter.name.eq_ignore_ascii_case("VEVENT") => {
                condition.time_range
            }
            _ => None,
        })
    }

    /// How many prop-filters, param-filters and text-matches it has (L-29).
    #[must_use]
    pub fn test_count(&self) -> usize {
        let mut count = 0;
        let mut open = vec![&self.0];
        while let Some(filter) = open.pop() {
            let Condition::Defined(condition) = &filter.condition else { continue };
            open.extend(&condition.comps);
            for prop in &condition.props {
                count += 1;
                let Condition::Defined(condition) = &prop.condition else { continue };
                count += usize::from(condition.text.is_some()) + condition.params.len();
                let with_text =
                    |param: &&ParamFilter| matches!(&param.condition, Condition::Defined(Some(_)));
                count += condition.params.iter().filter(with_text).count();
            }
        }
        count
    }
}
