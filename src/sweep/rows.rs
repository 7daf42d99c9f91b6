//! The Parquet file of a shard: a row a run, in order of their numbers.

use std::collections::hash_map::RandomState;
use std::fs::{self, File};
use std::hash::{BuildHasher, Hasher};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use halflink::protocol::Protocol;
use parquet::basic::{LogicalType, Repetition, Type as Physical};
use parquet::data_type::{ByteArray, ByteArrayType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::metadata::{KeyValue, SortingColumn};
use parquet::file::properties::WriterProperties;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::file::writer::SerializedFileWriter;
use parquet::record::RowAccessor;
use parquet::schema::types::{ColumnPath, Type, TypePtr};
use serde_json::json;

use super::plan::{Plan, Row};
use super::shard::Shard;
use crate::said;

/// Rows that are written together, and kept until then.
const ROWS_A_GROUP: usize = 8_192;
/// What the file's own notes are called.
const PLAN: &str = "halflink.plan";
const SEMANTICS: &str = "halflink.semantics";
const SHARD: &str = "halflink.shard";

/// What stands in one field.
enum Value {
    Text(String),
    Number(u64),
    Nothing,
}

/// The columns of a row with what is in them: the one list of both.
fn fields<'a>(plan: &Plan, row: &Row<'a>) -> Vec<(String, Value)> {
    let text = |text: &str| Value::Text(text.to_owned());
    let or_nothing =
        |text: Option<&str>| text.map_or(Value::Nothing, |text| Value::Text(text.into()));
    let Row { measures, service, .. } = row;
    let before = [
        ("run", Value::Number(row.number)),
        ("plan", Value::Text(plan.name())),
        ("semantics", Value::Number(halflink::SEMANTICS.into())),
        ("scenario", text(row.scenario)),
        ("protocol", text(row.protocol.name())),
        ("seed", Value::Number(row.seed.into())),
    ];
    let names = plan.parameters().iter().map(|name| format!("param_{name}"));
    let values = names.zip(row.values.iter().map(|value| text(value)));
    let after = [
        ("outcome", or_nothing(row.outcome.map(|outcome| outcome.name()))),
        ("exhausted", or_nothing(row.exhausted.map(|bound| bound.name()))),
        ("broken", or_nothing(row.broken.map(|property| property.name()))),
        ("writes_served", Value::Number(service.served)),
        ("writes_late", Value::Number(service.late)),
        ("writes_lost", Value::Number(service.lost)),
        ("longest_wait_us", Value::Number(row.longest_wait_us)),
        ("leader_changes", Value::Number(measures.leader_changes)),
        ("epochs", Value::Number(measures.epochs)),
        ("writes_tried", Value::Number(measures.writes_tried)),
        ("writes_committed", Value::Number(measures.writes_committed)),
        ("reads_tried", Value::Number(measures.reads_tried)),
        ("reads_answered", Value::Number(measures.reads_answered)),
        ("reads_stale", Value::Number(measures.reads_stale)),
        ("longest_stall_us", Value::Number(measures.longest_stall_us)),
        ("parted_us", Value::Number(measures.parted_us)),
        ("trace_hash", Value::Text(format!("{:016x}", row.trace_hash))),
        ("link", text(&row.link)),
    ];
    let named = |(name, value): (&str, Value)| (name.to_owned(), value);
    before.into_iter().map(named).chain(values).chain(after.into_iter().map(named)).collect()
}

/// An empty row: its columns are those of every row.
fn no_row<'a>(values: &'a [String]) -> Row<'a> {
    Row {
        number: 0,
        scenario: "",
        protocol: Protocol::Raft,
        seed: 0,
        values,
        outcome: None,
        exhausted: None,
        broken: None,
        service: Default::default(),
        longest_wait_us: 0,
        measures: halflink::outcome::Measures {
            leader_changes: 0,
            epochs: 0,
            writes_tried: 0,
            writes_committed: 0,
            reads_tried: 0,
            reads_answered: 0,
            reads_stale: 0,
            longest_stall_us: 0,
            parted_us: 0,
        },
        trace_hash: 0,
        link: String::new(),
    }
}

/// Columns that have nothing in some rows.
const OPTIONAL: [&str; 3] = ["outcome", "exhausted", "broken"];

