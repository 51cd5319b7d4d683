const NAME: &str = "a";
