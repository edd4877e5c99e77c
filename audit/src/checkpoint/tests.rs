use super::*;
use crate::CheckpointKey;

/// The example of the format's first implementation (Go, sumdb/note): key pair, text and signed note.
const VERIFIER: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const SIGNER: &str = "AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
const TEXT: &str =
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
const LINE: &str =
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

#[test]
fn the_published_note_verifies() {
    let verifier = CheckpointVerifier::parse(VERIFIER).unwrap();
    assert_eq!(verifier.to_string(), VERIFIER);
    let whole = format!("{TEXT}\n{LINE}");
    let note = Note::parse(&whole).unwrap();
    assert_eq!(note.text(), TEXT);
    assert_eq!(note.as_str(), whole);
    assert_eq!(verifier.verify_note(&note), Ok(()));
    let changed = Note::parse(&whole.replace("answer", "Answer")).unwrap();
    assert_eq!(verifier.verify_note(&changed), Err(CheckpointError::Signature(SignatureError::Mismatch)));
}

#[test]
fn our_key_signs_the_published_note() {
    let seed = STANDARD.decode(SIGNER).unwrap();
    let key = CheckpointKey::from_seed(seed[1..].try_into().unwrap());
    let origin = Origin::new("PeterNeumann").unwrap();
    let verifier = key.verifier(&origin).unwrap();
    assert_eq!(verifier.to_string(), VERIFIER);
    let note = Note::sign(TEXT.to_owned(), "PeterNeumann", verifier.id, &key.raw_signature(TEXT.as_bytes()));
    assert_eq!(note.as_str(), format!("{TEXT}\n{LINE}"));
    assert_eq!(Note::parse(note.as_str()), Ok(note));
}

#[test]
fn the_published_checkpoint_is_read() {
    // The example of C2SP tlog-checkpoint; its key is not given there.
    let text = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n\
        — example.com/behind-the-sofa \
        Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n";
    let checkpoint = Checkpoint::parse(text).unwrap();
    assert_eq!(checkpoint.head.size, 20_852_163);
    assert_eq!(checkpoint.as_str(), text);
    let other = CheckpointVerifier::parse(VERIFIER).unwrap();
    assert!(matches!(checkpoint.verify(&other), Err(CheckpointError::Origin { .. })));
}

fn key() -> (Origin, CheckpointKey) {
    (Origin::new("example.org/iaca/audit").unwrap(), CheckpointKey::from_seed(&[7; 32]))
}

#[test]
fn sign_and_verify() {
    let (origin, key) = key();
    let verifier = key.verifier(&origin).unwrap();
    let checkpoint = key.sign(&origin, 42, &[9; 32]);
    assert_eq!(Checkpoint::parse(checkpoint.as_str()).as_ref(), Ok(&checkpoint));
    assert_eq!(checkpoint.verify(&verifier), Ok(&TreeHead { origin, size: 42, root: [9; 32] }));
}

#[test]
fn a_note_with_other_signatures_verifies() {
    let (origin, key) = key();
    let verifier = key.verifier(&origin).unwrap();
    let text = format!("{}{LINE}", key.sign(&origin, 42, &[9; 32]));
    assert!(Checkpoint::parse(&text).unwrap().verify(&verifier).is_ok());
    // Only a stranger's signature.
    let stranger = key.sign(&origin, 42, &[9; 32]).as_str().split_once("\n\n").unwrap().0.to_owned();
    let text = format!("{stranger}\n\n{LINE}");
    assert_eq!(Checkpoint::parse(&text).unwrap().verify(&verifier), Err(CheckpointError::NotSigned));
    // One good and one bad signature by the key.
    let other = key.sign(&origin, 43, &[9; 32]);
    let bad = other.as_str().rsplit_once("\n\n").unwrap().1;
    let text = format!("{}{bad}", key.sign(&origin, 42, &[9; 32]));
    assert_eq!(
        Checkpoint::parse(&text).unwrap().verify(&verifier),
        Err(CheckpointError::Signature(SignatureError::Mismatch))
    );
}

#[test]
fn bodies_have_one_form() {
    let (origin, key) = key();
    let good = key.sign(&origin, 42, &[9; 32]).to_string();
    let root = STANDARD.encode([9; 32]);
    let changes = [
        ("\n42\n", "\n042\n".to_owned()),
        ("\n42\n", "\n+42\n".to_owned()),
        ("\n42\n", "\n-1\n".to_owned()),
        ("\n42\n", "\n99999999999999999999\n".to_owned()),
        (root.as_str(), format!("{root}\nextension")),
        (root.as_str(), root.replace('=', "")),
        (root.as_str(), STANDARD.encode([9; 31])),
        ("example.org/iaca/audit\n", "\n".to_owned()),
        ("example.org/iaca/audit\n", "two words\n".to_owned()),
    ];
    for (from, to) in changes {
        let text = good.replacen(from, &to, 1);
        assert_eq!(Checkpoint::parse(&text), Err(CheckpointError::NotCheckpoint), "{text}");
    }
}

#[test]
fn notes_have_one_form() {
    let (origin, key) = key();
    let good = key.sign(&origin, 42, &[9; 32]).to_string();
    for (from, to) in [("— ", "- "), ("\n\n", "\n"), ("\n42", "\r\n42"), ("— example.org/iaca/audit ", "— ")] {
        assert_eq!(Checkpoint::parse(&good.replacen(from, to, 1)), Err(CheckpointError::NotNote), "{from:?} {to:?}");
    }
    assert_eq!(Checkpoint::parse(good.trim_end()), Err(CheckpointError::NotNote));
    assert_eq!(Checkpoint::parse(""), Err(CheckpointError::NotNote));
    let many = format!("{good}{}", LINE.repeat(MAX_SIGNATURES));
    assert_eq!(Checkpoint::parse(&many), Err(CheckpointError::TooLong));
    let sixteen = format!("{good}{}", LINE.repeat(15));
    assert!(Checkpoint::parse(&sixteen).is_ok());
    assert_eq!(Checkpoint::parse(&"x".repeat(MAX_CHECKPOINT + 1)), Err(CheckpointError::TooLong));
}

#[test]
fn verifiers_have_one_form() {
    for (text, error) in [
        ("", CheckpointError::Verifier),
        ("PeterNeumann+c74f20a3", CheckpointError::Verifier),
        ("PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", CheckpointError::KeyId),
        ("PeterNeumann+C74F20A3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", CheckpointError::KeyId),
        ("PeterNeuman+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", CheckpointError::KeyId),
        ("PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", CheckpointError::Verifier),
        ("PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==", CheckpointError::Verifier),
    ] {
        assert_eq!(CheckpointVerifier::parse(text), Err(error), "{text}");
    }
    // A key of small order: anybody could sign for it.
    let zero = CheckpointVerifier::new(Origin::new("x").unwrap(), &[0; 32]);
    assert!(matches!(zero, Err(CheckpointError::Key(_))));
}
