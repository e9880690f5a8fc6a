//! Writes gzip on several threads, as pigz does.
//!
//! The output is one member. The plain bytes are cut every [`CHUNK`] bytes, and each chunk is deflated on its own, with the
//! bytes before it as its dictionary. All chunks but the last end with a sync flush, at a byte boundary, so that they can be
//! joined. Where the cuts are depends only on the plain bytes, so the output is the same for any number of threads.

use std::io::{self, Write};
use std::mem;
use std::num::NonZero;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use flate2::{Compress, Compression, Crc, FlushCompress, Status};

/// Number of plain bytes of a chunk. If you change it, the bytes of all compressed outputs change.
const CHUNK: usize = 256 * 1024;

/// Number of bytes that deflate can refer back to.
const WINDOW: usize = 32 * 1024;

/// Maximum number of threads.
const MOST_THREADS: usize = 4;

/// Maximum number of chunks that a thread has at a time.
const CHUNKS_PER_THREAD: usize = 2;

/// A header without a name and a time, so that equal content gives equal bytes. The last byte means that the system is unknown.
const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];

/// A writer of one gzip member. Without [`finish`](Self::finish), the member has no end.
pub(super) struct Gzip<W> {
    write: W,
    /// The plain bytes of the next chunk.
    plain: Vec<u8>,
    /// The end of the chunk before it.
    before: Vec<u8>,
    deflaters: Deflaters,
    crc: Crc,
}

impl<W: Write> Gzip<W> {
    /// Writes the header, and starts up to one thread per core.
    pub(super) fn new(mut write: W, level: Compression) -> io::Result<Self> {
        write.write_all(&HEADER)?;
        let cores = thread::available_parallelism().map_or(1, NonZero::get);
        let deflaters = Deflaters::new(level, cores.min(MOST_THREADS));
        Ok(Self { write, plain: Vec::with_capacity(CHUNK), before: Vec::new(), deflaters, crc: Crc::new() })
    }

    /// Writes the end of the member.
    pub(super) fn finish(mut self) -> io::Result<W> {
        self.deflate(FlushCompress::Finish)?;
        while let Some(chunk) = self.deflaters.oldest()? {
            self.put(&chunk)?;
        }
        self.write.write_all(&self.crc.sum().to_le_bytes())?;
        self.write.write_all(&self.crc.amount().to_le_bytes())?;
        Ok(self.write)
    }

    /// Hands the chunk to a thread, and writes those that are done if all threads are busy.
    fn deflate(&mut self, flush: FlushCompress) -> io::Result<()> {
        if self.deflaters.are_busy()
            && let Some(chunk) = self.deflaters.oldest()?
        {
            self.put(&chunk)?;
        }
        let before = self.plain[self.plain.len().saturating_sub(WINDOW)..].to_vec();
        let bytes = mem::replace(&mut self.plain, Vec::with_capacity(CHUNK));
        self.deflaters.add(Plain { before: mem::replace(&mut self.before, before), bytes, flush })
    }

    fn put(&mut self, chunk: &Deflated) -> io::Result<()> {
        self.crc.combine(&chunk.crc);
        self.write.write_all(&chunk.bytes)
    }
}

impl<W: Write> Write for Gzip<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // A full chunk is deflated when the next byte comes, because the last one has another end.
        if self.plain.len() == CHUNK {
            self.deflate(FlushCompress::Sync)?;
        }
        let taken = bytes.len().min(CHUNK - self.plain.len());
        self.plain.extend_from_slice(&bytes[..taken]);
        Ok(taken)
    }

    /// Does nothing: what has been written so far has no end yet.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A chunk before it is deflated, with the end of the chunk before it.
struct Plain {
    before: Vec<u8>,
    bytes: Vec<u8>,
    flush: FlushCompress,
}

/// A chunk after it is deflated.
struct Deflated {
    bytes: Vec<u8>,
    crc: Crc,
}

/// Threads that take chunks in turn, so that their results are in order without sorting.
struct Deflaters {
    level: Compression,
    threads: Vec<Deflater>,
    /// Numbers of chunks, from 0.
    added: usize,
    taken: usize,
    /// The result of a chunk that was deflated here, because the system allows no threads.
    own: Option<Deflated>,
}

struct Deflater {
    /// `None` if it is to end.
    chunks: Option<SyncSender<Plain>>,
    results: Receiver<io::Result<Deflated>>,
    handle: JoinHandle<()>,
}

impl Deflaters {
    /// Starts threads: `number`, or as many as the system allows.
    fn new(level: Compression, number: usize) -> Self {
        let threads = (0..number).map_while(|_| Deflater::start(level).ok()).collect();
        Self { level, threads, added: 0, taken: 0, own: None }
    }

    fn are_busy(&self) -> bool {
        self.added - self.taken >= CHUNKS_PER_THREAD * self.threads.len()
    }

    fn add(&mut self, chunk: Plain) -> io::Result<()> {
        if self.threads.is_empty() {
            self.own = Some(deflated(self.level, &chunk)?);
            return Ok(());
        }
        let thread = &self.threads[self.added % self.threads.len()];
        thread.chunks.as_ref().and_then(|chunks| chunks.send(chunk).ok()).ok_or_else(ended)?;
        self.added += 1;
        Ok(())
    }

    /// Waits for the result of the oldest chunk. Returns `None` if all results have been taken.
    fn oldest(&mut self) -> io::Result<Option<Deflated>> {
        if self.taken == self.added {
            return Ok(self.own.take());
        }
        let thread = &self.threads[self.taken % self.threads.len()];
        self.taken += 1;
        thread.results.recv().map_err(|_| ended())?.map(Some)
    }
}

