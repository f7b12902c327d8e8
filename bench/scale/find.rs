//! What it costs to look for a room in a house that is there, in time of one processor.

use std::path::Path;
use std::time::Duration;

use roomdav::booking::Find;
use roomdav::domain::find::{Point, Wish};
use roomdav::domain::time::Instant;
use rustix::time::{ClockId, clock_gettime};

use crate::{Done, decide, house};

const HOUR: i64 = 3_600;
/// Looks of which the mean is taken.
const TIMES: u32 = 20;

/// An hour that is looked for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Hour {
    /// At which all rooms are free.
    Free,
    /// At which each room is taken by a person of its own.
    Taken,
}

impl Hour {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Free => "all of them free",
            Self::Taken => "all of them taken",
        }
    }

    const fn from(self) -> i64 {
        let booked = house::NOW + HOUR + 24 * HOUR;
        match self {
            Self::Free => booked + 4 * HOUR,
            Self::Taken => booked,
        }
    }
}

/// The processor time of one look through the whole house, whichever threads it was spent on.
pub(crate) fn cost(file: &Path, hour: Hour) -> Done<Duration> {
    let folder = tempfile::tempdir()?;
    let copy = folder.path().join("house.sqlite");
    std::fs::copy(file, &copy)?;
    decide::runtime()?.block_on(async {
        let bookings = decide::open(&copy).await?;
        let actor = decide::asker(&bookings).await?;
        let from = Instant::from_secs(hour.from());
        let wish = Wish {
            from: Point::At(from),
            to: Point::At(from.plus(HOUR)),
            all_day: false,
            rule: None,
            seats: None,
            features: Vec::new(),
            building: None,
        };
        let find = Find { actor, wish };
        let warm = bookings.find(find.clone()).await?.len();
        let before = spent();
        for _ in 0..TIMES {
            if bookings.find(find.clone()).await?.len() != warm {
                return Err("it found others than before".into());
            }
        }
        let cost = spent().saturating_sub(before) / TIMES;
        bookings.store().clone().close().await;
        Ok(cost)
    })
}

fn spent() -> Duration {
    let now = clock_gettime(ClockId::ProcessCPUTime);
    let secs = u64::try_from(now.tv_sec).unwrap_or_default();
    Duration::new(secs, u32::try_from(now.tv_nsec).unwrap_or_default())
}
