//! Builds Arrow arrays from typed rows.

use std::path::Path;
use std::sync::Arc;

use arrow_array::{
    ArrayRef, BooleanArray, Decimal128Array, Float64Array, Int64Array, RecordBatch, StringArray,
    TimestampMicrosecondArray,
};
use arrow_buffer::{BooleanBuffer, Buffer, NullBuffer, OffsetBuffer};

use crate::batch::{Batch, LaneRows};
use crate::column::ColumnType;
use crate::error::ColumnsError;
use crate::layout::{Layout, Stored};

/// Builds the arrays of one lane, each with its place in the schema.
pub(crate) fn lane_arrays(
    layout: &Layout,
    lane: usize,
    rows: &LaneRows,
) -> Result<Vec<(usize, ArrayRef)>, ColumnsError> {
    let stored = &layout.lanes()[lane];
    let mut builders: Vec<Builder> = stored.iter().map(|stored| Builder::new(*stored, rows)).collect();
    let mut bytes = &rows.bytes[..];
    for _ in 0..rows.rows {
        let (present, values) =
            bytes.split_at_checked(stored.len().div_ceil(8)).ok_or(ColumnsError::OtherLayout)?;
        bytes = values;
        for (place, builder) in builders.iter_mut().enumerate() {
            if present[place / 8] >> (place % 8) & 1 == 1 {
                builder.push(&mut bytes).ok_or(ColumnsError::OtherLayout)?;
            } else {
                builder.push_null();
            }
        }
    }
    let mut arrays = builders
        .into_iter()
        .map(|builder| Ok((builder.place, builder.finish()?)))
        .collect::<Result<Vec<_>, ColumnsError>>()?;
    if lane == 0
        && let Some(place) = layout.source_place()
    {
        let names = rows.sources.iter().map(|(source, rows)| std::iter::repeat_n(file_name(source), *rows));
        let names: Vec<&str> = names.flatten().collect();
        arrays.push((place, Arc::new(StringArray::from_iter_values(names))));
    }
    if lane + 1 == layout.lanes().len()
        && let Some(place) = layout.line_place()
    {
        arrays.push((place, Arc::new(Int64Array::from(rows.lines.clone()))));
    }
    Ok(arrays)
}

/// Builds a record batch.
pub(crate) fn record_batch(layout: &Layout, batch: &Batch) -> Result<RecordBatch, ColumnsError> {
    let mut arrays = Vec::new();
    for (lane, rows) in batch.lanes.iter().enumerate() {
        arrays.extend(lane_arrays(layout, lane, rows)?);
    }
    arrays.sort_by_key(|(place, _)| *place);
    let arrays = arrays.into_iter().map(|(_, array)| array).collect();
    RecordBatch::try_new(Arc::clone(layout.schema()), arrays).map_err(ColumnsError::Arrow)
}

/// Returns the name of a source without its folder.
pub(crate) fn file_name(source: &str) -> &str {
    Path::new(source).file_name().and_then(|name| name.to_str()).unwrap_or(source)
}

/// Builds the array of one column.
struct Builder {
    place: usize,
    is: ColumnType,
    /// Whether each row has a value.
    valid: Vec<bool>,
    nulls: usize,
    values: Values,
}

enum Values {
    Text { ends: Vec<i32>, bytes: Vec<u8> },
    Bools(Vec<bool>),
    Ints(Vec<i64>),
    Doubles(Vec<f64>),
    Decimals(Vec<i128>),
}

impl Builder {
    fn new(stored: Stored, rows: &LaneRows) -> Self {
        let Stored { place, is } = stored;
        let values = match is {
            ColumnType::String | ColumnType::Text | ColumnType::Json => {
                let mut ends = Vec::with_capacity(rows.rows + 1);
                ends.push(0);
                Values::Text { ends, bytes: Vec::new() }
            }
            ColumnType::Bool => Values::Bools(Vec::with_capacity(rows.rows)),
            ColumnType::Int | ColumnType::Timestamp => Values::Ints(Vec::with_capacity(rows.rows)),
            ColumnType::Double => Values::Doubles(Vec::with_capacity(rows.rows)),
            ColumnType::Decimal { .. } => Values::Decimals(Vec::with_capacity(rows.rows)),
        };
        Self { place, is, valid: Vec::with_capacity(rows.rows), nulls: 0, values }
    }

    /// Takes the value at the start of `row`. Returns `None` if `row` is too short for it, or if the
    /// texts of the batch are too large.
    #[inline]
    fn push(&mut self, row: &mut &[u8]) -> Option<()> {
        match &mut self.values {
            Values::Text { ends, bytes } => {
                let length = u32::from_le_bytes(take(row)?) as usize;
                let (text, rest) = row.split_at_checked(length)?;
                *row = rest;
                bytes.extend_from_slice(text);
                // A batch has little more than one record above its limit of bytes.
                ends.push(i32::try_from(bytes.len()).ok()?);
            }
            Values::Bools(bools) => bools.push(take::<1>(row)? == [1]),
            Values::Ints(ints) => ints.push(i64::from_le_bytes(take(row)?)),
            Values::Doubles(doubles) => doubles.push(f64::from_le_bytes(take(row)?)),
            Values::Decimals(decimals) => decimals.push(i128::from_le_bytes(take(row)?)),
        }
        self.valid.push(true);
        Some(())
    }

    #[inline]
    fn push_null(&mut self) {
        match &mut self.values {
            Values::Text { ends, .. } => ends.push(ends.last().copied().unwrap_or_default()),
            Values::Bools(bools) => bools.push(false),
            Values::Ints(ints) => ints.push(0),
            Values::Doubles(doubles) => doubles.push(0.0),
            Values::Decimals(decimals) => decimals.push(0),
        }
        self.valid.push(false);
        self.nulls += 1;
    }

    fn finish(self) -> Result<ArrayRef, ColumnsError> {
        let nulls = (self.nulls > 0).then(|| NullBuffer::from(self.valid));
        Ok(match self.values {
            Values::Text { ends, bytes } => {
                let offsets = OffsetBuffer::new(ends.into());
                let array = StringArray::try_new(offsets, Buffer::from_vec(bytes), nulls);
                Arc::new(array.map_err(ColumnsError::Arrow)?)
            }
            Values::Bools(bools) => Arc::new(BooleanArray::new(BooleanBuffer::from(bools), nulls)),
            Values::Ints(ints) if self.is == ColumnType::Timestamp => {
                Arc::new(TimestampMicrosecondArray::new(ints.into(), nulls).with_timezone("UTC"))
            }
            Values::Ints(ints) => Arc::new(Int64Array::new(ints.into(), nulls)),
            Values::Doubles(doubles) => Arc::new(Float64Array::new(doubles.into(), nulls)),
            Values::Decimals(decimals) => {
                let ColumnType::Decimal { precision, scale } = self.is else {
                    return Err(ColumnsError::OtherLayout);
                };
                let array = Decimal128Array::new(decimals.into(), nulls);
                let array = array.with_precision_and_scale(precision, scale.cast_signed());
                Arc::new(array.map_err(ColumnsError::Arrow)?)
            }
        })
    }
}

#[inline]
fn take<const N: usize>(row: &mut &[u8]) -> Option<[u8; N]> {
    let (bytes, rest) = row.split_first_chunk()?;
    *row = rest;
    Some(*bytes)
}
