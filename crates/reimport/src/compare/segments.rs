//! The segments of the old side: where its records are, in two bytes per user.
//!
//! A segment is a range of consecutive records of one source. The second pass reads only the segments that have a
//! user it needs. Segments have about the same number of bytes, which doubles whenever there are too many of them.

use std::sync::Arc;

use super::report::Side;
use crate::position::Position;
use crate::record::piece::Pieces;
use crate::run::Origin;

/// The number of a segment. It is stored in each entry of the table.
pub(super) type Segment = u16;

/// The maximum number of segments.
const MOST: usize = 1 << 16;

/// The minimum number of bytes of a segment, except at the end of a source.
const LEAST_BYTES: u64 = 4 << 10;

/// If more than one of this many bytes would be read again, reading everything on all threads is faster.
const SPARSE: u64 = 8;

/// This many bytes are always few.
const FEW_BYTES: u64 = 1 << 20;

/// All segments of the old side.
#[derive(Debug)]
pub(super) struct Segments {
    starts: Vec<Start>,
    /// The sources that have records, in the order read.
    sources: Vec<Arc<str>>,
    bytes: u64,
    most: usize,
    /// There are too many sources, so that the numbers of segments have no meaning.
    lost: bool,
}

/// The first record of a segment.
#[derive(Debug, Clone, Copy)]
struct Start {
    /// The index in `sources`.
    source: usize,
    position: Position,
}

/// A range of records that is read again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wanted {
    /// The index of the source in the side.
    pub(super) source: usize,
    /// The position of the first record.
    pub(super) from: Position,
    /// The byte after the last record.
    pub(super) to: u64,
}

impl Default for Segments {
    fn default() -> Self {
        Self { starts: Vec::new(), sources: Vec::new(), bytes: LEAST_BYTES, most: MOST, lost: false }
    }
}

impl Segments {
    /// Returns the segment of the next record. If the number of segments has to be reduced first, passes the new number
    /// of each segment to `renumber`.
    pub(super) fn of(&mut self, origin: Origin<'_>, renumber: impl FnOnce(&[Segment])) -> Segment {
        if self.sources.last().is_none_or(|last| !Arc::ptr_eq(last, origin.source)) {
            self.sources.push(Arc::clone(origin.source));
        }
        let start = Start { source: self.sources.len() - 1, position: origin.position };
        if !self.lost && self.begins(self.starts.last(), start) {
            if self.starts.len() == self.most {
                renumber(&self.merge());
            }
            if !self.lost && self.begins(self.starts.last(), start) {
                self.starts.push(start);
            }
        }
        (self.starts.len().saturating_sub(1)) as Segment
    }

    /// Returns true if the record at `start` begins a new segment after the segment at `last`.
    fn begins(&self, last: Option<&Start>, start: Start) -> bool {
        last.is_none_or(|last| {
            last.source != start.source || start.position.byte - last.position.byte >= self.bytes
        })
    }

    /// Doubles the size of segments until a quarter of the numbers is free. Returns the new number of each segment.
    fn merge(&mut self) -> Vec<Segment> {
        let mut numbers: Vec<Segment> = (0..self.starts.len()).map(|number| number as Segment).collect();
        while self.starts.len() > self.most / 4 * 3 {
            // Every source begins a segment of its own.
            if self.sources.len() > self.most / 2 {
                self.lost = true;
                self.starts.truncate(1);
                numbers.fill(0);
                break;
            }
            self.bytes *= 2;
            let mut kept: Vec<Start> = Vec::new();
            let mut merged = Vec::with_capacity(self.starts.len());
            for start in &self.starts {
                if self.begins(kept.last(), *start) {
                    kept.push(*start);
                }
                merged.push((kept.len() - 1) as Segment);
            }
            self.starts = kept;
            for number in &mut numbers {
                *number = merged[usize::from(*number)];
            }
        }
        numbers
    }

    /// Returns the allocated size in bytes.
    pub(super) fn allocated(&self) -> usize {
        self.starts.capacity() * size_of::<Start>() + self.sources.capacity() * size_of::<Arc<str>>()
    }

