//! Runs any bytes with any options. Every record must end in exactly one place, parts must be valid, and the output
//! must be the same for one and three threads and for any read sizes.
//!
//! Input: eight bytes of options, then the bytes of the export.
#![no_main]

use std::cell::RefCell;
use std::num::NonZero;
use std::rc::Rc;

use libfuzzer_sys::fuzz_target;
use reimport::filter::{Filter, Filtered};
use reimport::import::{Connections, Edits, Linked, Purpose, Unknown};
use reimport::projection::Unchanged;
use reimport::record::{CsvDialect, CsvTypes, Format, ReadOptions};
use reimport::run::{Body, Origin, Rejected, Sink, Skipped, Written};
use reimport::sink::PartBytes;
use reimport::source::Source;
use reimport::{
    CsvDelimiter, CsvEscape, CsvFormat, MaxRejected, Pipeline, Projection, Rendering, Rules, SideFile, Summary, Transform,
};
use reimport_fuzz::{Steps, head, sizes};
use serde_json::value::RawValue;

/// Everything that the sink received, in order.
#[derive(Debug, Clone, PartialEq)]
enum Event {
    Header(Vec<u8>),
    Written(u64, u64, Vec<u8>, Option<String>, bool),
    Skipped(u64, u64, String),
    Rejected(u64, u64, String, Vec<u8>, Vec<String>),
    Side(SideFile, Vec<u8>),
}

type Parts = Rc<RefCell<Vec<Vec<u8>>>>;
type Take = Box<dyn FnMut(&reimport::parts_folder::PartInfo, &[u8]) -> reimport::Result<()>>;

struct Keep {
    rendering: Rendering,
    events: Vec<Event>,
    parts: Parts,
    cut: PartBytes<Take>,
    last: (u64, u64, u64),
}

impl Keep {
    fn new(rendering: Rendering, max_part_bytes: u64) -> Self {
        let parts = Parts::default();
        let into = Rc::clone(&parts);
        let take: Take = Box::new(move |info, bytes| {
            assert_eq!(info.bytes, bytes.len() as u64);
            into.borrow_mut().push(bytes.to_vec());
            Ok(())
        });
        let cut = PartBytes::new(max_part_bytes, take).unwrap();
        Self { rendering, events: Vec::new(), parts, cut, last: (0, 0, 0) }
    }

    /// Checks that records are in input order. Returns the line and the byte.
    fn place(&mut self, origin: Origin<'_>) -> (u64, u64) {
        let place = (origin.position.record, origin.position.line, origin.position.byte);
        assert!(place.0 > self.last.0 && place.1 >= self.last.1, "{place:?} after {:?}", self.last);
        assert!(place.0 == 1 || place.2 >= self.last.2);
        self.last = place;
        (place.1, place.2)
    }
}

impl Sink for Keep {
    type Finished = (Vec<Event>, Vec<Vec<u8>>);

    fn rendering(&self) -> Rendering {
        self.rendering
    }

    fn max_record_bytes(&self) -> Option<u64> {
        (self.rendering == Rendering::Json).then(|| self.cut.max_record_bytes()).flatten()
    }

    fn begin(&mut self, header: &[u8]) -> reimport::Result<()> {
        self.events.push(Event::Header(header.to_vec()));
        Ok(())
    }

    fn write(&mut self, written: Written<'_>) -> reimport::Result<()> {
        let (line, byte) = self.place(written.origin);
        let connection = written.connection.map(str::to_owned);
        self.events.push(Event::Written(line, byte, written.bytes.to_vec(), connection, written.password));
        if self.rendering == Rendering::Json { self.cut.write(written) } else { Ok(()) }
    }

    fn skip(&mut self, skipped: Skipped<'_>) -> reimport::Result<()> {
        let (line, byte) = self.place(skipped.origin);
        is_object(skipped.json);
        self.events.push(Event::Skipped(line, byte, String::from_utf8_lossy(skipped.json).into_owned()));
        Ok(())
    }

