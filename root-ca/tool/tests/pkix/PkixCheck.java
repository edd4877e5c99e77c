import java.io.BufferedReader;
import java.io.FileInputStream;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.security.cert.CertPath;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertStore;
import java.security.cert.CertificateFactory;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Set;

/**
 * Validates document signers with the PKIX implementation of the JDK, as a second opinion beside OpenSSL.
 *
 * Each line of standard input holds the seconds since 1970 and the paths of root, document signer and CRL, separated by
 * tabs. Each is answered by a line: {@code good}, {@code revoked}, or {@code invalid} and the reason.
 */
public final class PkixCheck {
    public static void main(String[] arguments) throws Exception {
        CertificateFactory x509 = CertificateFactory.getInstance("X.509");
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            String[] fields = line.split("\t");
            System.out.println(check(x509, Long.parseLong(fields[0]), fields[1], fields[2], fields[3]));
        }
    }

    private static String check(CertificateFactory x509, long at, String root, String leaf, String list)
            throws Exception {
        X509Certificate anchor = certificate(x509, root);
        X509CRL crl;
        try (InputStream in = new FileInputStream(list)) {
            crl = (X509CRL) x509.generateCRL(in);
        }
        CertPath path = x509.generateCertPath(List.of(certificate(x509, leaf)));
        PKIXParameters parameters = new PKIXParameters(Set.of(new TrustAnchor(anchor, null)));
        parameters.setDate(Date.from(Instant.ofEpochSecond(at)));
        parameters.setRevocationEnabled(true);
        parameters.addCertStore(CertStore.getInstance("Collection", new CollectionCertStoreParameters(List.of(crl))));
        try {
            CertPathValidator.getInstance("PKIX").validate(path, parameters);
            return "good";
        } catch (CertPathValidatorException refused) {
            boolean revoked = refused.getReason() == CertPathValidatorException.BasicReason.REVOKED;
            return revoked ? "revoked" : "invalid " + refused.getMessage();
        }
    }

    private static X509Certificate certificate(CertificateFactory x509, String path) throws Exception {
        try (InputStream in = new FileInputStream(path)) {
            return (X509Certificate) x509.generateCertificate(in);
        }
    }
}
