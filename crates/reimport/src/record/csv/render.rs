//! Renders one row as one JSON object.

use super::Csv;
use super::cells::Cell;
use super::tree::CellNode;
use super::values;

/// The cells of one row, which are written in the structure of the header's tree.
pub(super) struct Row<'r> {
    pub(super) csv: &'r Csv,
    pub(super) text: &'r str,
    /// The cells, as many as in the header.
    pub(super) cells: &'r [Cell],
    /// The cells that are JSON text of an object or array: the column and the JSON.
    pub(super) nested: &'r [(usize, String)],
}

impl Row<'_> {
    /// Appends the object at a node of the tree. If all its cells are empty, it is `{}`.
    pub(super) fn write(&self, node: usize, out: &mut String) {
        if !self.write_node(node, out) {
            out.push_str("{}");
        }
    }

    /// Appends the value of a node and returns `true`. If it has no value, appends nothing and returns `false`.
    /// The depth of the recursion is limited by the nesting of records.
    fn write_node(&self, node: usize, out: &mut String) -> bool {
        let start = out.len();
        let mut any = false;
        match &self.csv.tree.nodes[node] {
            CellNode::Cell(column) => {
                let (cell, reading) = (&self.cells[*column], self.csv.readings[*column]);
                any = !cell.text.is_empty();
                if let Some((_, json)) = self.nested.iter().find(|(nested, _)| nested == column) {
                    out.push_str(json);
                } else if any {
                    values::write(self.text, cell, reading, self.csv.dialect, out);
                }
            }
            CellNode::Object(members) => {
                out.push('{');
                for (key, child) in members {
                    if self.is_empty_cell(*child) {
                        continue;
                    }
                    let before = out.len();
                    if any {
                        out.push(',');
                    }
                    out.push_str(key);
                    if self.write_node(*child, out) {
                        any = true;
                    } else {
                        out.truncate(before);
                    }
                }
                out.push('}');
            }
            CellNode::Array(items) => {
                out.push('[');
                // The end of the last item that has a value.
                let mut end = start;
                for (place, child) in items.iter().enumerate() {
                    if place > 0 {
                        out.push(',');
                    }
                    if self.write_node(*child, out) {
                        any = true;
                        end = out.len();
                    } else {
                        out.push_str(self.nothing(*child));
                    }
                }
                out.truncate(end);
                out.push(']');
            }
        }
        if !any {
            out.truncate(start);
        }
        any
    }

    fn is_empty_cell(&self, node: usize) -> bool {
        match self.csv.tree.nodes[node] {
            CellNode::Cell(column) => self.cells[column].text.is_empty(),
            _ => false,
        }
    }

    /// Returns the JSON that takes the place of an item without a value.
    fn nothing(&self, node: usize) -> &'static str {
        match self.csv.tree.nodes[node] {
            CellNode::Cell(_) => "null",
            CellNode::Object(_) => "{}",
            CellNode::Array(_) => "[]",
        }
    }
}
