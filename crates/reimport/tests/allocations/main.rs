//! Number and size of allocations. A program of its own, because its allocator counts.

mod connections;
mod converting;
mod reading;
