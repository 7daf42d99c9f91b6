//! What is so, for a person to be told: which sentence, and what goes into it.
//!
//! Sentences are made of it where a person reads them, by `words/`: a fact of kind `expected` in
//! the room `diagnostic` is told by the template `diagnostic.expected`.

use std::borrow::Cow;

use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::clock::Micros;

/// A fact with its arguments.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(test, derive(ts_rs::TS), ts(type = "{ kind: string, [argument: string]: Arg }"))]
pub struct Fact {
    /// The last part of its template's key.
    pub kind: &'static str,
    /// By name, as the template names them.
    pub args: Vec<(&'static str, Arg)>,
}

/// What goes into a sentence.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(test, derive(ts_rs::TS), ts(type = "number | string | Fact | Arg[]"))]
pub enum Arg {
    /// A count, a bound.
    Number(u64),
    /// A name, or a piece of the text: never prose.
    Text(Cow<'static, str>),
    /// A fact within the fact.
    Fact(Fact),
    /// Several.
    List(Vec<Self>),
}

/// A fact of that kind: `fact!("vote-reply", term, granted = true)`. An argument without a value is
/// the variable of its name.
macro_rules! fact {
    ($kind:literal $(, $name:ident $(= $value:expr)?)* $(,)?) => {
        $crate::fact::Fact::new(
            concat!($kind $(, " ", stringify!($name))*),
            vec![$($crate::fact::fact!(@ $name $(, $value)?).into()),*],
        )
    };
    ($kind:expr $(, $name:ident $(= $value:expr)?)* $(,)?) => {
        $crate::fact::Fact {
            kind: $kind,
            ..$crate::fact::Fact::new(
                concat!("" $(, " ", stringify!($name))*),
                vec![$($crate::fact::fact!(@ $name $(, $value)?).into()),*],
            )
        }
    };
    (@ $name:ident) => { $name };
    (@ $name:ident, $value:expr) => { $value };
}
pub(crate) use fact;

/// A fact of which all arguments are counts: it costs a module less.
macro_rules! counts {
    ($kind:literal $(, $name:ident $(= $value:expr)?)+ $(,)?) => {
        $crate::fact::Fact::of_counts(
            concat!($kind $(, " ", stringify!($name))+),
            &[$($crate::fact::Count::count($crate::fact::fact!(@ $name $(, $value)?))),+],
        )
    };
}
pub(crate) use counts;

/// What is a count, however wide.
pub(crate) trait Count {
    fn count(self) -> u64;
}

impl Count for u8 {
    fn count(self) -> u64 {
        self.into()
    }
}

impl Count for u16 {
    fn count(self) -> u64 {
        self.into()
    }
}

impl Count for u32 {
    fn count(self) -> u64 {
        self.into()
    }
}

impl Count for &u32 {
    fn count(self) -> u64 {
        (*self).into()
    }
}

impl Count for u64 {
    fn count(self) -> u64 {
        self
    }
}

impl Count for usize {
    fn count(self) -> u64 {
        self as u64
    }
}

impl Fact {
    /// Without arguments.
    pub const fn plain(kind: &'static str) -> Self {
        Self { kind, args: Vec::new() }
    }

    /// Of a kind and the names of its arguments, in one string, and their values: so an argument
    /// costs a module but its value.
    #[cold]
    #[inline(never)]
    pub(crate) fn new(names: &'static str, args: Vec<Arg>) -> Self {
        let mut names = names.split(' ');
        Self { kind: names.next().unwrap_or_default(), args: names.zip(args).collect() }
    }

    /// The same of counts alone.
    #[cold]
    #[inline(never)]
    pub(crate) fn of_counts(names: &'static str, counts: &[u64]) -> Self {
        Self::new(names, counts.iter().map(|&count| Arg::Number(count)).collect())
    }

    /// With one argument more.
    #[must_use]
    pub fn with(self, name: &'static str, arg: impl Into<Arg>) -> Self {
        self.put(name, arg.into())
    }

    /// Once, whatever the argument was made of.
    #[inline(never)]
    fn put(mut self, name: &'static str, arg: Arg) -> Self {
        self.args.push((name, arg));
        self
    }

    /// With a second sentence after it, if there is one: of the same room, which says in `also` how
    /// sentences follow each other.
    #[must_use]
    pub fn also(self, then: Option<Self>) -> Self {
        match then {
            Some(then) => Self::plain("also").with("first", self).with("then", then),
            None => self,
        }
    }
}

impl From<&'static str> for Fact {
    fn from(kind: &'static str) -> Self {
        Self::plain(kind)
    }
}

/// As an object: its kind, and its arguments by name.
impl Serialize for Fact {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(1 + self.args.len()))?;
        map.serialize_entry("kind", self.kind)?;
        for (name, arg) in &self.args {
            map.serialize_entry(name, arg)?;
        }
        map.end()
    }
}

impl Serialize for Arg {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            #[expect(clippy::cast_precision_loss, reason = "JavaScript's numbers, as times are")]
            Self::Number(number) if *number > u64::from(u32::MAX) => {
                serializer.serialize_f64(*number as f64)
            }
            Self::Number(number) => serializer.serialize_u32(*number as u32),
            Self::Text(text) => serializer.serialize_str(text),
            Self::Fact(fact) => fact.serialize(serializer),
            Self::List(list) => list.serialize(serializer),
        }
    }
}

impl From<&'static str> for Arg {
    fn from(text: &'static str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl From<String> for Arg {
    fn from(text: String) -> Self {
        Self::Text(Cow::Owned(text))
    }
}

impl From<u64> for Arg {
    fn from(number: u64) -> Self {
        Self::Number(number)
    }
}

impl From<u32> for Arg {
    fn from(number: u32) -> Self {
        Self::Number(u64::from(number))
    }
}

impl From<&u32> for Arg {
    fn from(number: &u32) -> Self {
        (*number).into()
    }
}

/// "yes" or "no".
impl From<bool> for Arg {
    fn from(truth: bool) -> Self {
        if truth { "yes" } else { "no" }.into()
    }
}

impl From<u8> for Arg {
    fn from(number: u8) -> Self {
        Self::Number(u64::from(number))
    }
}

impl From<usize> for Arg {
    fn from(number: usize) -> Self {
        Self::Number(number as u64)
    }
}

impl From<Fact> for Arg {
    fn from(fact: Fact) -> Self {
        Self::Fact(fact)
    }
}

/// As the scenario text writes it.
impl From<Micros> for Arg {
    fn from(span: Micros) -> Self {
        span.to_string().into()
    }
}

impl<T: Into<Self>> From<Vec<T>> for Arg {
    fn from(list: Vec<T>) -> Self {
        Self::List(list.into_iter().map(Into::into).collect())
    }
}