    fn reject(&mut self, rejected: Rejected<'_>) -> reimport::Result<()> {
        let (line, byte) = self.place(rejected.origin);
        assert!(!rejected.problems.is_empty());
        let (kind, bytes) = match rejected.body {
            Body::User(json) => {
                is_object(json.as_bytes());
                ("user", json.as_bytes())
            }
            Body::Text(text) => ("text", text.as_bytes()),
            Body::Bytes(bytes) => {
                assert!(std::str::from_utf8(bytes).is_err());
                ("bytes", bytes)
            }
            Body::Dropped => ("dropped", &[][..]),
        };
        let problems = rejected.problems.iter().map(|problem| format!("{problem:?}")).collect();
        self.events.push(Event::Rejected(line, byte, kind.to_owned(), bytes.to_vec(), problems));
        Ok(())
    }

    fn side(&mut self, list: SideFile, line: &[u8]) -> reimport::Result<()> {
        assert!(!line.is_empty());
        self.events.push(Event::Side(list, line.to_vec()));
        Ok(())
    }

    fn finish(self, summary: &Summary) -> reimport::Result<Self::Finished> {
        self.cut.finish(summary)?;
        let parts = self.parts.borrow().clone();
        Ok((self.events, parts))
    }
}

fn is_object(bytes: &[u8]) {
    let value = serde_json::from_slice::<&RawValue>(bytes).expect("JSON");
    assert!(value.get().starts_with('{'));
}

/// The result of a run: everything it wrote, or its error message.
type Outcome = Result<(String, Vec<Event>, Vec<Vec<u8>>), String>;

/// The options of a run.
struct Asked {
    pipeline: Pipeline,
    rendering: Rendering,
    max_part_bytes: u64,
    filter: Filter,
}

impl Asked {
    fn run(&self, transform: &impl Transform, bytes: &[u8], steps: Vec<usize>, threads: usize) -> Outcome {
        let pipeline = self.pipeline.clone().threads(NonZero::new(threads).unwrap());
        let source = Source::from_reader("in/x.json", Steps::new(bytes, steps));
        let keep = Keep::new(self.rendering, self.max_part_bytes);
        let (summary, (events, parts)) =
            pipeline.run([source], transform, keep).map_err(|error| error.to_string())?;
        self.check(&summary, &events, &parts);
        Ok((format!("{summary:?}"), events, parts))
    }

    /// Checks that every record ends in exactly one place, and that the output can be read.
    fn check(&self, summary: &Summary, events: &[Event], parts: &[Vec<u8>]) {
        let Summary { read, written, skipped, rejected, left_out, .. } = *summary;
        assert_eq!(read, written + skipped + rejected + left_out);
        let count = |is: fn(&Event) -> bool| events.iter().filter(|event| is(event)).count() as u64;
        assert_eq!(written, count(|event| matches!(event, Event::Written(..))));
        assert_eq!(skipped, count(|event| matches!(event, Event::Skipped(..))));
        assert_eq!(rejected, count(|event| matches!(event, Event::Rejected(..))));
        if self.rendering == Rendering::Json {
            let mut users = 0;
            for part in parts {
                assert!(part.len() as u64 <= self.max_part_bytes);
                let in_part: Vec<&RawValue> = serde_json::from_slice(part).expect("a part parses");
                users += in_part.len() as u64;
                in_part.iter().for_each(|user| is_object(user.get().as_bytes()));
            }
            assert_eq!(users, written);
        } else {
            let mut csv = Vec::new();
            for event in events {
                if let Event::Header(bytes) | Event::Written(_, _, bytes, ..) = event {
                    csv.extend(bytes);
                    csv.push(b'\n');
                }
            }
            let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(&csv[..]);
            let rows = reader.records().map(|row| row.expect("rows of equal length")).count();
            assert_eq!(rows as u64, written + 1);
        }
    }

    /// Checks that all ways to run give the same result.
    fn compare(&self, transform: impl Fn() -> reimport::Result<Box<Dyn>>, bytes: &[u8], arriving: u8) {
        let Ok(first) = transform() else { return };
        let whole = first.run(self, bytes, vec![1 << 20], 1);
        for threads in [3, 1] {
            let Ok(again) = transform() else { return };
            assert_eq!(again.run(self, bytes, sizes(arriving), threads), whole, "{threads} threads");
        }
    }
}

/// One of the transforms.
enum Dyn {
    Rules(Filtered<Rules>),
    Unchanged(Filtered<Unchanged>),
    Projection(Filtered<Projection>),
}

