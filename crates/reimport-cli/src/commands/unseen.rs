//! What was asked for and matched nothing. Paths are looked for once more in the beginning of the export, to name the
//! nearest real one. Of a run that stopped at its limit nothing is said: what was not read may have it.

use std::path::PathBuf;

use reimport::filter::Filtered;
use reimport::import::{Rules, UnmadeEdit, importable_properties};
use reimport::path::suggest;
use reimport::projection::{Cell, DEFAULT_FIELDS, FieldPath, PathTree, RowBuffer};
use reimport::record::{CsvDialect, ReadOptions};
use reimport::source::Source;
use reimport::survey::Tally;
use reimport::{Category, RecordReader, Summary};

use super::inputs;
use crate::args::{ReadArgs, TypesChoice};
use crate::report::Remark;

/// How many records are looked at again.
const BEGINNING: u64 = 10_000;

/// What a filter asks for and no record of the run had.
pub(super) fn of_filter<T>(filtered: &Filtered<T>, summary: &Summary, read: &ReadArgs) -> Vec<Remark> {
    if summary.limited || summary.read == summary.rejected {
        return Vec::new();
    }
    let paths = filtered.unseen().into_iter().map(|condition| condition.path().clone()).collect();
    let mut unseen = of_paths(paths, read);
    let is_text = read.csv_types == TypesChoice::Known
        && summary.sources.iter().all(|source| source.csv_dialect == Some(CsvDialect::Plain));
    unseen.extend(filtered.mismatches().iter().map(|mismatch| {
        Remark::Mistyped(if is_text && mismatch.is_typed_with_text() {
            format!("{}: --csv-types infer reads the numbers and booleans of a plain CSV", mismatch.fault())
        } else {
            mismatch.to_string()
        })
    }));
    unseen.extend(filtered.unmatched_ids().into_iter().map(Remark::UnmatchedIds));
    unseen.extend(filtered.unknown_connections().into_iter().map(Remark::UnknownConnection));
    unseen
}

/// What the rules were asked to do and no record of the run let them do.
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

/// The edits that were made to no record of a run over `files`.
pub(super) fn of_edits(rules: &Rules, files: &[PathBuf], options: &ReadOptions) -> Vec<Remark> {
    let (mut sources, mut unset) = (Vec::new(), Vec::new());
    for edit in rules.unmade_edits() {
        match edit {
            UnmadeEdit::Move(path) | UnmadeEdit::Drop(path) => sources.push(path.clone()),
            UnmadeEdit::Set(path) => unset.push(Remark::Unset(path.to_string())),
            _ => {}
        }
    }
    let mut unseen = nearest(sources, files, options);
    unseen.append(&mut unset);
    unseen
}

/// Those of `paths` that the beginning of the export has not either, each with the nearest one it has.
pub(super) fn of_paths(paths: Vec<FieldPath>, read: &ReadArgs) -> Vec<Remark> {
    nearest(paths, &inputs::files(read), &inputs::read_options(read))
}

fn nearest(paths: Vec<FieldPath>, files: &[PathBuf], options: &ReadOptions) -> Vec<Remark> {
    if paths.is_empty() {
        return Vec::new();
    }
    let names: Vec<String> = paths.iter().map(ToString::to_string).collect();
    let mut look = Look::new(paths);
    for path in files {
        // It was read a moment ago; if it cannot be read now, less is known, and that is all.
        let reader = Source::open(path).and_then(|source| RecordReader::open(source, options));
        if let Ok(reader) = reader {
            look.at(reader);
        }
    }
    let mut known: Vec<String> =
        look.tally.fields().iter().map(|field| field.path().replace("[]", "[0]")).collect();
    if known.is_empty() {
        // Standard input cannot be read again.
        let usual = DEFAULT_FIELDS.into_iter().filter_map(|field| field.split('=').next());
        known.extend(usual.chain(importable_properties().iter().copied()).map(str::to_owned));
    }
    let unseen = names.into_iter().zip(&look.has).filter(|(_, has)| !**has);
    unseen
        .map(|(path, _)| Remark::UnseenPath {
            nearest: suggest(&path, known.iter().map(String::as_str)),
            path,
        })
        .collect()
}

/// A look at the first records.
struct Look {
    tally: Tally,
    tree: PathTree,
    has: Vec<bool>,
}

impl Look {
    fn new(paths: Vec<FieldPath>) -> Self {
        Self { tally: Tally::new(), has: vec![false; paths.len()], tree: PathTree::new(paths) }
    }

    fn at(&mut self, mut reader: RecordReader) {
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
