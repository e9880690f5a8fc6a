//! A sink that writes nothing and measures the output of [`Parts`](super::Parts): the number of parts, their bytes,
//! and the sizes of the users. It needs constant memory per connection, for any size of input.

use std::sync::Arc;

use super::PartsOptions;
use super::connections::PerConnection;
use super::part::Limits;
use crate::error::Result;
use crate::position::Position;
use crate::run::{Sink, Summary, Written};

/// Upper bounds of the size classes of [`Sizes`], in bytes, inclusive. 10 000 is the recommended maximum of a user
/// profile. The last bound is the default size of a part.
pub const SIZE_BOUNDS: [u64; 8] = [500, 1_000, 2_000, 5_000, 10_000, 50_000, 100_000, 500_000];

/// The number of users in each size class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sizes {
    counts: [u64; SIZE_BOUNDS.len() + 1],
    bytes: u64,
}

impl Sizes {
    fn count(&mut self, bytes: u64) {
        self.counts[SIZE_BOUNDS.partition_point(|bound| *bound < bytes)] += 1;
        self.bytes += bytes;
    }

    /// Returns the upper bound of each class and the number of users in it. The bound of the last class is `None`.
    pub fn classes(&self) -> impl Iterator<Item = (Option<u64>, u64)> + '_ {
        SIZE_BOUNDS.into_iter().map(Some).chain([None]).zip(self.counts)
    }

    /// Returns the number of users larger than `bound`, which must be one of [`SIZE_BOUNDS`].
    pub fn above(&self, bound: u64) -> u64 {
        self.counts[SIZE_BOUNDS.partition_point(|known| *known <= bound)..].iter().sum()
    }

    /// Returns the total size of all users, without separators.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }
}

/// The size and the position of the largest user. Does not contain any of its values.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LargestUser {
    /// The size of the rendered user, in bytes.
    pub bytes: u64,
    /// The name of its source.
    pub source: Arc<str>,
    /// The position in the source.
    pub position: Position,
}

/// The result of an [`Estimate`].
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Estimated {
    /// Number of parts, for all connections.
    pub parts: u64,
    /// Total size of all parts, in bytes.
    pub bytes: u64,
    /// The sizes of the users.
    pub sizes: Sizes,
    /// The largest user. `None` if no user would be written.
    pub largest: Option<LargestUser>,
}

/// Measures what [`Parts`](super::Parts) would write with the same options.
///
/// ```
/// use reimport::{Pipeline, Rules, sink::{PartsOptions, Estimate}, source::Source};
///
/// let export = b"{\"email\":\"a@example.com\"}\n{\"email\":\"b@example.com\"}\n";
/// let estimate = Estimate::new(PartsOptions::default().max_part_users(1))?;
/// let source = Source::from_reader("tenant.json", &export[..]);
/// let (_, found) = Pipeline::new().run([source], &Rules::default(), estimate)?;
/// assert_eq!((found.parts, found.bytes, found.sizes.bytes()), (2, 58, 50));
/// # Ok::<(), reimport::Error>(())
/// ```
#[derive(Debug)]
pub struct Estimate {
    limits: Limits,
    /// The parts that are being filled.
    parts: PerConnection<Begun>,
    /// Whether each connection has its own folder. If not, all parts are under the connection `None`.
    by_connection: bool,
    found: Estimated,
}

/// A part that is being filled.
#[derive(Debug, Clone, Copy, Default)]
struct Begun {
    users: u64,
    bytes: u64,
}

impl Estimate {
    /// Returns an estimate for parts with these options.
    ///
    /// # Errors
    /// If the options leave no room for any user, as in [`Parts::create`](super::Parts::create).
    pub fn new(options: PartsOptions) -> Result<Self> {
        Ok(Self {
            limits: Limits::new(options.max_part_bytes, options.max_part_users)?,
            parts: PerConnection::new(),
            by_connection: options.by_connection,
            found: Estimated::default(),
        })
    }
}

impl Sink for Estimate {
    type Finished = Estimated;

    fn max_record_bytes(&self) -> Option<u64> {
        Some(self.limits.max_record_bytes())
    }

