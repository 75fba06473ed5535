//! Text that is packed or in another encoding, unpacked into a file without a name.

use std::fs::File;
use std::io::{BufReader, Read, Seek, Write};
use std::path::Path;

use crate::Error;

/// Bytes that are unpacked at a time.
const PIECE: usize = 1 << 16;
/// Ways in which a file may be packed, one inside of the other.
const NESTED: usize = 3;

/// A file of UTF-8: the file itself or, if its first bytes say that it is gzip, Zstandard or UTF-16
/// with a mark, a temporary one, which is gone when it is closed.
pub(super) fn plain_text(path: &Path) -> Result<File, Error> {
    let mut file = File::open(path).map_err(Error::io(path))?;
    for _ in 0..=NESTED {
        let mut start = Vec::new();
        let read = (&file).take(4).read_to_end(&mut start);
        read.and_then(|_| file.rewind()).map_err(Error::io(path))?;
        let packed = BufReader::new(&file);
        let unpacked = match start[..] {
            [0x1f, 0x8b, ..] => unpack(flate2::read::MultiGzDecoder::new(packed)),
            #[cfg(feature = "zstd")]
            [0x28, 0xb5, 0x2f, 0xfd] => zstd::Decoder::with_buffer(packed).and_then(unpack),
            #[cfg(not(feature = "zstd"))]
            [0x28, 0xb5, 0x2f, 0xfd] => return Err(Error::left_out(path, "Zstandard", "zstd")),
            [0xff, 0xfe, ..] => utf8(packed, u16::from_le_bytes),
            [0xfe, 0xff, ..] => utf8(packed, u16::from_be_bytes),
            [b'P', b'K', 3, 4] => {
                let reason = "the file is a ZIP archive or a spreadsheet; save it as CSV first";
                return Err(Error::data(path, reason));
            }
            [b'P', b'A', b'R', b'1'] => {
                let reason = "the file is Parquet; its name should end in .parquet";
                return Err(Error::data(path, reason));
            }
            _ => return Ok(file),
        };
        let damaged = |error| Error::data(path, format!("it cannot be unpacked: {error}"));
        file = unpacked.map_err(damaged)?;
    }
    Err(Error::data(path, "it is packed more than three times"))
}

fn unpack(mut from: impl Read) -> std::io::Result<File> {
    let mut to = tempfile::tempfile()?;
    std::io::copy(&mut from, &mut to)?;
    to.rewind()?;
    Ok(to)
}

/// What is no text becomes the replacement character.
fn utf8(mut from: impl Read, unit: fn([u8; 2]) -> u16) -> std::io::Result<File> {
    from.read_exact(&mut [0; 2])?;
    let mut to = tempfile::tempfile()?;
    let mut units = Vec::with_capacity(PIECE);
    loop {
        let mut piece = Vec::with_capacity(PIECE);
        let read = from.by_ref().take(PIECE as u64).read_to_end(&mut piece)?;
        let (pairs, _) = piece.as_chunks::<2>();
        units.extend(pairs.iter().copied().map(unit));
        // The first half of a pair waits for the second.
        let half = units.pop_if(|last| read > 0 && (0xd800..0xdc00).contains(last));
        to.write_all(String::from_utf16_lossy(&units).as_bytes())?;
        units.clear();
        units.extend(half);
        if read == 0 {
            to.rewind()?;
            return Ok(to);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> Result<String, String> {
        let path = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(path.path(), bytes).unwrap();
        let mut file = plain_text(path.path()).map_err(|error| error.to_string())?;
        let mut text = String::new();
        file.read_to_string(&mut text).unwrap();
        Ok(text)
    }

    #[cfg(feature = "zstd")]
    fn utf16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        let units = ['\u{feff}'.to_string().as_str(), text].concat();
        units.encode_utf16().flat_map(bytes).collect()
    }

    #[cfg(feature = "zstd")]
    #[test]
    fn packed_text_is_unpacked() {
        let text = "id,a\nx,1\né𝄞,2\n".repeat(30_000);
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), Default::default());
        gzip.write_all(text.as_bytes()).unwrap();
        let gzip = gzip.finish().unwrap();
        let zstd = zstd::encode_all(text.as_bytes(), 1).unwrap();
        let (little, big) = (
            utf16(&text, u16::to_le_bytes),
            utf16(&text, u16::to_be_bytes),
        );
        // Two members, and UTF-16 within.
        let two = [&gzip[..], &gzip].concat();
        let within = zstd::encode_all(&little[..], 1).unwrap();
        for bytes in [text.as_bytes(), &gzip, &zstd, &little, &big, &within] {
            assert!(read(bytes).unwrap() == text);
        }
        assert!(read(&two).unwrap() == text.repeat(2));
    }

    #[test]
    fn damaged_and_other_files_are_told() {
        let gzip = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 1, 2, 3];
        assert!(read(&gzip).unwrap_err().contains("cannot be unpacked"));
        assert!(read(b"PK\x03\x04").unwrap_err().contains("ZIP archive"));
    }

    #[cfg(not(any(feature = "parquet", feature = "zstd")))]
    #[test]
    fn formats_that_are_left_out_name_their_feature() {
        use super::super::{CsvOptions, Format, Source};
        let zstd = read(b"\x28\xb5\x2f\xfd").unwrap_err();
        assert!(zstd.contains("to read Zstandard, add the feature `zstd`"));
        let opened = Source::open(
            Path::new("a.parquet"),
            Format::Parquet,
            CsvOptions::default(),
        );
        let error = opened.err().unwrap().to_string();
        assert!(error.contains("a.parquet: to read Parquet, add the feature `parquet`"));
    }
}
