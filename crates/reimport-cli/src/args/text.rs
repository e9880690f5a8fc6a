//! Help texts of options that several commands have, so that each option has one text.

pub(super) const OUTPUT: &str = "New folder, FILE.json, or `-` for standard output";
pub(super) const FORCE: &str = "Replace the output of an earlier run";
pub(super) const HTML: &str = "Also write the report as an HTML page";
pub(super) const CONNECTION: &str = "Only users of this connection (repeatable)";
pub(super) const MAX_PART_BYTES: &str = "Maximum size of a part";
pub(super) const REJECTED: &str = "File for rejected records if the output is standard output";
pub(super) const MAX_REJECT_BYTES: &str = "Fail if the rejected records take more space than this";
pub(super) const MAX_REJECT_BYTES_LONG: &str = "Fail if the rejected records take more space than this\n\n\
    Each rejected record is kept with its reasons, which can be longer than the record. The limit keeps them from filling \
    the disk.";
pub(super) const USER_IDS: &str = "Form of the user ids in the input [default: `bare` for parts next to their manifest.json, else `exported`]";
pub(super) const USER_IDS_LONG: &str = "Form of the user ids in the input [default: `bare` for parts next to their manifest.json, else `exported`]\n\n\
    The user `auth0|5f7c` of an export is `5f7c` in an import file. Set `bare` for an import file that is not next to its \
    manifest.json: its ids then stay as they are.";
