// Copyright 2020 Somebody.
// SPDX-License-Identifier: MIT

use std::env;

fn main() {
    autocfg::rerun_path("build.rs");
}
