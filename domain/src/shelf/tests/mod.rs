//! The whole of shelves: files, rules, filling.
