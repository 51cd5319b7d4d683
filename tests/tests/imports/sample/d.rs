macro_rules! named {
    () => {
        crate::e::ONE
    };
}

mod inner {
    pub(super) fn one() -> u8 {
        super::super::e::ONE + crate::a::Facade::default()
    }
}
