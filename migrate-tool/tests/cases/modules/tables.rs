pub const NAMES: &[(&str, &[&str])] = &[("one", &["aaa", "bb"]), ("two", &["cccc"])];
