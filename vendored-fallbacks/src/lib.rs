//! Source builds of C libraries as data: the executor over cc, and recipes for libraries whose source a crate ships.