fn schema(plan: &Plan) -> Result<TypePtr, ParquetError> {
    let columns = fields(plan, &no_row(plan.parameters()));
    let column = |(name, value): (String, Value)| {
        let is_optional = OPTIONAL.contains(&name.as_str());
        let repetition = if is_optional { Repetition::OPTIONAL } else { Repetition::REQUIRED };
        let (physical, logical) = match value {
            Value::Number(_) => (Physical::INT64, None),
            Value::Text(_) | Value::Nothing => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
        };
        let built = Type::primitive_type_builder(&name, physical)
            .with_repetition(repetition)
            .with_logical_type(logical)
            .build()?;
        Ok(Arc::new(built))
    };
    let columns = columns.into_iter().map(column).collect::<Result<Vec<_>, ParquetError>>()?;
    Ok(Arc::new(Type::group_type_builder("run").with_fields(columns).build()?))
}

/// What it is called when it is whole.
pub(super) fn file_name(plan: &Plan, shard: Shard) -> String {
    format!("{}{}", prefix(plan), suffix(shard))
}

fn prefix(plan: &Plan) -> String {
    format!("sweep-{}-", plan.name())
}

fn suffix(shard: Shard) -> String {
    format!("{:05}-of-{:05}.parquet", shard.index, shard.of)
}

/// A file without its name yet, which is gone again unless it gets it.
struct Nameless(PathBuf);

impl Drop for Nameless {
    fn drop(&mut self) {
        drop(fs::remove_file(&self.0));
    }
}

/// Where rows are put.
pub(super) struct Shelf<'a> {
    plan: &'a Plan,
    writer: SerializedFileWriter<File>,
    rows: Vec<Vec<(String, Value)>>,
    folder: PathBuf,
    name: String,
    nameless: Nameless,
}

fn failed(error: &impl std::fmt::Display) -> String {
    error.to_string()
}

impl<'a> Shelf<'a> {
    /// An empty one, in a file that has no name yet.
    pub(super) fn open(plan: &'a Plan, shard: Shard, folder: &Path) -> Result<Self, String> {
        let name = file_name(plan, shard);
        // Whoever runs the same shard at the same time writes another file.
        let chance = RandomState::new().build_hasher().finish();
        let path = folder.join(format!(".{name}.{chance:016x}.part"));
        let named = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
        let file = File::create_new(&path).map_err(|error| named(&error))?;
        let nameless = Nameless(path.clone());
        let notes = [
            (PLAN, plan.name()),
            (SEMANTICS, halflink::SEMANTICS.to_string()),
            (SHARD, format!("{}/{}", shard.index, shard.of)),
        ];
        let notes = notes.map(|(key, value)| KeyValue::new(key.to_owned(), value));
        let by_run = SortingColumn { column_idx: 0, descending: false, nulls_first: false };
        let properties = WriterProperties::builder()
            .set_created_by(concat!("halflink ", env!("CARGO_PKG_VERSION")).to_owned())
            .set_key_value_metadata(Some(notes.to_vec()))
            .set_sorting_columns(Some(vec![by_run]))
            // Each is another: a dictionary of them would be built in vain.
            .set_column_dictionary_enabled(ColumnPath::from("link"), false)
            .set_column_dictionary_enabled(ColumnPath::from("trace_hash"), false)
            .build();
        let schema = schema(plan).map_err(|error| named(&error))?;
        let writer = SerializedFileWriter::new(file, schema, Arc::new(properties));
        let writer = writer.map_err(|error| named(&error))?;
        Ok(Self { plan, writer, rows: Vec::new(), folder: folder.to_owned(), name, nameless })
    }

    /// Puts the next row there.
    pub(super) fn put(&mut self, row: Row<'_>) -> Result<(), String> {
        self.rows.push(fields(self.plan, &row));
        if self.rows.len() < ROWS_A_GROUP { Ok(()) } else { self.write() }
    }

    /// Writes a group of rows.
    fn write(&mut self) -> Result<(), String> {
        self.write_group().map_err(|error| format!("{}: {error}", self.nameless.0.display()))
    }

    fn write_group(&mut self) -> Result<(), ParquetError> {
        let mut group = self.writer.next_row_group()?;
        let mut number = 0;
        while let Some(mut column) = group.next_column()? {
            let values = self.rows.iter().map(|row| &row[number]);
            let mut levels = Vec::new();
            let (mut texts, mut numbers) = (Vec::new(), Vec::new());
            for (name, value) in values {
                let level = match value {
                    Value::Text(text) => {
                        texts.push(ByteArray::from(text.as_str()));
                        1
                    }
                    Value::Number(one) => {
                        numbers.push(i64::try_from(*one).unwrap_or(i64::MAX));
                        1
                    }
                    Value::Nothing => 0,
                };
                if OPTIONAL.contains(&name.as_str()) {
                    levels.push(level);
                }
            }
            let levels = (!levels.is_empty()).then_some(levels.as_slice());
            if numbers.is_empty() {
                column.typed::<ByteArrayType>().write_batch(&texts, levels, None)?;
            } else {
                column.typed::<Int64Type>().write_batch(&numbers, levels, None)?;
            }
            column.close()?;
            number += 1;
        }
        group.close()?;
        self.rows.clear();
        Ok(())
    }

