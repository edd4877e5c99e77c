//! Is this machine cut off from every network?
//!
//! The program has no socket code of its own; that the machine has no way out is read from the kernel's list of interfaces
//! (`/sys/class/net`), which needs no socket either.

use std::path::Path;

/// `IFF_UP` of `linux/if.h`: the interface is running.
const UP: u32 = 0x1;
/// `IFF_LOOPBACK` of `linux/if.h`.
const LOOPBACK: u32 = 0x8;

/// Why it is not known that the machine is cut off.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NetworkFault {
    /// Interfaces that lead somewhere are up.
    #[error("network interfaces are up: {}", names.join(", "))]
    Up { names: Vec<String> },
    /// The list cannot be read, so nothing is known.
    #[error("the list of network interfaces cannot be read: {0}")]
    Unknown(std::io::ErrorKind),
}

/// Checks that no interface but loopback is up. What cannot be read counts as connected.
pub(crate) fn check_cut_off() -> Result<(), NetworkFault> {
    check_in(Path::new("/sys/class/net"))
}

fn check_in(interfaces: &Path) -> Result<(), NetworkFault> {
    let unknown = |error: std::io::Error| NetworkFault::Unknown(error.kind());
    let mut names = Vec::new();
    for entry in std::fs::read_dir(interfaces).map_err(unknown)? {
        let entry = entry.map_err(unknown)?;
        // `bonding_masters` and its like are files, not interfaces.
        if !entry.path().is_dir() {
            continue;
        }
        let text = std::fs::read_to_string(entry.path().join("flags")).map_err(unknown)?;
        let digits = text.trim().trim_start_matches("0x");
        let flags =
            u32::from_str_radix(digits, 16).map_err(|_| NetworkFault::Unknown(std::io::ErrorKind::InvalidData))?;
        if flags & UP != 0 && flags & LOOPBACK == 0 {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    names.sort();
    if names.is_empty() { Ok(()) } else { Err(NetworkFault::Up { names }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn machine(interfaces: &[(&str, &str)]) -> tempfile::TempDir {
        let directory = tempfile::tempdir().unwrap();
        for (name, flags) in interfaces {
            std::fs::create_dir(directory.path().join(name)).unwrap();
            std::fs::write(directory.path().join(name).join("flags"), flags).unwrap();
        }
        std::fs::write(directory.path().join("bonding_masters"), "").unwrap();
        directory
    }

    #[test]
    fn loopback_and_interfaces_that_are_down_lead_nowhere() {
        let cut_off = machine(&[("lo", "0x9\n"), ("eth0", "0x1002\n")]);
        assert_eq!(check_in(cut_off.path()), Ok(()));
    }

    #[test]
    fn an_interface_that_is_up_is_named() {
        let connected = machine(&[("lo", "0x9\n"), ("eth0", "0x1003\n"), ("wlan0", "0x1003\n")]);
        let names = vec!["eth0".to_owned(), "wlan0".to_owned()];
        assert_eq!(check_in(connected.path()), Err(NetworkFault::Up { names }));
    }

    #[test]
    fn what_cannot_be_read_counts_as_connected() {
        let odd = machine(&[("eth0", "?")]);
        assert!(matches!(check_in(odd.path()), Err(NetworkFault::Unknown(_))));
        assert!(matches!(check_in(&odd.path().join("absent")), Err(NetworkFault::Unknown(_))));
    }
}