impl Drop for Deflaters {
    fn drop(&mut self) {
        for thread in &mut self.threads {
            thread.chunks = None;
        }
        for thread in self.threads.drain(..) {
            // A thread that panicked has been reported by `recv`.
            let _ = thread.handle.join();
        }
    }
}

fn ended() -> io::Error {
    io::Error::other("a thread that compresses the output has ended")
}

impl Deflater {
    fn start(level: Compression) -> io::Result<Self> {
        let (chunks, received) = sync_channel::<Plain>(CHUNKS_PER_THREAD);
        let (send, results) = sync_channel(CHUNKS_PER_THREAD);
        let handle = thread::Builder::new().name("deflate".to_owned()).spawn(move || {
            for chunk in received {
                // The receiver is gone if the output was given up.
                if send.send(deflated(level, &chunk)).is_err() {
                    return;
                }
            }
        })?;
        Ok(Self { chunks: Some(chunks), results, handle })
    }
}

fn deflated(level: Compression, chunk: &Plain) -> io::Result<Deflated> {
    // Not `reset` for the next chunk: in zlib-rs 0.6, what was deflated before it then has an effect on the bytes.
    let mut compress = Compress::new(level, false);
    if !chunk.before.is_empty() {
        compress.set_dictionary(&chunk.before)?;
    }
    let mut crc = Crc::new();
    crc.update(&chunk.bytes);
    let mut bytes = Vec::with_capacity(chunk.bytes.len() / 3 + 64);
    let mut rest = &chunk.bytes[..];
    loop {
        let before = compress.total_in();
        let status = compress.compress_vec(rest, &mut bytes, chunk.flush)?;
        let read = usize::try_from(compress.total_in() - before).unwrap_or(usize::MAX);
        rest = rest.get(read..).unwrap_or_default();
        // A sync flush is complete if it has left space.
        let has_space = bytes.len() < bytes.capacity();
        if status == Status::StreamEnd || (rest.is_empty() && has_space && chunk.flush == FlushCompress::Sync)
        {
            return Ok(Deflated { bytes, crc });
        }
        bytes.reserve(bytes.len() / 2 + 64);
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use flate2::read::GzDecoder;
    use proptest::prelude::*;

    use super::*;

    fn compressed(plain: &[u8], threads: usize, piece: usize, level: u32) -> Vec<u8> {
        let mut gzip = Gzip::new(Vec::new(), Compression::new(level)).unwrap();
        gzip.deflaters = Deflaters::new(Compression::new(level), threads);
        for piece in plain.chunks(piece) {
            gzip.write_all(piece).unwrap();
        }
        gzip.finish().unwrap()
    }

    /// Lines that can be compressed, with parts that cannot.
    fn text(seed: u64, bytes: usize) -> Vec<u8> {
        let mut state = seed | 1;
        let mut out = Vec::new();
        while out.len() < bytes {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            out.extend_from_slice(
                format!("auth0|{state:016x},user{}@example.com,true\n", state % 1000).as_bytes(),
            );
        }
        out.truncate(bytes);
        out
    }

    fn plain_of(gzip: &[u8]) -> Vec<u8> {
        let mut decoder = GzDecoder::new(gzip);
        let mut plain = Vec::new();
        decoder.read_to_end(&mut plain).unwrap();
        assert!(decoder.into_inner().is_empty(), "one member and nothing after it");
        plain
    }

    #[test]
    fn output_is_the_same_for_any_threads_and_pieces() {
        for bytes in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 9 * CHUNK + 12_345] {
            let plain = text(7, bytes);
            let one = compressed(&plain, 1, bytes.max(1), 6);
            assert_eq!(plain_of(&one), plain, "{bytes}");
            for (threads, piece) in [(2, 1000), (4, CHUNK), (3, 3 * CHUNK + 1), (0, 77_777)] {
                assert!(compressed(&plain, threads, piece, 6) == one, "{bytes} {threads} {piece}");
            }
        }
    }

    #[test]
    fn chunks_refer_to_the_chunk_before() {
        let plain = text(7, 4 * CHUNK);
        let mut whole = flate2::write::GzEncoder::new(Vec::new(), Compression::new(6));
        whole.write_all(&plain).unwrap();
        let (cut, whole) = (compressed(&plain, 2, CHUNK, 6).len(), whole.finish().unwrap().len());
        assert!(cut < whole + whole / 500, "{cut} {whole}");
    }

    #[test]
    fn error_of_the_writer_is_returned() {
        struct Full(usize);
        impl Write for Full {
            fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
                self.0 = self.0.checked_sub(bytes.len()).ok_or(io::ErrorKind::StorageFull)?;
                Ok(bytes.len())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let plain = text(3, 20 * CHUNK);
        assert!(Gzip::new(Full(9), Compression::new(1)).is_err());
        for space in [10, 1000, 400_000] {
            let mut gzip = Gzip::new(Full(space), Compression::new(1)).unwrap();
            let error = gzip.write_all(&plain).and_then(|()| gzip.finish().map(drop)).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::StorageFull);
        }
    }

    proptest! {
        #![proptest_config(crate::cases::cases(24))]

        #[test]
        fn any_bytes_come_back(
            noise in prop::collection::vec(any::<u8>(), 0..2000), bytes in 0..3 * CHUNK, level in 0_u32..10, seed: u64,
        ) {
            let mut plain = text(seed, bytes);
            plain.extend_from_slice(&noise);
            plain.extend_from_slice(&text(seed ^ 0x63, bytes / 2));
            prop_assert!(plain_of(&compressed(&plain, 2, 5000, level)) == plain);
        }
    }
}