    /// Writes what is left, and gives the file its name; says where it is.
    pub(super) fn close(mut self) -> Result<PathBuf, String> {
        if !self.rows.is_empty() {
            self.write()?;
        }
        let Self { writer, folder, name, nameless, .. } = self;
        let of_part = |error: &dyn std::fmt::Display| format!("{}: {error}", nameless.0.display());
        let file = writer.into_inner().map_err(|error| of_part(&error))?;
        file.sync_all().map_err(|error| of_part(&error))?;
        drop(file);
        let path = folder.join(name);
        fs::rename(&nameless.0, &path).map_err(|error| format!("{}: {error}", path.display()))?;
        // That the name is there for good; not every system lets a folder be opened for it.
        if let Ok(folder) = File::open(&folder) {
            drop(folder.sync_all());
        }
        Ok(path)
    }
}

/// What is known of a shard's file.
pub(super) enum Verdict {
    Whole,
    Missing,
    /// And what is wrong with it.
    Damaged(String),
}

/// The shards of a plan that have a file in that folder.
pub(super) fn found(plan: &Plan, folder: &Path) -> Result<Vec<Shard>, String> {
    let of_folder = |error| format!("{}: {error}", folder.display());
    let mut found = Vec::new();
    for entry in folder.read_dir().map_err(of_folder)? {
        let name = entry.map_err(of_folder)?.file_name();
        let name = name.to_string_lossy();
        let shard = name.strip_prefix(&prefix(plan)).and_then(|rest| {
            let (index, of) = rest.strip_suffix(".parquet")?.split_once("-of-")?;
            Some(Shard { index: index.parse().ok()?, of: of.parse().ok()? })
        });
        found.extend(shard.filter(|shard| suffix(*shard) == name[prefix(plan).len()..]));
    }
    Ok(found)
}

/// Looks whether a shard is there, and whole: its notes, and the numbers of all its rows.
pub(super) fn verify(plan: &Plan, shard: Shard, folder: &Path) -> Verdict {
    let path = folder.join(file_name(plan, shard));
    let file = match File::open(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Verdict::Missing,
        Err(error) => return Verdict::Damaged(failed(&error)),
    };
    // What reads Parquet may panic over a file that was changed.
    match catch_unwind(AssertUnwindSafe(|| difference(plan, shard, file))) {
        Ok(Ok(None)) => Verdict::Whole,
        Ok(Ok(Some(why))) => Verdict::Damaged(why),
        Ok(Err(error)) => Verdict::Damaged(failed(&error)),
        Err(_panic) => Verdict::Damaged(said(json!("sweep-unread"))),
    }
}

fn difference(plan: &Plan, shard: Shard, file: File) -> Result<Option<String>, ParquetError> {
    let reader = SerializedFileReader::new(file)?;
    let notes = reader.metadata().file_metadata().key_value_metadata();
    let note = |key: &str| {
        let found = notes.into_iter().flatten().find(|note| note.key == key);
        found.and_then(|note| note.value.clone()).unwrap_or_default()
    };
    let wanted = [
        (PLAN, plan.name()),
        (SEMANTICS, halflink::SEMANTICS.to_string()),
        (SHARD, format!("{}/{}", shard.index, shard.of)),
    ];
    for (key, wanted) in wanted {
        if note(key) != wanted {
            return Ok(Some(said(json!({ "kind": "sweep-of-another", "key": key,
                "found": note(key), "wanted": wanted }))));
        }
    }
    // All of it is read. A letter that changed within a field nobody would see: pages have no
    // checksum.
    let mut due = shard.range(plan.runs());
    for row in reader.get_row_iter(None)? {
        let row = row?;
        if Some(row.get_long(0)?) != due.next().and_then(|run| i64::try_from(run).ok()) {
            return Ok(Some(said(json!({ "kind": "sweep-rows" }))));
        }
    }
    let left = due.end - due.start;
    Ok((left > 0).then(|| said(json!({ "kind": "sweep-rows" }))))
}