    fn write(&mut self, written: Written<'_>) -> Result<()> {
        let (limits, bytes) = (self.limits, written.bytes.len() as u64);
        let connection = written.connection.filter(|_| self.by_connection);
        let part = self.parts.of(connection, || Ok(Begun::default()))?;
        let full = part.users > 0 && !limits.allow(part.users, part.bytes, bytes);
        let ended = if full { std::mem::take(part) } else { Begun::default() };
        part.bytes += limits.bytes_before(part.users) + bytes;
        part.users += 1;
        if full {
            self.found.parts += 1;
            self.found.bytes += ended.bytes + limits.bytes_after();
        }
        self.found.sizes.count(bytes);
        if self.found.largest.as_ref().is_none_or(|largest| largest.bytes < bytes) {
            let source = Arc::clone(written.origin.source);
            self.found.largest = Some(LargestUser { bytes, source, position: written.origin.position });
        }
        Ok(())
    }

    fn finish(self, _: &Summary) -> Result<Estimated> {
        let (limits, mut found) = (self.limits, self.found);
        for (_, part) in self.parts.into_all() {
            found.parts += 1;
            found.bytes += part.bytes + limits.bytes_after();
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::Parts;
    use super::*;
    use crate::run::Origin;

    fn write_all<S: Sink>(mut sink: S, users: &[(String, Option<&str>)]) -> S::Finished {
        let source = "export".into();
        for (bytes, connection) in users {
            let origin = Origin { source: &source, position: Position::START };
            sink.write(Written { bytes: bytes.as_bytes(), origin, connection: *connection, password: false })
                .unwrap();
        }
        sink.finish(&Summary::default()).unwrap()
    }

    proptest! {
        #[test]
        fn estimate_counts_the_parts_of_a_run(
            sizes in prop::collection::vec((2_usize..60, 0_usize..3), 0..80),
            max_bytes in 64_u64..300,
            max_users in prop::option::of(1_u64..6),
            by_connection: bool,
        ) {
            let users: Vec<_> = sizes
                .iter()
                .map(|&(size, at)| (format!("{{{}}}", " ".repeat(size - 2)), [None, Some("A"), Some("B")][at]))
                .collect();
            let options = PartsOptions::default()
                .max_part_bytes(max_bytes)
                .max_part_users(max_users)
                .by_connection(by_connection);
            let home = tempfile::tempdir().unwrap();
            let parts = Parts::create(home.path().join("out"), options).unwrap();
            let manifest = write_all(parts, &users).manifest;
            let folders: Vec<_> = manifest.connections.iter().map(|folder| &folder.folder).collect();
            let mut written: Vec<u64> = manifest.parts.iter().map(|part| part.bytes).collect();
            for folder in folders {
                for entry in std::fs::read_dir(home.path().join("out").join(folder)).unwrap() {
                    let entry = entry.unwrap();
                    if entry.file_name().to_string_lossy().starts_with("users-") {
                        written.push(entry.metadata().unwrap().len());
                    }
                }
            }
            let found = write_all(Estimate::new(options).unwrap(), &users);
            prop_assert_eq!((found.parts, found.bytes), (written.len() as u64, written.iter().sum()));
            prop_assert_eq!(found.sizes.bytes(), users.iter().map(|(user, _)| user.len() as u64).sum::<u64>());
        }
    }

    #[test]
    fn sizes_are_counted_by_upper_bound() {
        let users: Vec<_> =
            [500, 501, 10_000, 10_001].map(|size| (" ".repeat(size), None)).into_iter().collect();
        let found = write_all(Estimate::new(PartsOptions::default()).unwrap(), &users);
        let classes: Vec<_> = found.sizes.classes().filter(|(_, users)| *users > 0).collect();
        assert_eq!(classes, [(Some(500), 1), (Some(1_000), 1), (Some(10_000), 1), (Some(50_000), 1)]);
        assert_eq!((found.sizes.above(10_000), found.sizes.above(500)), (1, 3));
        assert_eq!(found.largest.unwrap().bytes, 10_001);
    }
}
