//! Reads TOML, as far as needed for a manifest that Cargo has already accepted: errors that Cargo reports are not
//! checked.

/// A value. Kinds that no declaration uses (floats, dates) are kept as their text.
pub(crate) enum Value {
    Text(String),
    /// A number as it is written, without `_`.
    Number(String),
    Boolean(bool),
    Array(Vec<Value>),
    Table(Table),
}

/// The keys and values of a table, in the order of the text.
#[derive(Default)]
pub(crate) struct Table(pub(crate) Vec<(String, Value)>);

impl Table {
    pub(crate) fn get(&self, key: &str) -> Option<&Value> {
        for (name, value) in &self.0 {
            if name == key {
                return Some(value);
            }
        }
        None
    }

    /// Returns the value of a key, and adds an empty table if there is none.
    fn entry(&mut self, key: &str) -> &mut Value {
        let mut at = 0;
        while at < self.0.len() && self.0[at].0 != key {
            at += 1;
        }
        if at == self.0.len() {
            self.0.push((key.to_owned(), Value::Table(Table::default())));
        }
        &mut self.0[at].1
    }

    /// Returns the table at the end of a path; for an array of tables, its last item.
    fn descend(&mut self, path: &[String]) -> Option<&mut Table> {
        let mut table = self;
        for key in path {
            table = match table.entry(key) {
                Value::Table(table) => table,
                Value::Array(items) => match items.last_mut() {
                    Some(Value::Table(table)) => table,
                    _ => return None,
                },
                _ => return None,
            };
        }
        Some(table)
    }

    /// Returns the keys and values, sorted by key.
    pub(crate) fn sorted(&self) -> Vec<(&str, &Value)> {
        let mut all: Vec<(&str, &Value)> = Vec::new();
        for (key, value) in &self.0 {
            let mut at = all.len();
            while at > 0 && all[at - 1].0 > key.as_str() {
                at -= 1;
            }
            all.insert(at, (key, value));
        }
        all
    }
}

impl Value {
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn table(&self) -> Option<&Table> {
        match self {
            Value::Table(table) => Some(table),
            _ => None,
        }
    }

    /// Returns the items of an array; any other value counts as its only item.
    pub(crate) fn items(&self) -> &[Value] {
        match self {
            Value::Array(items) => items,
            other => std::slice::from_ref(other),
        }
    }
}

/// Reads a document.
///
/// # Errors
///
/// The number of the line that is not understood.
pub(crate) fn parse(text: &str) -> Result<Table, usize> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = Reader { text, at: 0 };
    let mut root = Table::default();
    match reader.document(&mut root) {
        Some(()) => Ok(root),
        None => Err(text[..reader.at].lines().count().max(1)),
    }
}

