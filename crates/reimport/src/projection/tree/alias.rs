//! Top-level keys that stand for another place: paths written flat, and other spellings of known properties.
//!
//! They fill slots of their own, which count only where the path itself is missing. Ordinary keys pay one look at
//! their first byte and their length.

use super::{PathTree, Targets};
use crate::json::{Name, Scanner, SyntaxError};
use crate::path::{FieldPath, Segment};
use crate::projection::row::{RowBuffer, Slot};
use crate::user::property::NAMES;
use crate::user::spelling::{self, alias_of, titles};

/// What other spellings of a name stand for, if it leads to a node.
#[derive(Debug)]
pub(super) struct Aliased {
    /// As [`Alias::path`](crate::user::spelling::Alias::path) has it.
    name: &'static str,
    path: FieldPath,
}

/// How many flat keys are remembered with the path they spell.
const MAX_SPELT: usize = 1_000;

/// The most bytes of a flat key.
const MAX_FLAT: usize = 1_024;

impl PathTree {
    /// Whether an unescaped name that is not a member may be a flat key or another spelling of a known property: a cheap
    /// check that rarely says yes.
    #[inline]
    pub(super) fn may_alias(&self, name: &str) -> bool {
        let first = name.as_bytes().first().copied().unwrap_or_default();
        let flat = self.flat_starts[usize::from(first >> 6)] >> (first & 63) & 1 == 1;
        (flat && is_marked(name)) || (self.may_spell(name, first) && self.aliased(name).is_some())
    }

    /// Whether a name begins as some spelling that is looked for, and has as many letters.
    #[inline]
    fn may_spell(&self, name: &str, first: u8) -> bool {
        self.alias_starts >> (first & 31) & 1 == 1
            && self.alias_lengths.have_length(spelling::letters(name).count())
    }

    /// What another spelling of a known property stands for, its place, and whether the spelling is the title.
    fn aliased(&self, name: &str) -> Option<(usize, bool)> {
        let alias = alias_of(name)?;
        let place = self.aliased.iter().position(|known| known.name == alias.path)?;
        Some((place, alias.title.is_some()))
    }

    /// Fills the second-best slots from the value ahead, if its name is a flat key or another spelling.
    #[cold]
    pub(super) fn walk_alias(
        &self,
        name: &Name<'_>,
        scanner: &Scanner<'_>,
        buffer: &mut RowBuffer,
    ) -> std::result::Result<(), SyntaxError> {
        let decoded = name.decoded();
        if is_marked(&decoded) {
            if !buffer.spelt.contains_key(name.raw()) {
                if buffer.spelt.len() >= MAX_SPELT {
                    buffer.spelt.clear();
                }
                buffer.spelt.insert(name.raw().into(), decoded.parse().ok());
            }
            // Taken out for the walk, which fills the buffer it lies in.
            let spelt = buffer.spelt.get_mut(name.raw()).and_then(Option::take);
            if let Some(path) = spelt {
                let walked = self.walk_below(0, path.segments(), scanner, buffer.flat());
                if let Some(place) = buffer.spelt.get_mut(name.raw()) {
                    *place = Some(path);
                }
                walked?;
            }
        }
        let Some((place, is_title)) = self.aliased(&decoded) else { return Ok(()) };
        let path = self.aliased[place].path.segments();
        if is_title {
            return self.walk_below(0, path, scanner, buffer.titled());
        }
        // Of several spellings that are not the title, the first counts.
        match buffer.respelled(place, path.len() > 1) {
            Some(slots) => self.walk_below(0, path, scanner, slots),
            None => Ok(()),
        }
    }

    /// Reads the value ahead as if it stood at `path` below `node`, and passes it in a copy of the scanner.
    fn walk_below(
        &self,
        node: u32,
        path: &[Segment],
        scanner: &Scanner<'_>,
        slots: &mut [Slot],
    ) -> std::result::Result<(), SyntaxError> {
        let Some((first, rest)) = path.split_first() else {
            return self.walk(node, &mut scanner.clone(), slots);
        };
        for target in self.steps(node, first).into_iter().flatten() {
            self.walk_below(target, rest, scanner, slots)?;
        }
        Ok(())
    }

    /// The nodes that a step of a flat key leads to, each once: at most those of a name, an index and a number.
    fn steps(&self, node: u32, step: &Segment) -> [Option<u32>; 3] {
        let node = &self.nodes[node as usize];
        let named = |name: &str| {
            let place = node.members.binary_search_by(|member| (*member.name).cmp(name)).ok();
            place.map(|place| node.members[place].targets)
        };
        let indexed = |index: u32| {
            let place = node.items.binary_search_by_key(&index, |item| item.0).ok();
            place.map(|place| node.items[place].1)
        };
        let found = match step {
            Segment::Name(name) => [named(name), None],
            Segment::Index(index) => [None, indexed(*index)],
            Segment::Number(number) => [named(&number.to_string()), indexed(*number)],
        };
        let mut steps = [None; 3];
        let all = found.into_iter().flatten().flat_map(|Targets(first, second)| [Some(first), second]);
        for target in all.flatten() {
            if !steps.contains(&Some(target))
                && let Some(free) = steps.iter_mut().find(|step| step.is_none())
            {
                *free = Some(target);
            }
        }
        steps
    }

    /// Notes which top-level names may be read as something else than themselves.
    pub(super) fn know_aliases(&mut self) {
        for name in NAMES.into_iter().chain(titles().map(|(_, path)| path)) {
            if self.aliased.iter().all(|known| known.name != name)
                && let Ok(path) = name.parse::<FieldPath>()
                && self.leads(0, path.segments())
            {
                let titles = titles().filter(|(_, path)| *path == name).map(|(title, _)| title);
                titles.chain([name]).for_each(|spelling| {
                    self.alias_lengths.add_length(spelling::letters(spelling).count());
                    let first = spelling.as_bytes().first().copied().unwrap_or_default();
                    // The lower five bits of a letter are the same in both cases.
                    self.alias_starts |= 1 << (first & 31);
                });
                self.aliased.push(Aliased { name, path });
            }
        }
        // `user.email`, `["email"]` and `/a.b` are flat keys of any path; others begin as the path does.
        let mut starts = vec![b'u', b'[', b'/'];
        for member in &self.nodes[0].members {
            starts.extend(member.name.bytes().next());
        }
        for start in starts {
            self.flat_starts[usize::from(start >> 6)] |= 1 << (start & 63);
        }
        let aliased: Vec<bool> = self.nodes[0]
            .members
            .iter()
            .map(|member| is_marked(&member.name) || self.aliased(&member.name).is_some())
            .collect();
        for (member, aliased) in self.nodes[0].members.iter_mut().zip(aliased) {
            member.aliased = aliased;
        }
    }

    fn leads(&self, node: u32, path: &[Segment]) -> bool {
        let Some((first, rest)) = path.split_first() else { return true };
        self.steps(node, first).into_iter().flatten().any(|target| self.leads(target, rest))
    }
}

/// Whether a name may spell more than one step, and is short enough to be remembered.
pub(in crate::projection) fn is_marked(name: &str) -> bool {
    name.len() <= MAX_FLAT && name.bytes().any(|byte| matches!(byte, b'.' | b'['))
}
