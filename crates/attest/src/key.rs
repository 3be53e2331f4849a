//! Keys for signatures: ed25519 (RFC 8032), in the PEM forms of RFC 8410 that other programs read and write.

use crate::Error;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};

/// DER before the 32 bytes of a private key (PKCS #8, version 1).
const PRIVATE_DER: [u8; 16] =
    [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];
/// DER before the 32 bytes of a public key (`SubjectPublicKeyInfo`).
const PUBLIC_DER: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

/// A key that signs. Its bytes are wiped when it is dropped and never printed.
pub struct SecretKey(SigningKey);

/// The key by which signatures are checked: 32 bytes that are a point of the curve.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PublicKey([u8; 32]);

impl SecretKey {
    /// From 32 random bytes.
    pub fn from_seed(seed: [u8; 32]) -> Self {
        Self(SigningKey::from_bytes(&seed))
    }

    /// The key that others check with.
    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key().to_bytes())
    }

    /// As a PEM file, `PRIVATE KEY`.
    pub fn to_pem(&self) -> String {
        pem("PRIVATE", &PRIVATE_DER, self.0.as_bytes())
    }

    /// From a PEM file.
    ///
    /// # Errors
    /// [`Error::BadKey`] for anything but what [`SecretKey::to_pem`] writes.
    pub fn from_pem(bytes: &[u8]) -> Result<Self, Error> {
        from_pem("PRIVATE", "private", &PRIVATE_DER, bytes).map(Self::from_seed)
    }

    pub(crate) fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.0.sign(message).to_bytes()
    }
}

impl std::fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "secret of {}", self.public())
    }
}

impl PublicKey {
    /// From its 32 bytes.
    ///
    /// # Errors
    /// [`Error::BadKey`] when they are no point of the curve, or one of the few under which anyone can sign.
    pub fn from_bytes(bytes: [u8; 32]) -> Result<Self, Error> {
        let bad = |problem| Error::BadKey { kind: "public", problem };
        let key = VerifyingKey::from_bytes(&bytes).map_err(|_| bad("not a point of the curve"))?;
        if key.is_weak() { Err(bad("a point of small order")) } else { Ok(Self(bytes)) }
    }

    /// As a PEM file, `PUBLIC KEY`.
    pub fn to_pem(&self) -> String {
        pem("PUBLIC", &PUBLIC_DER, &self.0)
    }

    /// From a PEM file.
    ///
    /// # Errors
    /// [`Error::BadKey`] for anything but what [`PublicKey::to_pem`] writes.
    pub fn from_pem(bytes: &[u8]) -> Result<Self, Error> {
        from_pem("PUBLIC", "public", &PUBLIC_DER, bytes).and_then(Self::from_bytes)
    }

    pub(crate) fn verifies(&self, message: &[u8], signature: &[u8; 64]) -> bool {
        let signature = Signature::from_bytes(signature);
        VerifyingKey::from_bytes(&self.0).is_ok_and(|key| key.verify_strict(message, &signature).is_ok())
    }
}

impl std::fmt::Display for PublicKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl std::fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self}")
    }
}

fn pem(label: &str, der: &[u8], key: &[u8; 32]) -> String {
    let body = STANDARD.encode([der, key.as_slice()].concat());
    format!("-----BEGIN {label} KEY-----\n{body}\n-----END {label} KEY-----\n")
}

fn from_pem(label: &str, kind: &'static str, der: &[u8], bytes: &[u8]) -> Result<[u8; 32], Error> {
    let bad = |problem| Error::BadKey { kind, problem };
    let text = std::str::from_utf8(bytes).map_err(|_| bad("not text"))?;
    let begin = format!("-----BEGIN {label} KEY-----\n");
    let end = format!("\n-----END {label} KEY-----\n");
    let body = text.strip_prefix(begin.as_str()).and_then(|rest| rest.strip_suffix(end.as_str()));
    let body = body.ok_or_else(|| bad("expected one block with this kind of key, and nothing else"))?;
    // The longest form has 64 digits: nothing longer is decoded.
    let decoded = if body.len() <= 64 { STANDARD.decode(body).ok() } else { None };
    let decoded = decoded.ok_or_else(|| bad("not the base64 of a key"))?;
    let key = decoded.strip_prefix(der).ok_or_else(|| bad("a key of another kind"))?;
    key.try_into().map_err(|_| bad("expected 32 bytes"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 8032, 7.1, test 2; RFC 8410, 10.
    #[test]
    fn published_vectors() {
        let seed =
            crate::text::hex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb").unwrap();
        let key = SecretKey::from_seed(seed);
        let public = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c";
        assert_eq!(key.public().to_string(), public);
        let signature = "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00";
        assert_eq!(key.sign(&[0x72]), crate::text::hex(signature).unwrap());
        assert!(key.public().verifies(&[0x72], &key.sign(&[0x72])));
        assert!(!key.public().verifies(&[0x73], &key.sign(&[0x72])));
        let private = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE KEY-----\n";
        let public = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----\n";
        let key = SecretKey::from_pem(private.as_bytes()).unwrap();
        assert_eq!(key.public(), PublicKey::from_pem(public.as_bytes()).unwrap());
        assert_eq!((key.to_pem().as_str(), key.public().to_pem().as_str()), (private, public));
        assert!(!format!("{key:?}").contains("d4ee72db"));
    }

    #[test]
    fn what_is_no_key() {
        let good = SecretKey::from_seed([1; 32]);
        let (private, public) = (good.to_pem(), good.public().to_pem());
        for (at, other) in (0..private.len()).flat_map(|at| [(at, b'A'), (at, 0xff), (at, b'\n')]) {
            let mut bad = private.clone().into_bytes();
            bad[at] = other;
            // A changed digit of the key itself makes another key.
            let read = SecretKey::from_pem(&bad);
            assert!(read.is_err() || bad == private.as_bytes() || read.unwrap().public() != good.public());
        }
        for bad in ["", "-----BEGIN PUBLIC KEY-----\n\n-----END PUBLIC KEY-----\n", &private, &public[1..]] {
            assert!(PublicKey::from_pem(bad.as_bytes()).is_err(), "{bad}");
        }
        assert!(SecretKey::from_pem(public.as_bytes()).is_err());
        assert!(SecretKey::from_pem(private.replace("MC4", "MC5").as_bytes()).is_err());
        // The neutral element: every signature of a certain form would fit.
        let mut neutral = [0; 32];
        neutral[0] = 1;
        assert!(PublicKey::from_bytes(neutral).is_err());
        let off_curve: Vec<u8> = (0..=255)
            .filter(|first| {
                let mut bytes = [7; 32];
                bytes[0] = *first;
                PublicKey::from_bytes(bytes).is_err()
            })
            .collect();
        assert!(off_curve.len() > 50);
    }
}