    /// Returns the ranges of records with these segment numbers, in the order of the side. Returns `None` if it is
    /// better to read the whole side: because the ranges are a large part of it, or cannot be read alone.
    pub(super) fn ranges(&self, wanted: impl Iterator<Item = Segment>, side: &Side) -> Option<Vec<Wanted>> {
        if self.lost {
            return None;
        }
        let mut is_wanted = vec![false; self.starts.len()];
        for segment in wanted {
            *is_wanted.get_mut(usize::from(segment))? = true;
        }
        let mut ranges = Vec::new();
        let mut sources = side.sources.iter().enumerate().peekable();
        let mut bytes = 0;
        for (number, start) in self.starts.iter().enumerate().filter(|(number, _)| is_wanted[*number]) {
            let name = &self.sources[start.source];
            // Sources without a record are in the side, but not here.
            while sources.next_if(|(_, source)| !Arc::ptr_eq(&source.name, name)).is_some() {}
            let (source, read) = sources.peek()?;
            if !Pieces::can_read(read.format) {
                return None;
            }
            let next = self.starts.get(number + 1).filter(|next| next.source == start.source);
            let to = next.map_or(read.bytes, |next| next.position.byte);
            bytes += to.saturating_sub(start.position.byte);
            ranges.push(Wanted { source: *source, from: start.position, to });
        }
        (bytes <= FEW_BYTES.max(side.bytes / SPARSE)).then_some(ranges)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::record::Format;
    use crate::run::SourceSummary;

    fn source(name: &Arc<str>, bytes: u64, format: Format) -> SourceSummary {
        let pipeline = crate::pipeline::Pipeline::new();
        let source = crate::source::Source::from_reader(&**name, &b"{}"[..]);
        let run = pipeline.run([source], &crate::projection::Unchanged, crate::sink::Nothing::new());
        let summary = run.expect("it can be read").0.sources.remove(0);
        SourceSummary { name: Arc::clone(name), bytes, format, ..summary }
    }

    proptest! {
        #[test]
        fn every_record_is_in_its_segment(
            sizes in prop::collection::vec(prop::collection::vec(1..9_000_u64, 0..30), 1..8),
            wanted in prop::collection::vec(any::<prop::sample::Index>(), 0..4),
        ) {
            let mut segments = Segments { most: 16, ..Segments::default() };
            let mut side = Side::default();
            // The index of the source, the byte and the segment of each record.
            let mut records: Vec<(usize, u64, Segment)> = Vec::new();
            for (index, sizes) in sizes.iter().enumerate() {
                let name: Arc<str> = "a.json".into();
                let mut position = Position::START;
                for size in sizes {
                    let origin = Origin { source: &name, position };
                    let segment = segments.of(origin, |numbers| {
                        for record in &mut records {
                            record.2 = numbers[usize::from(record.2)];
                        }
                    });
                    records.push((index, position.byte, segment));
                    position = Position { byte: position.byte + size, line: 1, record: position.record + 1 };
                }
                side.bytes += position.byte;
                side.sources.push(source(&name, position.byte, Format::Ndjson));
            }
            prop_assert!(segments.starts.len() <= 16 && !segments.lost);
            let wanted: Vec<_> =
                wanted.iter().filter(|_| !records.is_empty()).map(|index| *index.get(&records)).collect();
            let ranges = segments.ranges(wanted.iter().map(|record| record.2), &side).expect("few bytes");
            prop_assert!(ranges.is_sorted_by_key(|range| (range.source, range.from.byte)));
            for (source, byte, _) in &wanted {
                let holds = |range: &&Wanted| range.source == *source && (range.from.byte..range.to).contains(byte);
                prop_assert_eq!(ranges.iter().filter(holds).count(), 1);
            }
            prop_assert!(ranges.len() <= wanted.len());
        }
    }

    #[test]
    fn too_many_sources_are_read_as_a_whole() {
        let mut segments = Segments { most: 4, ..Segments::default() };
        let mut last = 0;
        for _ in 0..5 {
            let origin = Origin { source: &"a.json".into(), position: Position::START };
            last = segments.of(origin, |numbers| assert_eq!(numbers, [0; 4]));
        }
        assert_eq!((last, segments.starts.len()), (0, 1));
        assert_eq!(segments.ranges([0].into_iter(), &Side::default()), None);
    }

    #[test]
    fn many_bytes_and_rows_of_csv_are_read_as_a_whole() {
        let name: Arc<str> = "a".into();
        let mut segments = Segments { bytes: 1 << 20, ..Segments::default() };
        for number in 0..20 {
            let position = Position { byte: number << 20, line: 1, record: number + 1 };
            segments.of(Origin { source: &name, position }, |_| {});
        }
        let ranges = |format, wanted: &[Segment]| {
            let sources = vec![source(&name, 20 << 20, format)];
            let side = Side { bytes: 20 << 20, sources, ..Side::default() };
            Some(segments.ranges(wanted.iter().copied(), &side)?.len())
        };
        assert_eq!(ranges(Format::Array, &[7, 3]), Some(2));
        assert_eq!(ranges(Format::Array, &[7, 3, 4]), None);
        assert_eq!(ranges(Format::Csv, &[7]), None);
        assert_eq!(ranges(Format::Csv, &[]), Some(0));
        assert_eq!(ranges(Format::Rejects, &[7]), None);
    }
}
