//! The only place that reads and writes a file which is kept from one run to the next.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use super::random::fill;

/// More is no such file.
const MOST: u64 = 64 << 20;

/// All of it; a file that is not there is empty.
pub(crate) fn read(path: &Path) -> io::Result<Vec<u8>> {
    let file = match File::open(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        file => file?,
    };
    let mut bytes = Vec::new();
    file.take(MOST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MOST {
        return Err(io::Error::other("the file is larger than 64 MiB"));
    }
    Ok(bytes)
}

/// Puts `bytes` in its place, for the owner's eyes alone. Whoever reads it meanwhile has the old one, whole; and so has everybody when
/// this fails.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    // A link stays one: what it leads to is replaced.
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let (new, mut file) = beside(&path)?;
    // It is the loop that waits here, so not for the disk: after a power cut the old one may be there.
    let written = file.write_all(bytes);
    let done = written.and_then(|()| fs::rename(&new, &path));
    if done.is_err() {
        let _ = fs::remove_file(&new);
    }
    done
}

/// A new file in the same directory.
fn beside(path: &Path) -> io::Result<(PathBuf, File)> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).mode(0o600);
    let mut random = [0; 8];
    if !fill(&mut random) {
        return Err(io::Error::other("OpenSSL has no random bytes"));
    }
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{:016x}", u64::from_ne_bytes(random)));
    let new = path.with_file_name(name);
    let file = options.open(&new)?;
    Ok((new, file))
}

#[cfg(test)]
mod tests {
    use super::{read, write};
    use std::fs;
    use std::os::unix::fs::{PermissionsExt, symlink};

    #[test]
    fn a_file_is_replaced_whole_and_is_its_owners() {
        let dir = std::env::temp_dir().join(format!("broadside-kept-{}", std::process::id()));
        fs::create_dir(&dir).expect("a directory");
        let (path, link) = (dir.join("jar"), dir.join("link"));
        assert_eq!(read(&path).expect("nothing yet"), b"");
        write(&path, b"one").expect("written");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).expect("its owner's");
        write(&path, b"two").expect("written");
        assert_eq!(read(&path).expect("there"), b"two");
        let mode = fs::metadata(&path).expect("there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        symlink(&path, &link).expect("a link");
        write(&link, b"three").expect("written");
        assert_eq!(read(&path).expect("there"), b"three");
        assert!(fs::symlink_metadata(&link).expect("there").is_symlink());
        assert!(write(&dir.join("no/jar"), b"four").is_err());
        assert!(read(&dir).is_err());
        let left: Vec<_> = fs::read_dir(&dir).expect("a directory").collect();
        assert_eq!(left.len(), 2, "{left:?}");
        fs::remove_dir_all(&dir).expect("removed");
    }
}