/// Returns the number of bytes at a text's beginning that belong to a class. The standard library's searches are
/// compiled anew for each closure.
pub(crate) fn run(text: &str, belongs: fn(char) -> bool) -> usize {
    for (at, c) in text.char_indices() {
        if !belongs(c) {
            return at;
        }
    }
    text.len()
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Reader<'t> {
    fn document(&mut self, root: &mut Table) -> Option<()> {
        let mut path: Vec<String> = Vec::new();
        loop {
            self.space(true);
            if self.rest().is_empty() {
                return Some(());
            }
            if self.eat("[[") {
                path = self.key()?;
                self.expect("]]")?;
                let last = path.last()?.clone();
                let table = root.descend(&path[..path.len() - 1])?;
                match table.entry(&last) {
                    Value::Array(items) => items.push(Value::Table(Table::default())),
                    other => *other = Value::Array(vec![Value::Table(Table::default())]),
                }
            } else if self.eat("[") {
                path = self.key()?;
                self.expect("]")?;
                root.descend(&path)?;
            } else {
                let table = root.descend(&path)?;
                self.pair(table)?;
            }
            self.space(false);
            if !self.rest().is_empty() && !self.eat("\n") && !self.eat("\r\n") {
                return None;
            }
        }
    }

    /// Reads `key = value` into a table.
    fn pair(&mut self, table: &mut Table) -> Option<()> {
        let path = self.key()?;
        self.expect("=")?;
        self.space(false);
        let value = self.value()?;
        let last = path.last()?;
        *table.descend(&path[..path.len() - 1])?.entry(last) = value;
        Some(())
    }

    fn key(&mut self) -> Option<Vec<String>> {
        let mut path = Vec::new();
        loop {
            self.space(false);
            let part = if self.eat("\"") {
                self.basic(false)?
            } else if self.eat("'") {
                self.literal(false)?
            } else {
                let part = self.word();
                if part.is_empty() {
                    return None;
                }
                part.to_owned()
            };
            path.push(part);
            self.space(false);
            if !self.eat(".") {
                return Some(path);
            }
        }
    }

    fn value(&mut self) -> Option<Value> {
        Some(if self.eat("\"\"\"") {
            Value::Text(self.basic(true)?)
        } else if self.eat("'''") {
            Value::Text(self.literal(true)?)
        } else if self.eat("\"") {
            Value::Text(self.basic(false)?)
        } else if self.eat("'") {
            Value::Text(self.literal(false)?)
        } else if self.eat("[") {
            let mut items = Vec::new();
            loop {
                self.space(true);
                if self.eat("]") {
                    break;
                }
                items.push(self.value()?);
                self.space(true);
                if !self.eat(",") {
                    self.expect("]")?;
                    break;
                }
            }
            Value::Array(items)
        } else if self.eat("{") {
            let mut table = Table::default();
            loop {
                self.space(true);
                if self.eat("}") {
                    break;
                }
                self.pair(&mut table)?;
                self.space(true);
                if !self.eat(",") {
                    self.expect("}")?;
                    break;
                }
            }
            Value::Table(table)
        } else {
            match self.scalar() {
                "" => return None,
                "true" => Value::Boolean(true),
                "false" => Value::Boolean(false),
                number => Value::Number(number.replace("_", "")),
            }
        })
    }

    /// Reads a string in double quotes, after the opening ones.
    fn basic(&mut self, several_lines: bool) -> Option<String> {
        let mut text = String::new();
        self.first_line_end(several_lines);
        loop {
            if several_lines && self.closes("\"\"\"", '"', &mut text) || !several_lines && self.eat("\"") {
                return Some(text);
            }
            let c = self.next()?;
            match c {
                '\n' if !several_lines => return None,
                '\\' => match self.next()? {
                    'b' => text.push('\u{8}'),
                    't' => text.push('\t'),
                    'n' => text.push('\n'),
                    'f' => text.push('\u{c}'),
                    'r' => text.push('\r'),
                    'e' => text.push('\u{1b}'),
                    'x' => text.push(self.hexadecimal(2)?),
                    'u' => text.push(self.hexadecimal(4)?),
                    'U' => text.push(self.hexadecimal(8)?),
                    // After a backslash at the end of a line, white space is skipped up to the next text.
                    c if c.is_whitespace() => self.at += run(self.rest(), char::is_whitespace),
                    c => text.push(c),
                },
                c => text.push(c),
            }
        }
    }

    /// Reads a string in single quotes, after the opening ones.
    fn literal(&mut self, several_lines: bool) -> Option<String> {
        let mut text = String::new();
        self.first_line_end(several_lines);
        loop {
            if several_lines && self.closes("'''", '\'', &mut text) || !several_lines && self.eat("'") {
                return Some(text);
            }
            match self.next()? {
                '\n' if !several_lines => return None,
                c => text.push(c),
            }
        }
    }

    /// Reads the end of a string over several lines, which may have quotes before it: `""""` is one quote and the
    /// end.
    fn closes(&mut self, mark: &str, quote: char, text: &mut String) -> bool {
        if !self.rest().starts_with(mark) {
            return false;
        }
        let quotes = run(self.rest(), if quote == '"' { |c| c == '"' } else { |c| c == '\'' });
        for _ in 3..quotes.min(5) {
            text.push(quote);
        }
        self.at += quotes.min(5);
        true
    }

    fn first_line_end(&mut self, several_lines: bool) {
        if several_lines && !self.eat("\n") {
            self.eat("\r\n");
        }
    }

    fn hexadecimal(&mut self, digits: usize) -> Option<char> {
        let text = self.rest().get(..digits)?;
        self.at += digits;
        char::from_u32(u32::from_str_radix(text, 16).ok()?)
    }

    /// Reads a bare key.
    fn word(&mut self) -> &'t str {
        self.take(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
    }

    /// Reads a number, a boolean or a date.
    fn scalar(&mut self) -> &'t str {
        self.take(|c| c.is_ascii_alphanumeric() || "+-_.:".contains(c))
    }

    fn take(&mut self, belongs: fn(char) -> bool) -> &'t str {
        let rest = self.rest();
        let word = &rest[..run(rest, belongs)];
        self.at += word.len();
        word
    }

    /// Skips blanks and, with `lines`, line ends and comments too; a comment extends to the end of the line.
    fn space(&mut self, lines: bool) {
        loop {
            let rest = self.rest();
            let blanks = run(rest, if lines { |c| " \t\r\n".contains(c) } else { |c| c == ' ' || c == '\t' });
            self.at += blanks;
            if !rest[blanks..].starts_with('#') {
                return;
            }
            self.at += run(&rest[blanks..], |c| c != '\n');
            if !lines {
                return;
            }
        }
    }

    fn next(&mut self) -> Option<char> {
        let c = self.rest().chars().next()?;
        self.at += c.len_utf8();
        Some(c)
    }

    fn expect(&mut self, mark: &str) -> Option<()> {
        self.space(false);
        self.eat(mark).then_some(())
    }

    fn eat(&mut self, mark: &str) -> bool {
        let found = self.rest().starts_with(mark);
        if found {
            self.at += mark.len();
        }
        found
    }

    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }
}
