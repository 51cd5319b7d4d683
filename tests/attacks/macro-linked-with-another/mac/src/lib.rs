extern crate helper;
