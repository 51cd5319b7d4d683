const NAME: &str = "b";
