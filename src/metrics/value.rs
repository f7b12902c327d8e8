//! What a metric can be, and how it is written.

use std::collections::BTreeMap;
use std::fmt::{Display, Write as _};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The values of the labels of a metric: constants of the program.
type Labels<const N: usize> = [&'static str; N];

/// The value for each labels that ever came.
#[derive(Debug)]
struct Values<T, const N: usize>(Mutex<BTreeMap<Labels<N>, T>>);

impl<T, const N: usize> Default for Values<T, N> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T, const N: usize> Values<T, N> {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<Labels<N>, T>> {
        // Each change is one step, so what a panic left is whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A number that only grows.
#[derive(Debug, Default)]
pub struct Counter<const N: usize>(Values<u64, N>);

impl<const N: usize> Counter<N> {
    pub(super) const KIND: &'static str = "counter";

    /// Counts one more.
    pub fn count(&self, labels: Labels<N>) {
        *self.0.lock().entry(labels).or_default() += 1;
    }

    /// Tells these from now on, with 0 where nothing was counted: only then the first one is seen as a rise.
    pub fn expect(&self, labels: impl IntoIterator<Item = Labels<N>>) {
        let mut values = self.0.lock();
        for labels in labels {
            values.entry(labels).or_default();
        }
    }

    /// How many were counted.
    pub fn get(&self, labels: Labels<N>) -> u64 {
        self.0.lock().get(&labels).copied().unwrap_or_default()
    }

    pub(super) fn show(&self, lines: &mut Lines<'_, N>) {
        lines.begin(Self::KIND);
        let values = self.0.lock();
        if N == 0 && values.is_empty() {
            lines.sample("", &[""; N], None, 0);
        }
        for (labels, value) in &*values {
            lines.sample("", labels, None, value);
        }
    }
}

/// How many there are at present.
#[derive(Debug, Default)]
pub struct Gauge<const N: usize>(Arc<AtomicI64>);

impl Gauge<0> {
    pub(super) const KIND: &'static str = "gauge";

    /// Counts one more until the answer is dropped.
    #[must_use]
    pub fn hold(&self) -> Held {
        self.0.fetch_add(1, Ordering::Relaxed);
        Held(Arc::clone(&self.0))
    }

    /// How many there are.
    #[must_use]
    pub fn get(&self) -> i64 {
        self.0.load(Ordering::Relaxed)
    }

    pub(super) fn show(&self, lines: &mut Lines<'_, 0>) {
        lines.begin(Self::KIND);
        lines.sample("", &[], None, self.get());
    }
}

/// One that counts in a [`Gauge`], until dropped.
#[derive(Debug)]
pub struct Held(Arc<AtomicI64>);

impl Drop for Held {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// What nobody counts: it is looked at when somebody asks. Not told before the first look.
#[derive(Debug, Default)]
pub struct Reading<const N: usize>(Values<u64, N>);

impl<const N: usize> Reading<N> {
    pub(super) const KIND: &'static str = "gauge";

    /// What was seen now, in place of what was seen before.
    pub fn set(&self, seen: impl IntoIterator<Item = (Labels<N>, u64)>) {
        *self.0.lock() = seen.into_iter().collect();
    }

    pub(super) fn show(&self, lines: &mut Lines<'_, N>) {
        let values = self.0.lock();
        if values.is_empty() {
            return;
        }
        lines.begin(Self::KIND);
        for (labels, value) in &*values {
            lines.sample("", labels, None, value);
        }
    }
}

/// The upper ends of the classes of times, in seconds.
const BOUNDS: [(f64, &str); 13] = [
    (0.005, "0.005"),
    (0.01, "0.01"),
    (0.025, "0.025"),
    (0.05, "0.05"),
    (0.1, "0.1"),
    (0.25, "0.25"),
    (0.5, "0.5"),
    (1.0, "1"),
    (2.5, "2.5"),
    (5.0, "5"),
    (10.0, "10"),
    (30.0, "30"),
    (60.0, "60"),
];

/// How long things took.
#[derive(Debug, Default)]
pub struct Histogram<const N: usize>(Values<Times, N>);

#[derive(Debug, Default)]
struct Times {
    /// Each class without those below it.
    classes: [u64; BOUNDS.len()],
    count: u64,
    sum: Duration,
}

impl<const N: usize> Histogram<N> {
    pub(super) const KIND: &'static str = "histogram";

    /// One took so long.
    pub fn observe(&self, labels: Labels<N>, time: Duration) {
        let mut values = self.0.lock();
        let times = values.entry(labels).or_default();
        times.count += 1;
        times.sum = times.sum.saturating_add(time);
        let class = BOUNDS.iter().position(|(bound, _)| time.as_secs_f64() <= *bound);
        if let Some(class) = class {
            times.classes[class] += 1;
        }
    }

    pub(super) fn show(&self, lines: &mut Lines<'_, N>) {
        lines.begin(Self::KIND);
        for (labels, times) in &*self.0.lock() {
            let mut below = 0;
            for ((_, bound), class) in BOUNDS.iter().zip(times.classes) {
                below += class;
                lines.sample("_bucket", labels, Some(bound), below);
            }
            lines.sample("_bucket", labels, Some("+Inf"), times.count);
            lines.sample("_sum", labels, None, times.sum.as_secs_f64());
            lines.sample("_count", labels, None, times.count);
        }
    }
}

/// Where one metric is written to.
pub(super) struct Lines<'t, const N: usize> {
    text: &'t mut String,
    name: &'static str,
    labels: &'t Labels<N>,
    about: &'static str,
}

impl<'t, const N: usize> Lines<'t, N> {
    pub(super) fn new(
        text: &'t mut String,
        name: &'static str,
        labels: &'t Labels<N>,
        about: &'static str,
    ) -> Self {
        Self { text, name, labels, about }
    }

    fn begin(&mut self, kind: &str) {
        let Self { text, name, about, .. } = self;
        writeln!(text, "# HELP {name} {about}.\n# TYPE {name} {kind}")
            .expect("writing to a string cannot fail");
    }

    /// One line; `bound` is the upper end of a class.
    fn sample(&mut self, suffix: &str, values: &Labels<N>, bound: Option<&str>, value: impl Display) {
        let own = self.labels.iter().zip(values).map(|(label, value)| (*label, *value));
        let labels: Vec<_> = own.chain(bound.map(|bound| ("le", bound))).collect();
        let labels: Vec<_> = labels.iter().map(|(label, value)| format!("{label}=\"{value}\"")).collect();
        let labels = if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
        writeln!(self.text, "{}{suffix}{labels} {value}", self.name)
            .expect("writing to a string cannot fail");
    }
}