impl Dyn {
    fn run(&self, asked: &Asked, bytes: &[u8], steps: Vec<usize>, threads: usize) -> Outcome {
        match self {
            Self::Rules(own) => asked.run(own, bytes, steps, threads),
            Self::Unchanged(own) => asked.run(own, bytes, steps, threads),
            Self::Projection(own) => asked.run(own, bytes, steps, threads),
        }
    }
}

fn rules(flags: u8) -> Rules {
    let mut rules = Rules::new();
    rules = match flags & 3 {
        0 => rules.connections(Connections::Any),
        1 => rules.connections(Connections::Only(vec!["Users".to_owned()])),
        _ => rules,
    };
    if flags & 4 != 0 {
        rules = rules.unknown(Unknown::Reject);
    }
    if flags & 8 != 0 {
        rules = rules.linked(Linked::Promote);
    }
    if flags & 16 != 0 {
        rules = rules.purpose(Purpose::Update).omit_metadata(true);
    }
    if flags & 32 != 0 {
        rules = rules.unique([]).require([]);
    }
    if flags & 64 != 0 {
        let path = |text: &str| text.parse().unwrap();
        let edits = Edits::new()
            .move_to(path("created_at"), path("app_metadata.signed_up_at"))
            .move_to(path("app_metadata.email"), path("user_metadata.a"))
            .drop_at(path("user_metadata.b"))
            .set(path("app_metadata.from.x"), "{\"old\": true}")
            .unwrap();
        rules = rules.edits(edits);
    }
    rules
}

const FIELDS: [&str; 7] = [
    "email",
    "user_id",
    "user_metadata",
    "identities[0].connection",
    "created_at",
    "app_metadata.plan",
    "a.0",
];

fuzz_target!(|data: &[u8]| {
    let ([kind, reading, block, flags, limits, csv, cutting, arriving], bytes) = head(data);
    let mut options = ReadOptions::default();
    options.format = match reading % 5 {
        0 | 1 => None,
        2 => Some(Format::Ndjson),
        3 => Some(Format::Array),
        _ => Some(Format::Csv),
    };
    options.any_records = reading & 32 != 0;
    options.block_bytes = usize::from(block) + 1;
    if limits & 3 == 3 {
        options.max_record_bytes = u64::from(limits) + 20;
    }
    options.csv_dialect = match csv % 4 {
        0 => Some(CsvDialect::Auth0),
        1 => Some(CsvDialect::Plain),
        _ => None,
    };
    options.csv_types = if csv & 4 == 0 { CsvTypes::Known } else { CsvTypes::Infer };
    let mut pipeline = Pipeline::new().read_options(options);
    if limits & 12 == 12 {
        pipeline = pipeline.limit(u64::from(limits >> 4));
    }
    if limits & 48 == 48 {
        pipeline = pipeline.max_rejected(MaxRejected::Records(3));
    }
    let escape = match csv >> 6 {
        0 => CsvEscape::None,
        1 => CsvEscape::Formulas,
        _ => CsvEscape::Auth0,
    };
    let delimiter = if kind & 4 == 0 { CsvDelimiter::Comma } else { CsvDelimiter::Tab };
    let rendering = match kind % 4 {
        3 => Rendering::Csv(CsvFormat::default().delimiter(delimiter).escape(escape)),
        _ => Rendering::Json,
    };
    let mut filter = Filter::new();
    if kind & 8 != 0 {
        filter = filter.and("app_metadata.plan != pro".parse().unwrap());
    }
    if kind & 16 != 0 {
        filter = filter.and("logins_count >= 3".parse().unwrap());
    }
    let asked = Asked { pipeline, rendering, max_part_bytes: 64 + u64::from(cutting) * 8, filter };
    let filter = || asked.filter.clone();
    let transform = || {
        Ok(Box::new(match kind % 4 {
            0 => Dyn::Rules(Filtered::new(filter(), rules(flags))),
            1 => Dyn::Unchanged(Filtered::new(filter(), Unchanged)),
            _ => {
                let mut projection = Projection::builder();
                for field in FIELDS {
                    projection = projection.field(field)?;
                }
                Dyn::Projection(Filtered::new(filter(), projection.build()?))
            }
        }))
    };
    asked.compare(transform, bytes, arriving);
});
