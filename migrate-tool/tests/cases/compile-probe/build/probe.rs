#![feature(never_type)]
