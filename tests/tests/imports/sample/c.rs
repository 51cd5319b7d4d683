pub struct Other;

pub(in crate::d) fn of(_: &crate::Facade) {}

#[cfg(test)]
mod tests {
    use crate::e;
}
