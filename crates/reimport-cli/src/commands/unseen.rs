//! Remarks about paths, ids and connections in options that matched no record. The beginning of the export is read
//! again to suggest the nearest existing path. After a run that stopped at its limit, there are only remarks about paths
//! that the beginning does not have either, because the rest of the export may match.

use std::path::PathBuf;

use reimport::filter::Filtered;
use reimport::import::{Rules, UnmadeEdit, importable_properties};
use reimport::path::suggest;
use reimport::projection::{Cell, DEFAULT_FIELDS, FieldPath, PathTree, RowBuffer};
use reimport::record::ReadOptions;
use reimport::source::Source;
use reimport::survey::Tally;
use reimport::{Category, RecordReader, Summary};

use super::inputs;
use crate::args::ReadArgs;
use crate::report::{INFER_TYPES, Remark, unseen_before_close};

/// Number of records that are read again.
const BEGINNING: u64 = 10_000;

/// Returns remarks about inputs that are given twice, and about what a filter asks for and no record of the run has.
pub(super) fn of_filter<T>(filtered: &Filtered<T>, summary: &Summary, read: &ReadArgs) -> Vec<Remark> {
    let mut unseen = inputs::repeated(read);
    if summary.read == summary.rejected {
        return unseen;
    }
    let paths = filtered.unseen().into_iter().map(|condition| condition.path().clone()).collect();
    unseen.extend(of_paths(paths, summary, read));
    if summary.limited {
        return unseen;
    }
    unseen.extend(filtered.mismatches().iter().map(|mismatch| {
        Remark::Mistyped(if mismatch.numbers_are_text(summary) {
            format!("{}{INFER_TYPES}", mismatch.fault())
        } else {
            mismatch.to_string()
        })
    }));
    unseen.extend(filtered.unmatched_ids().into_iter().map(Remark::UnmatchedIds));
    unseen.extend(filtered.unknown_connections().into_iter().map(Remark::UnknownConnection));
    unseen
}

/// Returns remarks about edits and connections of the rules that matched no record of the run.
pub(super) fn of_rules(rules: &Rules, summary: &Summary, read: &ReadArgs) -> Vec<Remark> {
    if summary.limited {
        return Vec::new();
    }
    let mut unseen = of_edits(rules, &inputs::files(read), &inputs::read_options(read));
    if summary.read > summary.rejected {
        unseen.extend(rules.unknown_connections().into_iter().map(Remark::UnknownConnection));
    }
    unseen
}

/// Returns remarks about edits that changed no record of a run over `files`.
pub(super) fn of_edits(rules: &Rules, files: &[PathBuf], options: &ReadOptions) -> Vec<Remark> {
    let (mut sources, mut unset) = (Vec::new(), Vec::new());
    for edit in rules.unmade_edits() {
        match edit {
            UnmadeEdit::Move(path) | UnmadeEdit::Drop(path) => sources.push(path.clone()),
            UnmadeEdit::Set(path) => unset.push(Remark::Unset(path.to_string())),
            _ => {}
        }
    }
    let mut unseen = remarks(nearest(sources, files, options), false);
    unseen.append(&mut unset);
    unseen
}

/// Returns remarks about those of `paths` that are not in the beginning of the export either, each with the nearest
/// path that is.
pub(super) fn of_paths(paths: Vec<FieldPath>, summary: &Summary, read: &ReadArgs) -> Vec<Remark> {
    if summary.limited && !read.exports.iter().all(|path| path.is_file()) {
        // The beginning of a stream cannot be read again, and the run may have read very little of it.
        return Vec::new();
    }
    remarks(nearest(paths, &inputs::files(read), &inputs::read_options(read)), summary.limited)
}

/// Returns warnings about the same paths, for a run whose output was closed by its reader: no record that was written has
/// them.
pub(super) fn before_close(paths: Vec<FieldPath>, read: &ReadArgs) -> Vec<String> {
    let unseen = nearest(paths, &inputs::files(read), &inputs::read_options(read));
    unseen.iter().map(|unseen| unseen_before_close(&unseen.path, unseen.nearest.as_deref())).collect()
}

/// A path that no record has, with the nearest path that some record has.
struct Unseen {
    path: String,
    nearest: Option<String>,
}

fn remarks(unseen: Vec<Unseen>, limited: bool) -> Vec<Remark> {
    unseen.into_iter().map(|Unseen { path, nearest }| Remark::UnseenPath { path, nearest, limited }).collect()
}

fn nearest(paths: Vec<FieldPath>, files: &[PathBuf], options: &ReadOptions) -> Vec<Unseen> {
    if paths.is_empty() {
        return Vec::new();
    }
    let names: Vec<String> = paths.iter().map(ToString::to_string).collect();
    let mut first = FirstRecords::new(paths);
    // A pipe cannot be read again, and opening it could wait for a writer.
    for path in files.iter().filter(|path| path.is_file()) {
        // If the file can no longer be read, there are fewer suggestions.
        let reader = Source::open(path).and_then(|source| RecordReader::open(source, options));
        if let Ok(reader) = reader {
            first.read(reader);
        }
    }
    let mut known: Vec<String> =
        first.tally.fields().iter().map(|field| field.path().replace("[]", "[0]")).collect();
    if known.is_empty() {
        // No input can be read again, so the usual fields are suggested.
        let usual = DEFAULT_FIELDS.into_iter().filter_map(|field| field.split('=').next());
        known.extend(usual.chain(importable_properties().iter().copied()).map(str::to_owned));
    }
    let unseen = names.into_iter().zip(&first.has).filter(|(_, has)| !**has);
    unseen
        .map(|(path, _)| Unseen { nearest: suggest(&path, known.iter().map(String::as_str)), path })
        .collect()
}

/// The paths in the first records.
struct FirstRecords {
    tally: Tally,
    tree: PathTree,
    has: Vec<bool>,
}

impl FirstRecords {
    fn new(paths: Vec<FieldPath>) -> Self {
        Self { tally: Tally::new(), has: vec![false; paths.len()], tree: PathTree::new(paths) }
    }

    fn read(&mut self, mut reader: RecordReader) {
        let mut buffer = RowBuffer::new();
        while self.tally.records() < BEGINNING {
            let record = match reader.next_record() {
                Ok(Some(record)) => record,
                Err(error) if error.category() == Category::Record => continue,
                Ok(None) | Err(_) => return,
            };
            if let (Ok(row), Ok(())) = (self.tree.read(record, &mut buffer), self.tally.add(record)) {
                for (has, cell) in self.has.iter_mut().zip(row.cells()) {
                    *has |= cell != Cell::Missing;
                }
            }
        }
    }
}
